/** Escalation, delivery and acknowledge over real connections at once: no page starts after an acknowledge. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { CONFIG_KINDS } from "../../contract/config.ts";
import { reviewStage, type Stage } from "../../test/reviewStage.ts";
import { all, one, type Queryable, run as execute, sql, transact } from "../base/db.ts";
import { addMs, type Instant, MINUTE } from "../base/instant.ts";
import type { MailOutbound, Outbound, Reply } from "../base/transport.ts";
import type { World } from "../base/world.ts";
import { type Actor, ENGINE_READER } from "../domain/account/account.ts";
import { type AnyEntry, everyEntry, type Snapshot, snapshot } from "../domain/config/config.ts";
import type { Command } from "../domain/incident/commands.ts";
import { declare } from "../domain/incident/declare.ts";
import { acknowledge } from "../domain/incident/respond.ts";
import { lockTurns, saveTurn } from "../domain/escalation/store.ts";
import { lockIncident } from "../domain/incident/store.ts";
import { lockNotification } from "../domain/notification/sendStore.ts";
import { channelDrivers } from "../edge/outbound/index.ts";
import { deliverStep } from "./deliver.ts";
import { divertCrowd } from "./diverting.ts";
import { escalateStep } from "./escalate.ts";
import type { EngineParts } from "./parts.ts";

let stage: Stage;
let company: Snapshot;
let sent: Outbound[] = [];
let reply: () => Promise<Reply> = async () => ({ kind: "mail", code: 250, text: "taken" });

beforeAll(async () => {
  stage = await reviewStage();
  const policy = {
    kind: "escalations",
    id: "shop",
    body: CONFIG_KINDS.escalations.parse({
      name: "Shop",
      steps: ["ann", "max"].map((person) => ({ notify: [{ person }], timeoutMinutes: 5 })),
    }),
    owner: "file",
    source: null,
    ref: "ref-shop",
  } as AnyEntry;
  const entries = everyEntry(await stage.config(null)).map((entry) =>
    entry.kind === "services" ? { ...entry, body: { ...entry.body, escalation: "shop" } } : entry,
  );
  company = snapshot(1, [...entries, policy]);
});
afterAll(() => stage.drop());
beforeEach(async () => {
  sent = [];
  reply = async () => ({ kind: "mail", code: 250, text: "taken" });
  await execute(stage.world.db, sql`truncate notification, notification_attempt, escalation_run`);
});

/** A node of its own over the same store. */
function node() {
  const world: World = {
    ...stage.world,
    transport: {
      async send(outbound) {
        sent.push(outbound);
        return reply();
      },
    },
  };
  const parts: EngineParts = { world, config: async () => company };
  const channel = company.get("channels", "mail")!.body;
  const settings = { channel, secrets: {}, productName: "Tocsin", publicUrl: world.publicUrl };
  const watch = { sent: () => undefined };
  const deliver = deliverStep(
    parts,
    async () => ({ driver: channelDrivers.email, settings }),
    watch as never,
  );
  const escalate = escalateStep(parts);
  return {
    async turn(now: Instant) {
      await escalate.run(now);
      await deliver.run(now);
      await deliver.drain();
    },
  };
}

const act = <T>(actor: Actor, work: (command: Command) => Promise<T>): Promise<T> =>
  transact(stage.world.db, (tx) =>
    work({ tx, world: stage.world, config: company, actor, now: stage.now() }),
  );

const declared = async (): Promise<number> => {
  const incident = await act(stage.as("ann"), (command) =>
    declare(command, {
      title: "Payments fail",
      severity: "SEV1",
      services: ["checkout"],
      regions: [],
      summary: null,
      detectedAt: stage.now(),
      rule: null,
      autoResolve: false,
      restricted: false,
      readers: [],
    }),
  );
  return incident!.number;
};

const pages = (number: number) =>
  all(
    stage.world.db,
    sql<{ personId: string; state: string; endedBecause: string | null; attempts: number }>`
      select person_id, state, ended_because, attempts from notification
      where incident_number = ${number} and kind = 'page' order by decided_at, id`,
  );

/** The mails that were pages, and not the notices of a declaration. */
async function pageMails(): Promise<readonly MailOutbound[]> {
  const ids = await all(
    stage.world.db,
    sql<{ id: string }>`select id from notification where kind = 'page' order by id`,
  );
  return sent.flatMap((mail) =>
    mail.via === "mail" && ids.some(({ id }) => mail.messageId.includes(id)) ? [mail] : [],
  );
}

test("an unanswered page goes to the next person after the timeout, and each person is mailed once", async () => {
  const number = await declared();
  const nodes = [node(), node()];
  for (const minutes of [0, 5, 5, 6]) {
    const now = addMs(stage.now(), minutes * MINUTE);
    await Promise.all(nodes.map((each) => each.turn(now)));
  }
  expect((await pages(number)).map((page) => [page.personId, page.state, page.attempts])).toEqual([
    ["ann", "accepted", 1],
    ["max", "accepted", 1],
  ]);
  expect(await pageMails()).toHaveLength(2);
});

/** Incidents whose escalations have their first step to come. */
async function escalating(given: {
  readonly first: number;
  readonly count: number;
  readonly dueAt: (place: number) => Instant;
}): Promise<void> {
  const { first, count, dueAt } = given;
  const { db } = stage.world;
  const now = stage.now();
  await execute(
    db,
    sql`insert into incident (number, title, severity, state, service_id, services, team_ids, detected_at, declared_at,
          declared_by, updated_at)
        select ${first} + n, 'One of many', 'SEV1', 'declared', 'checkout', '{checkout}', '{payments}', ${now}::bigint, ${now}::bigint,
          '{"kind":"engine"}', ${now}::bigint
        from generate_series(1, ${count}::integer) n`,
  );
  const policy = JSON.stringify(company.get("escalations", "shop")!.body);
  await execute(
    db,
    sql`insert into escalation_run (id, incident_number, policy_id, policy, step_index, round, due_at, started_at)
        select gen_random_uuid(), ${first} + n, 'shop', ${policy}::jsonb, 0, 0, due_at, ${now}::bigint
        from unnest(${Array.from({ length: count }, (_, place) => dueAt(place))}::bigint[])
          with ordinality as r (due_at, n)`,
  );
}

test("a crowd goes on beside the ticks, and is over when the node has drained", async () => {
  const { db } = stage.world;
  const now = stage.now();
  await escalating({ first: 5000, count: 100, dueAt: () => now });
  // Each reading is so late that the portion of the tick is over with the first set.
  let at = now;
  const clock = { ...stage.world.clock, now: () => (at = addMs(at, 60)) };
  const escalate = escalateStep({ world: { ...stage.world, clock }, config: async () => company });
  const first = await escalate.run(now);
  expect(first.done).toBeGreaterThan(0);
  expect(first).toMatchObject({ nextAt: now });
  await escalate.drain();
  const second = await escalate.run(now);
  expect(first.done + second.done).toBe(100);
  const paged = await all(
    db,
    sql<{ pages: number }>`select count(*)::integer as pages from notification
      where kind = 'page' and incident_number > 5000 group by incident_number`,
  );
  expect(paged.map(({ pages: count }) => count)).toEqual(Array(100).fill(1));
  await declared();
  expect((await escalate.run(now)).done).toBe(0);
});

const pagedAbove = (first: number) =>
  one(
    stage.world.db,
    sql<{
      count: number;
    }>`select count(distinct incident_number)::integer as count from notification
      where kind = 'page' and incident_number > ${first}`,
  ).then(({ count }) => count);
const inAMoment = () => new Promise((resolve) => setTimeout(resolve, 100));

test("what goes on beside the ticks pages nobody early when the clock leaps, and keeps no later tick from its own", async () => {
  const now = stage.now();
  await escalating({ first: 7000, count: 160, dueAt: () => now });
  await escalating({ first: 7180, count: 1, dueAt: () => addMs(now, 30 * MINUTE) });
  const [rest, leap] = [Promise.withResolvers<void>(), 60 * MINUTE];
  let [at, asked] = [now, 0];
  const clock = { ...stage.world.clock, now: () => (at = addMs(at, 60)) };
  const config = async (): Promise<Snapshot> => {
    if (++asked > 1) await rest.promise;
    return company;
  };
  const escalate = escalateStep({ world: { ...stage.world, clock }, config });
  expect(await escalate.run(now)).toEqual({ done: 80, nextAt: now });
  at = addMs(at, leap);
  rest.resolve();
  await vi.waitFor(async () => expect(await pagedAbove(7000)).toBe(160));
  await inAMoment();
  expect(await pagedAbove(7000)).toBe(160);
  // That one has ended meanwhile; the next tick does not take its end for its own.
  await escalate.run(addMs(now, leap));
  // The others are due again by then, and a tick waits for the first set only.
  await vi.waitFor(async () => expect(await pagedAbove(7000)).toBe(161));
  await escalate.drain();
});

test("a tick does not wait for a crowd of which nothing can be drawn, which is put off from when that was seen", async () => {
  const now = stage.now();
  await escalating({ first: 7200, count: 80, dueAt: () => now });
  let at = now;
  const clock = { ...stage.world.clock, now: () => (at = addMs(at, 20)) };
  let asked = 0;
  const config = async (): Promise<Snapshot> => {
    if (++asked > 2) at = addMs(at, MINUTE);
    throw new Error("no configuration");
  };
  const escalate = escalateStep({ world: { ...stage.world, clock }, config });
  expect(await escalate.run(now)).toEqual({ done: 0, nextAt: now });
  await escalate.drain();
  const { first } = await one(
    stage.world.db,
    sql<{
      first: Instant;
    }>`select min(due_at) as first from escalation_run where due_at is not null`,
  );
  expect(first).toBeGreaterThan(addMs(now, MINUTE));
});

test("steps that page in turn are locked in one order, whoever meets them in which", async () => {
  const { db } = stage.world;
  const rungs = ["p", "q", "r", "s"].map((policyId) => ({ policyId, stepIndex: 0 }));
  let tries = 0;
  const locked = (order: typeof rungs) =>
    transact(db, async (tx) => {
      tries += 1;
      const last = await lockTurns(tx, order);
      for (const { policyId, stepIndex } of order) await saveTurn(tx, policyId, stepIndex, "ann");
      return last;
    });
  const orders = Array.from({ length: 12 }, (_, n) => (n % 2 === 0 ? rungs : rungs.toReversed()));
  const found = await Promise.all(orders.map(locked));
  expect(tries).toBe(12);
  expect(found.filter(({ size }) => size === 4)).toHaveLength(11);
});

test("what another node fired between a look and the locks is not fired again", async () => {
  const number = await declared();
  await node().turn(stage.now());
  const later = addMs(stage.now(), 5 * MINUTE);
  const { db } = stage.world;
  let looked = 0;
  const pool = {
    async connect() {
      // The transaction of a set that was seen as due.
      if (++looked === 1) await node().turn(later);
      return db.pool.connect();
    },
  };
  const slow = new Proxy(db, {
    get(of, name) {
      const found = name === "pool" ? pool : (Reflect.get(of, name) as unknown);
      return typeof found === "function" ? found.bind(of) : found;
    },
  });
  const parts: EngineParts = { world: { ...stage.world, db: slow }, config: async () => company };
  const result = await escalateStep(parts).run(later);
  expect(looked).toBe(1);
  expect(result.done).toBe(0);
  expect((await pages(number)).map(({ personId }) => personId)).toEqual(["ann", "max"]);
});

test("a step whose page is there already goes on, and the page stays as it is", async () => {
  const number = await declared();
  await node().turn(stage.now());
  await execute(
    stage.world.db,
    sql`insert into notification (id, subject, occasion, person_id, channel_id, address, kind, urgency, incident_number,
          run_id, message, reason, accepted_at, decided_at, due_at, state)
        select gen_random_uuid(), subject, replace(occasion, 'step 1', 'step 2'), 'max', channel_id, 'max@acme.example', kind,
          urgency, incident_number, run_id, message, reason, accepted_at, decided_at, due_at, 'accepted'
        from notification where incident_number = ${number} and kind = 'page'`,
  );
  await node().turn(addMs(stage.now(), 5 * MINUTE));
  const told = await pages(number);
  expect(told.map(({ personId }) => personId).toSorted()).toEqual(["ann", "max"]);
  expect(await pageMails()).toHaveLength(1);
  const run = await one(
    stage.world.db,
    sql<{ round: number }>`select round from escalation_run
      where incident_number = ${number} and stopped_at is null`,
  );
  expect(run).toMatchObject({ round: 1 });
});

test("a page whose incident somebody else holds is told another way when that is over, and no tick waits for it", async () => {
  const { world } = stage;
  const number = await declared();
  await escalateStep({ world, config: async () => company }).run(stage.now());
  const { id } = await one(
    world.db,
    sql<{ id: string }>`select id from notification
      where kind = 'page' and incident_number = ${number} order by id limit 1`,
  );
  const row = (await transact(world.db, (tx) => lockNotification(tx, id)))!;
  const turn = { at: addMs(stage.now(), MINUTE), because: "too many", isAll: true };
  const parts: EngineParts = { world, config: async () => company };
  await transact(world.db, async (tx) => {
    await lockIncident(tx, ENGINE_READER, number);
    expect(await divertCrowd(parts, [{ row, turn }], stage.now())).toMatchObject([{ row, turn }]);
  });
  expect(await divertCrowd(parts, [{ row, turn }], stage.now())).toEqual([]);
});

test("what comes due within a moment is drawn ahead, as of the instant it is due, and committed no sooner", async () => {
  const { db } = stage.world;
  const now = stage.now();
  const dueAt = (place: number): Instant => addMs(now, 20 + (place % 20));
  await escalating({ first: 6000, count: 60, dueAt });
  const pagesOf = () =>
    all(
      db,
      sql<{
        incidentNumber: number;
        decidedAt: Instant;
      }>`select incident_number, decided_at from notification
        where kind = 'page' and incident_number > 6000 order by incident_number`,
    );
  let at = now;
  let readings = 0;
  let slept = 0;
  const transactions: Queryable[] = [];
  const silences = new Set<string>();
  const silenceIn = (tx: Queryable): Promise<string> =>
    one(
      tx,
      sql<{ ms: string }>`select current_setting('idle_in_transaction_session_timeout') as ms`,
    ).then(({ ms }) => ms);
  const clock = {
    // A millisecond passes with every third reading, and as much as somebody sleeps.
    now: () => (++readings % 3 === 0 ? (at = addMs(at, 1)) : at),
    async sleep(ms: number) {
      slept += ms;
      // Those that are over are not asked any more.
      for (const tx of transactions) silences.add(await silenceIn(tx).catch(() => "over"));
      expect((await pagesOf()).filter(({ decidedAt }) => decidedAt > at)).toEqual([]);
      at = addMs(at, ms);
    },
  };
  const config = async (tx: Queryable): Promise<Snapshot> => {
    transactions.push(tx);
    return company;
  };
  const escalate = escalateStep({ world: { ...stage.world, clock }, config });
  for (let done = 0; done < 60;) done += (await escalate.run(clock.now())).done;
  await escalate.drain();
  const pages = await pagesOf();
  expect(pages).toHaveLength(60);
  expect(pages.filter(({ decidedAt }, place) => decidedAt < dueAt(place))).toEqual([]);
  expect(slept).toBeGreaterThan(0);
  // A node that dies while it waits keeps whoever acknowledges for no longer.
  expect(silences).toContain("4s");
});

describe("with a clock that goes on", () => {
  const dueOnes = (above: number) =>
    all(
      stage.world.db,
      sql<{ decidedAt: Instant }>`select decided_at from notification
        where kind = 'page' and incident_number > ${above} order by incident_number`,
    ).then((rows) => rows.map(({ decidedAt }) => decidedAt));

  /** A millisecond passes with every fourth reading. Who looks again soon does so at once; who waits longer waits for them. */
  function goingOn(from: Instant) {
    let [at, readings] = [from, 0];
    const waiting = new Set<{ readonly until: Instant; readonly wake: () => void }>();
    const moveTo = (to: Instant): void => {
      at = to;
      for (const each of waiting) if (each.until <= at && waiting.delete(each)) each.wake();
    };
    return {
      now() {
        if (++readings % 4 === 0) moveTo(addMs(at, 1));
        return at;
      },
      async sleep(ms: number) {
        const until = addMs(at, ms);
        if (ms <= 10) return moveTo(until);
        // Where nobody looks any more, nobody but they themselves can move it.
        let seen = readings;
        const idle = setInterval(() => {
          if (seen === readings) moveTo(until);
          seen = readings;
        }, 250);
        await new Promise<void>((wake) => waiting.add({ until, wake }));
        clearInterval(idle);
      },
    };
  }
  const begunBy = (now: Instant) => {
    const clock = { ...stage.world.clock, ...goingOn(now) };
    const begun: Instant[] = [];
    const config = async (): Promise<Snapshot> => {
      begun.push(clock.now());
      return company;
    };
    const escalate = escalateStep({ world: { ...stage.world, clock }, config });
    const wantsAt = async (): Promise<number> =>
      (await one(stage.world.db, sql<{ at: Instant }>`select ${escalate.dueAt!(now)} as at`)).at -
      now;
    return { clock, begun, escalate, wantsAt };
  };

  test("a crowd that comes is begun long before it is due", async () => {
    const now = stage.now();
    const due = addMs(now, 250);
    await escalating({ first: 8000, count: 100, dueAt: () => due });
    const { clock, begun, escalate } = begunBy(now);
    for (let done = 0; done < 100;) done += (await escalate.run(clock.now())).done;
    await escalate.drain();
    expect(due - begun[0]!).toBeGreaterThan(120);
    expect(await dueOnes(8000)).toEqual(Array(100).fill(due));
  });

  test("few are looked at long before, and begun a moment before", async () => {
    const now = stage.now();
    await escalating({ first: 8200, count: 5, dueAt: () => addMs(now, 300) });
    await escalating({ first: 8210, count: 1, dueAt: () => addMs(now, 5000) });
    const { begun, escalate, wantsAt } = begunBy(now);
    expect(await escalate.run(now)).toEqual({ done: 0, nextAt: null });
    expect(begun).toEqual([]);
    expect(await wantsAt()).toBe(300 - 36);
    await execute(
      stage.world.db,
      sql`update escalation_run set due_at = null where incident_number <= 8210`,
    );
    expect(await wantsAt()).toBe(5000 - 160);
  });

  test("nobody waits for whoever is due ten milliseconds later", async () => {
    const now = stage.now();
    const dueAt = (place: number): Instant => addMs(now, 200 + Math.floor(place / 3));
    await escalating({ first: 8400, count: 120, dueAt });
    const { clock, escalate } = begunBy(now);
    for (let done = 0; done < 120;) done += (await escalate.run(clock.now())).done;
    await escalate.drain();
    const late = (await dueOnes(8400)).map((at, place) => at - dueAt(place));
    expect(late).toHaveLength(120);
    expect(late.filter((ms) => ms < 0 || ms >= 10)).toEqual([]);
  });

  test("a tick that comes late to it does not have it wait longer", async () => {
    const now = stage.now();
    const due = addMs(now, 30);
    await escalating({ first: 8700, count: 1, dueAt: () => due });
    const { clock, escalate } = begunBy(now);
    const sleeps: number[] = [];
    clock.sleep = async (ms: number) => void sleeps.push(ms);
    expect((await escalate.run(addMs(now, -500))).done).toBe(1);
    expect(sleeps.filter((ms) => ms > 30)).toEqual([]);
  });
});

test("whatever interleaves with it, no page is claimed after the acknowledge has committed", async () => {
  const nodes = [node(), node()];
  for (let round = 0; round < 12; round++) {
    const number = await declared();
    await Promise.all([
      ...nodes.map((each) => each.turn(stage.now())),
      act(stage.as("max"), (command) => acknowledge(command, number)),
    ]);
    const before = await pageMails();
    await Promise.all(nodes.map((each) => each.turn(addMs(stage.now(), 30 * MINUTE))));
    expect(await pageMails()).toEqual(before);
    for (const page of await pages(number)) {
      const outcome = page.state === "dropped" ? page.endedBecause : page.state;
      expect(["acknowledged", "accepted"]).toContain(outcome);
      expect(page.attempts).toBe(page.state === "dropped" ? 0 : 1);
    }
    const run = await one(
      stage.world.db,
      sql<{ dueAt: number | null; stoppedBecause: string }>`
        select due_at, stopped_because from escalation_run where incident_number = ${number}`,
    );
    expect(run).toEqual({ dueAt: null, stoppedBecause: "acknowledged" });
  }
});

describe("a page whose send was interrupted", () => {
  test("is sent again under the same identity and marked as a possible repeat", async () => {
    const number = await declared();
    reply = async () => ({ kind: "error", reached: "maybe", because: "the connection broke" });
    await node().turn(stage.now());
    reply = async () => ({ kind: "mail", code: 250, text: "taken" });
    await node().turn(addMs(stage.now(), MINUTE));
    const mails = await pageMails();
    expect(new Set(mails.map((mail) => mail.messageId)).size).toBe(1);
    expect(mails).toHaveLength(2);
    const [page] = await all(
      stage.world.db,
      sql<{ mayRepeat: boolean; state: string }>`select may_repeat, state from notification
        where incident_number = ${number} and kind = 'page' and person_id = 'ann'`,
    );
    expect(page).toEqual({ mayRepeat: true, state: "accepted" });
  });

  test("is not sent again once somebody has acknowledged", async () => {
    const number = await declared();
    reply = async () => ({ kind: "error", reached: "maybe", because: "the connection broke" });
    await node().turn(stage.now());
    await act(stage.as("max"), (command) => acknowledge(command, number));
    const before = await pageMails();
    await node().turn(addMs(stage.now(), 10 * MINUTE));
    expect(await pageMails()).toEqual(before);
  });
});

test("a page that its mail server refuses for good goes to the next person at once", async () => {
  const number = await declared();
  reply = async () => ({ kind: "mail", code: 550, text: "no such user" });
  await node().turn(stage.now());
  await node().turn(addMs(stage.now(), 1));
  expect((await pages(number)).map((page) => page.personId)).toEqual(["ann", "max"]);
});
