import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { actionItemId, actionItemNumber, incidentId } from "../../../contract/ids.ts";
import * as contract from "../../../contract/postmortem.ts";
import { refusalOf, reviewStage, type Stage } from "../../../test/reviewStage.ts";
import { addMs, DAY, HOUR, toIso } from "../../base/instant.ts";
import { type Actor, ENGINE } from "../account/account.ts";
import { dueMarks } from "../deadline/deadline.ts";
import { type DeadlineRow, listDeadlines, saveDeadline } from "../deadline/store.ts";
import type { Incident } from "../incident/incident.ts";
import { cancel } from "../incident/respond.ts";
import { listTimeline } from "../incident/store.ts";
import { actionItemMarks } from "./actionItemClocks.ts";
import { postmortemRoutes } from "./routes.ts";

let stage: Stage;
let ann: Actor;
beforeAll(async () => {
  stage = await reviewStage();
  ann = stage.as("ann");
});
afterAll(() => stage.drop());

const routes = () => postmortemRoutes(stage.world, stage.config);
const add = async (
  incident: Incident,
  more: Record<string, unknown> = {},
  actor = ann,
): Promise<contract.ActionItem> =>
  contract.ActionItem.parse(
    await stage.call(routes(), contract.addActionItem, actor, {
      params: { id: incidentId(incident.number) },
      body: { priority: "P0", title: "Add a canary", owner: "ann", ...more },
    }),
  );
const change = async (
  item: contract.ActionItem,
  body: Record<string, unknown>,
  actor = ann,
): Promise<contract.ActionItem> =>
  contract.ActionItem.parse(
    await stage.call(routes(), contract.changeActionItem, actor, { params: { id: item.id }, body }),
  );
const list = async (query: Record<string, string>, actor = ann) =>
  contract.listActionItems.reply.parse(
    await stage.call(routes(), contract.listActionItems, actor, { query }),
  );
const clockOf = async (subject: string): Promise<DeadlineRow> =>
  (await listDeadlines(stage.world.db, subject))[0]!;

/**
 * What the engine does with a clock that is due: its marks fire, then their consequence is drawn.
 */
async function fire(subject: string): Promise<void> {
  await stage.run(ENGINE, async (command) => {
    const row = await clockOf(subject);
    const { deadline, fired } = dueMarks(row.deadline, command.now);
    const mark = fired.at(-1);
    if (mark === undefined) throw new Error("nothing was due");
    const changed = { ...row, deadline };
    await saveDeadline(command.tx, changed);
    if (subject.startsWith("team:")) await actionItemMarks.team(command, "shop", changed, mark);
    else await actionItemMarks.actionItem(command, actionItemNumber(subject), changed, mark);
  });
}

describe("adding", () => {
  test("gives it a due time by priority and a running clock, and tells its owner", async () => {
    const incident = await stage.resolved("SEV1");
    const item = await add(incident, { owner: "bob" });
    expect(item).toMatchObject({ status: "open", owner: "bob", overdue: false, doneAt: null });
    expect(item.dueAt).toBe(toIso(addMs(stage.now(), 7 * DAY)));
    const { deadline } = await clockOf(item.id);
    expect(deadline).toMatchObject({ kind: "action item", state: "running", source: "defaults" });
    expect(toIso(deadline.dueAt)).toBe(item.dueAt);
    const told = await stage.notices(`${item.id} given`);
    expect(told.map((notice) => notice.personId)).toEqual(["bob"]);
    expect(told[0]?.message.subject).toContain("Add a canary");
  });

  test("a due time of its own counts, if it is ahead", async () => {
    const incident = await stage.resolved("SEV1");
    const dueAt = toIso(addMs(stage.now(), 3 * DAY + 7));
    expect((await add(incident, { dueAt })).dueAt).toBe(dueAt);
    const past = add(incident, { dueAt: toIso(stage.now()) });
    expect((await refusalOf(past)).code).toBe("action_item.due_past");
  });

  test("an owner nobody knows is refused", async () => {
    const incident = await stage.resolved("SEV1");
    expect((await refusalOf(add(incident, { owner: "zoe" }))).code).toBe("incident.unknown_person");
  });

  test("a cancelled incident owes none", async () => {
    const incident = await stage.declared("SEV1");
    await stage.run(ann, (command) =>
      cancel(command, incident.number, { reason: "false alarm", of: null, note: null }),
    );
    expect((await refusalOf(add(incident))).code).toBe("action_item.not_owed");
  });

  test("those who only read may not add any", async () => {
    const incident = await stage.resolved("SEV1");
    const work = add(incident, {}, stage.as("eve"));
    expect((await refusalOf(work)).code).toBe("access.forbidden");
  });
});

describe("changing", () => {
  test("done meets its clock, open again starts it for the same due time", async () => {
    const item = await add(await stage.resolved("SEV1"));
    stage.pass(HOUR);
    const done = await change(item, { status: "done", note: "shipped" });
    expect(done).toMatchObject({ status: "done", doneAt: toIso(stage.now()), note: "shipped" });
    expect((await clockOf(item.id)).deadline.state).toBe("met");
    expect((await change(item, { status: "open" })).doneAt).toBeNull();
    const { deadline } = await clockOf(item.id);
    expect(deadline.state).toBe("running");
    expect(toIso(deadline.dueAt)).toBe(item.dueAt);
  });

  test("dropped takes the promise back, with the reason", async () => {
    const item = await add(await stage.resolved("SEV1"));
    await change(item, { status: "dropped", note: "service retired" });
    const { deadline } = await clockOf(item.id);
    expect(deadline).toMatchObject({ state: "withdrawn", withdrawnBecause: "service retired" });
  });

  test("a new due time moves its clock, a new owner is told and may act", async () => {
    const incident = await stage.resolved("SEV1");
    const item = await add(incident);
    const denied = change(item, { status: "in progress" }, stage.as("bob"));
    expect((await refusalOf(denied)).code).toBe("action_item.not_found");
    const dueAt = toIso(addMs(stage.now(), 2 * DAY));
    await change(item, { dueAt, owner: "bob" });
    expect(toIso((await clockOf(item.id)).deadline.dueAt)).toBe(dueAt);
    expect((await stage.notices(`${item.id} given`)).map((notice) => notice.personId)).toEqual([
      "ann",
      "bob",
    ]);
    const begun = await change(item, { status: "in progress" }, stage.as("bob"));
    expect(begun.status).toBe("in progress");
    const rows = await listTimeline(stage.world.db, incident.number, 100, null);
    const kinds = rows.map((row) => row.kind).filter((kind) => kind.startsWith("action item"));
    expect(kinds).toEqual([
      "action item added",
      "action item owner",
      "action item due",
      "action item changed",
    ]);
  });

  test("two changes at once both count", async () => {
    const item = await add(await stage.resolved("SEV1"));
    const dueAt = toIso(addMs(stage.now(), 2 * DAY));
    await Promise.all([change(item, { status: "in progress" }), change(item, { dueAt })]);
    const [now] = (await list({ incident: item.incident })).items;
    expect(now).toMatchObject({ status: "in progress", dueAt });
  });

  test("one that is not there is refused by its id", async () => {
    const item = await add(await stage.resolved("SEV1"));
    const refusal = await refusalOf(change({ ...item, id: "AI-99999" }, { status: "done" }));
    expect(refusal.params).toEqual({ id: "AI-99999" });
  });
});

describe("the list", () => {
  test("is filtered by status, owner and overdue, earliest due first, page by page", async () => {
    const incident = await stage.resolved("SEV1");
    const of = { incident: incidentId(incident.number) };
    const late = await add(incident, { dueAt: toIso(addMs(stage.now(), HOUR)) });
    const soon = await add(incident, { owner: "bob" });
    const later = await add(incident, { priority: "P2" });
    const done = await add(incident, { dueAt: toIso(addMs(stage.now(), 2 * HOUR)) });
    await change(done, { status: "done" });
    stage.pass(3 * HOUR);
    const ids = async (query: Record<string, string>) =>
      (await list({ ...of, ...query })).items.map((item) => item.id);
    expect(await ids({})).toEqual([late.id, done.id, soon.id, later.id]);
    expect(await ids({ status: "unfinished" })).toEqual([late.id, soon.id, later.id]);
    expect(await ids({ status: "done" })).toEqual([done.id]);
    expect(await ids({ owner: "bob" })).toEqual([soon.id]);
    expect(await ids({ overdue: "true" })).toEqual([late.id]);
    expect(await ids({ overdue: "false", priority: "P0" })).toEqual([done.id, soon.id]);
    const first = await list({ ...of, limit: "3" });
    const rest = await list({ ...of, limit: "3", cursor: first.next! });
    expect(rest.items.map((item) => item.id)).toEqual([later.id]);
    expect(rest.next).toBeNull();
    expect(first.items[0]?.overdue).toBe(true);
  });

  test("shows nothing of incidents that the reader may not see", async () => {
    const open = await add(await stage.resolved("SEV1"));
    const hidden = await add(await stage.resolved("SEV1", true));
    const seen = async (actor: Actor) =>
      (await list({ limit: "500" }, actor)).items.map((item) => item.id);
    expect(await seen(ann)).toEqual(expect.arrayContaining([open.id, hidden.id]));
    expect(await seen(stage.as("eve"))).toContain(open.id);
    expect(await seen(stage.as("eve"))).not.toContain(hidden.id);
  });

  test("a cursor of another list is refused", async () => {
    const cursor = Buffer.from('[1,"abc"]').toString("base64url");
    expect((await refusalOf(list({ cursor }))).code).toBe("request.cursor");
  });
});

describe("its clock", () => {
  test("reminds the owner on the way and tells the manager too when it is missed", async () => {
    const incident = await stage.resolved("SEV1");
    const item = await add(incident);
    stage.pass(6 * DAY);
    await fire(item.id);
    const warned = await stage.notices(`${item.id} clock`);
    expect(warned.map((notice) => notice.personId)).toEqual(["ann"]);
    stage.pass(2 * DAY);
    await fire(item.id);
    const missed = await stage.notices(`${item.id} clock 100`);
    expect(missed.map((notice) => notice.personId)).toEqual(["ann", "max"]);
    expect(missed[0]?.message.subject).toContain("overdue since");
    const rows = await listTimeline(stage.world.db, incident.number, 100, null);
    expect(rows.find((row) => row.kind === "breached")?.params["deadline"]).toBe(item.id);
  });

  test("of a restricted incident is silent to who may not see it", async () => {
    const item = await add(await stage.resolved("SEV1", true));
    stage.pass(8 * DAY);
    await fire(item.id);
    const told = await stage.notices(`${item.id} `);
    expect(new Set(told.map((notice) => notice.personId))).toEqual(new Set(["ann"]));
    expect(JSON.stringify(told.map((notice) => notice.message))).not.toContain("canary");
  });
});

test("open items are reviewed weekly: the manager hears of all, owners of theirs", async () => {
  const own = await reviewStage();
  const shared = stage;
  stage = own;
  try {
    const incident = await stage.resolved("SEV1");
    const late = await add(incident, { dueAt: toIso(addMs(stage.now(), HOUR)) });
    const begun = (await clockOf("team:shop")).deadline;
    expect(toIso(begun.dueAt)).toBe(toIso(addMs(stage.now(), 7 * DAY)));
    stage.pass(HOUR);
    const other = await add(incident, { owner: "bob", priority: "P2" });
    expect((await clockOf("team:shop")).deadline.dueAt).toBe(begun.dueAt);

    stage.pass(6 * DAY);
    await fire("team:shop");
    expect(await stage.notices("action item review")).toEqual([]);

    stage.pass(DAY);
    await fire("team:shop");
    const told = await stage.notices("action item review");
    expect(told.map((notice) => notice.personId)).toEqual(["ann", "bob", "max"]);
    const [toAnn, toBob, toMax] = told.map((notice) => notice.message);
    expect(toMax?.subject).toBe("2 open action items of Shop, 1 overdue");
    expect(toMax?.lines.map((line) => line.split(" ")[0])).toEqual([late.id, other.id]);
    expect(toMax?.lines[0]).toContain("Overdue since");
    expect(toAnn?.lines).toHaveLength(1);
    expect(toBob?.lines[0]).toContain(other.id);
    const next = (await clockOf("team:shop")).deadline;
    expect(toIso(next.dueAt)).toBe(toIso(addMs(stage.now(), 7 * DAY)));

    await change(late, { status: "done" });
    await change(other, { status: "dropped" });
    stage.pass(8 * DAY);
    await fire("team:shop");
    expect((await clockOf("team:shop")).deadline.state).toBe("withdrawn");
    expect(await stage.notices("action item review")).toHaveLength(3);

    await change(late, { status: "open" });
    expect((await clockOf("team:shop")).deadline.state).toBe("running");
    expect(actionItemId(1)).toBe(late.id);
  } finally {
    stage = shared;
    await own.drop();
  }
});
