/** Calendars that programs subscribe to: right, stable from fetch to fetch, and secret. */
import ICAL from "ical.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run, sql } from "../server/base/db.ts";
import type { HttpOutbound, Reply } from "../server/base/transport.ts";
import { eventually, startTestNode, type TestNode } from "./node.ts";

let node: TestNode;
/** What stands behind the address of a calendar, and how it was asked. */
let answer: Reply;
const asked: HttpOutbound[] = [];
const mails: string[] = [];
beforeAll(async () => {
  node = await startTestNode({
    async send(outbound) {
      if (outbound.via === "mail") {
        mails.push(outbound.subject);
        return { kind: "mail", code: 250, text: "2.0.0 taken" };
      }
      asked.push(outbound);
      return answer;
    },
  });
  await node.configure("channels", "mail", { type: "email", from: "tocsin@example.test" });
  for (const [id, role] of [
    ["ada", "responder"],
    ["bob", "viewer"],
  ] as const)
    await node.configure("people", id, {
      name: id === "ada" ? "Ada, the first" : "Bob",
      email: `${id}@example.test`,
      contacts: [{ channel: "mail", address: `${id}@example.test` }],
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
    expect((await node.ask(`GET ${wrong}`, { token: null })).code).toBe("oncall.feed_unknown");
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

const away = (...days: readonly string[]): string =>
  [
    "BEGIN:VCALENDAR",
    ...days.flatMap((day) => [
      "BEGIN:VEVENT",
      `UID:${day}`,
      "SUMMARY:Leave: a secret place",
      `DTSTART;VALUE=DATE:${day}`,
      "END:VEVENT",
    ]),
    "END:VCALENDAR",
  ].join("\r\n");

test("leave is read from a calendar at a secret address: what is gone from it is leave no more", async () => {
  type Feed = { failure: string | null; leave: { startsAt: string }[]; readAt: string | null };
  const path = "/v1/people/ada/leave-feed";
  const ada = await node.tokenOf("ada");
  const bob = await node.tokenOf("bob");
  const url = "https://calendar.example.test/secret/ada.ics";
  const calendar = (text: string, etag: string): Reply => ({
    kind: "http",
    status: 200,
    headers: { etag },
    body: text,
  });
  const status = (status: number): Reply => ({ kind: "http", status, headers: {}, body: "" });
  const read = async (): Promise<Feed> =>
    (await node.ask<{ feed: Feed }>(`GET ${path}`, { token: ada })).json.feed;
  /** Has it asked now, and waits until that is recorded. */
  const again = async (until: (feed: Feed) => boolean): Promise<Feed> => {
    await run(node.store.db, sql`update leave_feed set due_at = 0`);
    await run(node.store.db, sql`select pg_notify('tocsin_nudge', '')`);
    return eventually(async () => {
      const feed = await read();
      return until(feed) ? feed : null;
    });
  };
  const year = new Date().getUTCFullYear();
  answer = calendar(away(`${year + 1}0105`, `${year + 1}0107`), '"one"');
  expect((await node.ask(`PUT ${path}`, { token: bob, body: { url } })).code).toBe(
    "leave.not_yours",
  );
  for (const wrong of ["ftp://a.example/c.ics", "http://a.example/c.ics", "https://u:p@a.example/"])
    expect((await node.ask(`PUT ${path}`, { token: ada, body: { url: wrong } })).status).toBe(400);
  const said = await node.ask(`PUT ${path}`, { token: ada, body: { url } });
  expect([said.status, said.text.includes("secret")]).toEqual([200, false]);
  expect((await again(({ leave }) => leave.length === 2)).failure).toBeNull();
  expect(asked.at(-1)).toMatchObject({ url, headers: { Accept: "text/calendar" } });
  // Unchanged: asked by its mark, and what is known stays.
  answer = status(304);
  const before = asked.length;
  await again(() => asked.length > before);
  expect(asked.at(-1)?.headers["If-None-Match"]).toBe('"one"');
  expect((await read()).leave).toHaveLength(2);
  // An event was taken out.
  answer = calendar(away(`${year + 1}0107`), '"two"');
  await again(({ leave }) => leave.length === 1);
  // What cannot be read takes nothing away, and is told at the third time, once.
  for (const [broken, words] of [
    [status(500), /answered 500/],
    [calendar("not a calendar", "x"), /no calendar.*[^.]$/],
    [status(503), /answered 503/],
  ] as const) {
    answer = broken;
    expect((await again(({ failure }) => words.test(failure ?? ""))).leave).toHaveLength(1);
  }
  expect(await eventually(async () => mails[0] ?? null)).toMatch(/leave can no longer be read/);
  // The other side says that there is no such calendar any more.
  answer = status(410);
  await again(({ leave }) => leave.length === 0);
  expect(mails).toHaveLength(1);
  answer = calendar(away(`${year + 1}0107`), '"three"');
  await again(({ leave, failure }) => leave.length === 1 && failure === null);
  const { rows } = await node.store.db.pool.query<{ sealed: Buffer }>(
    "select sealed from leave_feed",
  );
  expect(rows[0]?.sealed.includes("secret")).toBe(false);
  expect((await node.ask(`DELETE ${path}`, { token: ada })).json).toEqual({ removed: true });
  const left = await node.store.db.pool.query("select from leave_feed_span");
  expect(left.rowCount).toBe(0);
}, 60_000);
