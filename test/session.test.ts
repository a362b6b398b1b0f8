/** Signing in by the one-time link, and what the cookie that it gives is good for. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sql } from "../server/base/db.ts";
import { type Answer, startTestNode, type TestNode } from "./node.ts";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
  await node.configure("teams", "red", { name: "Red" });
  await node.configure("services", "till", { name: "Till", team: "red" });
});
afterAll(() => node.stop());

describe("signing in", () => {
  const cookieOf = (answer: Answer): string =>
    (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const signedIn = async (): Promise<string> =>
    cookieOf(await node.ask(`POST ${await node.signInLink()}`, { token: null }));

  test("a link shows a page as often as it is followed, and its button works once", async () => {
    const link = await node.signInLink();
    for (let times = 0; times < 2; times++) {
      const shown = await node.ask(`GET ${link}`, { token: null });
      expect(shown.status).toBe(200);
      expect(shown.text).toContain('<form method="post">');
      expect(shown.headers.get("set-cookie")).toBeNull();
    }
    const pressed = await node.ask(`POST ${link}`, { token: null });
    expect([pressed.status, pressed.headers.get("location")]).toEqual([303, "/"]);
    expect(pressed.headers.get("set-cookie")).toMatch(/HttpOnly; SameSite=(Lax|Strict)/);
    const again = await node.ask(`POST ${link}`, { token: null });
    expect([again.status, again.code]).toEqual([410, "access.link_spent"]);
    const me = await node.ask("GET /v1/me", {
      token: null,
      headers: { cookie: cookieOf(pressed) },
    });
    expect(me.json["grants"]).toEqual([{ role: "admin" }]);
  });

  test("of two who press at once one is signed in", async () => {
    const link = await node.signInLink();
    const both = await Promise.all([1, 2].map(() => node.ask(`POST ${link}`, { token: null })));
    expect(both.map(({ status }) => status).toSorted()).toEqual([303, 410]);
  });

  const body = { title: "By cookie", severity: "SEV4", services: ["till"] };
  for (const [from, headers, status] of [
    ["our own pages", { "sec-fetch-site": "same-origin" }, 201],
    ["a page of our origin, in an older browser", { origin: "http://tocsin.example" }, 201],
    ["another site", { "sec-fetch-site": "cross-site" }, 403],
    ["another origin", { origin: "https://evil.example" }, 403],
    ["a neighbour on the same domain", { "sec-fetch-site": "same-site" }, 403],
    ["nowhere", {}, 403],
  ] as const) {
    test(`a cookie ${status === 201 ? "counts" : "does not count"} for changes from ${from}`, async () => {
      const cookie = await signedIn();
      const answer = await node.ask("POST /v1/incidents", {
        token: null,
        headers: { ...headers, cookie },
        body,
      });
      expect(answer.status).toBe(status);
      if (status === 403) expect(answer.code).toBe("access.cross_site");
    });
  }

  test("somebody sees where they are signed in and ends one of them, nobody else's", async () => {
    await node.configure("people", "ann", { name: "Ann", email: "ann@acme.example" });
    await node.configure("people", "bo", { name: "Bo", email: "bo@acme.example" });
    const cookieFor = async (person: string): Promise<string> => {
      const asked = { body: {} };
      const link = await node.ask<{ url: string }>(`POST /v1/people/${person}/sign-in-link`, asked);
      const path = new URL(link.json.url).pathname;
      return cookieOf(await node.ask(`POST ${path}`, { token: null }));
    };
    const [here, there, other] = [
      await cookieFor("ann"),
      await cookieFor("ann"),
      await cookieFor("bo"),
    ];
    const as = (cookie: string) => ({
      token: null,
      headers: { cookie, "sec-fetch-site": "same-origin" },
    });
    type List = { items: { id: string; current: boolean }[] };
    const own = (await node.ask<List>("GET /v1/me/sessions", as(here))).json.items;
    expect(own.map(({ current }) => current).toSorted()).toEqual([false, true]);
    const away = own.find(({ current }) => !current)?.id ?? "";
    const refused = await node.ask(`DELETE /v1/me/sessions/${away}`, as(other));
    expect([refused.status, refused.code]).toEqual([404, "access.session_unknown"]);
    expect((await node.ask(`DELETE /v1/me/sessions/${away}`, as(here))).status).toBe(200);
    expect((await node.ask("GET /v1/me", as(there))).status).toBe(401);
    expect((await node.ask("GET /v1/me", as(here))).status).toBe(200);
    // A token of their own acts as them; nobody else revokes it, and no token makes another.
    type Made = { id: string; token: string };
    const body = { label: "laptop" };
    const made = await node.ask<Made>("POST /v1/me/tokens", { ...as(here), body });
    expect(made.status, made.text).toBe(201);
    const { id, token } = made.json;
    const asThat = await node.ask<{ person: string }>("GET /v1/me", { token });
    expect(asThat.json.person).toBe("ann");
    expect((await node.ask("POST /v1/me/tokens", { token, body })).code).toBe(
      "access.browser_only",
    );
    const { json: others } = await node.ask<{ items: [] }>("GET /v1/me/tokens", as(other));
    expect(others.items).toEqual([]);
    expect((await node.ask(`DELETE /v1/me/tokens/${id}`, as(other))).code).toBe(
      "access.token_unknown",
    );
    expect((await node.ask(`DELETE /v1/me/tokens/${id}`, as(here))).status).toBe(200);
    expect((await node.ask("GET /v1/me", { token })).status).toBe(401);
  });

  test("the audit trail names who came in and who changed what, and is an administrator's to read", async () => {
    const email = "cy@acme.example";
    await node.configure("people", "cy", { name: "Cy", email, roles: [{ role: "viewer" }] });
    const token = await node.tokenOf("cy");
    const link = await node.ask<{ url: string }>("POST /v1/people/cy/sign-in-link", { body: {} });
    await node.ask(`POST ${new URL(link.json.url).pathname}`, { token: null });
    type Entry = { action: string; by: object; about: { kind: string; id: string | null } };
    type Trail = { items: Entry[]; next: string | null };
    const trail = async (query: string): Promise<Trail> =>
      (await node.ask<Trail>(`GET /v1/audit?${query}`)).json;
    const ofCy = (await trail("person=cy")).items;
    expect(ofCy.map(({ action }) => action)).toEqual(["signed in by link", "sign-in link created"]);
    expect(ofCy[0]?.by).toEqual({ kind: "person", id: "cy" });
    expect(ofCy[1]?.about).toEqual({ kind: "person", id: "cy" });
    const [change] = (await trail("part=config&limit=1")).items;
    expect(change).toMatchObject({ action: "config create", about: { kind: "people", id: "cy" } });
    // Page by page it is the whole trail, each entry once.
    const whole = (await trail("limit=500")).items;
    const first = await trail("limit=3");
    const second = await trail(`limit=3&cursor=${first.next}`);
    expect([...first.items, ...second.items]).toEqual(whole.slice(0, 6));
    expect((await trail("until=2020-01-01T00:00:00.000Z")).items).toEqual([]);
    expect((await trail("person=nobody-here")).items).toEqual([]);
    expect((await node.ask("GET /v1/audit", { token })).code).toBe("access.forbidden");
    const { rows } = await sql<{ plan: string }>`explain select id from ledger_pending
      where split_part(stream, ':', 1) in ('access', 'config', 'oncall', 'silences', 'runbook')
      order by id desc limit 10`.execute(node.store.db);
    expect(JSON.stringify(rows)).toContain("ledger_pending_audit");
  });

  test("whoever tries links one after the other is told to wait", async () => {
    const answers = [];
    for (let times = 0; times < 80; times++)
      answers.push(await node.ask(`POST /signin/${"x".repeat(32)}`, { token: null }));
    const last = answers.at(-1);
    expect([last?.status, last?.code]).toEqual([429, "server.too_many_requests"]);
    expect(answers[0]?.code).toBe("access.link_spent");
  });

  test("a cookie that nobody gave is nobody's", async () => {
    const headers = { cookie: "tocsin=made-up" };
    expect((await node.ask("GET /v1/me", { token: null, headers })).status).toBe(401);
  });
});
