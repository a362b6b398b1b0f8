/** Signing in at a real OpenID provider: whom it joins, whom it refuses, and what a thief of a code gets. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { addressGuard } from "../server/base/addresses.ts";
import { run, sql } from "../server/base/db.ts";
import { realTransport } from "../server/base/realTransport.ts";
import { startTestNode, type TestNode } from "./node.ts";
import { CLIENT, type OpenidProvider, startOpenidProvider, visitor } from "./openidProvider.ts";

const PUBLIC = "http://tocsin.example";
let provider: OpenidProvider;
let node: TestNode;

beforeAll(async () => {
  provider = await startOpenidProvider(PUBLIC);
  const transport = realTransport({ smtpUrl: null, guard: addressGuard(["127.0.0.0/8"]) });
  node = await startTestNode({
    send: (outbound) => transport.send(outbound),
    provider: {
      name: "Acme login",
      issuer: provider.issuer,
      clientId: CLIENT.id,
      clientSecret: CLIENT.secret,
      createAs: null,
    },
  });
  const email = "ann@acme.example";
  await node.configure("people", "ann", { name: "Ann", email, roles: [{ role: "responder" }] });
});
afterAll(async () => {
  await node.stop();
  await provider.stop();
});
beforeEach(async () => {
  await run(node.store.db, sql`delete from provider_identity`);
  provider.accounts.clear();
});

const knows = (login: string, more: Partial<{ sub: string; email: string; verified: boolean }>) =>
  provider.accounts.set(login, {
    sub: login,
    email: "ann@acme.example",
    verified: true,
    name: "Ann Vos",
    ...more,
  });

/** The public name leads to the node, as a proxy's would. */
const browser = () =>
  visitor((url) =>
    url.host === "tocsin.example" ? new URL(url.pathname + url.search, node.address) : url,
  );

const isOurs = (url: URL): boolean => url.host === "tocsin.example";
const BACK = "/sign-in/provider/back";

/** As far as coming back; the answer to that is in the test's hands. */
async function comeBack(login: string, to = "/incidents/INC-1") {
  const visiting = browser();
  const start = new URL(`/sign-in/provider?to=${encodeURIComponent(to)}`, PUBLIC);
  const back = await visiting.follow(start, login, isOurs);
  return { visiting, back };
}

async function outcome(login: string): Promise<string> {
  const { visiting, back } = await comeBack(login);
  const reply = await visiting.ask(back);
  if (reply.status !== 303) return ((await reply.json()) as { code: string }).code;
  const me = await visiting.ask(new URL("/v1/me", PUBLIC));
  return ((await me.json()) as { person: string }).person;
}

test("whoever has the verified address of a person is that person, and lands where they wanted to be", async () => {
  knows("a.vos", {});
  const { visiting, back } = await comeBack("a.vos");
  expect(back.pathname).toBe(BACK);
  const reply = await visiting.ask(back);
  expect([reply.status, reply.headers.get("location")]).toEqual([303, "/incidents/INC-1"]);
  const me = await visiting.ask(new URL("/v1/me", PUBLIC));
  expect(await me.json()).toMatchObject({ person: "ann", grants: [{ role: "responder" }] });
});

test("an unverified address could be anybody's", async () => {
  knows("mallory", { verified: false });
  expect(await outcome("mallory")).toBe("access.provider_refused");
});

test("whom nobody configured is refused, unless people are to be made", async () => {
  knows("new", { email: "new@acme.example" });
  expect(await outcome("new")).toBe("access.provider_nobody");
});

test("once joined, the account counts: a changed address changes nobody, and a second account is refused", async () => {
  knows("a.vos", {});
  expect(await outcome("a.vos")).toBe("ann");
  knows("a.vos", { email: "renamed@acme.example" });
  expect(await outcome("a.vos")).toBe("ann");
  knows("other", { email: "ann@acme.example" });
  expect(await outcome("other")).toBe("access.provider_other");
});

test("a code that another browser began to fetch signs nobody in", async () => {
  knows("a.vos", {});
  const { back } = await comeBack("a.vos");
  const thief = await browser().ask(back);
  expect(((await thief.json()) as { code: string }).code).toBe("access.provider_refused");
  const { visiting, back: own } = await comeBack("a.vos");
  const mixed = new URL(own);
  mixed.searchParams.set("state", back.searchParams.get("state") ?? "");
  expect((await visiting.ask(mixed)).status).toBe(403);
  const stolen = new URL(own);
  stolen.searchParams.set("code", "made-up");
  expect((await visiting.ask(stolen)).status).toBe(403);
});

test("a code works once, and no way leads out of our own pages", async () => {
  knows("a.vos", {});
  for (const to of [
    "//evil.example/x",
    "https://evil.example",
    "/\\evil.example",
    "javascript:1",
  ]) {
    const { visiting, back } = await comeBack("a.vos", to);
    const reply = await visiting.ask(back);
    expect(reply.headers.get("location"), to).toBe("/");
    expect((await visiting.ask(back)).status).toBe(403);
  }
});

test("signing out leads to the provider's own sign-out", async () => {
  knows("a.vos", {});
  const { visiting, back } = await comeBack("a.vos");
  await visiting.ask(back);
  const reply = await visiting.ask(new URL("/v1/sign-out", PUBLIC), {
    method: "POST",
    headers: { "sec-fetch-site": "same-origin", "content-type": "application/json" },
    body: "{}",
  });
  const { next } = (await reply.json()) as { next: string };
  expect(next).toMatch(new RegExp(`^${provider.issuer}/.*post_logout_redirect_uri=`));
  expect((await visiting.ask(new URL("/v1/me", PUBLIC))).status).toBe(401);
});

test("a provider that is down is said, and a code under glass opens", async () => {
  const other = await startTestNode({
    send: async () => ({ kind: "error", reached: "no", because: "connection refused" }),
    provider: {
      name: "Acme login",
      issuer: "https://login.acme.example",
      clientId: "x",
      clientSecret: "y",
      createAs: [{ role: "viewer" }],
    },
  });
  try {
    const away = await other.ask("GET /sign-in/provider", { token: null });
    expect([away.status, away.code]).toEqual([503, "access.provider_away"]);
    const made = await other.ask<{ items: { code: string }[] }>("POST /v1/break-glass", {
      body: { label: "safe" },
    });
    const opened = await other.ask("POST /v1/sign-in/break-glass", {
      token: null,
      headers: { "sec-fetch-site": "same-origin" },
      body: { code: made.json.items[0]?.code },
    });
    expect(opened.status, opened.text).toBe(200);
  } finally {
    await other.stop();
  }
});

test("people are made with the roles that are set, where that is wanted", async () => {
  const transport = realTransport({ smtpUrl: null, guard: addressGuard(["127.0.0.0/8"]) });
  const other = await startTestNode({
    send: (outbound) => transport.send(outbound),
    provider: {
      name: "Acme login",
      issuer: provider.issuer,
      clientId: CLIENT.id,
      clientSecret: CLIENT.secret,
      createAs: [{ role: "viewer" }],
    },
  });
  try {
    knows("new", { email: "New.Person@acme.example" });
    const visiting = visitor((url) =>
      url.host === "tocsin.example" ? new URL(url.pathname + url.search, other.address) : url,
    );
    const back = await visiting.follow(new URL("/sign-in/provider", PUBLIC), "new", isOurs);
    expect((await visiting.ask(back)).status).toBe(303);
    const me = await visiting.ask(new URL("/v1/me", PUBLIC));
    expect(await me.json()).toMatchObject({ person: "new.person", grants: [{ role: "viewer" }] });
  } finally {
    await other.stop();
  }
});
