/**
 * Two commands on two nodes with real connections, statement by statement: the second is played whole before every
 * statement of the first whose place could matter, and the other way round; whoever waits for a lock of the other lets it
 * go on. A place matters when the statement before it touches a table that the other command touches too, and one of
 * the two writes (what both only append to does not count): the others lead to the same end. Lock waits are seen in
 * PostgreSQL itself, not guessed by time.
 */
import type { Route } from "../contract/route.ts";
import type { Input, VirtualNode } from "../server/app/local/virtual/node.ts";
import { virtualNode } from "../server/app/local/virtual/node.ts";
import { untilRest } from "../server/app/local/virtual/rest.ts";
import { virtualTransport, type VirtualTransport } from "../server/app/local/virtual/transport.ts";
import { type Db, one, sql } from "../server/base/db.ts";
import { Refusal } from "../server/base/errors.ts";
import { addMs, instant } from "../server/base/instant.ts";
import { ENGINE } from "../server/domain/account/account.ts";
import { actorOfPerson } from "../server/domain/account/commands.ts";
import { brokenPromises } from "./checks.ts";
import { requestOf, type Signal } from "./tools.ts";
import { simOutside } from "./outside.ts";
import { type Gate, gateOf, type Touch, touches } from "./gate.ts";
import { keep } from "./keep.ts";
import type { Sky } from "./sky.ts";
import type { StormLimits } from "../server/domain/alert/spool.ts";

/** Steps that lead to nothing that is looked at here. */
const LEFT_OUT: readonly string[] = [
  "conditions",
  "write repeats",
  "expire alerts",
  "sources",
  "runs",
  "actions",
  "feeds",
  "indicators",
  "reconcile",
  "sequence ledger",
  "partitions",
  "branches",
  "purge",
];
const MONDAY = "2026-11-23T10:00:00Z";
/** Turns of the event loop without any move: the two would never come to their end. */
const MOST_LOOKS = 200_000;
/** Turns of it before PostgreSQL is asked whether a statement waits for a lock. */
const LOOKS_FREELY = 50;

/** One node, and what happens at it. */
export type Hand = {
  readonly db: Db;
  /** A verb of a person. */
  as(person: string, route: Route, input: Input): Promise<unknown>;
  signal(...signals: readonly Signal[]): Promise<unknown>;
  /** One step of the engine, with the sends that it starts. */
  step(name: string): Promise<unknown>;
  /** Everything that is due. */
  rest(): Promise<void>;
  /** Moves the clock, before the two meet. */
  forward(ms: number): void;
};

export type Pair = {
  readonly name: string;
  readonly storm?: StormLimits;
  readonly given: (hand: Hand) => Promise<void>;
  readonly one: (hand: Hand) => Promise<unknown>;
  readonly other: (hand: Hand) => Promise<unknown>;
  /** What has to be true besides the promises, whatever came first: a sentence for each thing that is not. */
  readonly then?: (ends: Ends) => Promise<readonly string[]> | readonly string[];
};

export type Ends = {
  readonly db: Db;
  readonly one: Refusal | null;
  readonly other: Refusal | null;
  /** Pages whose hand-over began after the first, or the second, had been answered. */
  readonly pagesAfter: { readonly one: number; readonly other: number };
};

/** What became of one order of the statements. */
export type Played = {
  /** For people: "one ×4, other, one". */
  readonly order: string;
  readonly broken: readonly string[];
  readonly deadlocks: number;
};

type Turn = { readonly who: 0 | 1; readonly statements: number };

/** Plays every order that matters, or `most` of them, spread evenly. */
export async function interleave(sky: Sky, pair: Pair, most: number): Promise<readonly Played[]> {
  const stage = await openStage(sky, pair);
  const first = await stage.play([whole(0), whole(1)]);
  const second = await stage.play([whole(1), whole(0)]);
  const orders: readonly (readonly Turn[])[] = [
    ...placesOf(first.touched[0]!, second.touched[1]!).map((n) => [part(0, n), whole(1)]),
    ...placesOf(second.touched[1]!, first.touched[0]!).map((n) => [part(1, n), whole(0)]),
  ];
  const stride = Math.max(1, Math.ceil(orders.length / most));
  const played = [first.played, second.played];
  for (const [at, order] of orders.entries())
    if (at % stride === 0) played.push((await stage.play(order)).played);
  return played;
}

const whole = (who: 0 | 1): Turn => ({ who, statements: Number.POSITIVE_INFINITY });
const part = (who: 0 | 1, statements: number): Turn => ({ who, statements });

/** After how many statements the other one may come in and find something that it did not find before. */
function placesOf(own: readonly Touch[], others: readonly Touch[]): readonly number[] {
  return own.flatMap((touch, at) =>
    at + 1 < own.length && others.some((other) => touch.conflictsWith(other)) ? [at + 1] : [],
  );
}

type Party = {
  readonly node: VirtualNode;
  readonly gate: Gate;
  /** Null while its command is under way. */
  outcome: { readonly refusal: Refusal | null; readonly pages: number } | null;
};

type Stop = "before a statement" | "done" | "waits for a lock";

async function openStage(sky: Sky, pair: Pair) {
  const { db, url } = sky.store;
  let now = instant(Date.parse(MONDAY));
  let faults: string[] = [];
  const restore = await arrange();

  function nodeOn(name: string, transport: VirtualTransport): VirtualNode {
    return virtualNode({
      seed: `${pair.name} ${name}`,
      url,
      clock: { now: () => now, sleep: () => Promise.reject(new Error("nothing sleeps here")) },
      transport,
      nudge: () => undefined,
      alter: (steps) => steps.filter(({ name }) => !LEFT_OUT.includes(name)),
      onFault: (message) => void faults.push(message),
      ways: simOutside().ways,
      ...(pair.storm !== undefined && { storm: pair.storm }),
    });
  }

  async function arrange(): Promise<() => Promise<void>> {
    await sky.clear();
    const node = nodeOn(
      "before",
      virtualTransport(() => now),
    );
    await pair.given(handOf(node));
    await node.close();
    return keep(db);
  }

  function handOf(node: VirtualNode): Hand {
    return {
      db,
      as: async (person, route, input) =>
        node.call(route, actorOfPerson(await node.config(node.world.db), person) ?? ENGINE, input),
      async signal(...signals) {
        const { route, input } = requestOf(signals, now);
        return node.call(route, ENGINE, input);
      },
      async step(name) {
        const found = node.steps.find((step) => step.name === name);
        if (found === undefined) throw new Error(`the engine has no step ${name}`);
        return found.run(now);
      },
      rest: async () => void (await untilRest(() => [node], now)),
      forward: (ms) => void (now = addMs(now, ms)),
    };
  }

  async function enter(who: 0 | 1, transport: VirtualTransport): Promise<Party> {
    const node = nodeOn(`party ${who}`, transport);
    const gate = gateOf(node.world.db.pool);
    await node.config(node.world.db);
    return { node, gate, outcome: null };
  }

  function begin(party: Party, act: Pair["one"], transport: VirtualTransport): void {
    party.gate.close();
    const end = (refusal: Refusal | null): void =>
      void (party.outcome = { refusal, pages: pagesOf(transport) });
    act(handOf(party.node)).then(
      () => end(null),
      (error: unknown) => {
        if (!(error instanceof Refusal)) faults.push(String(error));
        end(error instanceof Refusal ? error : null);
      },
    );
  }

  async function isBlocked(pid: number): Promise<boolean> {
    const blocks = sql<{ n: number }>`select cardinality(pg_blocking_pids(${pid})) as n`;
    return (await one(db, blocks)).n > 0;
  }

  async function stopOf(party: Party): Promise<Stop> {
    const { gate } = party;
    for (let looks = 1; looks < MOST_LOOKS; looks++) {
      const isMoving = gate.underWay() > 0;
      if (!isMoving && gate.waiting() > 0) return "before a statement";
      if (!isMoving && party.outcome !== null) return "done";
      await new Promise(setImmediate);
      if (isMoving && looks % LOOKS_FREELY === 0 && (await isBlocked(gate.pid())))
        return "waits for a lock";
    }
    throw new Error("a command neither waits nor works");
  }

  /** Lets a party go on by some statements; while it waits for a lock, the other one goes on instead. */
  async function take(own: Party, other: Party, statements: number): Promise<number> {
    for (let taken = 0; ;) {
      const stop = await stopOf(own);
      if (stop === "done" || taken >= statements) return taken;
      if (stop === "before a statement") {
        own.gate.let();
        taken += 1;
      } else if ((await stopOf(other)) === "before a statement") other.gate.let();
    }
  }

  return {
    async play(order: readonly Turn[]): Promise<Playing> {
      await restore();
      faults = [];
      const transport = virtualTransport(() => now);
      const parties = [await enter(0, transport), await enter(1, transport)] as const;
      begin(parties[0], pair.one, transport);
      begin(parties[1], pair.other, transport);
      const told: string[] = [];
      for (const { who, statements } of [...order, whole(0), whole(1)]) {
        const taken = await take(parties[who], parties[who === 0 ? 1 : 0], statements);
        if (taken > 0) told.push(`${who === 0 ? "one" : "other"} ×${taken}`);
      }
      for (const { gate } of parties) gate.open();
      for (const { node } of parties) await node.quiet();
      const all = pagesOf(transport);
      const [one_, other] = parties.map(({ outcome }) => outcome!);
      await untilRest(() => [parties[0].node], now);
      const config = await parties[0].node.config(db);
      const scene = { db, config, now, since: instant(0), skewMs: 0, received: transport.received };
      const ends: Ends = {
        db,
        one: one_!.refusal,
        other: other!.refusal,
        pagesAfter: { one: all - one_!.pages, other: all - other!.pages },
      };
      const broken = [
        ...faults,
        ...(await brokenPromises(scene)),
        ...((await pair.then?.(ends)) ?? []),
      ];
      await Promise.all(parties.map(({ node }) => node.close()));
      return {
        touched: parties.map(({ gate }) => touches(gate.passed())),
        played: {
          order: told.join(", "),
          broken,
          deadlocks: parties[0].gate.deadlocks() + parties[1].gate.deadlocks(),
        },
      };
    },
  };
}

type Playing = { readonly touched: readonly (readonly Touch[])[]; readonly played: Played };

const pagesOf = ({ begun }: VirtualTransport): number =>
  begun.filter(({ kind }) => kind === "page").length;
