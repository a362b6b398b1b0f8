/** Pages on people's own devices, from the permission to the answer, against a push service over real sockets. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressGuard } from "../server/base/addresses.ts";
import { realTransport } from "../server/base/realTransport.ts";
import type { MailOutbound } from "../server/base/transport.ts";
import {
  type PushService,
  type Pushed,
  startPushService,
  type Subscription,
} from "./fakes/pushService.ts";
import { type Answer, type Asked, eventually, startTestNode, type TestNode } from "./node.ts";

let node: TestNode;
let service: PushService;
const mails: MailOutbound[] = [];
const transport = realTransport({ smtpUrl: null, guard: addressGuard(["127.0.0.1"]) });

beforeAll(async () => {
  service = await startPushService();
  node = await startTestNode({
    async send(outbound) {
      if (outbound.via === "http") return transport.send(outbound);
      mails.push(outbound);
      return { kind: "mail", code: 250, text: "2.0.0 taken" };
    },
  });
  await node.configure("channels", "mail", { type: "email", from: "tocsin@acme.example" });
  await node.configure("teams", "ops", { name: "Ops" });
  for (const id of ["ann", "bo", "cy", "dee"]) {
    const email = `${id}@acme.example`;
    const contacts = id === "ann" ? [{ channel: "mail", address: email }] : [];
    await node.configure("people", id, {
      name: id.toUpperCase(),
      email,
      roles: [{ role: "responder" }],
      contacts,
    });
    const steps = [{ notify: [{ person: id }], timeoutMinutes: 30 }];
    await node.configure("escalations", id, { name: id, steps });
    await node.configure("services", `of-${id}`, { name: id, team: "ops", escalation: id });
  }
}, 60_000);
afterAll(async () => {
  await node.stop();
  await service.stop();
});

const as = (cookie: string, body?: unknown): Asked => ({
  token: null,
  headers: { cookie, "sec-fetch-site": "same-origin" },
  ...(body === undefined ? {} : { body }),
});
type Devices = {
  readonly senderKey: string;
  readonly items: readonly { id: string; name: string; ended: { because: string } | null }[];
};
const devicesOf = async (cookie: string): Promise<Devices> =>
  (await node.ask<Devices>("GET /v1/me/devices", as(cookie))).json;

async function signIn(person: string): Promise<string> {
  const { json } = await node.ask<{ url: string }>(`POST /v1/people/${person}/sign-in-link`, {
    body: {},
  });
  const { headers } = await node.ask(`POST ${new URL(json.url).pathname}`, { token: null });
  return (headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

const allow = (cookie: string, subscription: Subscription, name = "Firefox, Linux") =>
  node.ask<{ id: string }>("POST /v1/me/devices", as(cookie, { name, subscription }));

/** Somebody signed in with a device that may be woken. */
async function withDevice(person: string) {
  const cookie = await signIn(person);
  const subscription = service.subscribe((await devicesOf(cookie)).senderKey);
  const { status, json, text } = await allow(cookie, subscription);
  expect(status, text).toBe(201);
  return { cookie, subscription, id: json.id };
}

async function declare(service_: string, more: object = {}): Promise<string> {
  const body = { title: "Till is down", severity: "SEV1", services: [service_], ...more };
  const { json, status, text } = await node.ask<{ id: string }>("POST /v1/incidents", { body });
  expect(status, text).toBe(201);
  return json.id;
}

const pushedTo = (endpoint: string, from = 0): Promise<Pushed> =>
  eventually(
    async () => service.pushed().filter((each) => each.endpoint === endpoint)[from] ?? null,
  );

const pressed = (pushed: Pushed): Promise<Answer> => {
  const { url } = pushed.data["acknowledge"] as { url: string };
  const headers = { accept: "application/json" };
  return node.ask(`POST ${new URL(url).pathname}`, { token: null, headers });
};

describe("a page", () => {
  test("rings on the device, is answered from there, and then says who has it", async () => {
    const { subscription } = await withDevice("bo");
    const id = await declare("of-bo");
    const pushed = await pushedTo(subscription.endpoint);
    expect(pushed).toMatchObject({ urgency: "high", ttl: 3_600 });
    expect(pushed.data).toMatchObject({
      title: `[SEV1] ${id} Till is down`,
      body: "of-bo",
      tag: id,
      severity: "SEV1",
      quiet: false,
    });
    const answer = await pressed(pushed);
    expect(answer.json).toEqual({
      done: true,
      said: "You have it. Nobody else is paged for this.",
    });
    const { json } = await node.ask(`GET /v1/incidents/${id}`);
    expect(json["acknowledgedBy"]).toBe("bo");
    const after = await pushedTo(subscription.endpoint, 1);
    expect(after.topic).toBe(pushed.topic);
    expect(after.data).toMatchObject({ tag: id, quiet: true, acknowledge: null });
    expect(after.data["body"]).toContain("bo has it since");
    type Pages = { items: { channel: string; id: string; person: string }[] };
    const pages = (await node.ask<Pages>(`GET /v1/notifications?incident=${id}&kind=page`)).json;
    const page = pages.items.find(({ channel }) => channel === "web-push");
    const why = await node.ask(`GET /v1/notifications/${page?.id}`);
    expect(why.json["whyThisWay"]).toContain("Firefox, Linux");
    expect(why.text).not.toContain(subscription.endpoint);
    await node.ask(`POST /v1/incidents/${id}/resolve`, { body: {} });
    expect((await pressed(pushed)).json["done"]).toBe(true);
  });

  test("of a restricted incident tells its number and no more", async () => {
    const { subscription } = await withDevice("bo");
    const id = await declare("of-bo", { title: "Quartzlantern", restricted: true });
    const { data } = await pushedTo(subscription.endpoint);
    expect(data).toMatchObject({ tag: id, body: "" });
    expect(JSON.stringify(data)).not.toMatch(/Quartzlantern|of-bo/);
  });

  test("reaches no address of ours that somebody gives for a push service", async () => {
    const cookie = await signIn("cy");
    const { senderKey } = await devicesOf(cookie);
    const { keys } = service.subscribe(senderKey);
    const { status } = await allow(cookie, { endpoint: "https://10.1.2.3/push", keys }, "Inside");
    expect(status).toBe(201);
    const id = await declare("of-cy");
    type Pages = { items: { id: string }[] };
    const attempts = await eventually(async () => {
      const { json } = await node.ask<Pages>(`GET /v1/notifications?incident=${id}&kind=page`);
      const page = json.items[0];
      if (page === undefined) return null;
      const why = await node.ask<{ attempts: { because: string | null }[] }>(
        `GET /v1/notifications/${page.id}`,
      );
      return why.json.attempts[0]?.because ?? null;
    });
    expect(attempts).toContain("10.1.2.3 is not a public address");
  });
});

describe("a device", () => {
  test("that is no more is taken out, and its person hears of it by another way", async () => {
    const { subscription, cookie, id } = await withDevice("ann");
    service.forget(subscription.endpoint);
    await declare("of-ann");
    const ended = await eventually(async () => {
      const { items } = await devicesOf(cookie);
      return items.find((each) => each.id === id)?.ended ?? null;
    });
    expect(ended.because).toBe("gone");
    await eventually(
      async () =>
        mails.find(({ subject }) => subject.includes("no longer ring on “Firefox, Linux”")) ?? null,
    );
  });

  test("stays the same when its push service gives it another address, also after the one before is gone", async () => {
    const { cookie, id, subscription } = await withDevice("cy");
    const move = async (from: string): Promise<string> => {
      const next = service.subscribe((await devicesOf(cookie)).senderKey);
      const body = { name: "Firefox, Linux", subscription: next, instead: from };
      const { json } = await node.ask<{ id: string }>("POST /v1/me/devices", as(cookie, body));
      expect(json.id).toBe(id);
      return next.endpoint;
    };
    const second = await move(subscription.endpoint);
    const incident = await declare("of-cy");
    expect((await pushedTo(second)).data).toMatchObject({ tag: incident });
    expect(service.pushed().some(({ endpoint }) => endpoint === subscription.endpoint)).toBe(false);
    service.forget(second);
    await declare("of-cy");
    const isGone = async () =>
      (await devicesOf(cookie)).items.find((each) => each.id === id)?.ended ?? null;
    await eventually(isGone);
    await move(second);
    expect(await isGone()).toBe(null);
    // Nobody moves what is another's.
    const bo = await signIn("bo");
    const theirs = service.subscribe((await devicesOf(bo)).senderKey);
    const body = { name: "Edge", subscription: theirs, instead: second };
    const moved = await node.ask<{ id: string }>("POST /v1/me/devices", as(bo, body));
    expect(moved.json.id).not.toBe(id);
    expect(await isGone()).toBe(null);
  });

  test("is not one more when one of twenty has another address, or comes again; the twenty-first is refused", async () => {
    const cookie = await signIn("dee");
    const { senderKey } = await devicesOf(cookie);
    const all = Array.from({ length: 20 }, () => service.subscribe(senderKey));
    for (const each of all) expect((await allow(cookie, each)).status).toBe(201);
    const one = all[7]!;
    expect((await allow(cookie, one)).status).toBe(201);
    const next = service.subscribe(senderKey);
    const body = { name: "Firefox, Linux", subscription: next, instead: one.endpoint };
    expect((await node.ask("POST /v1/me/devices", as(cookie, body))).status).toBe(201);
    expect((await devicesOf(cookie)).items).toHaveLength(20);
    expect((await allow(cookie, one)).code).toBe("access.devices_many");
  });

  test("is listed and removed by its own person only, and ends with its session", async () => {
    const { cookie, id, subscription } = await withDevice("ann");
    const bo = await signIn("bo");
    const foreign = await node.ask(`DELETE /v1/me/devices/${id}`, as(bo));
    expect([foreign.status, foreign.code]).toEqual([404, "access.device_unknown"]);
    expect((await devicesOf(bo)).items.map((each) => each.id)).not.toContain(id);
    // The same browser again is the same device; that of another person is theirs from now on.
    expect((await allow(cookie, subscription)).json.id).toBe(id);
    const taken = await allow(bo, subscription);
    expect(taken.json.id).not.toBe(id);
    expect((await devicesOf(cookie)).items.map((each) => each.id)).not.toContain(id);
    await node.ask("POST /v1/sign-out", as(bo, {}));
    const again = await signIn("bo");
    const left = (await devicesOf(again)).items.find((each) => each.id === taken.json.id);
    expect(left?.ended?.because).toBe("session ended");
    const mine = await withDevice("ann");
    expect((await node.ask(`DELETE /v1/me/devices/${mine.id}`, as(mine.cookie))).status).toBe(200);
    expect((await devicesOf(mine.cookie)).items.map((each) => each.id)).not.toContain(mine.id);
  });

  const KEYS = { p256dh: "A".repeat(87), auth: "A".repeat(22) };
  for (const [what, change, field] of [
    ["an address without TLS", { endpoint: "http://push.example/x" }, "subscription.endpoint"],
    ["no address", { endpoint: "not an address" }, "subscription.endpoint"],
    ["no public key", { keys: KEYS }, "subscription.keys.p256dh"],
  ] as const)
    test(`with ${what} is refused, naming the field`, async () => {
      const cookie = await signIn("ann");
      const good = service.subscribe((await devicesOf(cookie)).senderKey);
      const { status, text } = await allow(cookie, { ...good, ...change });
      expect(status).toBe(400);
      expect(text).toContain(field);
    });

  test("needs a browser: a token has none", async () => {
    const subscription = service.subscribe("x");
    const body = { name: "CI", subscription };
    const { code } = await node.ask("POST /v1/me/devices", { body });
    expect(code).toBe("access.browser_only");
  });
});
