/**
 * The role matrix over what a browser has open: live events name an incident only to those who may see it, home and the page
 * of an incident come drawn with it for them alone, and the other pages of the web app hold nothing that belongs to anybody.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { run, sql } from "../server/base/db.ts";
import { WEB_PATHS } from "../contract/pages.ts";
import { ensureWebApp } from "../server/app/local/buildWeb.ts";
import { everybody, SECRET, type Who } from "./everybody.ts";
import { eventually, startTestNode, type TestNode } from "./node.ts";

let node: TestNode;
const tokens = new Map<string, string>();
let ordinary: string;
let restricted: string;

beforeAll(async () => {
  node = await startTestNode();
  for (const team of ["red", "blue"]) await node.configure("teams", team, { name: team });
  for (const { name, grants } of everybody) {
    await node.configure("people", name, { name, email: `${name}@acme.example`, roles: grants });
    tokens.set(name, await node.tokenOf(name));
  }
  await node.configure("services", "till", { name: "Till", team: "red" });
  const declare = async (isRestricted: boolean): Promise<string> => {
    const body = {
      title: isRestricted ? `${SECRET} leaked` : "Till is slow",
      severity: "SEV4",
      services: ["till"],
      restricted: isRestricted,
      readers: isRestricted ? everybody.filter(({ named }) => named).map(({ name }) => name) : [],
    };
    return (await node.ask<{ id: string }>("POST /v1/incidents", { body })).json.id;
  };
  ordinary = await declare(false);
  restricted = await declare(true);
});
afterAll(() => node.stop());

/** Written down in another way than the server decides it. */
function maySee({ grants, named }: Who, isRestricted: boolean): boolean {
  if (grants.some(({ role, team }) => role === "admin" && team === undefined)) return true;
  if (isRestricted) return named === true;
  return grants.some(({ team }) => team === undefined || team === "red");
}

/** Whether they may ask for what stands on home at all. */
const mayAsk = (who: Who | null): boolean => who !== null && who.grants.length > 0;

type Listener = { readonly who: Who; text: string };

const calls: AbortController[] = [];
afterEach(() => {
  for (const call of calls.splice(0)) call.abort();
});

async function listen(who: Who): Promise<Listener> {
  const call = new AbortController();
  calls.push(call);
  const reply = await fetch(`${node.address}/v1/events`, {
    signal: call.signal,
    headers: { authorization: `Bearer ${tokens.get(who.name)}` },
  });
  expect(reply.status, who.name).toBe(200);
  const listener: Listener = { who, text: "" };
  void (async () => {
    for await (const part of reply.body!.pipeThrough(new TextDecoderStream()))
      listener.text += part;
  })().catch(() => undefined);
  return listener;
}

describe("live events", () => {
  test("name an incident to whom may see it, and to nobody else", async () => {
    const listeners = await Promise.all(everybody.map(listen));
    for (const { text } of [{ text: "a" }, { text: "b" }])
      for (const id of [ordinary, restricted])
        await node.ask(`POST /v1/incidents/${id}/note`, { body: { text: `${SECRET} ${text}` } });
    // Configuration is told to everybody, after what came before it.
    await node.configure("teams", "fence", { name: "Fence" });
    await eventually(async () =>
      listeners.every(({ text }) => text.includes('"config"')) ? true : null,
    );
    const heard = listeners.map(({ who, text }) => [
      who.name,
      text.includes(`"${ordinary}"`),
      text.includes(`"${restricted}"`),
    ]);
    expect(heard).toEqual(
      everybody.map((who) => [who.name, maySee(who, false), maySee(who, true)]),
    );
    // Both kinds of answers are there, so that the comparison means something.
    expect(new Set(heard.map(([, , one]) => one)).size).toBe(2);
    for (const { text } of listeners) expect(text).not.toContain(SECRET);
  });
});

describe("who has a page open", () => {
  const enter = (name: string, incident: string) =>
    node.ask<{ people: { person: string }[] }>(`POST /v1/incidents/${incident}/presence`, {
      token: tokens.get(name) ?? null,
      body: { tab: `tab-of-${name}` },
    });

  test("is told to whom may see the incident, and ends when they leave", async () => {
    const listeners = await Promise.all(everybody.map(listen));
    const { json } = await enter("named-responder", restricted);
    expect(json.people.map(({ person }) => person)).toEqual(["named-responder"]);
    const told = (): string[] =>
      listeners.flatMap(({ who, text }) =>
        text.includes("event: present") && text.includes(`"${restricted}"`) ? [who.name] : [],
      );
    const readers = everybody.filter((who) => maySee(who, true)).map(({ name }) => name);
    await eventually(async () => (told().length >= readers.length ? true : null));
    // Configuration is told to everybody, after what came before it.
    await node.configure("teams", "hedge", { name: "Hedge" });
    await eventually(async () =>
      listeners.every(({ text }) => text.includes('"config"')) ? true : null,
    );
    expect(told().toSorted()).toEqual(readers.toSorted());
    const outside = everybody.find((who) => !maySee(who, true))!;
    expect((await enter(outside.name, restricted)).status).not.toBe(200);
    await node.ask(`DELETE /v1/incidents/${restricted}/presence/tab-of-named-responder`, {
      token: tokens.get("named-responder") ?? null,
    });
    const left = await node.ask<{ people: unknown[] }>(`GET /v1/incidents/${restricted}/presence`);
    expect(left.json.people).toEqual([]);
    const admin = listeners.find(({ who }) => who.name === "admin-everywhere");
    const times = (): number => (admin?.text.match(/event: present/g) ?? []).length;
    // Who comes back before anybody looked was never away: that would be told to nobody.
    await eventually(async () => (times() === 2 ? true : null));
    // Whoever leaves without a word is gone when the time of the tab has run out, and that is told too.
    await enter("named-responder", restricted);
    await eventually(async () => (times() === 3 ? true : null));
    await run(node.store.db, sql`update presence set until = 0`);
    await eventually(async () => (times() === 4 ? true : null));
  });
});

describe("the pages of the web app", () => {
  const sessionOf = async (person: string): Promise<string> => {
    const { json } = await node.ask<{ url: string }>(`POST /v1/people/${person}/sign-in-link`, {
      body: {},
    });
    const path = new URL(json.url).pathname;
    const { headers } = await node.ask(`POST ${path}`, { token: null, raw: "" });
    return (headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  };
  const html = { accept: "text/html" };

  test("of an incident, and home, come drawn for whoever may see it, and hold nothing of it for others", async () => {
    await ensureWebApp(() => undefined);
    const incidents = [ordinary, restricted].map((id) => ({ id, isRestricted: id === restricted }));
    const titles = { [ordinary]: "Till is slow", [restricted]: `${SECRET} leaked` };
    const drawn: boolean[] = [];
    for (const who of [...everybody, null]) {
      const headers = {
        ...html,
        cookie: who === null ? "tocsin=forged" : await sessionOf(who.name),
      };
      for (const { id, isRestricted } of incidents) {
        const { status, text } = await node.ask(`GET /incidents/${id}`, { token: null, headers });
        // Whoever is named but has no role is told less around it: the app draws what they get.
        const sees = mayAsk(who) && maySee(who!, isRestricted);
        drawn.push(sees);
        const found = [
          status,
          text.includes(`${titles[id]}</h1>`),
          text.includes(titles[id] ?? ""),
          // Also not beside it, in what burns.
          text.includes(titles[restricted] ?? ""),
        ];
        const expected = [200, sees, sees, sees && maySee(who!, true)];
        expect([who?.name, id, ...found]).toEqual([who?.name, id, ...expected]);
        expect(text.includes("data-place="), `${who?.name} ${id}`).toBe(who !== null);
      }
      const home = (await node.ask("GET /", { token: null, headers })).text;
      const burns = incidents.map(({ id }) => home.includes(titles[id] ?? ""));
      const expected = incidents.map((each) => mayAsk(who) && maySee(who!, each.isRestricted));
      expect([who?.name, home.includes("data-drawn="), ...burns]).toEqual([
        who?.name,
        mayAsk(who),
        ...expected,
      ]);
    }
    expect(new Set(drawn).size).toBe(2);
    // A session that was ended elsewhere is none.
    const cookie = await sessionOf("admin-everywhere");
    await node.ask("POST /v1/sign-out", {
      token: null,
      headers: { cookie, origin: node.address },
      body: {},
    });
    const { text } = await node.ask(`GET /incidents/${restricted}`, {
      token: null,
      headers: { ...html, cookie },
    });
    expect(text).not.toContain(SECRET);
  }, 60_000);

  test("are the same for everybody without a session, and hold no data", async () => {
    for (const path of WEB_PATHS) {
      const address = path.replace(/:\w+/g, restricted);
      const asked = await Promise.all(
        [null, ...everybody.map(({ name }) => tokens.get(name) ?? null)].map((token) =>
          node.ask(`GET ${address}`, { token, headers: { accept: "text/html" } }),
        ),
      );
      const [first] = asked;
      for (const { status, text } of asked) {
        expect([status, text], path).toEqual([first?.status, first?.text]);
        for (const word of [SECRET, "Till", "acme.example", restricted])
          expect(text, path).not.toContain(word);
      }
    }
  });
});
