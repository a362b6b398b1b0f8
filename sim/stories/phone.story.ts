/** Pages by text message and voice, told as the complaints they answer. */
import { expect } from "vitest";
import type { DesiredObject } from "../../contract/configuration.ts";
import type { Received } from "../../server/app/local/virtual/transport.ts";
import { explainNotification } from "../../contract/page.ts";
import { telegramUpdate } from "../../contract/pages.ts";
import { object } from "../company.ts";
import { keyOf, NUMBERS, PHONE_CHANNELS, receiptOf, takenOf, textFrom } from "../phones.ts";
import { story } from "../story.ts";
import type { Simulation } from "../world.ts";

const ALICE = NUMBERS["alice"]!;

const reachedBy = (
  channel: "text" | "voice",
  more: readonly object[] = [],
  channels: readonly DesiredObject[] = PHONE_CHANNELS,
) => [
  ...channels,
  object("people", "alice", {
    name: "Alice Sim",
    email: "alice@sim.example",
    timezone: "Europe/Berlin",
    contacts: [{ channel, address: ALICE, urgency: "high" }, ...more] as never,
    roles: [{ role: "responder" }],
  }),
];

/** One provider alone: nobody takes over for it. */
const ALONE = PHONE_CHANNELS.flatMap((channel) => {
  const { fallback: _, ...body } = channel.body as { readonly fallback?: string };
  return channel.id === "voice" ? [{ ...channel, body }] : [];
});

const by = (page: Received) => `${page.phone?.provider} ${page.phone?.by}`;
const states = async (sim: Simulation, id = "INC-1") =>
  (await sim.pages(id)).map(({ channel, state, because }) => `${channel} ${state} ${because}`);

for (const channel of ["text", "voice"] as const)
  story(
    `one telephony provider: what it does not take goes by another one at once (${channel})`,
    async (sim) => {
      await sim.configure(...reachedBy(channel));
      sim.sendsTo(ALICE, "busy", "accept");
      await sim.event();
      const [page, ...more] = sim.pagesTo(ALICE);
      expect([by(page!), more]).toEqual([`plivo ${channel}`, []]);
      expect(await states(sim)).toEqual([
        `${channel} dropped told by ${channel}-2`,
        `${channel}-2 accepted null`,
      ]);
      expect(await sim.timeline("INC-1")).toContain(
        `The page to alice by ${channel}: the receiver answered 503. It goes by ${channel}-2 as well.`,
      );
      await sim.told(receiptOf(page!, "delivered"));
      await sim.forward("3m");
      expect(sim.pagesTo(ALICE)).toHaveLength(1);
      await sim.as("alice").acknowledge("INC-1");
    },
  );

story(
  "taken and never seen: without a receipt in a minute it comes by the other provider, marked",
  async (sim) => {
    await sim.configure(...reachedBy("text"));
    await sim.event();
    await sim.forward("59s");
    expect(sim.pagesTo(ALICE).map(by)).toEqual(["twilio text"]);
    await sim.forward("1s");
    const [first, second] = sim.pagesTo(ALICE);
    expect([by(second!), second!.mayRepeat]).toEqual(["plivo text", true]);
    // The receipt that came too late, and came twice, sends nothing more.
    await sim.told(receiptOf(first!, "delivered"));
    await sim.told(receiptOf(first!, "delivered"));
    const params = { id: first!.messageId };
    const explained = await sim.call("alice")(explainNotification, { params });
    expect(explained.delivery).toEqual({ said: "delivered", at: "2026-11-23T10:01:00.000Z" });
    await sim.told(receiptOf(second!, "delivered"));
    await sim.forward("3m");
    expect(sim.pagesTo(ALICE)).toHaveLength(2);
    await sim.as("alice").acknowledge("INC-1");
  },
);

for (const [moment, lost] of [
  ["whose answer was lost", "loses the reply"],
  [
    "that was taken before we heard of it",
    {
      says: { kind: "error", reached: "maybe", because: "broke off" },
      afterMs: 3_000,
      arrives: "at once",
    },
  ],
] as const)
  story(
    `called again while I am on the phone: a call ${moment} comes once, as its receipt tells of it`,
    async (sim) => {
      await sim.configure(...reachedBy("voice", [], ALONE));
      sim.sendsTo(ALICE, lost, "accept");
      await sim.event();
      const [page] = sim.pagesTo(ALICE);
      await sim.forward("2s");
      await sim.told(takenOf(page!));
      await sim.forward("2m");
      expect(sim.pagesTo(ALICE)).toHaveLength(1);
      expect(await states(sim)).toEqual(["voice accepted null"]);
      await sim.told(keyOf(page!, "1"));
      expect((await sim.incident("INC-1")).acknowledgedBy).toBe("alice");
    },
  );

story("both providers fail: the next one is paged at once, not after the time-out", async (sim) => {
  await sim.configure(...reachedBy("text"));
  await sim.event();
  await sim.told(receiptOf(sim.pagesTo(ALICE)[0]!, "undelivered"));
  const [, second] = sim.pagesTo(ALICE);
  expect([by(second!), second!.mayRepeat]).toEqual(["plivo text", false]);
  sim.expectNoMore("bob");
  await sim.told(receiptOf(second!, "undelivered"));
  sim.expectMail("bob", /SEV1/);
  expect((await states(sim)).slice(0, 2)).toEqual([
    "text failed undelivered: undelivered 30008",
    "text-2 failed undelivered: undelivered 30008",
  ]);
  await sim.as("bob").acknowledge("INC-1");
});

story(
  "paged after acknowledging: a receipt that never comes wakes nobody who has it",
  async (sim) => {
    await sim.configure(...reachedBy("text"));
    await sim.event();
    await sim.told(textFrom(ALICE, "1"));
    expect((await sim.incident("INC-1")).acknowledgedBy).toBe("alice");
    await sim.forward("5m");
    expect(sim.pagesTo(ALICE)).toHaveLength(1);
  },
);

story("a text message answers, from the number that was paged and from no other", async (sim) => {
  await sim.configure(...reachedBy("text"));
  await sim.event();
  await sim.event({ service: "refunds", title: "Refunds fail" });
  expect(sim.pagesTo(ALICE)[0]!.text).toMatch(
    /Reply 1 I have it, 2 escalate, 3 not mine, 4 resolved\.\nhttps:.*\/a\//,
  );
  // Somebody else's number, ours without its signature, and a number that is not theirs.
  expect(await sim.told(textFrom("+4915199999999", "1 1"))).not.toMatch(/Message/);
  const forged = textFrom(ALICE, "1 1");
  const headers = { "x-twilio-signature": "AAAA" };
  await expect(sim.told({ ...forged, input: { ...forged.input, headers } })).rejects.toThrow(
    "signature",
  );
  expect(await sim.told(textFrom(ALICE, "1"))).toMatch(
    /Which one\? You were paged for INC-2, INC-1\. Reply with its number, such as: 1 2/,
  );
  expect(await sim.told(textFrom(ALICE, "Ack INC-1."))).toMatch(/You have INC-1\./);
  expect(await sim.told(textFrom(ALICE, "hello?", "plivo"))).toMatch(/Reply 1 if you have it/);
  expect(await sim.told(textFrom(ALICE, "3 2", "plivo"))).toMatch(/INC-2: noted/);
  expect(await sim.told(textFrom(ALICE, "done 1"))).toMatch(/INC-1 is resolved/);
  expect(await sim.told(textFrom(ALICE, "1 77"))).toMatch(/Nothing waits/);
  expect((await sim.incident("INC-1")).state).toBe("resolved");
  await sim.as("bob").acknowledge("INC-2");
});

story("a call says what burns and takes a key, from the phone that was called", async (sim) => {
  await sim.configure(...reachedBy("voice"));
  await sim.event();
  const [call] = sim.pagesTo(ALICE);
  expect(call!.text).toMatch(/SEV1.*Database down.*Press 1 if you have it/s);
  const elsewhere = { ...call!, to: "+4915199999999" };
  await expect(sim.told(keyOf(elsewhere, "1"))).rejects.toThrow("signature");
  expect(await sim.told(keyOf(call!, "9"))).toMatch(/<Gather .*Database down/);
  expect(await sim.told(keyOf(call!, "7"))).toMatch(/none of the keys.*<\/Gather>/);
  expect(await sim.told(keyOf(call!, "1"))).toMatch(/<Say>You have INC-1\.<\/Say>/);
  expect((await sim.incident("INC-1")).acknowledgedBy).toBe("alice");
});

story("the second provider's call fetches its words, and its key escalates", async (sim) => {
  await sim.configure(...reachedBy("voice"));
  sim.sendsTo(ALICE, "down", "accept");
  await sim.event();
  const [call] = sim.pagesTo(ALICE);
  expect(await sim.told(takenOf(call!))).toMatch(/<GetInput .*<Speak>.*Database down/);
  await sim.forward("4m");
  expect(sim.pagesTo(ALICE)).toHaveLength(1);
  expect(await sim.told(keyOf(call!, "2"))).toMatch(/the next one is paged now/);
  sim.expectMail("bob", /SEV1/);
  await sim.as("bob").acknowledge("INC-1");
});

story(
  "STOP ignored: no text message goes there any more, and the next one is paged at once",
  async (sim) => {
    await sim.configure(...reachedBy("text"));
    await sim.told(textFrom(ALICE, " Stop "));
    await sim.event();
    expect(sim.pagesTo(ALICE)).toEqual([]);
    sim.expectMail("bob", /SEV1/);
    expect(await states(sim)).toContainEqual(
      "text failed refused: whoever has the address said that they want nothing there",
    );
    await sim.as("bob").acknowledge("INC-1");
    await sim.as("bob").resolve("INC-1");
    expect(await sim.told(textFrom(ALICE, "START", "plivo"))).toMatch(/again/);
    await sim.event({ title: "Down again" });
    expect(sim.pagesTo(ALICE)).toHaveLength(1);
    await sim.as("alice").acknowledge("INC-2");
  },
);

story(
  "STOP came undone: a number taken out and added again by another channel stays stopped until START",
  async (sim) => {
    await sim.configure(...reachedBy("text"));
    await sim.told(textFrom(ALICE, "STOP"));
    const mail = { channel: "mail", address: "alice@sim.example" };
    const alice = (...contacts: readonly object[]) =>
      object("people", "alice", {
        name: "Alice Sim",
        email: "alice@sim.example",
        timezone: "Europe/Berlin",
        contacts: contacts as never,
        roles: [{ role: "responder" }],
      });
    await sim.configure(alice(mail));
    // What is known of an address that nobody has any more is forgotten in the night.
    await sim.forward("25h");
    const other = PHONE_CHANNELS.find(({ id }) => id === "text-2")!;
    await sim.configure({ ...other, id: "text-3" }, alice({ channel: "text-3", address: ALICE }));
    await sim.event();
    expect(sim.pagesTo(ALICE)).toEqual([]);
    sim.expectMail("bob", /SEV1/);
    await sim.as("bob").acknowledge("INC-1");
    await sim.as("bob").resolve("INC-1");
    await sim.told(textFrom(ALICE, "START"));
    await sim.event({ title: "Down again" });
    expect(sim.pagesTo(ALICE)).toHaveLength(1);
    await sim.as("alice").acknowledge("INC-2");
  },
);

story(
  "the provider said delivered and then not, or the other way round: nobody is called twice over it",
  async (sim) => {
    await sim.configure(...reachedBy("text"));
    await sim.event();
    const [first] = sim.pagesTo(ALICE);
    await sim.told(receiptOf(first!, "delivered"));
    await sim.told(receiptOf(first!, "undelivered"));
    await sim.forward("2m");
    expect(sim.pagesTo(ALICE)).toHaveLength(1);
    await sim.as("alice").acknowledge("INC-1");
    await sim.event({ service: "refunds" });
    const second = sim.pagesTo(ALICE)[1]!;
    await sim.told(receiptOf(second, "undelivered"));
    expect(by(sim.pagesTo(ALICE)[2]!)).toBe("plivo text");
    await sim.told(receiptOf(second, "delivered"));
    await sim.told(receiptOf(second, "undelivered"));
    await sim.forward("30s");
    expect(sim.pagesTo(ALICE)).toHaveLength(3);
    await sim.as("alice").acknowledge("INC-2");
  },
);

story("a call that nobody took is no fault of the provider: the policy goes on", async (sim) => {
  await sim.configure(...reachedBy("voice"));
  await sim.event();
  await sim.told(receiptOf(sim.pagesTo(ALICE)[0]!, "not taken"));
  await sim.forward("4m");
  expect(sim.pagesTo(ALICE)).toHaveLength(1);
  await sim.as("alice").acknowledge("INC-1");
});

story(
  "five tools open at once: a press in Telegram says “not mine”, by whoever is known there",
  async (sim) => {
    await sim.configure(
      object("channels", "telegram", {
        type: "telegram",
        token: "env:BOT",
        webhookSecret: "env:HOOK",
      }),
      object("people", "alice", {
        name: "Alice Sim",
        email: "alice@sim.example",
        contacts: [{ channel: "telegram", address: "4711" }],
        roles: [{ role: "responder" }],
      }),
    );
    await sim.event();
    const [page] = await sim.pages("INC-1");
    const press = (id: number, secret = "secret of env:HOOK") => ({
      params: { channel: "telegram" },
      body: { callback_query: { id: "q", from: { id }, data: `not-mine ${page!.id}` } },
      headers: { "x-telegram-bot-api-secret-token": secret },
    });
    await expect(sim.call("zoe")(telegramUpdate, press(4711, "guessed"))).rejects.toThrow();
    const stranger = await sim.call("zoe")(telegramUpdate, press(99));
    expect(stranger.text).toBe(
      "Nobody here is known by that account: give the person a contact with its id.",
    );
    const said = await sim.call("zoe")(telegramUpdate, press(4711));
    expect(said).toMatchObject({ method: "answerCallbackQuery", callback_query_id: "q" });
    expect(said.text).toMatch(/INC-1: noted/);
    sim.expectMail("bob", /SEV1/);
    await sim.as("bob").acknowledge("INC-1");
  },
);

story("told in one text and no way to answer one of them: its number is enough", async (sim) => {
  const [channels, alice] = [PHONE_CHANNELS, reachedBy("text").at(-1) as DesiredObject];
  const body = { ...(alice.body as object), pagesPerMinute: 1 };
  await sim.configure(...channels, { ...alice, body });
  for (const title of ["one", "two", "three"])
    await sim.as("zoe").declare({ title, severity: "SEV1", services: ["checkout"] });
  await sim.forward("1m");
  const told = sim.mailsTo(ALICE).find(({ text }) => text.includes("2 more pages"));
  expect(told?.text).toMatch(/Reply with its number, such as: 1 2\. 1 I have it/);
  expect(await sim.told(textFrom(ALICE, "1 2"))).toMatch(/You have INC-2/);
  expect((await sim.incident("INC-2")).acknowledgedBy).toBe("alice");
});

for (const provider of ["twilio", "plivo"] as const)
  story(`an old reply was sent again and took the next page from me (${provider})`, async (sim) => {
    await sim.configure(...reachedBy("text"));
    await sim.event();
    const ack = textFrom(ALICE, "1", provider, "the one");
    expect(await sim.told(ack)).toMatch(/You have INC-1\./);
    await sim.as("alice").resolve("INC-1");
    const stop = textFrom(ALICE, "STOP", provider, "another");
    await sim.told(stop);
    await sim.told(textFrom(ALICE, "START", provider));
    await sim.event({ title: "Checkout down" });
    const [page] = sim.pagesTo(ALICE).slice(-1);
    expect(page!.subject).toMatch(/INC-2/);
    for (const old of [ack, stop]) expect(await sim.told(old)).not.toMatch(/INC-2|SMS|text/);
    expect((await sim.incident("INC-2")).acknowledgedBy).toBeNull();
    expect(await sim.told(textFrom(ALICE, "1", provider))).toMatch(/You have INC-2\./);
  });

story("a key that its provider told twice counts once", async (sim) => {
  await sim.configure(...reachedBy("voice"));
  await sim.event();
  const [call] = sim.pagesTo(ALICE);
  await sim.told(takenOf(call!));
  expect(await sim.told(keyOf(call!, "2"))).toMatch(/the next one is paged now/);
  expect(await sim.told(keyOf(call!, "2"))).toMatch(/That was heard already/);
  const asked = (await sim.timeline("INC-1")).filter((line) => /asks for the next/.test(line));
  expect(asked).toHaveLength(1);
  await sim.as("alice").acknowledge("INC-1");
});

story("messages to which their provider gave no id are no repeats of one another", async (sim) => {
  await sim.configure(...reachedBy("text"));
  for (const number of [1, 2]) {
    await sim.event({ title: `Down for the ${number}. time` });
    expect(await sim.told(textFrom(ALICE, "1", "twilio", ""))).toMatch(`You have INC-${number}.`);
    await sim.as("alice").resolve(`INC-${number}`);
  }
});
