/**
 * A small company on a real store, with a clock that only tests move: for status updates and
 * postmortems.
 */
import { CONFIG_KINDS, type ConfigKind } from "../contract/config.ts";
import type { Grant } from "../contract/account.ts";
import type { Severity } from "../contract/ids.ts";
import type { Route } from "../contract/route.ts";
import { seededChance } from "../server/base/chance.ts";
import { keyring, sha256 } from "../server/base/crypto.ts";
import { all, sql, transact } from "../server/base/db.ts";
import { Refusal } from "../server/base/errors.ts";
import { addMs, fromIso, type Instant } from "../server/base/instant.ts";
import { silentLog } from "../server/base/log.ts";
import type { BoundRoute } from "../server/base/routes.ts";
import type { World } from "../server/base/world.ts";
import type { Actor } from "../server/domain/account/account.ts";
import { type AnyEntry, type Snapshot, snapshot } from "../server/domain/config/config.ts";
import type { Command } from "../server/domain/incident/commands.ts";
import { declare } from "../server/domain/incident/declare.ts";
import type { Incident } from "../server/domain/incident/incident.ts";
import { resolve } from "../server/domain/incident/respond.ts";
import type { MessageWords } from "../server/domain/notification/notification.ts";
import { freshDatabase, type TestStore } from "./store.ts";

const entry = (kind: ConfigKind, id: string, body: unknown): AnyEntry =>
  ({
    kind,
    id,
    body: CONFIG_KINDS[kind].parse(body),
    owner: "file",
    source: { file: "acme.yaml", line: 1 },
    ref: `ref-${kind}-${id}`,
  }) as AnyEntry;

const mail = (id: string) => ({ channel: "mail", address: `${id}@acme.example` });
const person = (id: string, roles: readonly Grant[], contacts: readonly object[] = [mail(id)]) =>
  entry("people", id, { name: `${id} name`, email: `${id}@acme.example`, contacts, roles });

const COMPANY: readonly AnyEntry[] = [
  entry("channels", "mail", { type: "email", from: "tocsin@acme.example" }),
  entry("channels", "hook", { type: "webhook", secret: "env:HOOK" }),
  person("ann", [{ role: "responder", team: "shop" }]),
  person(
    "bob",
    [{ role: "responder", team: "data" }],
    [{ channel: "hook", address: "https://x.example" }],
  ),
  person("max", [{ role: "manager", team: "shop" }]),
  person("eve", [{ role: "viewer" }]),
  entry("teams", "shop", { name: "Shop", members: ["ann"], manager: "max" }),
  entry("teams", "data", { name: "Data", members: ["bob"] }),
  entry("services", "checkout", { name: "Checkout", team: "shop" }),
  entry("audiences", "engineering", { name: "Engineering", people: ["ann", "eve"] }),
  entry("audiences", "executives", { name: "Executives", contacts: [mail("executives")] }),
  entry("audiences", "guests", { name: "Guests", people: ["eve"] }),
  entry("audiences", "status-page", { name: "Status page", public: true }),
];

const NOON = fromIso("2026-11-20T12:00:00Z")!;

export type Stage = {
  readonly world: World;
  readonly config: (tx: unknown) => Promise<Snapshot>;
  /** Moves the clock. */
  pass(ms: number): void;
  now(): Instant;
  /** The person with the roles that configuration gives them. */
  as(personId: string): Actor;
  /** Runs a command in a transaction of its own. */
  run<T>(actor: Actor, work: (command: Command) => Promise<T>): Promise<T>;
  /** Declares for `checkout` and resolves, as ann. */
  resolved(severity: Severity, restricted?: boolean): Promise<Incident>;
  declared(severity: Severity, restricted?: boolean): Promise<Incident>;
  /** Answers a route as HTTP would, with what its contract made of the request. */
  call(
    routes: readonly BoundRoute<Actor>[],
    route: Route,
    actor: Actor,
    request?: { params?: object; query?: object; body?: unknown },
  ): Promise<unknown>;
  notices(occasion: string): Promise<readonly Notice[]>;
  drop(): Promise<void>;
};

export type Notice = {
  readonly personId: string | null;
  readonly address: string;
  readonly occasion: string;
  readonly message: MessageWords;
};

export async function reviewStage(): Promise<Stage> {
  const store: TestStore = await freshDatabase();
  let now = NOON;
  const world: World = {
    clock: { now: () => now, sleep: async () => undefined },
    chance: seededChance("review"),
    db: store.db,
    keys: keyring(sha256("test")),
    transport: { send: () => Promise.reject(new Error("nothing is sent in a command")) },
    log: silentLog,
    publicUrl: "https://tocsin.example",
    secret: () => null,
    nudge: () => undefined,
  };
  const company = snapshot(1, COMPANY);
  const config = async (): Promise<Snapshot> => company;
  const as = (personId: string): Actor => {
    const known = company.get("people", personId);
    if (known === null) throw new Error(`nobody is called ${personId}`);
    return { kind: "person", personId, ref: known.ref, grants: known.body.roles };
  };
  const run = <T>(actor: Actor, work: (command: Command) => Promise<T>): Promise<T> =>
    transact(world.db, (tx) => work({ tx, world, config: company, actor, now }));
  const declared = async (severity: Severity, restricted = false): Promise<Incident> => {
    const incident = await run(as("ann"), (command) =>
      declare(command, {
        title: "Payments | fail",
        severity,
        services: ["checkout"],
        regions: [],
        summary: null,
        detectedAt: addMs(now, -60_000),
        rule: null,
        autoResolve: false,
        restricted,
        readers: [],
      }),
    );
    if (incident === null) throw new Error("it was not declared");
    return incident;
  };
  return {
    world,
    config,
    pass: (ms) => void (now = addMs(now, ms)),
    now: () => now,
    as,
    run,
    declared,
    async resolved(severity, restricted) {
      const { number } = await declared(severity, restricted);
      now = addMs(now, 600_000);
      return run(as("ann"), (command) => resolve(command, number, null));
    },
    async call(routes, route, actor, { params = {}, query = {}, body } = {}) {
      const bound = routes.find((candidate) => candidate.route === route);
      if (bound === undefined) throw new Error(`${route.path} is not answered`);
      const request = { requestId: "r", headers: {}, rawBody: Buffer.alloc(0) };
      const input = {
        actor,
        params: route.params.parse(params),
        query: route.query.parse(query),
        body: route.body.parse(body),
        request,
      };
      const reply = await bound.answer(input as never);
      return reply;
    },
    notices: (occasion) =>
      all(
        store.db,
        sql<Notice>`select person_id, address, occasion, message from notification
          where occasion like ${`${occasion}%`} order by person_id nulls last, address`,
      ),
    drop: () => store.drop(),
  };
}

/** The refusal that the work ends in. */
export async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("it was not refused");
}
