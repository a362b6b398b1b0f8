/** Every verb in every state on a real store: done with its ledger entry, or refused by name. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { IncidentState } from "../../../contract/incident.ts";
import { refusalOf, reviewStage, type Stage } from "../../../test/reviewStage.ts";
import { maybe, one, run as execute, sql } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, MINUTE } from "../../base/instant.ts";
import { ENGINE_READER } from "../account/account.ts";
import { begin, chronicle, type Command } from "./commands.ts";
import { declare } from "./declare.ts";
import { startEscalation } from "../escalation/commands.ts";
import * as escalating from "./escalating.ts";
import { ALLOWED, allowedVerbs, type Incident, type Verb } from "./incident.ts";
import { renew } from "./lease.ts";
import { saveLease } from "./leaseStore.ts";
import { merge } from "./merging.ts";
import * as record from "./record.ts";
import { addResponders, answerRequest } from "./responders.ts";
import { insertRequest } from "./responderStore.ts";
import * as respond from "./respond.ts";
import { findIncident, insertTask, saveIncident } from "./store.ts";

let stage: Stage;
/** Burns all the time, so that lower severities can be deferred. */
let burning: Incident;

beforeAll(async () => {
  stage = await reviewStage();
  burning = await stage.declared("SEV1");
});
afterAll(() => stage.drop());

const ann = () => stage.as("ann");
const max = () => stage.as("max");
const find = async (number: number): Promise<Incident> =>
  (await findIncident(stage.world.db, ENGINE_READER, number))!;

async function alert(): Promise<string> {
  const id = stage.world.chance.id(stage.now());
  const now = stage.now();
  await execute(
    stage.world.db,
    sql`insert into alert_open (id, key_id, dedup_key, service_id, title, severity, status, labels, adapter,
          started_at, first_received_at, last_received_at, count, batch_id, outcome, because)
        values (${id}, 'k', ${id}, 'checkout', 'Disk full', 'error', 'firing', '{}', 'tocsin',
          ${now}, ${now}, ${now}, 1, ${id}, 'record', 'a test')`,
  );
  return id;
}

/** An incident that came into the state by the verbs that lead there. */
async function incidentIn(state: IncidentState): Promise<number> {
  const { number } = await stage.declared("SEV3");
  const as = <T>(work: (command: Command) => Promise<T>): Promise<T> => stage.run(max(), work);
  if (state === "mitigated") await as((c) => respond.mitigate(c, number, null));
  if (state === "resolved" || state === "closed") await as((c) => respond.resolve(c, number, null));
  if (state === "closed") await as((c) => respond.close(c, number, "a test closes it"));
  if (state === "cancelled") {
    await as((c) => respond.cancel(c, number, { reason: "false alarm", of: null, note: null }));
  }
  return number;
}

type Prepared = (command: Command, number: number) => Promise<unknown>;

/** How each verb is used, with what it needs made ready beforehand. */
const VERBS: Record<Verb, (number: number) => Promise<Prepared>> = {
  acknowledge: async (number) => {
    // Mitigating acknowledged it already; here the question is the state alone.
    const incident = await find(number);
    await stage.run(max(), (c) =>
      saveIncident(c.tx, { ...incident, acknowledgedAt: null, acknowledgedBy: null }, c.now),
    );
    return respond.acknowledge;
  },
  escalate: async (number) => {
    await begun(number);
    return (c, n) => escalating.escalate(c, n, "more people");
  },
  reassign: async () => (c, n) => escalating.reassign(c, n, { person: "ann" }, null),
  "not-mine": async (number) => {
    await begun(number);
    const incident = await find(number);
    const mine = { acknowledgedAt: stage.now(), acknowledgedBy: "max" };
    await stage.run(max(), (c) => saveIncident(c.tx, { ...incident, ...mine }, c.now));
    return (c, n) => escalating.notMine(c, n, null);
  },
  renew: async (number) => {
    const lease = { personId: "max", lengthMs: 60_000, until: stage.now(), attendAt: stage.now() };
    const incident = await find(number);
    const mine = { acknowledgedAt: stage.now(), acknowledgedBy: "max" };
    await stage.run(max(), async (c) => {
      await saveIncident(c.tx, { ...incident, ...mine }, c.now);
      await saveLease(c.tx, { incidentNumber: number, ...lease });
    });
    return renew;
  },
  "add-responders": async () => (c, n) => addResponders(c, n, [{ person: "ann" }], "come"),
  join: async (number) => {
    await asked(number);
    return (c, n) => answerRequest(c, n, "joined", null);
  },
  decline: async (number) => {
    await asked(number);
    return (c, n) => answerRequest(c, n, "declined", "away");
  },
  defer: async () => (c, n) => respond.defer(c, n, "the SEV1 first", null),
  severity: async () => (c, n) => respond.changeSeverity(c, n, "SEV2", "it spreads"),
  role: async () => (c, n) => record.assignRole(c, n, "scribe", "eve"),
  "release-role": async (number) => {
    await execute(
      stage.world.db,
      sql`insert into incident_role (incident_number, role, person_id, assigned_at)
        values (${number}, 'scribe', 'eve', ${stage.now()})`,
    );
    return (c, n) => record.releaseRole(c, n, "scribe", "eve");
  },
  "hand-over": async () => (c, n) => record.handOver(c, n, "ann"),
  "accept-command": async (number) => {
    await offer(number);
    return record.acceptCommand;
  },
  "decline-command": async (number) => {
    await offer(number);
    return record.declineCommand;
  },
  note: async () => (c, n) => record.note(c, n, "seen"),
  task: async () => (c, n) => record.addTask(c, n, { title: "look", ownerId: "ann", dueAt: null }),
  "finish-task": async (number) => {
    const id = stage.world.chance.id(stage.now());
    const task = { id, kind: "task", title: "look", ownerId: null, dueAt: null, doneAt: null };
    await stage.run(max(), (c) => insertTask(c.tx, number, task, c.now));
    return (c, n) => record.doneTask(c, n, id);
  },
  // Its command belongs to a later noun, which asks the table here.
  update: async () => async (c, n) => {
    await begin(c, n, "update");
    await chronicle(c, n, "note", {}, "an update");
  },
  attach: async () => {
    const id = await alert();
    return (c, n) => record.attach(c, n, id);
  },
  impact: async () => (c, n) => record.setImpact(c, n, {}),
  "root-cause": async () => (c, n) => record.setRootCause(c, n, { whatHappened: "a full disk" }),
  record: async () => (c, n) => record.recordPiece(c, n, "verification", "rates are normal"),
  merge: async () => (c, n) => merge(c, n, burning.number),
  mitigate: async () => (c, n) => respond.mitigate(c, n, null),
  resolve: async () => (c, n) => respond.resolve(c, n, null),
  reopen: async () => (c, n) => respond.reopen(c, n, "it is back"),
  close: async () => (c, n) => respond.close(c, n, "a test closes it"),
  cancel: async () => (c, n) =>
    respond.cancel(c, n, { reason: "duplicate", of: burning.number, note: null }),
  restrict: async () => (c, n) => record.restrict(c, n, true, ["eve"]),
};

/** With a policy at work, as a paging severity would have it. */
async function begun(number: number): Promise<void> {
  const body = {
    name: "P",
    steps: [{ notify: [{ person: "ann" }], timeoutMinutes: 5 }],
    repeat: 0,
  };
  await stage.run(max(), (c) => startEscalation(c.tx, c.world, number, { id: "p", body }, c.now));
}

async function asked(number: number): Promise<void> {
  const id = stage.world.chance.id(stage.now());
  const request = { id, incidentNumber: number, personId: "max", askedBy: "ann", message: null };
  const open = { askedAt: stage.now(), pages: 1, attendAt: stage.now(), answer: null };
  await stage.run(max(), (c) => insertRequest(c.tx, { ...request, ...open, answeredAt: null }));
}

async function offer(number: number): Promise<void> {
  const incident = await find(number);
  await stage.run(max(), (c) =>
    saveIncident(c.tx, { ...incident, offeredCommanderId: "max" }, c.now),
  );
}

type Traces = { ledger: number; timeline: number; state: string; updatedAt: number };
const traces = (number: number): Promise<Traces> =>
  one(
    stage.world.db,
    sql<Traces>`select
      (select count(*) from ledger_pending where stream = ${`incident:${number}`}) as ledger,
      (select count(*) from timeline_entry where incident_number = ${number}) as timeline,
      i.state, i.updated_at from incident i where i.number = ${number}`,
  );

class Stopped extends Error {}

for (const state of ["declared", "mitigated", "resolved", "closed", "cancelled"] as const) {
  describe(`when ${state}`, () => {
    for (const verb of Object.keys(ALLOWED) as Verb[]) {
      const isAllowed = allowedVerbs(state).includes(verb);
      const promise = isAllowed
        ? `${verb} is done with its ledger entry, or leaves nothing when its transaction fails`
        : `${verb} is refused and leaves nothing`;
      test(promise, async () => {
        const number = await incidentIn(state);
        const act = await VERBS[verb](number);
        const before = await traces(number);
        if (!isAllowed) {
          const refusal = await refusalOf(stage.run(max(), (command) => act(command, number)));
          expect(refusal.code).toBe("incident.wrong_state");
          expect(refusal.params["allowed"]).toEqual(allowedVerbs(state));
          expect(await traces(number)).toEqual(before);
          return;
        }
        const failing = stage.run(max(), async (command) => {
          await act(command, number);
          throw new Stopped();
        });
        await expect(failing).rejects.toThrow(Stopped);
        expect(await traces(number)).toEqual(before);
        await stage.run(max(), (command) => act(command, number));
        const after = await traces(number);
        expect(after.ledger).toBeGreaterThan(before.ledger);
        expect(after.ledger - before.ledger).toBe(after.timeline - before.timeline);
      });
    }
  });
}

const settled = async (works: readonly Promise<Incident | null>[]) => {
  const results = await Promise.allSettled(works);
  const done = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const refused = results.flatMap((result) =>
    result.status === "rejected" ? [result.reason] : [],
  );
  for (const reason of refused) expect(reason).toBeInstanceOf(Refusal);
  return { done, refused: refused as readonly Refusal[] };
};

describe("two people at once", () => {
  test("acknowledge: one has it, the other is told who", async () => {
    for (let round = 0; round < 10; round++) {
      const { number } = await stage.declared("SEV1");
      const { done, refused } = await settled(
        [ann(), max()].map((actor) => stage.run(actor, (c) => respond.acknowledge(c, number))),
      );
      expect(done).toHaveLength(1);
      expect(refused).toMatchObject([{ code: "incident.already_acknowledged" }]);
      const holder = (await find(number)).acknowledgedBy;
      expect(done[0]?.acknowledgedBy).toBe(holder);
      expect(refused[0]?.params["by"]).toBe(holder);
    }
  });

  test("acknowledge twice by one person: nothing changes and nothing is refused", async () => {
    const { number } = await stage.declared("SEV1");
    const { done } = await settled(
      [ann(), ann()].map((actor) => stage.run(actor, (c) => respond.acknowledge(c, number))),
    );
    expect(done).toHaveLength(2);
    const entries = await one(
      stage.world.db,
      sql<{ n: number }>`select count(*) as n from timeline_entry
        where incident_number = ${number} and kind = 'acknowledged'`,
    );
    expect(entries.n).toBe(1);
  });

  test("resolve: the second is refused and told the state", async () => {
    const { number } = await stage.declared("SEV1");
    const { done, refused } = await settled(
      [ann(), max()].map((actor) => stage.run(actor, (c) => respond.resolve(c, number, null))),
    );
    expect(done).toHaveLength(1);
    expect(refused).toMatchObject([
      { code: "incident.wrong_state", params: { state: "resolved" } },
    ]);
  });

  test("declare by one rule on one service: one incident", async () => {
    for (let round = 0; round < 8; round++) {
      const rule = { id: `rule-${round}`, file: "rules.yaml", line: 1 };
      const facts = {
        title: "Payments fail",
        severity: "SEV2",
        services: ["checkout"],
        regions: [],
        summary: null,
        detectedAt: stage.now(),
        rule: { ...rule, groupKey: null },
        autoResolve: true,
        restricted: false,
        readers: [],
      } as const;
      const works = [ann(), max(), ann()].map((actor) =>
        stage.run(actor, (c) => declare(c, facts)),
      );
      const { done, refused } = await settled(works);
      expect(refused).toEqual([]);
      expect(done.filter((incident) => incident !== null)).toHaveLength(1);
    }
  });

  test("merge and attach: the alert ends on the incident that lives on, or the attach is refused", async () => {
    for (let round = 0; round < 8; round++) {
      const [from, into] = [await stage.declared("SEV2"), await stage.declared("SEV2")];
      const alertId = await alert();
      const { refused } = await settled([
        stage.run(ann(), (c) => merge(c, from.number, into.number)),
        stage.run(max(), (c) => record.attach(c, from.number, alertId)),
      ]);
      const row = await maybe(
        stage.world.db,
        sql<{
          incidentNumber: number | null;
        }>`select incident_number from alert_open where id = ${alertId}`,
      );
      if (refused.length === 0) expect(row?.incidentNumber).toBe(into.number);
      else {
        expect(refused).toMatchObject([{ code: "incident.wrong_state" }]);
        expect(row?.incidentNumber).toBeNull();
      }
    }
  });

  test("merge two incidents into each other: one lives on", async () => {
    for (let round = 0; round < 8; round++) {
      const [a, b] = [await stage.declared("SEV2"), await stage.declared("SEV2")];
      const { done, refused } = await settled([
        stage.run(ann(), (c) => merge(c, a.number, b.number)),
        stage.run(max(), (c) => merge(c, b.number, a.number)),
      ]);
      expect([done.length, refused.length]).toEqual([1, 1]);
      const states = [(await find(a.number)).state, (await find(b.number)).state];
      expect(states.toSorted()).toEqual(["cancelled", "declared"]);
    }
  });
});

describe("merging", () => {
  test("moves alerts, services and the higher severity, and ends this one", async () => {
    const [small, large] = [await stage.declared("SEV3"), await stage.declared("SEV1")];
    const alertId = await alert();
    await stage.run(ann(), (c) => record.attach(c, large.number, alertId));
    await stage.run(ann(), (c) => merge(c, large.number, small.number));
    expect(await find(small.number)).toMatchObject({ severity: "SEV1", state: "declared" });
    expect(await find(large.number)).toMatchObject({
      state: "cancelled",
      mergedInto: small.number,
    });
  });

  for (const [promise, into, code] of [
    ["into itself is refused", "self", "incident.merge_self"],
    ["into one that is over is refused, with its state", "over", "incident.merge_target"],
    ["into one that does not exist is refused", "none", "incident.not_found"],
  ] as const)
    test(promise, async () => {
      const { number } = await stage.declared("SEV2");
      const target =
        into === "self" ? number : into === "none" ? 99_999 : await incidentIn("resolved");
      const refusal = await refusalOf(stage.run(ann(), (c) => merge(c, number, target)));
      expect(refusal.code).toBe(code);
    });
});

test("closing names every piece that is missing, and root cause by its name", async () => {
  const { number } = await stage.resolved("SEV1");
  const refusal = await refusalOf(stage.run(max(), (c) => respond.close(c, number, null)));
  expect(refusal.code).toBe("incident.evidence_missing");
  expect(refusal.message).toContain("root cause");
  const denied = await refusalOf(stage.run(ann(), (c) => respond.close(c, number, "I say so")));
  expect(denied.code).toBe("access.forbidden");
});

test("another team's responder may not act, unless they have a part in it", async () => {
  const { number } = await stage.declared("SEV1");
  const bob = stage.as("bob");
  const denied = await refusalOf(stage.run(bob, (c) => record.note(c, number, "hello")));
  expect(["access.forbidden", "incident.not_found"]).toContain(denied.code);
  await stage.run(ann(), (c) => record.assignRole(c, number, "scribe", "bob"));
  await stage.run(bob, (c) => record.note(c, number, "hello"));
});

describe("deferring", () => {
  test("ends when the incident it waits for is over", async () => {
    const sev1 = await stage.declared("SEV1");
    const { number } = await stage.declared("SEV3");
    await stage.run(ann(), (c) =>
      respond.defer(c, number, "first things first", `INC-${sev1.number}`),
    );
    expect((await find(number)).deferredFor).toBe(sev1.number);
    stage.pass(MINUTE);
    await stage.run(ann(), (c) => respond.resolve(c, sev1.number, null));
    expect((await find(number)).deferredFor).toBeNull();
  });

  test("is refused for a SEV1 and for what somebody has", async () => {
    const sev1 = await stage.declared("SEV1");
    const one = await refusalOf(
      stage.run(ann(), (c) => respond.defer(c, sev1.number, "later", null)),
    );
    expect(one.code).toBe("incident.not_deferrable");
    const sev3 = await stage.declared("SEV3");
    await stage.run(ann(), (c) => respond.acknowledge(c, sev3.number));
    const two = await refusalOf(
      stage.run(ann(), (c) => respond.defer(c, sev3.number, "later", null)),
    );
    expect(two.params["why"]).toBe("it is acknowledged");
  });
});

describe("command of an incident", () => {
  test("changes hands only when the other accepts", async () => {
    const { number } = await stage.declared("SEV1");
    await stage.run(ann(), (c) => record.handOver(c, number, "max"));
    const refusal = await refusalOf(stage.run(ann(), (c) => record.acceptCommand(c, number)));
    expect(refusal.code).toBe("incident.no_offer");
    expect((await find(number)).commanderId).not.toBe("max");
    await stage.run(max(), (c) => record.acceptCommand(c, number));
    expect(await find(number)).toMatchObject({ commanderId: "max", offeredCommanderId: null });
    const again = await refusalOf(stage.run(ann(), (c) => record.handOver(c, number, "max")));
    expect(again.code).toBe("incident.commander_already");
  });
});

test("durations are shown from detection, and nothing is detected in the future", async () => {
  const incident = await stage.declared("SEV1");
  expect(incident.detectedAt).toBe(addMs(incident.declaredAt, -MINUTE));
});
