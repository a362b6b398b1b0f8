/**
 * Bad weather, drawn from a seed: what tools, people, networks and machines do to a company for half an
 * hour, played on the production code of one to three nodes. Nothing here knows how the product works,
 * only what it has promised.
 */
import { addOverride } from "../contract/schedule.ts";
import type { Route } from "../contract/route.ts";
import { seededChance } from "../server/base/chance.ts";
import { all, sql } from "../server/base/db.ts";
import { Refusal } from "../server/base/errors.ts";
import { addMs, type Instant, instant, MINUTE, SECOND, toIso } from "../server/base/instant.ts";
import { findLedgerFault } from "../server/base/ledger.ts";
import { type Actor, ENGINE } from "../server/domain/account/account.ts";
import { actorOfPerson } from "../server/domain/account/commands.ts";
import { brokenPromises } from "./checks.ts";
import { die, type Forecast, type Happening } from "./forecast.ts";
import { type Form, ORDINARY } from "./form.ts";
import { hashOf, journalOf } from "./journal.ts";
import type { Input } from "../server/app/local/virtual/node.ts";
import { sequenceAll } from "./ledger.ts";
import { lookoutOver } from "./lookout.ts";
import { openSkies, openSky, type Sky } from "./sky.ts";
import { ringing } from "./ringing.ts";
import { openStation, type Station } from "./station.ts";
import { type Condition, remember, requestOf, type Signal } from "./tools.ts";
import { virtualTransport } from "../server/app/local/virtual/transport.ts";
import { answering } from "./answering.ts";
import { calls } from "./calls.ts";
import { CHANNELS } from "./channels.ts";
import { type Counts, countsOf } from "./counts.ts";
import { simOutside } from "./outside.ts";
import { VERBS } from "./people.ts";

export { openSkies, openSky };

export const FORMS: Readonly<Record<string, Form>> = { ordinary: ORDINARY, channels: CHANNELS };

export type Outcome = {
  readonly seed: number;
  /** The first promises that broke, with the instant; none in good code. */
  readonly broken: readonly string[];
  readonly events: number;
  readonly hash: string;
  readonly counts: Counts;
};

export type Telling = {
  /** Hears every line of what happens. */
  readonly tell?: (line: string) => void;
  /** With the hash of everything observable. */
  readonly withHash?: boolean;
};

/** What the outside does at an instant. */
type Act = { readonly at: Instant; readonly what: string; readonly run: () => Promise<void> };
type Ready = { readonly what: string; readonly run: () => Promise<void> };

const MOST_EVENTS = 4_000;
/** A person or tool that got no answer tries again. */
const AGAIN_MS = 7 * SECOND;

class Broken extends Error {
  readonly broken: readonly string[];
  constructor(broken: readonly string[]) {
    super(broken.join("\n"));
    this.broken = broken;
  }
}

/** Plays the weather of a seed over an empty store. */
export async function play(
  sky: Sky,
  seed: number,
  telling: Telling = {},
  form: Form = ORDINARY,
): Promise<Outcome> {
  const plan = form.forecast(seed);
  const weather = await begin(sky, plan, form, telling.tell ?? (() => undefined));
  let broken: readonly string[] = [];
  try {
    await weather.run();
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    broken = error.broken;
  } finally {
    await weather.close();
  }
  const hash = telling.withHash === true ? hashOf(await weather.journal()) : "";
  const counts = await countsOf(sky.store.db, broken);
  return { seed, broken, events: weather.events(), hash, counts };
}

async function begin(sky: Sky, plan: Forecast, form: Form, tell: (line: string) => void) {
  await sky.clear();
  const { db } = sky.store;
  const dice = die(seededChance(`weather ${plan.seed}`));
  // Of their own, so that a seed without telephones is as it was.
  const receipts = die(seededChance(`receipts ${plan.seed}`));
  let now = instant(Date.parse(plan.startsAt));
  const startsAt = now;
  let events = 0;
  let born = 0;
  let isOver = false;
  let acts: Act[] = [];
  let heard = 0;
  const faults: string[] = [];
  const conditions: Condition[] = [];
  const stations: Station[] = [];
  const gone: Station[] = [];
  const outside = simOutside();
  outside.answers(/broken/, [{ count: dice.one([0, 7]) }], [{ count: 0 }]);
  const senders = form.senders(plan, dice, () => now);
  const transport = virtualTransport(() => now, senders.readBack);
  let asking: Station | null = null;
  transport.always((outbound) => senders.behaviour(outbound, asking!, isOver));
  const lookout = lookoutOver(sky, {
    now: () => now,
    received: transport.received,
    begun: transport.begun,
    conditions,
    isUsable: () => stations.some(isUsable),
  });

  const isUsable = (station: Station): boolean =>
    station.isAlive &&
    station.stalledUntil === null &&
    !station.line.isCut() &&
    Math.abs(station.skewMs) <= 2 * SECOND;
  const say = (line: string): void => tell(`${toIso(now)} ${line}`);
  const later = (ms: number, what: string, run: () => Promise<void>): void => {
    acts.push({ at: addMs(now, ms), what, run });
  };

  function open(): void {
    const name = `node ${born++}`;
    const station = openStation({
      name,
      seed: `${plan.seed} ${name}`,
      url: sky.store.url,
      skewMs: plan.skewMs[stations.length] ?? 0,
      now: () => now,
      send(outbound) {
        asking = station;
        return transport.send(outbound);
      },
      isDue: lookout.isDue,
      refresh: lookout.refresh,
      nextDueAt: lookout.nextDueAt,
      ways: outside.ways,
      storm: plan.storm,
      onNudge(from) {
        for (const each of stations) if (each === from || !dice.maybe(plan.nudgeLoss)) each.nudge();
      },
      onFault: (message) => void faults.push(message),
      onDeath() {
        say(`${name} dies`);
        stations.splice(stations.indexOf(station), 1);
        gone.push(station);
        later(dice.one([0, 4, 30, 70]) * SECOND, "a node is born", async () => open());
      },
    });
    stations.push(station);
  }

  /** Waits until every node waits for leave, for time, or for the world outside. */
  async function calm(): Promise<void> {
    for (let rounds = 0; ; rounds++) {
      for (const station of [...stations, ...gone]) await station.node.quiet();
      await lookout.refreshed();
      if (stations.every((station) => station.waits !== null)) return;
      if (rounds > 1_000) throw new Error(`a node neither waits nor works at ${toIso(now)}`);
    }
  }

  /** Somebody asks some node; null is what they hear when all is well. */
  async function ask(
    route: Route,
    actor: Actor,
    input: Input,
    station = anyStation(),
  ): Promise<unknown> {
    if (station === null) return new Refusal("server.store_away");
    try {
      await station.node.call(route, actor, input);
      return station.isAlive ? null : new Refusal("server.store_away");
    } catch (error) {
      // Nobody hears what a node that is dead or cut off would have said.
      return error instanceof Refusal && station.isAlive ? error : heardNothing(station, error);
    }
  }

  function heardNothing(station: Station, error: unknown): unknown {
    if (station.isAlive && !station.line.isCut()) throw error;
    return new Refusal("server.store_away");
  }

  async function send(signals: readonly Signal[], station = anyStation()): Promise<void> {
    const { route, input } = requestOf(signals, now);
    say(`${signals[0]!.action} ${signals.map(({ condition }) => condition.title).join(", ")}`);
    const failure = await ask(route, ENGINE, input, station);
    if (!remember(signals, failure)) {
      const still = signals.filter(({ condition }) => condition.says === null);
      later(AGAIN_MS, "a tool sends again", () => send(still));
    }
  }

  /** A verb of a person. A refusal is an answer; silence is not, and they try again once. */
  async function act(person: string, route: Route, input: Input, again = true): Promise<void> {
    const config = await lookout.config();
    const actor = actorOfPerson(config, person) ?? ENGINE;
    const failure = await ask(route, actor, input);
    say(`${person}: ${route.path} ${failure instanceof Error ? failure.message : "done"}`);
    if (!(failure instanceof Refusal) || failure.code !== "server.store_away" || !again) return;
    later(AGAIN_MS, `${person} tries again`, () => act(person, route, input, false));
  }

  const { react, confirm } = answering({ dice, receipts, plan, form, later, act });

  const anyStation = (): Station | null => (stations.length === 0 ? null : dice.one(stations));
  const { fresh, trigger, ...tools } = ringing({
    dice,
    now: () => now,
    conditions,
    later,
    send,
    anyStation,
  });

  const happens: Record<Happening, () => Promise<void> | void> = {
    ...calls({ db, dice, now: () => now, fresh, trigger, later, send, ask, act }),
    ...tools.happens,
    verb: () => someVerb(),
    override: async () => {
      const startsAt = toIso(addMs(now, -MINUTE));
      const endsAt = toIso(addMs(now, dice.between(2, 90) * MINUTE));
      const id = dice.one(["night", "payments-primary", "discovery-daily"]);
      const body = { person: dice.one(["dave", "bob", "carol"]), startsAt, endsAt };
      await act("zoe", addOverride, { params: { id }, body });
      lookout.slotsChanged();
    },
    crash: () => anyStation()?.kill(),
    "crash at a send": () => {
      const station = anyStation();
      if (station !== null) station.diesSending = dice.one(["before", "after"]);
    },
    "crash at a statement": () => {
      const station = anyStation();
      station?.line.burn(dice.between(1, 60), dice.maybe(0.5), () => station.kill());
    },
    "cut at a statement": () => {
      const station = anyStation();
      station?.line.burn(dice.between(1, 30), dice.maybe(0.5), () => mendLater([station]));
    },
    stall: () => {
      const station = anyStation();
      if (station !== null) station.stalledUntil = addMs(now, dice.one([3, 20, 90]) * SECOND);
    },
    cut: () => cut(stations.slice(0, 1)),
    "store away": () => cut(stations),
    "clock step": () => {
      const station = anyStation();
      if (station === null) return;
      const before = station.skewMs;
      station.skewMs = dice.one([-1_800, 1_800, -5_000, 5_000, 0]);
      // The next look at the database's clock, a few seconds later, sets it right.
      later(5 * SECOND, "a clock is set", async () => void (station.skewMs = before));
    },
  };

  function cut(lines: readonly Station[]): void {
    for (const { line } of lines) line.cut();
    mendLater([...lines]);
  }

  function mendLater(cutOff: readonly Station[]): void {
    later(dice.one([1, 8, 40]) * SECOND, "the line is mended", async () => {
      for (const station of cutOff) if (station.isAlive) station.line.mend();
    });
  }

  async function someVerb(): Promise<void> {
    const incidents = await all(
      db,
      sql<{
        id: string;
        severity: string;
      }>`select concat('INC-', number) as id, severity from incident
        order by number limit 100`,
    );
    if (incidents.length === 0) return;
    const { id } = dice.one(incidents);
    const other = dice.one(incidents).id;
    const name = dice.weighted({
      acknowledge: 3,
      resolve: 3,
      reopen: 3,
      changeSeverity: 4,
      defer: 3,
      merge: 3,
      mitigate: 1,
      cancel: 1,
    });
    const because = "the weather";
    const bodies: Partial<Record<typeof name, object>> = {
      reopen: { because },
      changeSeverity: { severity: dice.one(["SEV1", "SEV2", "SEV3", "SEV4"]), because },
      defer: { because },
      merge: { into: other },
      cancel: { reason: "false alarm" },
    };
    await act("zoe", VERBS[name], { params: { id }, body: bodies[name] ?? {} });
  }

  /** Everything that could be the next thing at this instant. */
  function readyNow(): readonly Ready[] {
    const due = acts.filter(({ at }) => at <= now);
    const next = due.toSorted((a, b) => a.at - b.at)[0];
    const ready: Ready[] = [];
    if (next !== undefined) {
      ready.push({
        what: next.what,
        run() {
          acts = acts.filter((each) => each !== next);
          return next.run();
        },
      });
    }
    const replyAt = transport.nextAt();
    if (replyAt !== null && replyAt <= now)
      ready.push({ what: "a late reply", run: async () => transport.release(now) });
    for (const station of stations) {
      const wakeAt = wakeOf(station);
      if (wakeAt === null || wakeAt > now) continue;
      const { waits } = station;
      const what = waits?.for === "leave" ? waits.step : "awake";
      ready.push({ what: `${station.name}: ${what}`, run: async () => waits?.go() });
    }
    return ready;
  }

  /** When a station goes on; null while only news could move it. */
  function wakeOf(station: Station): Instant | null {
    const { waits, stalledUntil } = station;
    if (stalledUntil !== null && stalledUntil > now) return stalledUntil;
    station.stalledUntil = null;
    if (waits === null) return null;
    if (waits.for === "leave") return now;
    const dueAt = lookout.nextDueAt(station);
    if (dueAt === null) return null;
    const seenAt = addMs(dueAt, -station.skewMs);
    return seenAt > waits.until ? seenAt : waits.until;
  }

  function nextAt(): Instant | null {
    const times = [
      ...acts.map(({ at }) => at),
      ...(transport.nextAt() === null ? [] : [transport.nextAt()!]),
      ...stations.flatMap((station) => wakeOf(station) ?? []),
    ];
    return times.length === 0 ? null : instant(Math.max(Math.min(...times), now));
  }

  const asked = (): number =>
    [...stations, ...gone].reduce((sum, { line }) => sum + line.asked(), 0);

  const mustHold = (broken: readonly string[]): void => {
    const found = [...faults, ...broken];
    if (found.length > 0) throw new Broken(found.map((line) => `${toIso(now)} ${line}`));
  };

  /** What is looked at after every single thing, and who was paged by it. */
  async function look(): Promise<void> {
    mustHold([...(await lookout.afterEach()), ...(await senders.broken(db))]);
    for (const message of transport.received.slice(heard)) {
      say(`${message.to} gets “${message.subject}”${message.mayRepeat ? " (may repeat)" : ""}`);
      if (message.phone !== undefined) confirm(message, isOver);
      if (message.kind === "page") react(message);
    }
    heard = transport.received.length;
  }

  async function until(end: Instant): Promise<void> {
    let hasNews = true;
    for (;;) {
      lookout.watch();
      const ready = readyNow();
      if (ready.length > 0) {
        if (++events > MOST_EVENTS) mustHold(["the engine does not come to rest"]);
        const next = dice.one(ready);
        const before = asked();
        tell(`${toIso(now)}   ${next.what}`);
        await next.run();
        await calm();
        if (asked() > before) await look();
        hasNews ||= asked() > before;
        continue;
      }
      if (hasNews) mustHold(await lookout.beforeTimePasses());
      hasNews = false;
      const at = nextAt();
      if (at === null || at > end) break;
      now = at;
    }
    now = end;
  }

  return {
    events: () => events,
    async run() {
      tell(JSON.stringify({ ...plan, happenings: plan.happenings.length }));
      for (let n = 0; n < plan.nodes; n++) open();
      await senders.begin({ ...stations[0]!.node.world, db });
      await calm();
      await lookout.afterEach();
      for (const { afterMs, what } of plan.happenings)
        later(afterMs, what, async () => happens[what]());
      await until(addMs(startsAt, plan.minutes * MINUTE));
      // Better weather: everything that was begun comes to its end.
      isOver = true;
      for (const station of stations) {
        station.line.mend();
        station.stalledUntil = null;
      }
      await until(addMs(now, dice.one([2, 6, 15]) * MINUTE));
      mustHold(await brokenPromises(await lookout.scene(instant(0))));
      mustHold(await lookout.promisedToTools());
      mustHold(await senders.brokenAtEnd(db, transport.received));
      const world = { ...[...stations, ...gone][0]!.node.world, db };
      await sequenceAll(world);
      const fault = await findLedgerFault(world);
      mustHold(fault === null ? [] : [fault]);
    },
    journal: () => journalOf(db, transport.received),
    async close() {
      await Promise.all([...stations, ...gone].map((station) => station.close()));
    },
  };
}
