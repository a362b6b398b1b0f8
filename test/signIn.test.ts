/** The ways in, from outside: password, mailed link, break-glass; and what their cookies are good for. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { request as requestTls } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { all, run, sql } from "../server/base/db.ts";
import type { MailOutbound } from "../server/base/transport.ts";
import { realChance } from "../server/base/chance.ts";
import { hashPassword } from "../server/base/passwords.ts";
import { OWN_SERVICE } from "../server/domain/catalog/catalog.ts";
import { type Answer, type Asked, eventually, startTestNode, type TestNode } from "./node.ts";

const GOOD = "seven green kettles hum";
const BETTER = "the ferry leaves at nine";
const OWN = { "sec-fetch-site": "same-origin" };

let node: TestNode;
const mails: MailOutbound[] = [];
beforeAll(async () => {
  node = await startTestNode({
    send: async (outbound) => {
      if (outbound.via === "mail") mails.push(outbound);
      return { kind: "mail", code: 250, text: "2.0.0 taken" };
    },
  });
  await node.configure("channels", "mail", { type: "email", from: "tocsin@acme.example" });
  for (const [id, role] of [
    ["ann", "responder"],
    ["bo", "viewer"],
    ["cy", "viewer"],
    ["adam", "admin"],
  ] as const) {
    const email = `${id}@acme.example`;
    await node.configure("people", id, { name: id, email, roles: [{ role }] });
  }
  await node.configure("teams", "ops", { name: "Ops" });
  await node.configure("services", OWN_SERVICE, { name: "Tocsin", team: "ops" });
});
afterAll(() => node.stop());

const cookieOf = ({ headers }: Answer): string =>
  headers
    .getSetCookie()
    .map((line) => line.split(";")[0] ?? "")
    .find((line) => line.startsWith("tocsin=")) ?? "";
const knownOf = ({ headers }: Answer): string =>
  headers
    .getSetCookie()
    .map((line) => line.split(";")[0] ?? "")
    .find((line) => line.startsWith("tocsin-known=")) ?? "";
const as = (cookie: string, body?: unknown): Asked => ({
  token: null,
  headers: { cookie, ...OWN },
  ...(body !== undefined && { body }),
});

async function byLink(person: string): Promise<string> {
  const asked = { body: {} };
  const link = await node.ask<{ url: string }>(`POST /v1/people/${person}/sign-in-link`, asked);
  const path = new URL(link.json.url).pathname;
  return cookieOf(await node.ask(`POST ${path}`, { token: null }));
}

const tryPassword = (email: string, password: string, cookie = ""): Promise<Answer> =>
  node.ask("POST /v1/sign-in/password", as(cookie, { email, password }));

async function withPassword(person: string, password = GOOD): Promise<string> {
  const cookie = await byLink(person);
  const set = await node.ask("PUT /v1/me/password", as(cookie, { password }));
  expect(set.status, set.text).toBe(200);
  return cookieOf(set);
}

describe("a password", () => {
  test("opens a session for its person, with a fresh cookie, and the others end", async () => {
    const elsewhere = await byLink("ann");
    const before = await byLink("ann");
    const set = await node.ask("PUT /v1/me/password", as(before, { password: GOOD }));
    expect(set.status, set.text).toBe(200);
    for (const gone of [elsewhere, before])
      expect((await node.ask("GET /v1/me", as(gone))).status).toBe(401);
    expect((await node.ask("GET /v1/me", as(cookieOf(set)))).json["person"]).toBe("ann");
    const opened = await tryPassword(" Ann@ACME.example", GOOD);
    expect(opened.status, opened.text).toBe(200);
    const me = await node.ask("GET /v1/me", as(cookieOf(opened)));
    expect(me.json["person"]).toBe("ann");
    const sessions = await node.ask<{ items: { how: string }[] }>(
      "GET /v1/me/sessions",
      as(cookieOf(opened)),
    );
    expect(sessions.json.items.map(({ how }) => how).toSorted()).toEqual(["link", "password"]);
  });

  for (const [what, password, says] of [
    ["short", "kettle", /6 characters, and 15/],
    ["stolen", "passwordpassword", /stolen|pattern/],
    ["made of the own name", "cy@acme.example", /own name|stolen/],
    ["a walk over the keys", "qwertyuiopasdfghj", /stolen|pattern/],
  ] as const)
    test(`that is ${what} is refused in words`, async () => {
      const set = await node.ask("PUT /v1/me/password", as(await byLink("cy"), { password }));
      expect([set.status, set.code]).toEqual([422, "access.password_weak"]);
      expect(set.json["detail"]).toMatch(says);
      expect(set.text).not.toContain(password);
    });

  test("says the same of a wrong one, of nobody and of a person without one", async () => {
    const answers = await Promise.all([
      tryPassword("ann@acme.example", "not the one at all"),
      tryPassword("nobody@acme.example", GOOD),
      tryPassword("adam@acme.example", GOOD),
    ]);
    const said = answers.map(({ status, json }) => [status, json["code"], json["detail"]]);
    expect(said.map((each) => JSON.stringify(each))).toEqual(
      said.map(() => JSON.stringify(said[0])),
    );
    expect(said[0]?.[0]).toBe(403);
  });

  test("is set by a browser with a fresh session, not by a token and not by an old session", async () => {
    const token = await node.tokenOf("bo");
    const body = { password: BETTER };
    expect((await node.ask("PUT /v1/me/password", { token, body })).code).toBe(
      "access.browser_only",
    );
    const cookie = await byLink("bo");
    await run(
      node.store.db,
      sql`update session set signed_in_at = signed_in_at - 3600000 where person_id = 'bo'`,
    );
    expect((await node.ask("PUT /v1/me/password", as(cookie, body))).code).toBe(
      "access.sign_in_again",
    );
  });

  test("from another site it opens nothing", async () => {
    const answer = await node.ask("POST /v1/sign-in/password", {
      token: null,
      headers: { "sec-fetch-site": "cross-site" },
      body: { email: "ann@acme.example", password: GOOD },
    });
    expect(answer.code).toBe("access.cross_site");
  });

  test("kept under old parameters is made anew when it is used", async () => {
    await withPassword("cy", BETTER);
    const weak = await hashPassword(BETTER, realChance(), { memory: 8, passes: 1, parallelism: 1 });
    await run(node.store.db, sql`update password set hash = ${weak} where person_id = 'cy'`);
    expect((await tryPassword("cy@acme.example", BETTER)).status).toBe(200);
    const [row] = await all(
      node.store.db,
      sql<{ hash: string }>`select hash from password where person_id = 'cy' limit 1`,
    );
    expect(row?.hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect((await tryPassword("cy@acme.example", BETTER)).status).toBe(200);
  });

  test("guessed from one address is slowed down, and no other account with it", async () => {
    await withPassword("bo", BETTER);
    const answers = [];
    for (let times = 0; times < 6; times++)
      answers.push(await tryPassword("bo@acme.example", `guess number ${times}`));
    expect(answers.map(({ code }) => code)).toEqual([
      ...Array.from({ length: 4 }, () => "access.password_wrong"),
      "access.wait",
      "access.wait",
    ]);
    expect(answers[4]?.json["params"]).toEqual({ seconds: expect.any(Number) as number });
    expect((await tryPassword("ann@acme.example", GOOD)).status).toBe(200);
  });
});

describe("a forgotten password", () => {
  test("is set by a mailed link, once; no row holds what opens", async () => {
    await withPassword("ann");
    mails.length = 0;
    const asked = await node.ask(
      "POST /v1/sign-in/forgotten",
      as("", { email: "ann@acme.example" }),
    );
    expect([asked.status, asked.text]).toEqual([200, "{}"]);
    const mail = await eventually(async () => mails.at(0) ?? null);
    expect(mail.to).toBe("ann@acme.example");
    const token = /\/password#(\S+)/.exec(mail.text)?.[1] ?? "";
    const stored = await all(
      node.store.db,
      sql<{ text: string }>`select message::text as text from notification
        where subject = 'access' order by id limit 10`,
    );
    expect(stored.length).toBeGreaterThan(0);
    expect(stored.map(({ text }) => text).join()).not.toContain(token);
    const weak = await node.ask(
      "POST /v1/sign-in/new-password",
      as("", { token, password: "short" }),
    );
    expect(weak.code).toBe("access.password_weak");
    const set = await node.ask(
      "POST /v1/sign-in/new-password",
      as("", { token, password: BETTER }),
    );
    expect(set.status, set.text).toBe(200);
    expect((await node.ask("GET /v1/me", as(cookieOf(set)))).json["person"]).toBe("ann");
    const again = await node.ask(
      "POST /v1/sign-in/new-password",
      as("", { token, password: GOOD }),
    );
    expect(again.code).toBe("access.link_spent");
    expect((await tryPassword("ann@acme.example", BETTER)).status).toBe(200);
  });

  test("asked for by an address that nobody has is answered alike, and mails nobody", async () => {
    mails.length = 0;
    const asked = await node.ask("POST /v1/sign-in/forgotten", as("", { email: "no@x.example" }));
    expect([asked.status, asked.text]).toEqual([200, "{}"]);
    expect(mails).toEqual([]);
  });

  test("a link that signs in sets no password, and the other way round", async () => {
    const path = await node.signInLink();
    const token = path.split("/").at(-1) ?? "";
    const wrong = await node.ask(
      "POST /v1/sign-in/new-password",
      as("", { token, password: GOOD }),
    );
    expect(wrong.code).toBe("access.link_spent");
    expect((await node.ask(`POST ${path}`, { token: null })).status).toBe(303);
  });
});

describe("break-glass", () => {
  const made = async (): Promise<{ id: string; code: string }> =>
    (
      await node.ask<{ items: { id: string; code: string }[] }>("POST /v1/break-glass", {
        body: { label: "safe", count: 1 },
      })
    ).json.items[0] ?? { id: "", code: "" };
  const open = (code: string): Promise<Answer> =>
    node.ask("POST /v1/sign-in/break-glass", as("", { code }));

  test("a code opens once, tells every administrator and declares an incident", async () => {
    mails.length = 0;
    const { code } = await made();
    expect(code).toMatch(/^([2-9A-HJ-NP-Z]{5}-){3}[2-9A-HJ-NP-Z]{5}$/);
    const opened = await open(code.toLowerCase().replaceAll("-", " "));
    expect(opened.status, opened.text).toBe(200);
    const me = await node.ask("GET /v1/me", as(cookieOf(opened)));
    expect([me.json["label"], me.json["grants"]]).toEqual(["break-glass", [{ role: "admin" }]]);
    expect((await open(code)).code).toBe("access.code_wrong");
    const mail = await eventually(
      async () => mails.find(({ to }) => to.startsWith("adam@")) ?? null,
    );
    expect(mail.subject).toContain("break-glass");
    expect(mails.filter(({ to }) => to.startsWith("ann@"))).toEqual([]);
    const incident = await eventually(async () => {
      const { json } = await node.ask<{ items: { title: string; severity: string }[] }>(
        "GET /v1/incidents",
      );
      return json.items.find(({ title }) => /break_glass/.test(title)) ?? null;
    });
    expect(incident.severity).toBe("SEV2");
    const [{ hours } = { hours: 0 }] = await all(
      node.store.db,
      sql<{ hours: number }>`select (expires_at - created_at) / 3600000 as hours from session
        where how = 'break-glass' limit 1`,
    );
    expect(hours).toBe(4);
    const list = await node.ask<{ items: { id: string; usedAt: string | null }[] }>(
      "GET /v1/break-glass",
    );
    const used = list.json.items.find(({ usedAt }) => usedAt !== null);
    expect((await node.ask(`DELETE /v1/break-glass/${used?.id}`)).status).toBe(200);
    expect((await node.ask("GET /v1/me", as(cookieOf(opened)))).status).toBe(401);
  });

  test("a revoked code opens nothing, and only administrators make them", async () => {
    const { id, code } = await made();
    expect((await node.ask(`DELETE /v1/break-glass/${id}`)).status).toBe(200);
    expect((await open(code)).code).toBe("access.code_wrong");
    const token = await node.tokenOf("ann");
    const body = { label: "mine" };
    expect((await node.ask("POST /v1/break-glass", { token, body })).code).toBe("access.forbidden");
    const list = await node.ask("GET /v1/break-glass");
    expect(list.text).not.toContain(code);
  });
});

test("whoever's credentials are taken away is out at once, and their password opens nothing", async () => {
  const cookie = await withPassword("cy", BETTER);
  const token = await node.tokenOf("cy");
  expect((await node.ask("GET /v1/me", { token })).status).toBe(200);
  expect((await node.ask("DELETE /v1/people/cy/credentials")).status).toBe(200);
  // Whoever was in their browser for a minute may have made one.
  expect((await node.ask("GET /v1/me", { token })).status).toBe(401);
  expect((await node.ask("GET /v1/me", as(cookie))).status).toBe(401);
  expect((await tryPassword("cy@acme.example", BETTER)).code).toBe("access.password_wrong");
});

test("signing in anew leaves the session before, and a known browser is marked as such", async () => {
  const first = await withPassword("adam");
  const again = await tryPassword("adam@acme.example", GOOD, first);
  expect(again.status).toBe(200);
  expect((await node.ask("GET /v1/me", as(first))).status).toBe(401);
  expect(knownOf(again)).toMatch(/^tocsin-known=.+\..{22}$/);
  // Alone it opens nothing.
  expect((await node.ask("GET /v1/me", as(knownOf(again)))).status).toBe(401);
});

test("nothing personal of all this stands in the log", async () => {
  const log = node.lines.join("\n");
  for (const word of ["acme.example", GOOD, BETTER, "guess number"])
    expect(log).not.toContain(word);
});

const hasOpenssl = await promisify(execFile)("openssl", ["version"]).then(
  () => true,
  () => false,
);
if (!hasOpenssl)
  process.stderr.write("TLS is not tested: no openssl to make a certificate with.\n");

describe.skipIf(!hasOpenssl)("TLS by certificate files", () => {
  let folder: string;
  let secure: TestNode;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tocsin-tls-"));
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const args = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    await promisify(execFile)("openssl", [
      ...args.split(" "),
      "-subj",
      "/CN=localhost",
      "-keyout",
      key,
      "-out",
      cert,
    ]);
    secure = await startTestNode({ publicUrl: "https://localhost", tls: { cert, key } });
  });
  afterAll(async () => {
    await secure.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const askTls = (
    method: string,
    path: string,
    cookie: string,
  ): Promise<{ status: number; cookies: readonly string[] }> =>
    new Promise((resolve, reject) => {
      const url = new URL(path, secure.address);
      const asked = requestTls(url, {
        method,
        rejectUnauthorized: false,
        headers: { cookie },
      });
      asked.on("response", (reply) => {
        reply.resume();
        resolve({ status: reply.statusCode ?? 0, cookies: reply.headers["set-cookie"] ?? [] });
      });
      asked.on("error", reject);
      asked.end();
    });

  test("gives a cookie that only this host can set, and reads no other", async () => {
    const opened = await askTls("POST", await secure.signInLink(), "");
    const cookie = opened.cookies.find((line) => line.startsWith("__Host-tocsin=")) ?? "";
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+; Secure$/);
    const pair = cookie.split(";")[0] ?? "";
    expect((await askTls("GET", "/v1/me", pair)).status).toBe(200);
    expect((await askTls("GET", "/v1/me", pair.replace("__Host-", ""))).status).toBe(401);
  });
});
