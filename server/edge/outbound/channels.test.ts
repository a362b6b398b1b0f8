/** Every channel: the form it gives a message (golden/), and what it makes of each reply. */
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HOUR, instant } from "../../base/instant.ts";
import type { HttpOutbound, MailOutbound, Reply } from "../../base/transport.ts";
import type { ChannelSettings, Message } from "../../domain/notification/channel.ts";
import { blockProblem } from "../../../test/fakes/slackBlocks.ts";
import { channelDrivers } from "./index.ts";
import { pushedOf } from "./webPush.ts";

const { email, slack, webhook } = channelDrivers;
const NOW = instant(Date.UTC(2026, 10, 21, 3, 0, 4, 500));
const about = { productName: "Tocsin", publicUrl: "https://tocsin.example" };
const byMail: ChannelSettings = {
  ...about,
  channel: { type: "email", from: "Tocsin <tocsin@example.org>" },
  secrets: {},
};
const bySlack: ChannelSettings = {
  ...about,
  channel: {
    type: "slack",
    token: "env:SLACK_TOKEN",
    signingSecret: "env:SLACK_SIGNING_SECRET",
    apiUrl: "https://slack.com/api",
  },
  secrets: { token: "xoxb-token", signingSecret: "signing" },
};
const byWebhook: ChannelSettings = {
  ...about,
  channel: { type: "webhook", secret: "env:HOOK_SECRET" },
  secrets: { secret: "hook-secret" },
};

const page: Message = {
  notificationId: "0199a-page",
  idempotencyKey: "0199a-page",
  kind: "page",
  subject: "SEV1 Payments: <failure> & refunds",
  lines: [
    "More than 1 % of payments fail since 03:00 UTC.",
    "You are first on call for payments until Monday 09:00.",
    "Without an acknowledge, Bob is paged at 03:15.",
  ],
  facts: [
    { name: "Service", value: "payments" },
    { name: "Incident", value: "INC-12" },
  ],
  actions: [
    { label: "Acknowledge", url: "https://tocsin.example/a/1?t=x&y=z", verb: "acknowledge" },
    { label: "Open", url: "https://tocsin.example/incidents/INC-12", verb: "open" },
  ],
  mayRepeat: false,
  attachments: [],
  thread: { subjectId: "INC-12", sentReference: null },
};
const notice: Message = {
  ...page,
  notificationId: "0199b-notice",
  kind: "notice",
  mayRepeat: true,
  attachments: [{ name: "review.ics", type: "text/calendar", content: "BEGIN:VCALENDAR" }],
  thread: { subjectId: "INC-12", sentReference: "C024BE91L/1503435956.000247" },
};

const golden = (name: string) => `golden/${name}`;
const pretty = (body: string | null): string =>
  `${JSON.stringify(JSON.parse(body ?? ""), null, 2)}\n`;
const http = (outbound: unknown) => outbound as HttpOutbound;
const mail = (outbound: unknown) => outbound as MailOutbound;

describe("the golden forms", () => {
  const slackPage = http(slack.render(page, "C024BE91L", bySlack, NOW));
  const slackNotice = http(slack.render(notice, "U123ABC", bySlack, NOW));
  const change = {
    message: page,
    reference: "C024BE91L/1.2",
    address: "C024BE91L",
    outcome: "Bob has it since 03:04 UTC",
  };
  const slackUpdate = http(slack.update?.(change, bySlack));
  const mailPage = mail(email.render(page, "ada@example.org", byMail, NOW));
  const hook = http(webhook.render(page, "https://hooks.example/in", byWebhook, NOW));
  for (const [file, text] of [
    ["slack.page.json", pretty(slackPage.body)],
    ["slack.notice.json", pretty(slackNotice.body)],
    ["slack.acknowledged.json", pretty(slackUpdate.body)],
    ["email.page.txt", mailPage.text],
    ["email.page.html.txt", mailPage.html ?? ""],
    ["webhook.page.json", pretty(hook.body)],
  ] as const) {
    test(`a message looks like ${file}`, () => expect(text).toMatchFileSnapshot(golden(file)));
  }
});

describe("a mail", () => {
  test("carries the same id on every attempt, and marks a page as urgent and automatic", () => {
    const first = mail(email.render(page, "ada@example.org", byMail, NOW));
    const again = mail(email.render({ ...page, mayRepeat: true }, "ada@example.org", byMail, NOW));
    expect([first.messageId, again.messageId]).toEqual([
      "0199a-page@tocsin.host",
      "0199a-page@tocsin.host",
    ]);
    expect(first.headers).toEqual({
      "Auto-Submitted": "auto-generated",
      "X-Auto-Response-Suppress": "All",
      "X-Tocsin-Notification": "0199a-page",
      "X-Priority": "1 (Highest)",
      Importance: "high",
      Priority: "urgent",
      References: "<INC-12@tocsin.host>",
    });
  });

  test("a notice is not urgent, carries its attachments and says that it may be a repeat", () => {
    const sent = mail(email.render(notice, "ada@example.org", byMail, NOW));
    expect(Object.keys(sent.headers)).not.toContain("X-Priority");
    expect(sent.attachments).toEqual(notice.attachments);
    expect(sent.text).toContain("You may have received this before");
    expect(sent.html).toContain("You may have received this before");
  });

  test("nothing in a message can start another header or become markup", () => {
    const evil = fc.string({
      unit: fc.constantFrom("a", "\r", "\n", "\u2028", "\0", "<", '"', ":"),
    });
    fc.assert(
      fc.property(evil, evil, evil, (subject, id, name) => {
        const facts = [{ name, value: subject }];
        const thread = { subjectId: id, sentReference: null };
        const message = { ...notice, subject, notificationId: id, facts, thread };
        const sent = mail(email.render(message, `a@b${name}`, byMail, NOW));
        const heads = [sent.from, sent.to, sent.subject, sent.messageId];
        for (const text of [...heads, ...Object.values(sent.headers)]) {
          expect(text).not.toMatch(/[\r\n\0\u2028]/);
        }
        expect(sent.html).not.toContain("<a<");
        expect(sent.html?.match(/<h1/g)).toHaveLength(1);
      }),
      { seed: 20_261_121 },
    );
  });

  test("a link that would run as script becomes harmless", () => {
    const actions = [{ label: "Open", url: "javascript:alert(1)", verb: "open" }] as const;
    const sent = mail(email.render({ ...page, actions }, "ada@example.org", byMail, NOW));
    expect(sent.html).not.toContain("javascript:");
  });
});

describe("a webhook", () => {
  test("is signed over time and body, as its documentation says, and carries the key", () => {
    const sent = http(webhook.render(page, "https://hooks.example/in", byWebhook, NOW));
    const { "Tocsin-Signature": signature = "", "Idempotency-Key": key } = sent.headers;
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
    expect(Number(t)).toBe(Math.floor(NOW / 1_000));
    const expected = createHmac("sha256", "hook-secret").update(`${t}.${sent.body}`).digest("hex");
    expect([v1, key]).toEqual([expected, "0199a-page"]);
  });
});

describe("a Slack message", () => {
  test("goes to the configured API with the token", () => {
    const sent = http(slack.render(page, "C024BE91L", bySlack, NOW));
    expect(sent.url).toBe("https://slack.com/api/chat.postMessage");
    expect(sent.headers["Authorization"]).toBe("Bearer xoxb-token");
  });

  test("replies in the thread it belongs to; a page there is also shown in the channel", () => {
    const thread = notice.thread;
    const body = JSON.parse(http(slack.render({ ...page, thread }, "U1", bySlack, NOW)).body ?? "");
    expect(body).toMatchObject({
      channel: "C024BE91L",
      thread_ts: "1503435956.000247",
      reply_broadcast: true,
    });
  });

  test("keeps within Slack's limits whatever it is told, and mentions nobody", () => {
    const long = fc.string({
      unit: fc.constantFrom("<!channel>", "&", "𝔘", "plain words ", "\n"),
      minLength: 1,
      maxLength: 900,
    });
    fc.assert(
      fc.property(long, fc.array(long, { maxLength: 60 }), (text, many) => {
        const message: Message = {
          ...page,
          subject: `x${text}`,
          lines: many,
          facts: many.map((value) => ({ name: text, value })),
          actions: many.map((label) => ({
            label: `x${label}`,
            url: "https://a.example",
            verb: "open",
          })),
        };
        const body = JSON.parse(http(slack.render(message, "C1", bySlack, NOW)).body ?? "");
        expect(blockProblem(body.blocks)).toBeNull();
        expect(JSON.stringify(body)).not.toContain("<!channel>");
        expect(body.text.length).toBeLessThanOrEqual(3_000);
        expect(JSON.stringify(body).isWellFormed()).toBe(true);
      }),
      { seed: 20_261_121, numRuns: 30 },
    );
  });
});

const answer = (status: number, body = "", headers: Record<string, string> = {}): Reply => ({
  kind: "http",
  status,
  headers,
  body,
});
const smtp = (code: number, text = `${code} said`): Reply => ({ kind: "mail", code, text });
const failed = (reached: "no" | "maybe"): Reply => ({
  kind: "error",
  reached,
  because: "it broke",
});
const says = (error: string): Reply => answer(200, JSON.stringify({ ok: false, error }));

describe("verdicts", () => {
  for (const driver of [email, slack, webhook]) {
    const name = driver === email ? "mail" : driver === slack ? "Slack" : "webhook";
    test(`${name}: what surely was not handed over is tried again`, () =>
      expect(driver.verdict(failed("no"))).toEqual({
        kind: "retry",
        because: "it broke",
        afterMs: null,
      }));
    test(`${name}: what may have been handed over is unknown`, () =>
      expect(driver.verdict(failed("maybe"))).toEqual({ kind: "unknown", because: "it broke" }));
  }

  for (const [reply, kind] of [
    [smtp(250), "accepted"],
    [smtp(421), "retry"],
    [smtp(451), "retry"],
    [smtp(501), "refused"],
    [smtp(550), "refused"],
    [smtp(354), "unknown"],
    [answer(200), "unknown"],
  ] as const) {
    test(`mail: ${reply.kind === "mail" ? reply.code : "an HTTP reply"} is ${kind}`, () =>
      expect(email.verdict(reply).kind).toBe(kind));
  }

  test("mail: the queue id is kept when the server gives one", () =>
    expect(email.verdict(smtp(250, "250 2.0.0 Ok: queued as 4Xy1z"))).toEqual({
      kind: "accepted",
      providerId: "4Xy1z",
      reference: null,
    }));

  for (const [status, kind] of [
    [200, "accepted"],
    [202, "accepted"],
    [204, "accepted"],
    [302, "refused"],
    [400, "refused"],
    [401, "refused"],
    [404, "refused"],
    [408, "retry"],
    [410, "refused"],
    [425, "retry"],
    [429, "retry"],
    [500, "unknown"],
    [502, "unknown"],
    [503, "retry"],
    [504, "unknown"],
  ] as const) {
    test(`webhook: ${status} is ${kind}`, () =>
      expect(webhook.verdict(answer(status)).kind).toBe(kind));
  }

  const date = { date: "Sat, 21 Nov 2026 03:00:00 GMT" };
  for (const [promise, headers, afterMs] of [
    ["seconds", { "retry-after": "30" }, 30_000],
    [
      "a date, measured from the reply's own",
      { ...date, "retry-after": "Sat, 21 Nov 2026 03:02:00 GMT" },
      120_000,
    ],
    [
      "a date in the past as at once",
      { ...date, "retry-after": "Sat, 21 Nov 2026 02:00:00 GMT" },
      0,
    ],
    ["at most an hour", { "retry-after": "86400" }, HOUR],
    ["nothing when it is absent", {}, null],
    ["nothing when it is unreadable", { ...date, "retry-after": "soon" }, null],
    [
      "nothing when the date has no measure",
      { "retry-after": "Sat, 21 Nov 2026 03:02:00 GMT" },
      null,
    ],
  ] as const) {
    test(`Retry-After is honoured: ${promise}`, () =>
      expect(webhook.verdict(answer(503, "", headers))).toMatchObject({ kind: "retry", afterMs }));
  }

  for (const [what, reply, kind] of [
    ["ok", answer(200, '{"ok":true,"channel":"C1","ts":"1.2"}'), "accepted"],
    ["ratelimited in the body", says("ratelimited"), "retry"],
    ["429", answer(429, "", { "retry-after": "3" }), "retry"],
    ["503", answer(503), "retry"],
    ["service_unavailable", says("service_unavailable"), "retry"],
    ["fatal_error", says("fatal_error"), "unknown"],
    ["internal_error", says("internal_error"), "unknown"],
    ["a page of HTML", answer(200, "<html>"), "unknown"],
    ["an answer cut short", answer(200, '{"ok":tr'), "unknown"],
    ["a number", answer(200, "7"), "unknown"],
    ["invalid_auth", says("invalid_auth"), "refused"],
    ["channel_not_found", says("channel_not_found"), "refused"],
    ["account_inactive", says("account_inactive"), "refused"],
    ["an error without a name", answer(200, '{"ok":false}'), "refused"],
    ["404", answer(404), "refused"],
    ["a mail reply", smtp(250), "unknown"],
  ] as const) {
    test(`Slack: ${what} is ${kind}`, () => expect(slack.verdict(reply).kind).toBe(kind));
  }

  test("Slack: the reference of an accepted message finds it again in an update", () => {
    const verdict = slack.verdict(answer(200, '{"ok":true,"channel":"D1","ts":"15.000002"}'));
    const reference = verdict.kind === "accepted" ? (verdict.reference ?? "") : "";
    const sent = http(
      slack.update?.({ message: page, reference, address: "D1", outcome: "done" }, bySlack),
    );
    expect(JSON.parse(sent.body ?? "")).toMatchObject({ channel: "D1", ts: "15.000002" });
  });
});

describe("too many, as each vendor means it", () => {
  const json = (status: number, body: object, headers = {}): Reply =>
    answer(status, JSON.stringify(body), headers);
  for (const [type, what, reply, expected] of [
    ["twilio-sms", "a 429", json(429, { code: 20_429 }), { kind: "retry", limits: "channel" }],
    [
      "twilio-sms",
      "a full queue",
      json(400, { code: 21_611 }),
      { kind: "retry", limits: "channel" },
    ],
    [
      "twilio-voice",
      "a 429 without words",
      answer(429, "busy"),
      { kind: "retry", limits: "unsaid" },
    ],
    [
      "plivo-sms",
      "a 429",
      json(429, { error: "throttled" }, { "retry-after": "7" }),
      { kind: "retry", limits: "channel", afterMs: 7_000 },
    ],
    ["ntfy", "its rate", json(429, { code: 42_901 }), { kind: "retry", limits: "channel" }],
    ["ntfy", "its day", json(429, { code: 42_908 }), { kind: "refused", limits: "channel" }],
    [
      "pushover",
      "its month",
      json(429, { errors: ["quota"] }),
      { kind: "refused", limits: "channel" },
    ],
    ["discord", "a webhook", json(429, { retry_after: 1.5, global: false }), { limits: "address" }],
    [
      "discord",
      "all of them",
      json(429, { retry_after: 1.5, global: true }),
      { limits: "channel" },
    ],
    [
      "telegram",
      "a chat or the bot",
      json(429, { ok: false, error_code: 429, parameters: { retry_after: 5 } }),
      { limits: "unsaid", afterMs: 5_000 },
    ],
    ["slack", "a conversation or the workspace", answer(429), { limits: "unsaid" }],
    ["teams", "a webhook", answer(429), { limits: "address" }],
    ["mattermost", "whoever it counts", answer(429), { limits: "unsaid" }],
  ] as const)
    test(`${type}: ${what}`, () =>
      expect(channelDrivers[type].verdict(reply)).toMatchObject(expected));

  test("what is broken or away is no limit", () => {
    const verdict = webhook.verdict(answer(503, "", { "retry-after": "30" }));
    expect(verdict).toEqual({ kind: "retry", because: expect.anything(), afterMs: 30_000 });
  });
});

describe("nothing arrives there any more, in the vendor's own words", () => {
  const says = (status: number, body: object): Reply => answer(status, JSON.stringify(body));
  const moved = {
    ok: false,
    error_code: 400,
    description: "Bad Request: group chat was upgraded to a supergroup chat",
    parameters: { migrate_to_chat_id: -1001234567890 },
  };
  const gone = { status: 0, user: "invalid", errors: ["user key is not valid"] };
  for (const [type, reply, because] of [
    ["telegram", says(400, moved), /its id is now -1001234567890$/],
    ["telegram", says(400, { ...moved, description: "PEER_ID_INVALID", parameters: {} }), /PEER/],
    ["telegram", says(403, { ok: false, error_code: 403, description: "blocked" }), /blocked/],
    ["pushover", says(400, gone), /user key is not valid/],
    ["discord", says(404, { code: 10_015, message: "Unknown Webhook" }), /no such webhook/],
    ["slack", says(200, { ok: false, error: "not_in_channel" }), /not_in_channel/],
    ["slack", says(200, { ok: false, error: "messages_tab_disabled" }), /messages_tab_disabled/],
    ["twilio-sms", says(400, { code: 21_211, message: "Invalid 'To'" }), /Invalid 'To'/],
  ] as const)
    test(`${type}: ${because.source}`, () =>
      expect(channelDrivers[type].verdict(reply)).toMatchObject({
        kind: "refused",
        mark: "bounced",
        because: expect.stringMatching(because),
      }));
  test("a token of ours that is revoked says nothing of an address", () => {
    const revoked = says(200, { ok: false, error: "token_revoked" });
    expect(slack.verdict(revoked)).toEqual({
      kind: "refused",
      because: "Slack answered token_revoked",
    });
    const wrong = says(400, {
      status: 0,
      token: "invalid",
      errors: ["application token is invalid"],
    });
    expect(channelDrivers.pushover.verdict(wrong)).not.toHaveProperty("mark");
  });
});

test("Telegram takes no button to a name without a dot: such links stand in the text", () => {
  const byTelegram: ChannelSettings = {
    ...about,
    channel: { type: "telegram", token: "env:T", apiUrl: "https://api.telegram.org" },
    secrets: { token: "1:a" },
  };
  const inside: Message = {
    ...page,
    actions: page.actions.map((one) => ({
      ...one,
      url: one.url.replace("tocsin.example", "tocsin:4410"),
    })),
  };
  const bodyOf = (message: Message) =>
    JSON.parse(http(channelDrivers.telegram.render(message, "12", byTelegram, NOW)).body ?? "");
  const body = bodyOf(inside);
  expect(body.reply_markup.inline_keyboard).toEqual([]);
  expect(body.text).toContain("Acknowledge: https://tocsin:4410/a/1?t=x&y=z\n");
  expect(bodyOf(page).reply_markup.inline_keyboard).toHaveLength(3);
  expect(bodyOf(page).text).not.toContain("https://");
});

test("no secret stands in a body: receivers keep bodies in their logs", () => {
  const slackBody = http(slack.render(page, "C1", bySlack, NOW)).body;
  const hookBody = http(webhook.render(page, "https://hooks.example/in", byWebhook, NOW)).body;
  expect(`${slackBody}${hookBody}`).not.toMatch(/xoxb-token|signing|hook-secret/);
});

test("a pushed page that stands for several names each, without the links that nobody can press there", () => {
  const lines = ["[SEV2] INC-3 Cards fail https://tocsin.example/a/1.x", "[SEV1] INC-4 Till down"];
  const told = { ...page, facts: [], lines: lines.map((line) => `${line} https://t.example/a/2`) };
  expect(pushedOf(told).body).toBe("[SEV2] INC-3 Cards fail\n[SEV1] INC-4 Till down");
});
