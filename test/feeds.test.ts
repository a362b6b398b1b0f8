/** Calendars that programs subscribe to: right, stable from fetch to fetch, and secret. */
import ICAL from "ical.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestNode, type TestNode } from "./node.ts";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
  for (const [id, role] of [
    ["ada", "responder"],
    ["bob", "viewer"],
  ] as const)
    await node.configure("people", id, {
      name: id === "ada" ? "Ada, the first" : "Bob",
      email: `${id}@example.test`,
      roles: [{ role }],
    });
  const layer = { name: "Weekly", people: ["ada", "bob"], every: "week", startsOn: "2026-01-05" };
  await node.configure("schedules", "core", {
    name: "Core; primary",
    timezone: "Europe/Berlin",
    layers: [layer],
  });
  await node.configure("schedules", "alone", {
    name: "Alone",
    timezone: "UTC",
    layers: [{ ...layer, people: ["bob"] }],
  });
});
afterAll(() => node.stop());

type Event = { uid: string; summary: string; start: number; end: number };

async function eventsOf(url: string): Promise<readonly Event[]> {
  const reply = await node.ask(`GET ${new URL(url).pathname}`, { token: null });
  expect([reply.status, reply.headers.get("content-type")]).toEqual([
    200,
    "text/calendar; charset=utf-8",
  ]);
  const calendar = new ICAL.Component(ICAL.parse(reply.text));
  return calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    const [start, end] = [event.startDate.toJSDate().getTime(), event.endDate.toJSDate().getTime()];
    return { uid: event.uid, summary: event.summary, start, end };
  });
}

const give = async (of: string, id: string, token?: string): Promise<string> => {
  const reply = await node.ask<{ url: string }>(
    `GET /v1/feeds/${of}/${id}`,
    token === undefined ? {} : { token },
  );
  expect(reply.status).toBe(200);
  return reply.json.url;
};

/** A calendar has whole seconds. */
const inHours = (hours: number): string =>
  new Date(Math.ceil(Date.now() / 1_000) * 1_000 + hours * 3_600_000).toISOString();

test("a schedule's calendar covers every instant with whoever has it", async () => {
  const events = await eventsOf(await give("schedule", "core"));
  expect(events.length).toBeGreaterThan(28);
  expect(new Set(events.map(({ summary }) => summary))).toEqual(
    new Set(["Ada, the first: Core; primary", "Bob: Core; primary"]),
  );
  events.slice(1).forEach((event, at) => expect(event.start).toBe(events[at]!.end));
  expect(new Set(events.map(({ uid }) => uid)).size).toBe(events.length);
});

test("events keep their identity from fetch to fetch, also at the edges of what is shown", async () => {
  const url = await give("schedule", "core");
  const [first, second] = [await eventsOf(url), await eventsOf(url)];
  expect(second.map(({ uid }) => uid)).toEqual(first.map(({ uid }) => uid));
  const alone = await eventsOf(await give("schedule", "alone"));
  expect(new Set(alone.map(({ uid }) => uid)).size).toBe(alone.length);
});

test("an override is in the calendar of both whom it concerns", async () => {
  const startsAt = inHours(1);
  const endsAt = inHours(2);
  const made = await node.ask("POST /v1/schedules/core/overrides", {
    body: { person: "ada", startsAt, endsAt },
  });
  expect(made.status).toBe(201);
  const mine = await eventsOf(await give("person", "ada"));
  expect(mine.every(({ summary }) => summary.startsWith("On call: "))).toBe(true);
  const covers = ({ start, end }: Event) =>
    start <= Date.parse(startsAt) && end >= Date.parse(endsAt);
  expect(mine.some(covers)).toBe(true);
  const bobs = await eventsOf(await give("person", "bob"));
  expect(bobs.filter(({ summary }) => summary.includes("Core")).some(covers)).toBe(false);
});

test("a person's address is given to that person and to whoever manages access", async () => {
  const [ada, bob] = [await node.tokenOf("ada"), await node.tokenOf("bob")];
  await give("person", "ada", ada);
  expect((await node.ask("GET /v1/feeds/person/ada", { token: bob })).code).toBe(
    "access.forbidden",
  );
  expect((await node.ask("GET /v1/feeds/person/nobody")).code).toBe("incident.unknown_person");
  expect((await node.ask("GET /v1/feeds/schedule/nothing")).code).toBe("oncall.unknown_schedule");
});

test("an address that was guessed, altered or renewed away opens nothing", async () => {
  const url = await give("schedule", "core");
  const path = new URL(url).pathname;
  const refused = async (wrong: string) =>
    expect((await node.ask(`GET ${wrong}`, { token: null })).code).toBe("page.link_invalid");
  await refused(path.replace("core", "alone"));
  await refused(path.replace("/schedule/", "/person/"));
  await refused(path.replace(/.{6}\.ics$/, "AAAAAA.ics"));
  const renewed = await node.ask<{ url: string }>("POST /v1/feeds/schedule/core/renew", {
    body: {},
  });
  await refused(path);
  await eventsOf(renewed.json.url);
  const bob = await node.tokenOf("bob");
  expect(
    (await node.ask("POST /v1/feeds/schedule/core/renew", { token: bob, body: {} })).code,
  ).toBe("access.forbidden");
});
