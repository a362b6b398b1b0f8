/** One virtual node: the production wiring on one connection, called and ticked by whoever holds its clock. */
import { once } from "node:events";
import { PERMISSIONS, type Permission } from "../../../../contract/access.ts";
import type { Route } from "../../../../contract/route.ts";
import type { Ways } from "../../hands.ts";
import { readRunbook } from "../../../domain/runbook/reading/read.ts";
import { pageRoutes } from "../../pages.ts";
import { type Wiring, wire } from "../../wiring.ts";
import { seededChance } from "../../../base/chance.ts";
import { keyring } from "../../../base/crypto.ts";
import type { Clock } from "../../../base/clock.ts";
import { openDb } from "../../../base/db.ts";
import type { Instant } from "../../../base/instant.ts";
import type { Log } from "../../../base/log.ts";
import type { Outbound, Transport } from "../../../base/transport.ts";
import { pooledSession } from "../../../base/session.ts";
import type { World } from "../../../base/world.ts";
import { type Actor, allow, ENGINE } from "../../../domain/account/account.ts";
import type { StormLimits } from "../../../domain/alert/spool.ts";
import { changesOver } from "../../../domain/alert/changes.ts";
import { type Step, tick, type TickResult } from "../../../engine/engine.ts";
import { nameOf } from "./transport.ts";

/** Nobody signs in to a virtual node by a provider. */
const DOOR = { mailServer: true, provider: null } as const;

export type Input = {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

export type VirtualNode = {
  readonly world: World;
  readonly config: Wiring["config"];
  readonly steps: readonly Step[];
  /** Repeats were counted that are not written yet. */
  owesRepeats(): boolean;
  /** Answers as HTTP would: parses by contract, asks for the declared right, calls the bound route. */
  call(route: Route, actor: Actor, input: Input): Promise<unknown>;
  /** One pass of the engine, without what its sends lead to. */
  tick(now: Instant): Promise<TickResult>;
  /** Waits until nothing moves any more but sends that the outside world has not answered. */
  quiet(): Promise<void>;
  /** Something was started to be sent and not answered. */
  isSending(): boolean;
  /** A send to this person was started and not answered. */
  isSendingTo(name: string): boolean;
  /** From now on it hears nothing and does nothing, as after kill -9. */
  kill(): void;
  close(): Promise<void>;
};

export type NodeOptions = {
  readonly seed: string;
  readonly url: string;
  readonly clock: Clock;
  readonly transport: Transport;
  readonly nudge: () => void;
  /** Told what the node would log as an error. */
  readonly onFault: (message: string) => void;
  /** Puts other steps in the place of the production ones, to plant a fault. */
  readonly alter: (steps: readonly Step[]) => readonly Step[];
  /** What answers where actions of runbooks ask a database or start a program. */
  readonly ways: Ways;
  /** Whether doubts whether people can be reached are told. */
  readonly tellsDoubts?: boolean;
  /** From when on it storms; the production limits unless given. */
  readonly storm?: StormLimits;
};

export function virtualNode(options: NodeOptions): VirtualNode {
  const { seed, url, clock, transport, nudge } = options;
  // One connection: whatever happens at once in a node gets its turn in the order of asking.
  // It waits for it as long as it takes: how busy this machine is must not become part of a story.
  const db = openDb({
    url,
    maxConnections: 1,
    name: "sim",
    onFault: () => undefined,
    connectWithinMs: 0,
  });
  const sending: Outbound[] = [];
  let alive = true;
  const world: World = {
    clock,
    chance: seededChance(seed),
    db,
    keys: keyring(Buffer.alloc(32, 7)),
    transport: {
      async send(outbound) {
        sending.push(outbound);
        const reply = await transport.send(outbound);
        sending.splice(sending.indexOf(outbound), 1);
        return alive ? reply : new Promise(() => undefined);
      },
    },
    log: faultLog(options.onFault),
    publicUrl: "https://tocsin.sim.example",
    secret: (reference) => `secret of ${reference}`,
    nudge,
  };
  // Its one connection is one session.
  const readChanges = changesOver(pooledSession(db));
  const wiring = wire(world, {
    watch: { sent: () => undefined },
    readChanges,
    reader: { read: async (path, bytes) => readRunbook(path, bytes), close: async () => undefined },
    ways: options.ways,
    tellsDoubts: options.tellsDoubts ?? false,
    ...(options.storm !== undefined && { storm: options.storm }),
  });
  const steps = options.alter(wiring.steps);
  const routes = [...wiring.routes, ...pageRoutes(world, wiring.config, DOOR)];

  return {
    world,
    config: wiring.config,
    steps,
    owesRepeats: () => wiring.desk.owesRepeats(),
    async call(route, actor, { params = {}, query = {}, body = {}, headers = {} }) {
      const bound = routes.find((each) => each.route === route);
      if (bound === undefined) throw new Error(`nothing answers ${route.method} ${route.path}`);
      if (route.access in PERMISSIONS) allow(actor, route.access as Permission, "any");
      // The only connection is taken inside a flush, which could not load a newer configuration then.
      await wiring.config(db);
      return bound.answer({
        actor: route.access in PERMISSIONS || route.access === "signed in" ? actor : ENGINE,
        params: route.params.parse(params) as never,
        query: route.query.parse(query) as never,
        body: route.body.parse(body) as never,
        request: {
          requestId: "sim",
          headers,
          address: "127.0.0.1",
          rawBody: Buffer.from(JSON.stringify(body)),
        },
      });
    },
    tick: (at) => tick(world, steps, at),
    async quiet() {
      for (let calm = 0; calm < 3;) {
        const isBusy = db.pool.waitingCount > 0 || db.pool.idleCount < db.pool.totalCount;
        calm = isBusy ? 0 : calm + 1;
        await (isBusy ? once(db.pool, "release") : new Promise(setImmediate));
      }
    },
    isSending: () => sending.length > 0,
    isSendingTo: (name) => sending.some((outbound) => nameOf(outbound) === name),
    kill: () => void (alive = false),
    close: () => db.destroy(),
  };
}

/** Errors that belong to a story, not to a fault of ours. */
const EXPECTED = new Set(["escalation policy exhausted"]);

function faultLog(onFault: (message: string) => void): Log {
  const log: Log = {
    info: () => undefined,
    warn: () => undefined,
    error(message, fields) {
      if (!EXPECTED.has(message)) onFault(`${message} ${JSON.stringify(fields ?? {})}`);
    },
    with: () => log,
  };
  return log;
}
