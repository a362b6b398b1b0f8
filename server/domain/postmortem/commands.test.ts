import ICAL from "ical.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { incidentId } from "../../../contract/ids.ts";
import * as contract from "../../../contract/postmortem.ts";
import { refusalOf, reviewStage, type Stage } from "../../../test/reviewStage.ts";
import { all, sql } from "../../base/db.ts";
import { addMs, DAY, HOUR, MINUTE, toIso } from "../../base/instant.ts";
import { Raw } from "../../base/routes.ts";
import { type Actor, ENGINE } from "../account/account.ts";
import { listDeadlines } from "../deadline/store.ts";
import type { Incident } from "../incident/incident.ts";
import { addTask, doneTask, restrict, setImpact } from "../incident/record.ts";
import { close, reopen, resolve } from "../incident/respond.ts";
import { listAcceptance, listTasks, listTimeline } from "../incident/store.ts";
import { addActionItem } from "./actionItems.ts";
import { editSection, ensureDraft, publish, type SectionEdit } from "./commands.ts";
import { postmortemRoutes } from "./routes.ts";
import { findPostmortem, listSections } from "./store.ts";

let stage: Stage;
let ann: Actor;
beforeAll(async () => {
  stage = await reviewStage();
  ann = stage.as("ann");
});
afterAll(() => stage.drop());

const ensure = ({ number }: Incident) =>
  stage.run(ENGINE, (command) => ensureDraft(command, number));
const edit = ({ number }: Incident, change: SectionEdit, actor = ann) =>
  stage.run(actor, (command) => editSection(command, number, change));
const publishTo = ({ number }: Incident, audiences: string[] = [], actor = ann) =>
  stage.run(actor, (command) => publish(command, number, audiences));
const addItem = ({ number }: Incident) =>
  stage.run(ann, (command) =>
    addActionItem(command, number, {
      priority: "P1",
      title: "Add a canary",
      ownerId: "bob",
      dueAt: null,
      note: null,
    }),
  );
const routes = () => postmortemRoutes(stage.world, stage.config);
const idOf = (incident: Incident) => ({ id: incidentId(incident.number) });
const get = async (incident: Incident, actor = ann): Promise<contract.Postmortem> =>
  contract.Postmortem.parse(
    await stage.call(routes(), contract.getPostmortem, actor, { params: idOf(incident) }),
  );
const bodyOf = (postmortem: contract.Postmortem, key: contract.SectionKey) =>
  postmortem.sections.find((section) => section.key === key)!.body;
const clockOf = async (incident: Incident) =>
  (await listDeadlines(stage.world.db, incidentId(incident.number))).find(
    (row) => row.deadline.kind === "postmortem",
  )?.deadline;
const piecesOf = async ({ number }: Incident) =>
  (await listAcceptance(stage.world.db, number)).map((row) => row.piece);
const count = async ({ number }: Incident, kind: string) =>
  (await listTimeline(stage.world.db, number, 500, null)).filter((row) => row.kind === kind).length;

describe("drafting", () => {
  test("two nodes at once make one draft, one meeting and one invitation each", async () => {
    const incident = await stage.resolved("SEV1");
    await Promise.all([ensure(incident), ensure(incident), ensure(incident)]);
    await ensure(incident);
    expect(await count(incident, "postmortem drafted")).toBe(1);
    expect(await listSections(stage.world.db, incident.number)).toHaveLength(9);
    const tasks = await listTasks(stage.world.db, incident.number);
    expect(tasks.filter((task) => task.kind === "review meeting")).toHaveLength(1);
    const sent = (await stage.notices("review meeting 1")).filter((notice) =>
      notice.message.subject.includes(`${incidentId(incident.number)} `),
    );
    expect(sent.map((notice) => notice.address)).toEqual(["ann@acme.example", "max@acme.example"]);
  });

  test("a SEV1 postmortem is due 48 hours after resolving, however late the draft", async () => {
    const incident = await stage.resolved("SEV1");
    stage.pass(5 * HOUR);
    await ensure(incident);
    const clock = await clockOf(incident);
    expect(toIso(clock!.dueAt)).toBe(toIso(addMs(incident.resolvedAt!, 48 * HOUR)));
    const postmortem = await get(incident);
    expect(postmortem).toMatchObject({ state: "draft", required: true, overdue: false });
    expect(postmortem.dueAt).toBe(toIso(clock!.dueAt));
    expect(postmortem.sections.map((section) => section.key)).toEqual(contract.SECTION_KEYS);
  });

  test("it is overdue when its time has passed and it is not published", async () => {
    const incident = await stage.resolved("SEV1");
    await ensure(incident);
    stage.pass(49 * HOUR);
    expect((await get(incident)).overdue).toBe(true);
    await publishTo(incident);
    expect((await get(incident)).overdue).toBe(false);
  });

  test("where the policy demands none it is drafted only when asked for", async () => {
    const incident = await stage.resolved("SEV3");
    await ensure(incident);
    expect(await findPostmortem(stage.world.db, incident.number)).toBeNull();
    const postmortem = await get(incident, stage.as("eve"));
    expect(postmortem).toMatchObject({ required: false, dueAt: null, state: "draft" });
    expect(await listTasks(stage.world.db, incident.number)).toEqual([]);
  });

  test("before it is resolved there is none, and the refusal names the state", async () => {
    const incident = await stage.declared("SEV1");
    const refusal = await refusalOf(get(incident));
    expect(refusal.code).toBe("postmortem.not_drafted");
    expect(refusal.params).toEqual({ ...idOf(incident), state: "declared" });
  });

  test("what was closed by an override starts no clock and calls no meeting", async () => {
    const incident = await stage.resolved("SEV1");
    await stage.run(ENGINE, (command) => close(command, incident.number, "test"));
    await ensure(incident);
    expect((await get(incident)).dueAt).toBeNull();
    expect(await listTasks(stage.world.db, incident.number)).toEqual([]);
  });

  test("resolved again it is due anew from then, with what was written kept", async () => {
    const incident = await stage.resolved("SEV1");
    await ensure(incident);
    await edit(incident, { key: "lessons", body: "Roll out slowly.", version: 1 });
    await publishTo(incident);
    stage.pass(HOUR);
    await stage.run(ann, (command) => reopen(command, incident.number, "it is back"));
    await ensure(incident);
    stage.pass(HOUR);
    const again = await stage.run(ann, (command) => resolve(command, incident.number, null));
    await ensure(again);
    const postmortem = await get(again);
    expect(postmortem).toMatchObject({ state: "draft", publishedAt: null });
    expect(postmortem.dueAt).toBe(toIso(addMs(again.resolvedAt!, 48 * HOUR)));
    expect(bodyOf(postmortem, "lessons")).toBe("Roll out slowly.");
    const tasks = await listTasks(stage.world.db, incident.number);
    expect(tasks.filter((task) => task.kind === "review meeting")).toHaveLength(1);
  });

  test("a meeting that was held is followed by another when it happens again", async () => {
    const incident = await stage.resolved("SEV1");
    await ensure(incident);
    const [meeting] = await listTasks(stage.world.db, incident.number);
    await stage.run(ann, (command) => doneTask(command, incident.number, meeting!.id));
    stage.pass(HOUR);
    await stage.run(ann, (command) => reopen(command, incident.number, "it is back"));
    const again = await stage.run(ann, (command) => resolve(command, incident.number, null));
    stage.pass(MINUTE);
    await ensure(again);
    expect(await listTasks(stage.world.db, incident.number)).toHaveLength(2);
  });
});

describe("the review meeting", () => {
  test("is a dated task of the commander's, and an invitation by mail to all", async () => {
    const incident = await stage.declared("SEV2");
    await stage.run(ann, async (command) => {
      await addTask(command, incident.number, { title: "Drain", ownerId: null, dueAt: null });
    });
    await stage.run(ENGINE, (command) =>
      sql`update incident set commander_id = 'bob' where number = ${incident.number}`.execute(
        command.tx,
      ),
    );
    const resolved = await stage.run(ann, (command) => resolve(command, incident.number, null));
    await ensure(resolved);
    const tasks = await listTasks(stage.world.db, incident.number);
    const meeting = tasks.find((task) => task.kind === "review meeting")!;
    expect(meeting.ownerId).toBe("bob");
    const due = (await clockOf(resolved))!.dueAt;
    expect(meeting.dueAt).toBeGreaterThan(due);
    const sent = (await stage.notices("review meeting 1")).filter((notice) =>
      notice.message.subject.includes(`${incidentId(incident.number)} `),
    );
    // Bob is told by webhook first, but an invitation only works as a mail.
    expect(sent.map((notice) => notice.address).toSorted()).toEqual([
      "bob@acme.example",
      "max@acme.example",
    ]);
    const [file] = sent[0]!.message.attachments;
    expect(file?.type).toMatch(/^text\/calendar; method=REQUEST/);
    const event = ICAL.Component.fromString(file!.content).getFirstSubcomponent("vevent")!;
    expect(event.getFirstPropertyValue("uid")).toBe(
      `${incidentId(incident.number)}-review-1@tocsin.example`,
    );
    expect(String(event.getFirstPropertyValue("organizer"))).toBe("mailto:bob@acme.example");
    expect(event.getAllProperties("attendee")).toHaveLength(2);
  });

  test("of a restricted incident invites only who may see it and shows nothing of it", async () => {
    const incident = await stage.resolved("SEV1", true);
    await stage.run(ENGINE, (command) =>
      sql`update incident set commander_id = 'ann' where number = ${incident.number}`.execute(
        command.tx,
      ),
    );
    await ensure(incident);
    const sent = (await stage.notices("review meeting 1")).filter((notice) =>
      notice.message.lines.some((line) => line.includes(`${incidentId(incident.number)} `)),
    );
    expect(sent.map((notice) => notice.personId)).toEqual(["ann"]);
    expect(JSON.stringify(sent)).not.toMatch(/Payments|checkout/);
  });
});

describe("editing", () => {
  test("sections that nobody edited follow the facts, edited ones stay", async () => {
    const incident = await stage.resolved("SEV1");
    await ensure(incident);
    await edit(incident, { key: "summary", body: "In **short**.", version: 1 });
    await stage.run(ann, (command) =>
      setImpact(command, incident.number, { customers: "EU shops" }),
    );
    const postmortem = await get(incident);
    expect(bodyOf(postmortem, "impact")).toContain("EU shops");
    expect(bodyOf(postmortem, "summary")).toBe("In **short**.");
    expect(postmortem.sections.map((section) => section.version)).toEqual([
      2, 1, 1, 1, 1, 1, 1, 1, 1,
    ]);
  });

  test("of two edits of one version the second is refused with what the first wrote", async () => {
    const incident = await stage.resolved("SEV1");
    await ensure(incident);
    const both = await Promise.allSettled(
      ["one", "two"].map((body) => edit(incident, { key: "lessons", body, version: 1 })),
    );
    expect(both.map((result) => result.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const refusal = await refusalOf(edit(incident, { key: "lessons", body: "three", version: 1 }));
    expect(refusal.code).toBe("postmortem.section_changed");
    expect(refusal.params["version"]).toBe(2);
    expect(["one", "two"]).toContain(refusal.params["body"]);
    const kept = await edit(incident, { key: "lessons", body: "three", version: 2 });
    expect(kept.version).toBe(3);
  });

  test("the list of action items is not edited as text", async () => {
    const incident = await stage.resolved("SEV1");
    const work = edit(incident, { key: "action-items", body: "none", version: 1 });
    expect((await refusalOf(work)).code).toBe("postmortem.section_derived");
  });

  test("every version is recorded in the ledger of the incident", async () => {
    const incident = await stage.resolved("SEV1");
    await edit(incident, { key: "lessons", body: "one", version: 1 });
    const rows = await all(
      stage.world.db,
      sql<{ actorRef: string }>`select actor_ref from ledger_pending
        where stream = ${`incident:${incident.number}`} and action = 'postmortem section edited'`,
    );
    expect(rows).toEqual([{ actorRef: "person:ref-people-ann" }]);
  });

  for (const [who, code] of [
    ["eve", "access.forbidden"],
    ["bob", "incident.not_found"],
  ] as const) {
    test(`${who}, without the right in this team, is refused`, async () => {
      const incident = await stage.resolved("SEV1");
      const work = edit(incident, { key: "lessons", body: "x", version: 1 }, stage.as(who));
      expect((await refusalOf(work)).code).toBe(code);
    });
  }

  test("whoever has a part in it may edit it, also from another team", async () => {
    const incident = await stage.resolved("SEV1");
    await addItem(incident);
    const edited = await edit(incident, { key: "lessons", body: "x", version: 1 }, stage.as("bob"));
    expect(edited.version).toBe(2);
  });
});

describe("publishing", () => {
  test("shares it with engineering and leadership and stops its clock", async () => {
    const incident = await stage.resolved("SEV1");
    await ensure(incident);
    const published = await publishTo(incident);
    expect(published).toMatchObject({
      state: "published",
      audiences: ["engineering", "executives"],
    });
    expect((await clockOf(incident))?.state).toBe("met");
    const told = (await stage.notices("postmortem ")).filter((notice) =>
      notice.message.lines.some((line) => line.includes(`/${incidentId(incident.number)}/`)),
    );
    expect(told.map((notice) => notice.address)).toEqual([
      "ann@acme.example",
      "eve@acme.example",
      "executives@acme.example",
    ]);
    const before = bodyOf(await get(incident), "impact");
    await stage.run(ann, (command) => setImpact(command, incident.number, { customers: "Later" }));
    expect(bodyOf(await get(incident), "impact")).toBe(before);
  });

  test("again shares what it is now and keeps its first date", async () => {
    const incident = await stage.resolved("SEV1");
    const first = await publishTo(incident, ["engineering"]);
    stage.pass(DAY);
    const second = await publishTo(incident, ["executives"]);
    expect(second.publishedAt).toBe(first.publishedAt);
    expect(second.audiences).toEqual(["engineering", "executives"]);
  });

  test("is refused while it burns", async () => {
    const incident = await stage.resolved("SEV1");
    await ensure(incident);
    await stage.run(ann, (command) => reopen(command, incident.number, "it is back"));
    const refusal = await refusalOf(publishTo(incident));
    expect(refusal.code).toBe("postmortem.not_over");
    expect(refusal.params).toEqual({ ...idOf(incident), state: "declared" });
  });

  test("of a restricted incident is refused for an audience that others can hear", async () => {
    const incident = await stage.resolved("SEV1", true);
    const refusal = await refusalOf(publishTo(incident, ["status-page"]));
    expect(refusal.code).toBe("comms.audience_open");
  });

  test("lessons are evidence once it is published and an action item is assigned", async () => {
    const first = await stage.resolved("SEV1");
    await addItem(first);
    expect(await piecesOf(first)).not.toContain("lessons");
    await publishTo(first);
    expect(await piecesOf(first)).toContain("lessons");
  });

  test("an action item added after publishing completes the lessons", async () => {
    const incident = await stage.resolved("SEV1");
    await publishTo(incident);
    expect(await piecesOf(incident)).not.toContain("lessons");
    await addItem(incident);
    expect(await piecesOf(incident)).toContain("lessons");
    await addItem(incident);
    expect(await count(incident, "acceptance recorded")).toBe(1);
  });
});

describe("reading and exporting", () => {
  test("follows the visibility of the incident", async () => {
    const incident = await stage.resolved("SEV1");
    await ensure(incident);
    expect((await refusalOf(get(incident, stage.as("bob")))).code).toBe("incident.not_found");
    await stage.run(stage.as("max"), (command) => restrict(command, incident.number, true, []));
    expect((await refusalOf(get(incident, stage.as("eve")))).code).toBe("incident.not_found");
    expect((await get(incident)).incident).toBe(incidentId(incident.number));
  });

  test("Markdown and HTML are downloads with all nine sections", async () => {
    const incident = await stage.resolved("SEV1");
    await edit(incident, { key: "lessons", body: "**bold** <script>x</script>", version: 1 });
    for (const [route, type, ending] of [
      [contract.exportPostmortemMarkdown, "text/markdown; charset=utf-8", "md"],
      [contract.exportPostmortemHtml, "text/html; charset=utf-8", "html"],
    ] as const) {
      const file = await stage.call(routes(), route, ann, { params: idOf(incident) });
      if (!(file instanceof Raw)) throw new Error("a file was expected");
      expect(file.type).toBe(type);
      expect(file.headers["content-disposition"]).toBe(
        `attachment; filename="${incidentId(incident.number)}-postmortem.${ending}"`,
      );
      for (const title of Object.values(contract.SECTION_TITLES))
        expect(file.body).toContain(title);
      expect(String(file.body).includes("<script>")).toBe(ending === "md");
      expect(file.body).toContain(ending === "md" ? "**bold**" : "<strong>bold</strong>");
    }
  });

  test("sections are edited and published over HTTP", async () => {
    const incident = await stage.resolved("SEV1");
    const section = await stage.call(routes(), contract.editSection, ann, {
      params: { ...idOf(incident), key: "prevention" },
      body: { body: "Watch it.", version: 1 },
    });
    expect(contract.PostmortemSection.parse(section)).toEqual({
      key: "prevention",
      title: "Prevention and detection",
      body: "Watch it.",
      version: 2,
    });
    const reply = await stage.call(routes(), contract.publishPostmortem, ann, {
      params: idOf(incident),
    });
    expect(contract.Postmortem.parse(reply).state).toBe("published");
  });
});
