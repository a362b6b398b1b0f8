/** Whether pages would reach somebody: shown before the night on which it matters. Told as complaints. */
import { expect } from "vitest";
import { listAddresses, sendCode, testPage, verifyAddress } from "../../contract/address.ts";
import { object } from "../company.ts";
import { keyOf, NUMBERS, PHONE_CHANNELS, textFrom } from "../phones.ts";
import { story } from "../story.ts";
import type { Simulation } from "../world.ts";

const ALICE = NUMBERS["alice"]!;
const byPhone = (channel: "text" | "voice") => [
  ...PHONE_CHANNELS,
  object("people", "alice", {
    name: "Alice Sim",
    email: "alice@sim.example",
    timezone: "Europe/Berlin",
    contacts: [
      { channel, address: ALICE, urgency: "high" },
      { channel: "mail", address: "alice@sim.example", urgency: "low" },
    ],
    roles: [{ role: "responder" }],
  }),
];
const reach = (sim: Simulation) => sim.call("alice")(listAddresses, {});

story("an address that was never tried: six digits that come there verify it", async (sim) => {
  await sim.configure(...byPhone("text"));
  const ask = (body: object) => sim.call("alice")(sendCode, { body });
  const tell = (code: string) =>
    sim.call("alice")(verifyAddress, { body: { channel: "text", code } });
  expect((await reach(sim)).doubts).toEqual([
    "No address of alice for pages is verified: send a code on the page “You”, or ./bin/tocsin address code CHANNEL",
    "No page has reached alice in the last 90 days: ask for a test page on the page “You”, or ./bin/tocsin page test",
  ]);
  await expect(tell("123456")).rejects.toThrow("No code is awaited");
  await expect(ask({ channel: "hook" })).rejects.toThrow("no address on a channel hook");
  await ask({ channel: "text" });
  const code = /Your code is (\d{6})\./.exec(sim.mailsTo(ALICE)[0]!.text)?.[1] ?? "";
  const wrong = code === "000000" ? "000001" : "000000";
  await expect(tell(wrong)).rejects.toThrow("That is not the code.");
  await expect(ask({ channel: "text" })).rejects.toThrow("Not yet");
  expect(await tell(`${code.slice(0, 3)} ${code.slice(3)}`)).toMatchObject({ verifiedBy: "code" });
  await expect(tell(code)).rejects.toThrow("No code is awaited");
  expect((await reach(sim)).doubts).toEqual([]);
});

story(
  "a code can be guessed: not with five tries, not after ten minutes, not all day",
  async (sim) => {
    await sim.configure(...byPhone("text"));
    const ask = () => sim.call("alice")(sendCode, { body: { channel: "text" } });
    const tell = (code: string) =>
      sim.call("alice")(verifyAddress, { body: { channel: "text", code } });
    const codeIn = (n: number) =>
      /Your code is (\d{6})/.exec(sim.mailsTo(ALICE)[n]!.text)?.[1] ?? "";
    await ask();
    const wrong = codeIn(0) === "111111" ? "222222" : "111111";
    for (let n = 0; n < 5; n++) await expect(tell(wrong)).rejects.toThrow("not the code");
    await expect(tell(codeIn(0))).rejects.toThrow("Too many");
    await sim.forward("9m");
    await expect(ask()).rejects.toThrow("Not yet");
    await sim.forward("1m");
    await ask();
    expect(codeIn(1)).not.toBe(codeIn(0));
    await sim.forward("10m");
    await expect(tell(codeIn(1))).rejects.toThrow("No code is awaited");
    for (let n = 2; n < 10; n++) {
      await ask();
      await sim.forward("1m");
    }
    await expect(ask()).rejects.toThrow("may be sent at 2026-11-24T10:00:00");
  },
);

story("does my phone ring at all: a page to myself, answered, says that it does", async (sim) => {
  await sim.configure(...byPhone("voice"));
  const { pages } = await sim.call("alice")(testPage, {});
  expect(pages.map(({ channel }) => channel)).toEqual(["voice"]);
  await expect(sim.call("alice")(testPage, {})).rejects.toThrow("Not yet");
  const [call] = sim.pagesTo(ALICE);
  expect(call!.text).toMatch(/Test page: nothing burns/);
  expect(await sim.told(keyOf(call!, "1"))).toMatch(/pages reach you by voice/);
  expect(await reach(sim)).toMatchObject({
    items: [
      { channel: "voice", verifiedBy: "answer" },
      { channel: "mail", verifiedAt: null },
    ],
    doubts: [],
  });
});

story("a test page is answered by its link, and by a text message", async (sim) => {
  await sim.call("bob")(testPage, {});
  const mail = sim.expectMail("bob", /Test page/);
  expect(await sim.openLink(mail)).toMatch(/nothing burns/);
  expect((await sim.call("bob")(listAddresses, {})).items[0]!.verifiedAt).toBeNull();
  expect(await sim.clickLink(mail)).toMatch(/Pages reach you here/);
  expect((await sim.call("bob")(listAddresses, {})).items[0]).toMatchObject({
    verifiedBy: "answer",
  });
  await sim.configure(...byPhone("text"));
  await sim.call("alice")(testPage, {});
  expect(await sim.told(textFrom(ALICE, "1"))).toMatch(/pages reach you by text/);
});

story("whoever answers a page has shown that it came", async (sim) => {
  await sim.event();
  await sim.clickLink(sim.expectMail("alice", /SEV1/));
  expect((await reach(sim)).doubts).toEqual([]);
});

story(
  "on call and nothing shows that pages arrive: they and their team hear before the shift, once a week",
  async (sim) => {
    const doubted = (to: string) =>
      sim.mailsTo(to).filter(({ subject }) => /it is not sure/.test(subject));
    const tick = async (title: string) => {
      await sim.forward("61m");
      await sim.event({ service: "refunds", severity: "warning", title });
    };
    await sim.configure(
      object("schedules", "payments-primary", {
        name: "P",
        team: "payments",
        timezone: "Europe/Berlin",
        layers: [{ name: "Always", people: ["alice"], every: "week", startsOn: "2024-01-01" }],
      }),
    );
    await tick("one");
    await tick("two");
    // Dave and Erin take turns at nine: one of them is next.
    expect([...doubted("dave"), ...doubted("erin")].map(({ subject }) => subject)).toContainEqual(
      expect.stringMatching(
        /^\w+, on call in discovery-daily from 2026-11-24T08:00:00.000Z: it is/,
      ),
    );
    expect(doubted("alice")[0]!.text).toMatch(/No address of alice for pages is verified/);
    expect(doubted("carol").some(({ subject }) => subject.startsWith("alice, "))).toBe(true);
    await tick("three");
    expect([doubted("alice").length, doubted("erin").length]).toEqual([1, 1]);
  },
  { tellsDoubts: true },
);

story(
  "a mailbox that is no more: it is marked, told, and the mark ends when mail arrives again",
  async (sim) => {
    sim.sendsTo("alice", ...Array.from({ length: 9 }, () => "refuse" as const));
    await sim.event();
    await sim.as("bob").acknowledge("INC-1");
    expect((await reach(sim)).doubts).toContainEqual(
      "Nothing reaches alice by mail: the mail server answered 550 no such mailbox.",
    );
    sim.sendsTo("alice");
    await sim.event({ title: "again", service: "refunds" });
    await sim.as("bob").acknowledge("INC-2");
    expect((await reach(sim)).items[0]!.mark).toBeNull();
  },
);
