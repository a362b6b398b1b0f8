/**
 * Looks at the rows while the weather is bad: what is due and when, which promises are broken, and
 * whether a page left although somebody had it. Two prepared questions after every single thing.
 */
import { createHash } from "node:crypto";
import type { CompiledQuery } from "kysely";
import { addMs, type Instant, instant, MINUTE, SECOND } from "../server/base/instant.ts";
import { REPEATS_EVERY_MS } from "../server/domain/alert/repeats.ts";
import { RECONCILE_EVERY_MS } from "../server/domain/report/unaccounted.ts";
import type { Snapshot } from "../server/domain/config/config.ts";
import { snapshotReader } from "../server/domain/config/store.ts";
import { brokenBeyondSql, promisesQuery, type Scene } from "./checks.ts";
import type { Sky } from "./sky.ts";
import type { Station } from "./station.ts";
import { type Condition, findUnkept } from "./tools.ts";
import type { Received } from "../server/app/local/virtual/transport.ts";

/** Between two nodes whose clocks are both as wrong as a node may tick with, and a step besides. */
const SKEW_MS = 10 * SECOND;
/** The engine's longest sleep, what a slow clock adds, and the pause after a fault. */
const LATE_MS = 6 * SECOND;
/** A node that is there again has done what was due within this time. */
const RECOVERS_MS = 15 * SECOND;
/** Rows that nothing has touched for so long are looked at again at the end only. */
const TOUCHED_MS = 20 * MINUTE;
const EXPIRY_GRACE_MS = 10 * SECOND;
/** Steps that every node takes for itself. One that looks for ends too seldom is deaf and closes nothing. */
const AGAIN_MS: Readonly<Record<string, number>> = {
  "expire alerts": 25 * SECOND,
  // Its owner hears before a silence ends; the end itself is due in a row.
  silences: 15 * SECOND,
  // A send that is under way stays its node's as long as that says so.
  deliver: 3 * SECOND,
  // As long as a key is loud.
  storm: 5 * SECOND,
  "write repeats": REPEATS_EVERY_MS,
  reconcile: RECONCILE_EVERY_MS,
};
/** What ends later than this needs no listening yet. */
const FAR_MS = 6 * MINUTE;
const SLOTS = "exactly one person per covered slot";

type Due = {
  readonly alerts: Instant | null;
  readonly expiry: Instant | null;
  readonly incidents: Instant | null;
  readonly runs: Instant | null;
  readonly clocks: Instant | null;
  readonly sends: Instant | null;
  readonly asked: Instant | null;
  readonly digests: Instant | null;
  readonly receipts: Instant | null;
  readonly ends: Instant | null;
  readonly conditions: Instant | null;
  readonly asks: Instant | null;
  readonly attempts: Instant | null;
  readonly spooled: Instant | null;
  readonly isSilenced: boolean;
  readonly isStorming: boolean;
};

type DueName = Exclude<keyof Due, "isSilenced" | "isStorming">;

/** Incident numbers with the instant since when somebody has them. */
type Taken = Readonly<Record<string, Instant>>;

/** Which of these instants makes which step of the tick worth playing. */
const STEP_OF: Readonly<Record<string, DueName | null>> = {
  "attend alerts": "alerts",
  incidents: "incidents",
  escalate: "runs",
  clocks: "clocks",
  deliver: "sends",
  asked: "asked",
  digests: "digests",
  receipts: "receipts",
  conditions: "conditions",
  silences: "ends",
  runs: "asks",
  actions: "attempts",
  storm: "spooled",
  // No feed, heartbeat, drill, source or indicator is configured, partitions are there, leaves are made at the end.
  indicators: null,
  feeds: null,
  heartbeats: null,
  drills: null,
  // Nobody's leave is read from a calendar.
  "leave feeds": null,
  // Nobody offers a shift.
  swaps: null,
  // Nobody leaves.
  departures: null,
  // No schedule asks for notes.
  handoffs: null,
  // Everybody on call can be reached.
  reach: null,
  sources: null,
  branches: null,
  purge: null,
  partitions: null,
  "sequence ledger": null,
};

const DUE = `select
  (select min(at) from (select min(attend_at) as at from alert_open union all select min(attend_at) from alert_closed) a) as alerts,
  (select min(expires_at) from alert_open) as expiry,
  (select min(attend_at) from incident) as incidents,
  (select min(due_at) from escalation_run) as runs,
  (select min(next_mark_at) from deadline) as clocks,
  (select min(at) from (select min(attend_at) as at from notification union all select min(update_at) from notification) n) as sends,
  (select min(at) from (select min(attend_at) as at from acknowledge_lease union all
    select min(attend_at) from responder_request) a) as asked,
  (select min(digest_at) from notification) as digests,
  (select min(receipt_by) from notification where state = 'accepted') as receipts,
  (select min(attend_at) from silence) as ends,
  (select min(due_at) from condition_state) as conditions,
  (select min(at) from (select min(attend_at) as at from runbook_run union all
    select 0 where exists (select from incident i where i.state in ('declared', 'mitigated') and i.merged_into is null
      and not exists (select from runbook_asked a where a.incident_number = i.number and a.severity = i.severity))) r) as asks,
  (select min(due_at) from run_attempt) as attempts,
  (select min(received_at) from spool) as spooled,
  exists (select from silence where ends_at > $1) as "isSilenced",
  exists (select from storm_key) as "isStorming",
  (select coalesce(json_object_agg(number, acknowledged_at), '{}') from incident where acknowledged_at is not null) as taken`;

export type Watched = {
  readonly now: () => Instant;
  readonly received: readonly Received[];
  readonly begun: readonly Received[];
  readonly conditions: readonly Condition[];
  /** Some node could work now. */
  readonly isUsable: () => boolean;
};

export function lookoutOver({ store }: Sky, watched: Watched) {
  const reader = snapshotReader();
  // Nobody changes configuration in bad weather.
  let known: Snapshot | null = null;
  const config = async (): Promise<Snapshot> => (known ??= await reader(store.db));
  let due: Due = {
    alerts: null,
    expiry: null,
    incidents: null,
    runs: null,
    clocks: null,
    sends: null,
    asked: null,
    digests: null,
    receipts: null,
    ends: null,
    conditions: null,
    asks: null,
    attempts: null,
    spooled: null,
    isSilenced: false,
    isStorming: false,
  };
  let usableSince: Instant | null = watched.now();
  let doneBy = addMs(watched.now(), -LATE_MS);
  let slotsAreNew = true;
  let taken: Taken = {};
  let takenBefore: Taken = {};
  let refreshing: Promise<void> = Promise.resolve();
  let seen = 0;

  /** By when everything due must have been done: not while no node could work, nor right afterwards. */
  function settledBy(): Instant {
    const now = watched.now();
    if (!watched.isUsable()) usableSince = null;
    else usableSince ??= now;
    if (usableSince !== null && now - usableSince >= RECOVERS_MS)
      doneBy = instant(Math.max(doneBy, addMs(now, -LATE_MS)));
    return doneBy;
  }

  const scene = async (since: Instant): Promise<Scene> => ({
    db: store.db,
    config: await config(),
    now: settledBy(),
    since,
    skewMs: SKEW_MS,
    received: watched.received,
  });

  async function prepared<T>({ sql: text, parameters }: CompiledQuery<T>): Promise<readonly T[]> {
    const name = createHash("sha256").update(text).digest("hex").slice(0, 20);
    const reply = await store.db.pool.query({ name, text, values: [...parameters] });
    return reply.rows as T[];
  }

  /** What is due, and who has what, as the rows say now. */
  const refresh = (): Promise<void> => (refreshing = lookAgain());
  async function lookAgain(): Promise<void> {
    const reply = await store.db.pool.query<Due & { taken: Taken }>({
      name: "due",
      text: DUE,
      values: [addMs(watched.now(), -MINUTE)],
    });
    const { taken: takenNow, ...dueNow } = reply.rows[0]!;
    due = dueNow;
    taken = takenNow;
  }

  /** A page whose incident somebody had before this one thing and has still. */
  function pagedInSpite(before: Taken): readonly string[] {
    const pages = watched.begun.slice(seen).filter(({ kind }) => kind === "page");
    seen = watched.begun.length;
    return pages.flatMap((page) => {
      const number = /INC-(\d+)/.exec(page.subject)?.[1] ?? "";
      const at = before[number];
      return at !== undefined && taken[number] === at
        ? [`no page starts after the acknowledge: “${page.subject}” to ${page.to}`]
        : [];
    });
  }

  const isNear = (expiry: Instant | null): boolean =>
    expiry !== null && expiry <= addMs(watched.now(), FAR_MS);

  const mayAgain = ({ tookAt }: Station, step: string, at: Instant): boolean => {
    const before = tookAt.get(step);
    return before === undefined || at - before >= (AGAIN_MS[step] ?? 0);
  };

  /** When a node looks for ends next: often enough not to be deaf, and when one has come. */
  const expiresAt = ({ tookAt }: Station): Instant => {
    const before = tookAt.get("expire alerts");
    if (before === undefined || due.expiry === null) return instant(0);
    const listens = addMs(before, AGAIN_MS["expire alerts"] ?? 0);
    const ends = addMs(due.expiry, EXPIRY_GRACE_MS);
    return before < ends && ends < listens ? ends : listens;
  };

  return {
    config,
    scene,
    /** Notes whether any node can work: an outage in which nothing is asked counts as well. */
    watch: () => void settledBy(),
    refresh,
    /** Waits for a look that is under way. */
    refreshed: () => refreshing,
    slotsChanged: () => void (slotsAreNew = true),
    isDue(station: Station, step: string, at: Instant): boolean {
      if (step === "expire alerts") return isNear(due.expiry) && expiresAt(station) <= at;
      if (step === "write repeats")
        return station.node.owesRepeats() && mayAgain(station, step, at);
      if (step === "reconcile") return mayAgain(station, step, at);
      if (step === "silences" && due.isSilenced && mayAgain(station, step, at)) return true;
      if (step === "deliver" && station.node.isSending() && mayAgain(station, step, at))
        return true;
      if (step === "storm" && due.isStorming && mayAgain(station, step, at)) return true;
      const column = STEP_OF[step];
      if (column === undefined) return true;
      if (column === null) return false;
      const dueAt = due[column];
      return dueAt !== null && dueAt <= at;
    },
    nextDueAt(station: Station): Instant | null {
      const { expiry, isSilenced, isStorming, ...rest } = due;
      const times = Object.values(rest).filter((at) => at !== null);
      const again = (step: string): Instant =>
        addMs(station.tookAt.get(step) ?? watched.now(), AGAIN_MS[step] ?? 0);
      if (station.node.owesRepeats()) times.push(again("write repeats"));
      if (station.node.isSending()) times.push(again("deliver"));
      if (isSilenced) times.push(again("silences"));
      if (isStorming) times.push(again("storm"));
      if (isNear(expiry)) times.push(expiresAt(station));
      return times.length === 0 ? null : instant(Math.min(...times));
    },
    async afterEach(): Promise<readonly string[]> {
      await refresh();
      const looked = await scene(addMs(watched.now(), -TOUCHED_MS));
      const rows = await prepared(promisesQuery(looked).compile(store.db));
      const inSpite = pagedInSpite(takenBefore);
      takenBefore = taken;
      return [...rows.map(({ promise, what }) => `${promise}: ${what}`), ...inSpite];
    },
    async beforeTimePasses(): Promise<readonly string[]> {
      const looked = await scene(addMs(watched.now(), -TOUCHED_MS));
      const broken = await brokenBeyondSql(looked, slotsAreNew ? [] : [SLOTS]);
      slotsAreNew = false;
      return [...broken, ...(await findUnkept(store.db, watched.conditions, SKEW_MS))];
    },
    promisedToTools: () => findUnkept(store.db, watched.conditions, SKEW_MS),
  };
}
