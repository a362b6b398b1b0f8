/**
 * Our Slack channel against a faithful Slack over real sockets: post, press, update, and failures.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addressGuard } from "../server/base/addresses.ts";
import { instant } from "../server/base/instant.ts";
import { realTransport } from "../server/base/realTransport.ts";
import type { ChannelSettings, Message } from "../server/domain/notification/channel.ts";
import { readSlackInteraction, type SlackPress } from "../server/edge/inbound/slackInteraction.ts";
import { channelDrivers } from "../server/edge/outbound/index.ts";
import { type FakeSlack, startSlack } from "./fakes/slackServer.ts";

const NOW = instant(Date.UTC(2026, 10, 21, 3, 0));
const { slack: driver } = channelDrivers;
const transport = realTransport({ smtpUrl: null, guard: addressGuard(["127.0.0.1"]) });

let slack: FakeSlack;
beforeEach(async () => {
  slack = await startSlack({
    token: "xoxb-1",
    signingSecret: "signing",
    now: () => NOW,
    channels: ["C024BE91L"],
    users: ["U123ABC"],
  });
});
afterEach(() => slack.stop());

const settings = (token = "xoxb-1"): ChannelSettings => ({
  channel: {
    type: "slack",
    token: "env:SLACK_TOKEN",
    signingSecret: "env:SLACK_SIGNING_SECRET",
    apiUrl: slack.apiUrl,
  },
  secrets: { token, signingSecret: "signing" },
  productName: "Tocsin",
  publicUrl: "https://tocsin.example",
});

const page: Message = {
  notificationId: "n-1",
  idempotencyKey: "n-1",
  kind: "page",
  subject: "SEV1 Payments fail",
  lines: ["You are first on call."],
  facts: [{ name: "Service", value: "payments" }],
  actions: [
    { label: "Acknowledge", url: "https://tocsin.example/a", verb: "acknowledge" },
    { label: "Open", url: "https://tocsin.example/i", verb: "open" },
  ],
  mayRepeat: false,
  attachments: [],
  thread: null,
};

const post = async (address: string, message = page, token?: string) =>
  driver.verdict(await transport.send(driver.render(message, address, settings(token), NOW)));

async function posted(address: string): Promise<string> {
  const verdict = await post(address);
  if (verdict.kind !== "accepted" || verdict.reference === null) throw new Error("was not posted");
  return verdict.reference;
}

test("a direct message has its own channel and shows afterwards who has it", async () => {
  const reference = await posted("U123ABC");
  const [shown] = slack.messages();
  expect(reference).toBe(`D123ABC/${shown?.ts}`);

  const change = {
    message: page,
    reference,
    address: "U123ABC",
    outcome: "Ada has it since 03:00 UTC",
  };
  const update = driver.update?.(change, settings());
  if (update === undefined) throw new Error("Slack messages can be updated");
  expect(driver.verdict(await transport.send(update)).kind).toBe("accepted");
  expect(slack.messages()).toHaveLength(1);
  expect(shown?.edited).toBe(true);
  expect(JSON.stringify(shown?.blocks)).toContain("Ada has it since 03:00 UTC");
  expect(JSON.stringify(shown?.blocks)).not.toContain('"acknowledge"');
});

test("a pressed button arrives signed and is read as an acknowledge", async () => {
  await posted("U123ABC");
  const received = Promise.withResolvers<SlackPress>();
  const app = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const signed = { headers: request.headers, rawBody: Buffer.concat(chunks) };
      received.resolve(readSlackInteraction(signed, "signing", NOW));
      response.end();
    });
  });
  app.listen(0, "127.0.0.1");
  await once(app, "listening");
  const url = `http://127.0.0.1:${(app.address() as AddressInfo).port}/slack`;
  const ts = slack.messages()[0]?.ts ?? "";
  const answered = await slack.press({ ts, actionId: "acknowledge", userId: "U123ABC", url });
  app.close();
  expect(answered.status).toBe(200);
  expect(await received.promise).toMatchObject({
    verb: "acknowledge",
    notificationId: "n-1",
    slackUserId: "U123ABC",
  });
  const press = await received.promise;
  if (press.verb === "acknowledge") {
    await fetch(press.responseUrl, { method: "POST", body: '{"text":"thanks"}' });
  }
  expect(slack.responses()).toEqual([{ text: "thanks" }]);
});

test("a reply stands in the thread of the first message", async () => {
  const reference = await posted("C024BE91L");
  const thread = { subjectId: "INC-1", sentReference: reference };
  expect((await post("C024BE91L", { ...page, thread })).kind).toBe("accepted");
  const [first, second] = slack.messages();
  expect(second?.threadTs).toBe(first?.ts);
});

describe("failures", () => {
  for (const [promise, fault, verdict, messages] of [
    [
      "a rate limit names the wait",
      { kind: "rate limit", seconds: 7 },
      { kind: "retry", afterMs: 7_000 },
      0,
    ],
    ["a 503 is tried again", { kind: "status", status: 503 }, { kind: "retry" }, 0],
    ["fatal_error is unknown", { kind: "error", error: "fatal_error" }, { kind: "unknown" }, 0],
    [
      "an answer lost on the way is unknown, though posted",
      { kind: "break off" },
      { kind: "unknown" },
      1,
    ],
  ] as const) {
    test(promise, async () => {
      slack.failNext(fault);
      expect(await post("C024BE91L")).toMatchObject(verdict);
      expect(slack.messages()).toHaveLength(messages);
    });
  }

  for (const [promise, address, token, error, mark] of [
    ["a wrong token", "C024BE91L", "xoxb-2", "invalid_auth", {}],
    ["an unknown channel", "C0", "xoxb-1", "channel_not_found", { mark: "bounced" }],
  ] as const) {
    test(`${promise} is refused as ${error}`, async () =>
      expect(await post(address, page, token)).toEqual({
        kind: "refused",
        because: `Slack answered ${error}`,
        ...mark,
      }));
  }
});

describe("the fake answers as Slack does", () => {
  const call = async (method: string, body: string, headers: Record<string, string>) => {
    const response = await fetch(`${slack.apiUrl}/${method}`, { method: "POST", body, headers });
    return (await response.json()) as unknown;
  };
  const json = { "Content-Type": "application/json", Authorization: "Bearer xoxb-1" };
  const form = { "Content-Type": "application/x-www-form-urlencoded" };
  const text = JSON.stringify({ channel: "C024BE91L" });
  const long = { type: "header", text: { type: "plain_text", text: "x".repeat(151) } };
  for (const [promise, method, body, headers, error] of [
    ["no token", "auth.test", "{}", { "Content-Type": "application/json" }, "not_authed"],
    ["no text", "chat.postMessage", text, json, "no_text"],
    ["no channel", "chat.postMessage", "{}", json, "invalid_arguments"],
    ["broken JSON", "chat.postMessage", "{", json, "invalid_json"],
    ["a list", "chat.postMessage", "[]", json, "json_not_object"],
    [
      "another type",
      "chat.postMessage",
      "a",
      { ...json, "Content-Type": "text/plain" },
      "invalid_post_type",
    ],
    [
      "a header too long",
      "chat.postMessage",
      JSON.stringify({ channel: "C024BE91L", blocks: [long] }),
      json,
      "invalid_blocks",
    ],
    ["an unknown method", "chat.shout", "{}", json, "unknown_method"],
    [
      "an update of nothing",
      "chat.update",
      JSON.stringify({ channel: "C024BE91L", ts: "1.1", text: "a" }),
      json,
      "message_not_found",
    ],
  ] as const) {
    test(`${promise}: ${error}`, async () =>
      expect(await call(method, body, headers)).toMatchObject({ ok: false, error }));
  }

  test("takes a form with its token, too", async () => {
    const body = new URLSearchParams({
      token: "xoxb-1",
      channel: "C024BE91L",
      text: "hi",
    }).toString();
    expect(await call("chat.postMessage", body, form)).toMatchObject({
      ok: true,
      channel: "C024BE91L",
    });
    expect(await call("auth.test", "", json)).toMatchObject({ ok: true });
  });

  test("a button that is not shown cannot be pressed", async () => {
    const press = {
      ts: "1.1",
      actionId: "acknowledge",
      userId: "U123ABC",
      url: "http://127.0.0.1",
    };
    await expect(slack.press(press)).rejects.toThrow("no button");
  });
});
