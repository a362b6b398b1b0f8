import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as contract from "../../../contract/incident.ts";
import { incidentId } from "../../../contract/ids.ts";
import { refusalOf, reviewStage, type Stage } from "../../../test/reviewStage.ts";
import { addMs, HOUR, MINUTE, toIso } from "../../base/instant.ts";
import { listDeadlines } from "../deadline/store.ts";
import type { Incident } from "../incident/incident.ts";
import { listAcceptance, listTimeline } from "../incident/store.ts";
import { postUpdate } from "./commands.ts";
import { commsRoutes } from "./routes.ts";
import { listStatusUpdates } from "./store.ts";

let stage: Stage;
beforeAll(async () => void (stage = await reviewStage()));
afterAll(() => stage.drop());

const post = (incident: Incident, audiences: string[], text = "Half the shops are back.") =>
  stage.run(stage.as("ann"), (command) =>
    postUpdate(command, incident.number, { text, audiences }),
  );

const updateClock = async ({ number }: Incident) =>
  (await listDeadlines(stage.world.db, incidentId(number))).find(
    (row) => row.deadline.kind === "status update",
  )?.deadline;

describe("a status update", () => {
  test("is kept, told to each audience once, and counts as stakeholders notified", async () => {
    const incident = await stage.declared("SEV1");
    await post(incident, ["engineering", "executives"]);
    const db = stage.world.db;
    const [update] = await listStatusUpdates(db, incident.number);
    expect(update).toMatchObject({ audiences: ["engineering", "executives"], at: stage.now() });
    const told = await stage.notices(`update ${update?.id}`);
    expect(told.map((notice) => notice.address)).toEqual([
      "ann@acme.example",
      "eve@acme.example",
      "executives@acme.example",
    ]);
    expect(told[0]?.message.lines).toEqual(["Half the shops are back."]);
    const pieces = await listAcceptance(db, incident.number);
    expect(pieces.map((row) => row.piece)).toContain("stakeholders");
    const kinds = (await listTimeline(db, incident.number, 100, null)).map((row) => row.kind);
    expect(kinds).toContain("status update");
  });

  test("starts the time until the next one afresh, with the same length", async () => {
    const incident = await stage.declared("SEV1");
    stage.pass(20 * MINUTE);
    await post(incident, []);
    const clock = await updateClock(incident);
    expect(clock?.state).toBe("running");
    expect(toIso(clock!.dueAt)).toBe(toIso(addMs(stage.now(), 30 * MINUTE)));
  });

  test("after resolving starts no clock again", async () => {
    const incident = await stage.resolved("SEV1");
    await post(incident, []);
    expect((await updateClock(incident))?.state).toBe("withdrawn");
  });

  test("without any audience is refused, and nothing is kept", async () => {
    const incident = await stage.declared("SEV3");
    expect((await refusalOf(post(incident, ["nobody"]))).code).toBe("incident.unknown_audience");
    expect(await listStatusUpdates(stage.world.db, incident.number)).toEqual([]);
  });

  test("is not for those who may only read", async () => {
    const incident = await stage.declared("SEV1");
    const work = stage.run(stage.as("eve"), (command) =>
      postUpdate(command, incident.number, { text: "x", audiences: [] }),
    );
    expect((await refusalOf(work)).code).toBe("access.forbidden");
  });

  test("over HTTP replies with the incident as it is now", async () => {
    const incident = await stage.declared("SEV1");
    const routes = commsRoutes(stage.world, stage.config);
    const reply = await stage.call(routes, contract.postUpdate, stage.as("ann"), {
      params: { id: incidentId(incident.number) },
      body: { text: "Words" },
    });
    const detail = contract.IncidentDetail.parse(reply);
    expect(detail.statusUpdates.map((update) => update.text)).toEqual(["Words"]);
  });
});

describe("a status update about a restricted incident", () => {
  test("reaches only people who may see it, with nothing of it in the mail", async () => {
    const incident = await stage.declared("SEV1", true);
    stage.pass(HOUR);
    await post(incident, ["engineering"]);
    const [update] = await listStatusUpdates(stage.world.db, incident.number);
    const told = await stage.notices(`update ${update?.id}`);
    expect(told.map((notice) => notice.personId)).toEqual(["ann"]);
    expect(JSON.stringify(told)).not.toMatch(/Payments|Half the shops|checkout/);
    const rows = await listTimeline(stage.world.db, incident.number, 100, null);
    expect(rows.find((row) => row.kind === "not told")?.params).toEqual({ people: ["eve"] });
  });

  test("is refused for an audience that others can hear", async () => {
    const incident = await stage.declared("SEV1", true);
    expect((await refusalOf(post(incident, ["executives"]))).code).toBe("comms.audience_open");
  });

  test("is refused when nobody of the audience may see it", async () => {
    const incident = await stage.declared("SEV1", true);
    const refusal = await refusalOf(post(incident, ["guests"]));
    expect(refusal.code).toBe("comms.nobody_may_see");
    expect(refusal.params).toEqual({ id: incidentId(incident.number), audiences: ["guests"] });
  });

  test("takes of the severity's audiences only those that fit", async () => {
    const incident = await stage.declared("SEV1", true);
    await post(incident, []);
    const [update] = await listStatusUpdates(stage.world.db, incident.number);
    expect(update?.audiences).toEqual(["engineering"]);
  });
});
