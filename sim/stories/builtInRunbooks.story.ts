/** The runbooks that come with Tocsin, each carried out from its beginning to its end. */
import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import type { ConfigKind } from "../../contract/config.ts";
import type { DesiredObject } from "../../contract/configuration.ts";
import { publishRunbook } from "../../contract/published.ts";
import * as runs from "../../contract/run.ts";
import { COMPANY, object, secretOfService } from "../company.ts";
import { hashedKey } from "../../server/domain/config/secrets.ts";
import { Raw } from "../../server/base/routes.ts";
import { story } from "../story.ts";
import type { Simulation } from "../world.ts";

const FOLDER = new URL("../../runbooks/", import.meta.url);

/** Publishes one of ours for the payments team, with its roles bound to people. */
async function publish(
  sim: Simulation,
  name: string,
  roles: Readonly<Record<string, string>>,
): Promise<void> {
  const document = await readFile(new URL(`${name}.md`, FOLDER), "utf8");
  let sidecar = await readFile(new URL(`${name}.tocsin.yaml`, FOLDER), "utf8");
  sidecar = sidecar.replace("tocsin: 1\n", "tocsin: 1\nowner: payments\n");
  for (const [role, person] of Object.entries(roles))
    sidecar = sidecar.replace(`  ${role}: null\n`, `  ${role}: { person: ${person} }\n`);
  const body = { id: name, path: `runbooks/${name}.md`, document, sidecar };
  const report = await sim.call("carol")(publishRunbook, { body });
  expect(report.findings.filter(({ level }) => level === "error")).toEqual([]);
  expect(report.findings.filter(({ file }) => file.endsWith(".md"))).toEqual([]);
}

const service = (id: string, incidentKind: "data" | "security" | "cost"): DesiredObject[] => [
  object("services", id, { name: id, team: "payments", escalation: "payments", incidentKind }),
  object("keys" satisfies ConfigKind, `${id}-key`, {
    service: id,
    secret: hashedKey(secretOfService(id)),
  }),
];

const CONFIG = [
  ...COMPANY,
  ...service("orders-table", "data"),
  ...service("gateway", "security"),
  ...service("cloud", "cost"),
  object("connections", "pause-jobs", {
    type: "command",
    program: "/usr/bin/pause-jobs",
    args: ["--all"],
    undo: "resume-jobs",
  }),
  object("connections", "resume-jobs", { type: "command", program: "/usr/bin/resume-jobs" }),
  object("connections", "warehouse", { type: "postgres", url: "env:WAREHOUSE_URL" }),
  object("connections", "rerun", {
    type: "gitlab",
    project: "data/backfill",
    token: "env:GITLAB_TOKEN",
  }),
];
const options = { config: CONFIG };

/** Somebody who works through a run by the words of its steps. */
function worker(sim: Simulation, who: string, id = "RUN-1") {
  const call = sim.call(who);
  const params = { id };
  const see = () => call(runs.getRun, { params });
  const step = async (words: RegExp): Promise<runs.RunStep> => {
    const found = (await see()).phases
      .flatMap((phase) => phase.steps)
      .filter(({ text }) => words.test(text));
    if (found.length !== 1) throw new Error(`${found.length} steps like ${words}`);
    return found[0]!;
  };
  const of = async (words: RegExp) => ({ step: (await step(words)).id });
  return {
    see,
    step,
    done: async (words: RegExp) => call(runs.doneStep, { params, body: await of(words) }),
    answer: async (words: RegExp, answer: "yes" | "no") =>
      call(runs.answerGuard, { params, body: { ...(await of(words)), answer } }),
    act: async (words: RegExp) => call(runs.runAction, { params, body: await of(words) }),
    undo: async (words: RegExp) => call(runs.undoAction, { params, body: await of(words) }),
    give: (inputs: Record<string, string>) => call(runs.giveInputs, { params, body: { inputs } }),
    record: (table: string, values: Record<string, string>) =>
      call(runs.writeRecord, { params, body: { table, values } }),
    /** Does everything that is still open, whatever it is. */
    async rest(): Promise<void> {
      for (const phase of (await see()).phases)
        for (const { id: each, state, guard } of phase.steps) {
          if (!["pending", "in progress"].includes(state)) continue;
          if (guard?.answer === null)
            await call(runs.answerGuard, { params, body: { step: each, answer: "no" } });
          else await call(runs.doneStep, { params, body: { step: each } });
        }
    },
    finish: () => call(runs.finishRun, { params }),
  };
}

const banners = async (sim: Simulation): Promise<readonly string[]> =>
  (await sim.call("vera")(runs.getSafeMode, {})).items
    .filter(({ on }) => on)
    .map(({ scope }) => scope);

const ON_CALL = {
  "primary-on-call": "bob",
  "secondary-on-call": "alice",
  "head-of-data-platform": "carol",
};

story(
  "the data incident: jobs paused, Safe Mode on, run again, proved, Safe Mode off, record written",
  async (sim) => {
    await publish(sim, "data-incident", ON_CALL);
    await sim.event({ service: "orders-table", title: "orders_daily: completeness failed" });
    // The path of the document counts: Bob first, whatever the service's own policy says.
    expect((await sim.pages("INC-1")).map(({ person }) => person)).toEqual(["bob"]);
    const bob = worker(sim, "bob");
    await sim.as("bob").acknowledge("INC-1");
    await bob.done(/Read the page/);
    await bob.done(/Acknowledge/);
    await bob.done(/run history/);
    await bob.done(/scope/);
    await expect(bob.act(/Pause the downstream/)).rejects.toThrow(/Answer its question first/);
    await bob.answer(/Pause the downstream/, "yes");
    await bob.act(/Pause the downstream/);
    expect(sim.outside.started).toEqual(["/usr/bin/pause-jobs --all"]);
    expect((await bob.step(/Pause the downstream/)).state).toBe("done");
    await bob.answer(/Show the Safe Mode/, "yes");
    await bob.act(/Show the Safe Mode/);
    expect(await banners(sim)).toEqual(["dashboards"]);
    await bob.done(/Fix the cause/);
    await expect(bob.act(/Run the failed jobs/)).rejects.toThrow(/input.PARTITIONS/);
    await bob.give({ PARTITIONS: "2026-11-22..2026-11-23" });
    // The proof runs by itself as soon as its phase begins; the first time rows are still bad.
    sim.outside.answers(/data_quality_result/, [{ count: 3 }], [{ count: 0 }]);
    await bob.act(/Run the failed jobs/);
    expect((await bob.step(/Prove that no check/)).automation?.attempts).toEqual([
      expect.objectContaining({ state: "failed", learned: "broken: expected zero, found 3" }),
      expect.objectContaining({ state: "due" }),
    ]);
    await sim.forward("15s");
    const proof = await bob.step(/Prove that no check/);
    expect(proof).toMatchObject({ state: "done", endedBy: { kind: "engine" } });
    await bob.act(/Take the Safe Mode banner/);
    expect(await banners(sim)).toEqual([]);
    await sim.as("bob").resolve("INC-1");
    await sim.as("bob").setRootCause("INC-1", { whatHappened: "A column was renamed upstream" });
    await bob.record("data_incident", { impact: "Orders of one day", follow_up_actions: "AI-1" });
    await bob.rest();
    await bob.finish();
    const { items } = await sim.call("vera")(runs.listRecords, {
      params: { table: "data_incident" },
    });
    expect(items).toEqual([
      expect.objectContaining({
        id: "INC-1",
        values: expect.objectContaining({
          incident_id: "INC-1",
          impact: "Orders of one day",
          rca: "A column was renamed upstream",
          start_at: "2026-11-23T10:00:00.000Z",
        }),
      }),
    ]);
    const csv = (await sim.call("vera")(runs.exportRecords, {
      params: { table: "data_incident" },
    })) as unknown as Raw;
    expect(String(csv.body)).toMatch(
      /^incident_id,start_at,end_at,impact,rca,follow_up_actions\r\n/,
    );
    expect((await sim.timeline("INC-1")).join("\n")).toMatch(/Safe Mode banner off for dashboards/);
  },
  options,
);

story(
  "nobody answers a data incident: the document's path goes on after five minutes each",
  async (sim) => {
    await publish(sim, "data-incident", ON_CALL);
    await sim.event({ service: "orders-table" });
    await sim.forward("10m");
    expect((await sim.pages("INC-1")).map(({ person }) => person)).toEqual([
      "bob",
      "alice",
      "carol",
    ]);
    expect(await sim.timeline("INC-1")).toContainEqual(expect.stringMatching(/Paged carol/));
  },
  options,
);

story(
  "the governance change misses its review by two business days over a holiday, and escalates",
  async (sim) => {
    await publish(sim, "governance-change", {
      "chief-data-officer": "dave",
      "data-platform": "bob",
    });
    const body = { runbook: "governance-change" };
    await sim.call("alice")(runs.startRun, { body });
    const alice = worker(sim, "alice");
    await alice.record("governance_change_log", { impact: "orders.total becomes net" });
    await alice.done(/Write the proposal/);
    await alice.done(/Record it/);
    // Thursday in Berlin; Friday is Christmas Day: two business days end on Tuesday evening.
    const review = await alice.step(/review the proposal/);
    expect(review.deadlines[0]).toMatchObject({
      dueAt: "2026-12-29T16:00:00.000Z",
      source: "runbooks/governance-change.md:16",
    });
    await sim.forwardTo("2026-12-29T15:59:00Z");
    expect(sim.mailsTo("carol")).toEqual([]);
    await sim.forward("2m");
    sim.expectMail("bob", /was due 2026-12-29T16:00/);
    sim.expectMail("carol", /review the proposal/);
    expect((await alice.step(/review the proposal/)).late).toBe(true);
    const escalated = { to: "chief-data-officer", because: "The review is overdue" };
    await sim.call("alice")(runs.escalateRun, { params: { id: "RUN-1" }, body: escalated });
    sim.expectMail("dave", /chief-data-officer is asked to join/);
    const verified = (await alice.step(/status to .?verified/)).id;
    await sim.call("alice")(runs.writeRecord, {
      params: { id: "RUN-1" },
      body: { table: "governance_change_log", step: verified, values: {} },
    });
    await alice.rest();
    await alice.finish();
    const { items } = await sim.call("vera")(runs.listRecords, {
      params: { table: "governance_change_log" },
    });
    expect(items[0]?.values).toEqual({
      change_id: "CHG-1",
      submitted_by: "alice",
      impact: "orders.total becomes net",
      status: "verified",
    });
  },
  { ...options, startsAt: "2026-12-24T15:00:00Z" },
);

story(
  "the service incident: the runbook is ticked off, and the postmortem says what was not done",
  async (sim) => {
    await publish(sim, "service-incident", { "customer-lead": "bob" });
    await sim.event();
    const alice = worker(sim, "alice");
    expect((await alice.step(/Set the severity/)).assignee).toBe("alice");
    await sim.as("alice").acknowledge("INC-1");
    await alice.act(/first status update/);
    sim.expectMail("engineering", /We are looking into Database down/);
    await alice.done(/Acknowledge/);
    const compare = (await alice.step(/latest deployments/)).id;
    const body = { step: compare, because: "nothing was deployed today" };
    await sim.call("alice")(runs.skipStep, { params: { id: "RUN-1" }, body });
    await sim.as("alice").resolve("INC-1");
    await alice.rest();
    await alice.finish();
    const { sections } = await sim.as("alice").readPostmortem("INC-1");
    const bodyOf = (key: string) => sections.find((section) => section.key === key)?.body ?? "";
    const { digest } = await alice.see();
    expect(bodyOf("summary")).toContain(`digest ${digest}`);
    expect(bodyOf("went-poorly")).toMatch(/RUN-1: skipped “Compare .*nothing was deployed today/);
  },
  options,
);

story(
  "the security incident: containment is a gate before eradication, and a regulator's clock runs",
  async (sim) => {
    await publish(sim, "security-incident", { "privacy-officer": "carol" });
    await sim.event({ service: "gateway", title: "Impossible travel" });
    const alice = worker(sim, "alice");
    await expect(alice.done(/Remove what they left/)).rejects.toThrow(/Containment is a gate/);
    expect((await alice.step(/supervisory authority/)).deadlines[0]).toMatchObject({
      dueAt: "2026-11-26T10:00:00.000Z",
    });
    for (const words of [/Isolate/, /Revoke/, /Preserve/]) await alice.done(words);
    await alice.done(/Remove what they left/);
    await sim.as("alice").resolve("INC-1");
    await alice.rest();
    await alice.finish();
    expect((await alice.see()).state).toBe("finished");
  },
  options,
);

story(
  "the privacy request: nothing is proved until the subject is known, then zero rows are",
  async (sim) => {
    await publish(sim, "privacy-request", { "privacy-officer": "alice", legal: "carol" });
    await sim.call("alice")(runs.startRun, { body: { runbook: "privacy-request", inputs: {} } });
    const alice = worker(sim, "alice");
    expect((await alice.step(/30 days/)).deadlines[0]).toMatchObject({
      dueAt: "2026-12-23T10:00:00.000Z",
    });
    for (const words of [/Enter the request/, /Verify the identity/, /30 days/])
      await alice.done(words);
    await expect(alice.done(/Review .?dsar_audit_log/)).rejects.toThrow(/Execution is a gate/);
    for (const words of [/export or erasure/, /no part of it failed/]) await alice.done(words);
    expect((await alice.step(/Prove that no row/)).automation?.attempts).toEqual([]);
    sim.outside.answers(/silver_private/, [{ count: 0 }]);
    await alice.give({ SUBJECT: "subject-4711" });
    expect(await alice.step(/Prove that no row/)).toMatchObject({ state: "done" });
    expect(sim.outside.asked[0]).not.toContain("subject-4711");
    await alice.rest();
    await alice.finish();
  },
  options,
);

story(
  "the cost anomaly starts by its kind, and its review comes by itself every month",
  async (sim) => {
    await publish(sim, "cost-anomaly", { finops: "bob", "service-owner": "alice" });
    sim.outside.answers(/cost_controls/, [{ service: "athena", detected_at: "today", usd: 900 }]);
    await sim.event({ service: "cloud", title: "Athena at 80 % of its budget" });
    const bob = worker(sim, "bob");
    expect(await bob.step(/Look up the service/)).toMatchObject({ state: "done" });
    expect((await bob.step(/Look up the service/)).automation?.attempts[0]?.output).toMatchObject({
      rows: [{ service: "athena" }],
    });
    await bob.done(/Tell its owner/);
    await bob.rest();
    await bob.finish();
    await sim.as("alice").resolve("INC-1");
    await sim.forwardTo("2027-01-01T09:00:00Z");
    const monthly = await worker(sim, "bob", "RUN-2").see();
    expect(monthly).toMatchObject({ incident: null, because: expect.stringMatching(/every P1M/) });
  },
  { ...options, startsAt: "2026-12-31T10:00:00Z" },
);

story(
  "the onboarding is a drill for one person, and what was exercised is known by its words",
  async (sim) => {
    await publish(sim, "operator-onboarding", { "team-lead": "carol", "new-operator": "bob" });
    const body = { runbook: "operator-onboarding", drill: true };
    await sim.call("carol")(runs.startRun, { body });
    const bob = worker(sim, "bob");
    expect((await bob.step(/Shadow one whole rotation/)).state).toBe("pending");
    await bob.rest();
    await bob.finish();
    const page = (await sim.call("bob")(runs.exportRun, {
      params: { id: "RUN-1" },
    })) as unknown as Raw;
    expect(String(page.body)).toMatch(/- \[x\] Shadow one whole rotation/);
  },
  options,
);
