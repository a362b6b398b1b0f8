/** Live events on two real nodes: ids of what changed, only to those who may read it, nothing missed. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LiveChange, LiveHello } from "../contract/live.ts";
import { type Asked, eventually, startTestNode, type TestNode } from "./node.ts";

let node: TestNode;
const tokens = new Map<string, string>();

beforeAll(async () => {
  node = await startTestNode();
  for (const team of ["red", "blue"]) await node.configure("teams", team, { name: team });
  for (const [person, roles] of [
    ["ann", [{ role: "responder" }]],
    ["blue", [{ role: "viewer", team: "blue" }]],
    ["reader", [{ role: "viewer", team: "blue" }]],
    ["nobody", []],
  ] as const) {
    await node.configure("people", person, { name: person, email: `${person}@a.example`, roles });
    tokens.set(person, await node.tokenOf(person));
  }
  await node.configure("services", "till", { name: "Till", team: "red" });
});
afterAll(() => node.stop());

type Heard = {
  readonly hello: LiveHello;
  readonly changes: LiveChange[];
  /** The id to come back with. */
  lastId(): string;
  readonly ended: Promise<void>;
  helloId(): string | null;
  hangUp(): void;
};

/** Listens as somebody until it hangs up. */
async function listen(asked: Asked, query = ""): Promise<Heard> {
  const hangingUp = new AbortController();
  const reply = await fetch(`${node.address}/v1/events${query}`, {
    signal: hangingUp.signal,
    headers: {
      ...(asked.token === undefined ? {} : { authorization: `Bearer ${asked.token}` }),
      ...asked.headers,
    },
  });
  expect(reply.status).toBe(200);
  expect(reply.headers.get("content-type")).toContain("text/event-stream");
  const heard: { name: string; data: string }[] = [];
  let lastId = "";
  let helloId: string | null = null;
  let rest = "";
  const ended = (async () => {
    for await (const text of reply.body!.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split("\n\n");
      rest = parts.pop() ?? "";
      for (const part of parts) {
        const field = (name: string): string | undefined =>
          new RegExp(`^${name}: (.*)$`, "m").exec(part)?.[1];
        lastId = field("id") ?? lastId;
        helloId ??= lastId;
        const [name, data] = [field("event"), field("data")];
        if (name !== undefined && data !== undefined) heard.push({ name, data });
      }
    }
  })().catch(() => undefined);
  const hello = await eventually(async () => heard.find(({ name }) => name === "hello") ?? null);
  return {
    hello: LiveHello.parse(JSON.parse(hello.data)),
    get changes() {
      return heard
        .filter(({ name }) => name === "changed")
        .map(({ data }) => LiveChange.parse(JSON.parse(data)));
    },
    lastId: () => lastId,
    helloId: () => helloId,
    ended,
    hangUp: () => hangingUp.abort(),
  };
}

async function declare(restricted = false): Promise<string> {
  const body = {
    title: "Till is slow",
    severity: "SEV4",
    services: ["till"],
    restricted,
    readers: restricted ? ["reader"] : [],
  };
  const { status, json } = await node.ask<{ id: string }>("POST /v1/incidents", { body });
  expect(status).toBe(201);
  return json.id;
}

const as = (person: string): Asked => ({ token: tokens.get(person) ?? "" });
const tells = (heard: Heard, id: string): boolean =>
  heard.changes.some(({ incidents }) => incidents.includes(id as `INC-${number}`));
const comes = (heard: Heard, id: string) =>
  eventually(async () => (tells(heard, id) ? true : null));

describe("live events", () => {
  test("a change is told within a second, by id", async () => {
    const ann = await listen(as("ann"));
    const id = await declare();
    await comes(ann, id);
    const before = ann.changes.length;
    const note = Date.now();
    await node.ask(`POST /v1/incidents/${id}/note`, { body: { text: "Seen" } });
    await eventually(async () => (ann.changes.length > before ? true : null));
    expect(Date.now() - note).toBeLessThan(1_000);
    expect(JSON.stringify(ann.changes)).not.toContain("Seen");
    ann.hangUp();
  });

  test("what somebody may not see is not told to them, not even by its id", async () => {
    const people = ["ann", "blue", "reader", "nobody"] as const;
    const heard = await Promise.all(people.map((person) => listen(as(person))));
    const admin = await listen({ token: "an-admin-token-of-the-test" });
    const hidden = await declare(true);
    const open = await declare();
    await comes(admin, open);
    expect(tells(admin, hidden)).toBe(true);
    await comes(heard[0]!, open);
    await comes(heard[2]!, hidden);
    const told = heard.map((each) => [tells(each, hidden), tells(each, open)]);
    expect(Object.fromEntries(people.map((person, index) => [person, told[index]]))).toEqual({
      ann: [false, true],
      blue: [false, false],
      reader: [true, false],
      nobody: [false, false],
    });
    for (const each of [...heard, admin]) each.hangUp();
  });

  test("whoever comes back is told what was missed, and only that", async () => {
    const first = await listen(as("ann"));
    const before = await declare();
    await comes(first, before);
    first.hangUp();
    await first.ended;
    const missed = await declare();
    const headers = { "last-event-id": first.lastId() };
    for (const query of ["", `?after=${first.lastId()}`]) {
      const again = await listen({ ...as("ann"), ...(query === "" && { headers }) }, query);
      await comes(again, missed);
      expect(tells(again, before)).toBe(false);
      expect(again.hello.missed).toBe(false);
      // Cut off between the greeting and what was missed, they would ask for the same again.
      expect(again.helloId()).toBe(first.lastId());
      again.hangUp();
    }
  });

  test("a position that nobody gave is as good as none", async () => {
    for (const id of ["nonsense", "99999999999999999999.1", "0.0", "1.5; drop table session"]) {
      const heard = await listen({ ...as("ann"), headers: { "last-event-id": id } });
      heard.hangUp();
    }
  });

  test("who is signed out hears no more", async () => {
    const link = await node.signInLink();
    const pressed = await node.ask(`POST ${link}`, { token: null });
    const cookie = (pressed.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    const heard = await listen({ headers: { cookie } });
    const headers = { cookie, "sec-fetch-site": "same-origin" };
    const out = await node.ask("POST /v1/sign-out", { token: null, headers });
    expect(out.status).toBe(200);
    expect(out.headers.get("set-cookie")).toMatch(/Max-Age=0/);
    await heard.ended;
    expect((await node.ask("GET /v1/me", { token: null, headers: { cookie } })).status).toBe(401);
  });

  test("signed out, nothing is told at all", async () => {
    expect((await node.ask("GET /v1/events", { token: null })).status).toBe(401);
  });

  test("a token that is revoked ends its stream, a right that is taken away narrows it", async () => {
    const made = await node.ask<{ id: string; token: string }>("POST /v1/tokens", {
      body: { label: "short", person: "ann" },
    });
    const short = await listen({ token: made.json.token });
    await node.ask(`DELETE /v1/tokens/${made.json.id}`);
    await short.ended;
    await node.configure("people", "eve", {
      name: "Eve",
      email: "eve@a.example",
      roles: [{ role: "viewer" }],
    });
    const eve = await listen({ token: await node.tokenOf("eve") });
    await comes(eve, await declare());
    await node.configure("people", "eve", { name: "Eve", email: "eve@a.example", roles: [] });
    await eventually(async () =>
      eve.changes.some(({ topics }) => topics.includes("config")) ? true : null,
    );
    const ann = await listen(as("ann"));
    const later = await declare();
    await comes(ann, later);
    expect(tells(eve, later)).toBe(false);
    for (const each of [eve, ann]) each.hangUp();
  });
});
