/** Push and chat channels against faithful services over real sockets: sent, changed, refused, limited, broken off. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Channel } from "../contract/notification.ts";
import { addressGuard } from "../server/base/addresses.ts";
import { instant } from "../server/base/instant.ts";
import { realTransport } from "../server/base/realTransport.ts";
import type { ChannelSettings, Message, Verdict } from "../server/domain/notification/channel.ts";
import { channelDrivers } from "../server/edge/outbound/index.ts";
import { KEYS, type PushServers, startPushServers } from "./fakes/pushServers.ts";

const NOW = instant(Date.UTC(2026, 10, 21, 3, 0));
const transport = realTransport({ smtpUrl: null, guard: addressGuard(["127.0.0.1"]) });
let servers: PushServers;
beforeAll(async () => {
  servers = await startPushServers();
});
afterAll(() => servers.stop());

const page: Message = {
  notificationId: "0199a-page",
  idempotencyKey: "0199a-page",
  kind: "page",
  subject: "SEV1 Payments: <failure> & *refunds* @here",
  lines: ["More than 1 % of payments fail.", "You are first on call."],
  facts: [{ name: "Service", value: "payments" }],
  actions: [
    { label: "Acknowledge", url: "https://tocsin.example/a/1?t=x", verb: "acknowledge" },
    { label: "Open INC-12", url: "https://tocsin.example/incidents/INC-12", verb: "open" },
  ],
  mayRepeat: false,
  attachments: [],
  thread: null,
};
const long: Message = {
  ...page,
  mayRepeat: true,
  subject: "ä*".repeat(900),
  lines: Array.from({ length: 40 }, () => "ö_".repeat(400)),
};

type Type = keyof typeof CASES;
/** Where each is reached, with which secrets, and who is not there. */
const CASES = {
  ntfy: {
    channel: () => ({ url: servers.url, token: "env:T" }),
    secrets: { token: KEYS.ntfy },
    address: () => "oncall-alice",
    nobody: () => "no topic!",
  },
  pushover: {
    channel: () => ({ apiUrl: servers.url, token: "env:T" }),
    secrets: { token: KEYS.pushoverApp },
    address: () => KEYS.pushoverUser,
    nobody: () => "x".repeat(30),
  },
  telegram: {
    channel: () => ({ apiUrl: servers.url, token: "env:T" }),
    secrets: { token: KEYS.bot },
    address: () => KEYS.chat,
    nobody: () => "1",
  },
  discord: {
    channel: () => ({}),
    secrets: {},
    address: () => `${servers.url}/api/webhooks/1/tok`,
    nobody: () => `${servers.url}/api/webhooks/2/gone`,
  },
  mattermost: {
    channel: () => ({}),
    secrets: {},
    address: () => `${servers.url}/hooks/abc`,
    nobody: () => `${servers.url}/gone`,
  },
  teams: {
    channel: () => ({}),
    secrets: {},
    address: () => `${servers.url}/workflows/abc/triggers/manual?sig=s`,
    nobody: () => `${servers.url}/gone`,
  },
} as const;
const TYPES = Object.keys(CASES) as readonly Type[];

const settingsOf = (type: Type): ChannelSettings => ({
  channel: Channel.parse({ type, ...CASES[type].channel() }),
  secrets: CASES[type].secrets,
  productName: "Tocsin",
  publicUrl: "https://tocsin.example",
});
async function send(type: Type, message = page, address?: string): Promise<Verdict> {
  const driver = channelDrivers[type];
  const to = address ?? CASES[type].address();
  return driver.verdict(await transport.send(driver.render(message, to, settingsOf(type), NOW)));
}

for (const type of TYPES)
  describe(type, () => {
    test("takes a page, and its form is the one that stands here", async () => {
      expect(await send(type)).toMatchObject({ kind: "accepted" });
      const body = servers.taken().at(-1)?.body;
      await expect(`${JSON.stringify(body, null, 2)}\n`).toMatchFileSnapshot(
        `../server/edge/outbound/golden/${type}.page.json`,
      );
    });
    test("takes the longest message too, cut to its limits", async () =>
      expect(await send(type, long)).toMatchObject({ kind: "accepted" }));
    test("refuses whom it does not know, for good", async () =>
      expect(await send(type, page, CASES[type].nobody())).toMatchObject({ kind: "refused" }));
    test("an answer that is lost is unknown, never accepted", async () => {
      servers.breakOff();
      expect(await send(type)).toMatchObject({ kind: "unknown" });
    });
    test("knows its own addresses", () => {
      const { expects } = channelDrivers[type];
      expect(expects?.pattern.test(CASES[type].address())).toBe(true);
      expect(expects?.pattern.test("not an address")).toBe(false);
    });
  });

for (const [type, verdict] of [
  ["ntfy", { kind: "retry", afterMs: null }],
  ["telegram", { kind: "retry", afterMs: 5_000 }],
  ["discord", { kind: "retry", afterMs: 1_337 }],
  ["mattermost", { kind: "retry", afterMs: null }],
  ["teams", { kind: "retry", afterMs: null }],
  // A quota of a month: the next one is paged instead of waiting for it.
  ["pushover", { kind: "refused", because: "Pushover says: application is over its quota" }],
] as const)
  test(`${type} says that there were too many, and is left alone as long as it asks`, async () => {
    servers.limitNext();
    expect(await send(type)).toMatchObject(verdict);
  });

for (const type of ["telegram", "discord"] as const)
  test(`a message in ${type} later says who has it, without the button`, async () => {
    const verdict = await send(type);
    const reference = verdict.kind === "accepted" ? (verdict.reference ?? "") : "";
    const address = CASES[type].address();
    const outcome = "Ada has it since 03:04 UTC";
    const change = { message: page, reference, address, outcome };
    const driver = channelDrivers[type];
    const update = driver.update!(change, settingsOf(type));
    expect(driver.verdict(await transport.send(update))).toMatchObject({ kind: "accepted" });
    const said = JSON.stringify(servers.taken().at(-1)?.body);
    expect(said).toContain(outcome);
    expect(said).not.toContain("/a/1?t=x");
  });

test("a page in Telegram and in Teams is answered in three ways: by links, by itself where the bot has a webhook", async () => {
  const about = { ...page, thread: { subjectId: "INC-12", sentReference: null } };
  const buttons = async (secrets: Readonly<Record<string, string>>) => {
    const settings = { ...settingsOf("telegram"), secrets };
    const driver = channelDrivers.telegram;
    await transport.send(driver.render(about, KEYS.chat, settings, NOW));
    const markup = servers.taken().at(-1)?.body["reply_markup"] as {
      inline_keyboard: readonly (readonly Readonly<Record<string, string>>[])[];
    };
    return markup.inline_keyboard.flat().map((each) => each["callback_data"] ?? each["url"]);
  };
  const link = "https://tocsin.example/a/1?t=x";
  const open = "https://tocsin.example/incidents/INC-12";
  expect(await buttons({ token: KEYS.bot })).toEqual([
    link,
    `${link}&answer=not-mine`,
    `${link}&answer=escalate`,
    open,
  ]);
  expect(await buttons({ token: KEYS.bot, webhookSecret: "s" })).toEqual([
    `acknowledge ${page.notificationId}`,
    `not-mine ${page.notificationId}`,
    `escalate ${page.notificationId}`,
    open,
  ]);
  expect(await send("teams", about)).toMatchObject({ kind: "accepted" });
  expect(JSON.stringify(servers.taken().at(-1)?.body)).toContain(`${link}&answer=escalate`);
});

test("a secret that is wrong is a definite no, and no secret stands in a body but where the vendor wants it", async () => {
  for (const type of ["ntfy", "telegram"] as const) {
    const driver = channelDrivers[type];
    const settings = { ...settingsOf(type), secrets: { token: "wrong" } };
    const request = driver.render(page, CASES[type].address(), settings, NOW);
    expect(driver.verdict(await transport.send(request))).toMatchObject({ kind: "refused" });
    expect(request.via === "http" && request.body).not.toMatch(/wrong/);
  }
});

test("what stands in an alert mentions nobody and is no markup", async () => {
  await send("discord");
  expect(servers.taken().at(-1)?.body).toMatchObject({ allowed_mentions: { parse: [] } });
  await send("mattermost");
  const text = String(servers.taken().at(-1)?.body["text"]);
  expect(text).not.toMatch(/@here/);
  expect(text).toContain("\\*refunds\\*");
});
