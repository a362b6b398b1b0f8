/** Push and chat channels against faithful services over real sockets: sent, changed, refused, limited, broken off. */
import { expect, test } from "vitest";
import { channelDrivers } from "../server/edge/outbound/index.ts";
import { KEYS, pushVendor } from "./fakes/pushServers.ts";
import { type Case, NOW, PAGE, vendorStage } from "./vendorStage.ts";

const [USER] = KEYS.pushoverUsers;
const [CHAT] = KEYS.chats;
const hook = (path: string, limited: Case["limited"]): Case => ({
  channel: () => ({}),
  secrets: {},
  address: (url) => `${url}${path}`,
  limited,
});
const stage = vendorStage(pushVendor(KEYS), {
  ntfy: {
    channel: (url) => ({ url, token: "env:T" }),
    secrets: { token: KEYS.ntfy },
    address: () => "oncall-alice",
    limited: null,
  },
  pushover: {
    channel: (apiUrl) => ({ apiUrl, token: "env:T" }),
    secrets: { token: KEYS.pushoverApp },
    address: () => USER,
    // A quota of a month: the next one is paged instead of waiting for it.
    limited: "Pushover says: application is over its quota",
  },
  telegram: {
    channel: (apiUrl) => ({ apiUrl, token: "env:T" }),
    secrets: { token: KEYS.bot },
    address: () => CHAT,
    limited: 5_000,
  },
  discord: hook("/api/webhooks/1/tok", 1_337),
  mattermost: hook("/hooks/abc", null),
  teams: hook("/workflows/abc/triggers/manual?sig=s", null),
});

for (const [type, nobody] of [
  ["ntfy", () => "no topic!"],
  ["pushover", () => "x".repeat(30)],
  ["telegram", () => "1"],
  ["discord", () => `${stage.url()}/api/webhooks/2/gone`],
  ["mattermost", () => `${stage.url()}/gone`],
  ["teams", () => `${stage.url()}/gone`],
] as const)
  test(`${type} refuses whom it does not know, for good`, async () =>
    expect(await stage.send(type, { address: nobody() })).toMatchObject({ kind: "refused" }));

for (const type of ["telegram", "discord"] as const)
  test(`a message in ${type} later says who has it, without the button`, async () => {
    const verdict = await stage.send(type);
    const reference = verdict.kind === "accepted" ? (verdict.reference ?? "") : "";
    const address = stage.addressOf(type);
    const outcome = "Ada has it since 03:04 UTC";
    const change = { message: PAGE, reference, address, outcome };
    const update = channelDrivers[type].update!(change, stage.settingsOf(type));
    expect(await stage.ask(type, update)).toMatchObject({ kind: "accepted" });
    const said = JSON.stringify(stage.taken());
    expect(said).toContain(outcome);
    expect(said).not.toContain("/a/1?t=x");
  });

test("a page in Telegram and in Teams is answered in four ways: by links, by itself where the bot has a webhook", async () => {
  const about = { ...PAGE, thread: { subjectId: "INC-12", sentReference: null } };
  const buttons = async (secrets: Readonly<Record<string, string>>) => {
    await stage.send("telegram", {
      message: about,
      settings: stage.settingsOf("telegram", secrets),
    });
    const markup = stage.taken()["reply_markup"] as {
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
    `${link}&answer=resolve`,
    open,
  ]);
  expect(await buttons({ token: KEYS.bot, webhookSecret: "s" })).toEqual([
    `acknowledge ${PAGE.notificationId}`,
    `not-mine ${PAGE.notificationId}`,
    `escalate ${PAGE.notificationId}`,
    `resolve ${PAGE.notificationId}`,
    open,
  ]);
  expect(await stage.send("teams", { message: about })).toMatchObject({ kind: "accepted" });
  expect(JSON.stringify(stage.taken())).toContain(`${link}&answer=resolve`);
});

test("whoever is asked to join is offered yes and no in a chat, and nothing that is for whoever is paged", async () => {
  const [first, ...others] = PAGE.actions;
  const message = {
    ...PAGE,
    thread: { subjectId: "INC-12", sentReference: null },
    actions: [{ ...first!, label: "Answer" }, ...others],
  };
  const settings = stage.settingsOf("telegram", { token: KEYS.bot, webhookSecret: "s" });
  await stage.send("telegram", { message, settings });
  const said = JSON.stringify(stage.taken()["reply_markup"]);
  expect([...said.matchAll(/"text":"([^"]+)"/g)].map(([, text]) => text)).toEqual([
    "Join",
    "I cannot",
    "Open INC-12",
  ]);
});

test("a secret that is wrong is a definite no, and no secret stands in a body but where the vendor wants it", async () => {
  for (const type of ["ntfy", "telegram"] as const) {
    const settings = stage.settingsOf(type, { token: "wrong" });
    const request = channelDrivers[type].render(PAGE, stage.addressOf(type), settings, NOW);
    expect(await stage.ask(type, request)).toMatchObject({ kind: "refused" });
    expect(request.via === "http" && request.body).not.toMatch(/wrong/);
  }
});

test("what stands in an alert mentions nobody and is no markup", async () => {
  await stage.send("discord");
  expect(stage.taken()).toMatchObject({ allowed_mentions: { parse: [] } });
  await stage.send("mattermost");
  const text = String(stage.taken()["text"]);
  expect(text).not.toMatch(/@here/);
  expect(text).toContain("\\*refunds\\*");
});
