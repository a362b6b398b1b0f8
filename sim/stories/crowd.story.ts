/** A crowd of pages meets what a provider takes, told as the complaints that follow from it. */
import { expect } from "vitest";
import { listNotifications } from "../../contract/page.ts";
import { SECOND } from "../../server/base/instant.ts";
import type { Outbound, Reply } from "../../server/base/transport.ts";
import type { Behaviour } from "../../server/app/local/virtual/transport.ts";
import { object } from "../company.ts";
import { PHONE_CHANNELS, textFrom } from "../phones.ts";
import { story } from "../story.ts";
import type { Simulation } from "../world.ts";

/** A provider that takes so many a second, and says of the others that there are too many. */
function takes(sim: Simulation, perSecond: number, isItsOwn: (url: string) => boolean, no: Reply) {
  const taken = new Map<number, number>();
  const asked = { yes: 0, no: 0 };
  const provider = (outbound: Outbound): Behaviour => {
    if (outbound.via === "mail" || !isItsOwn(outbound.url)) return "accept";
    const second = Math.floor(sim.now() / SECOND);
    const before = taken.get(second) ?? 0;
    taken.set(second, before + 1);
    asked[before < perSecond ? "yes" : "no"] += 1;
    return before < perSecond ? "accept" : { says: no, afterMs: 0, arrives: "never" };
  };
  sim.allSends(provider);
  return asked;
}

const isTwilio = (url: string): boolean => url.includes("api.twilio.com");
const TWILIO_NO: Reply = {
  kind: "http",
  status: 429,
  headers: {},
  body: JSON.stringify({ code: 20_429, message: "Too Many Requests", status: 429 }),
};

const NAMES = Array.from({ length: 12 }, (_, n) => `anna-${n}`);
const numberOf = (name: string): string => `+49151000010${name.split("-")[1]!.padStart(2, "0")}`;

/** Twelve people who are paged at once, by text and, if that is not answered, by mail. */
const twelve = (channel: string) => [
  ...NAMES.map((name) =>
    object("people", name, {
      name,
      email: `${name}@sim.example`,
      contacts: [
        { channel, address: numberOf(name) },
        { channel: "mail", address: `${name}@sim.example`, afterMinutes: 3 },
      ],
      roles: [{ role: "responder" }],
    }),
  ),
  object("escalations", "payments", {
    name: "Payments",
    steps: [{ notify: NAMES.map((person) => ({ person })), timeoutMinutes: 30 }],
    repeat: 0,
  }),
];

story(
  "sixteen incidents at once and my provider took one a second: nothing is lost, and most of it is told in one",
  async (sim) => {
    await sim.configure(
      object("channels", "text", {
        ...(PHONE_CHANNELS[0]!.body as object),
        fallback: undefined,
      } as never),
      object("people", "alice", {
        name: "Alice Sim",
        email: "alice@sim.example",
        contacts: [{ channel: "text", address: numberOf("anna-0") }],
        roles: [{ role: "responder" }],
      }),
    );
    const asked = takes(sim, 1, isTwilio, TWILIO_NO);
    const declare = (n: number) => () =>
      sim.as("zoe").declare({ title: `Trouble ${n}`, severity: "SEV1", services: ["checkout"] });
    for (let n = 0; n < 16; n += 1) await declare(n)();
    const query = { person: "alice", kind: "page", limit: 500 } as const;
    const pages = async () => (await sim.call("zoe")(listNotifications, { query })).items;
    const waiting = (await pages()).filter(({ state }) => state === "pending");
    expect(waiting.map(({ because }) => because)).toContainEqual(
      expect.stringMatching(/^its provider limits how much it takes: its turn comes at 2026/),
    );
    await sim.forward("30s");
    const after = await pages();
    const told = /told in one page: its provider limits/;
    expect(after.filter(({ because }) => told.test(because ?? ""))).toHaveLength(14);
    const others = after.filter(({ because }) => !told.test(because ?? ""));
    expect(others.map(({ state, title }) => `${state} ${title}`)).toEqual([
      "accepted 14 more pages for you in this minute",
      "accepted [SEV1] INC-2 Trouble 1",
      "accepted [SEV1] INC-1 Trouble 0",
    ]);
    expect(asked).toEqual({ yes: 3, no: 1 });
    const fold = sim.mailsTo(numberOf("anna-0")).at(-1)!.text;
    expect(fold).toMatch(/INC-3 Trouble 2 \[SEV1\] INC-4 Trouble 3/);
    expect(fold.match(/https:/g)).toHaveLength(1);
    // What came in one is answered by itself.
    expect(await sim.told(textFrom(numberOf("anna-0"), "1"))).toMatch(/INC-16, .*INC-1\b/);
    expect(await sim.told(textFrom(numberOf("anna-0"), "1 9"))).toMatch(/You have INC-9\./);
    expect((await sim.incident("INC-9")).acknowledgedBy).toBe("alice");
    for (let n = 1; n <= 16; n += 1) if (n !== 9) await sim.as("alice").acknowledge(`INC-${n}`);
  },
  { checksAtEnd: true },
);

story(
  "twelve of us by one account, and it wanted nothing for a while: the mail comes at once, the texts in turn, no notice before them",
  async (sim) => {
    const text = { ...(PHONE_CHANNELS[0]!.body as object), fallback: undefined };
    await sim.configure(
      object("channels", "text", text as never),
      ...twelve("text"),
      object("audiences", "engineering", {
        name: "Engineering",
        contacts: [{ channel: "text", address: "+4915100009999" }],
      }),
    );
    const asked = takes(sim, 1, isTwilio, { ...TWILIO_NO, headers: { "retry-after": "20" } });
    await sim.event();
    expect(asked.yes).toBe(1);
    await sim.forward("2s");
    const page = async () => (await sim.pages("INC-1")).filter(({ kind }) => kind === "page");
    const mailed = NAMES.filter((name) => sim.pagesTo(name).length > 0);
    expect(mailed.length).toBeGreaterThanOrEqual(11);
    expect(await sim.timeline("INC-1")).toContainEqual(
      expect.stringMatching(
        /^The page to anna-\d+ by text: its provider limits .* It goes by mail as well\.$/,
      ),
    );
    const { no } = asked;
    await sim.forward("1m");
    const texts = (await page()).filter(({ channel }) => channel === "text");
    expect(texts.map(({ state }) => state)).toEqual(Array.from({ length: 12 }, () => "accepted"));
    // Whoever has a turn is not refused again.
    expect(asked.no).toBe(no);
    const query = { kind: "notice", limit: 500 } as const;
    const notices = (await sim.call("zoe")(listNotifications, { query })).items.filter(
      ({ channel }) => channel === "text",
    );
    const last = texts
      .map(({ receiptAt }) => receiptAt!)
      .toSorted()
      .at(-1)!;
    expect(notices.map(({ receiptAt }) => receiptAt ?? last).toSorted()[0]! >= last).toBe(true);
    await sim.as("zoe").acknowledge("INC-1");
    await sim.forward("5m");
  },
);

story(
  "my provider was busy with everybody's pages: the other one takes what it does not, at once and once",
  async (sim) => {
    await sim.configure(...PHONE_CHANNELS, ...twelve("text"));
    takes(sim, 1, isTwilio, TWILIO_NO);
    await sim.event();
    const got = NAMES.map((name) =>
      sim.pagesTo(numberOf(name)).map(({ phone }) => phone?.provider),
    );
    expect(got.flat().filter((provider) => provider === "twilio")).toHaveLength(1);
    expect(got.flat().filter((provider) => provider === "plivo")).toHaveLength(11);
    await sim.forward("50s");
    expect(NAMES.flatMap((name) => sim.pagesTo(numberOf(name)))).toHaveLength(12);
    await sim.as("zoe").acknowledge("INC-1");
  },
);

story(
  "my texts were told in one later, since the provider wanted nothing: of each of them I have the mail at once",
  async (sim) => {
    const text = { ...(PHONE_CHANNELS[0]!.body as object), fallback: undefined };
    await sim.configure(object("channels", "text", text as never), twelve("text")[0]!);
    takes(sim, 0, isTwilio, { ...TWILIO_NO, headers: { "retry-after": "600" } });
    await sim.configure(
      object("escalations", "payments", {
        name: "Payments",
        steps: [{ notify: [{ person: "anna-0" }], timeoutMinutes: 30 }],
        repeat: 0,
      }),
    );
    for (const title of ["one", "two", "three"])
      await sim.as("zoe").declare({ title, severity: "SEV1", services: ["checkout"] });
    for (const id of [/INC-1/, /INC-2/, /INC-3/]) sim.expectMail("anna-0", id);
    for (const id of ["INC-1", "INC-2", "INC-3"]) await sim.as("zoe").acknowledge(id);
  },
);

story("the other provider takes at once what would have been told in one later", async (sim) => {
  await sim.configure(...PHONE_CHANNELS, twelve("text")[0]!);
  takes(sim, 0, isTwilio, { ...TWILIO_NO, headers: { "retry-after": "600" } });
  await sim.configure(
    object("escalations", "payments", {
      name: "Payments",
      steps: [{ notify: [{ person: "anna-0" }], timeoutMinutes: 30 }],
      repeat: 0,
    }),
  );
  for (const title of ["one", "two", "three"])
    await sim.as("zoe").declare({ title, severity: "SEV1", services: ["checkout"] });
  const got = sim.pagesTo(numberOf("anna-0")).map(({ phone }) => phone?.provider);
  expect(got).toEqual(["plivo", "plivo", "plivo"]);
  for (const id of ["INC-1", "INC-2", "INC-3"]) await sim.as("zoe").acknowledge(id);
});

story(
  "a chat tool did not say whom it meant: limited at a second address, all of it is left alone",
  async (sim) => {
    const hooks = ["anna-0", "anna-1", "anna-2"];
    await sim.configure(
      ...hooks.map((name) =>
        object("people", name, {
          name,
          email: `${name}@sim.example`,
          contacts: [
            { channel: "hook", address: `https://hooks.sim.example/${name}` },
            { channel: "mail", address: `${name}@sim.example`, afterMinutes: 3 },
          ],
          roles: [{ role: "responder" }],
        }),
      ),
      object("escalations", "payments", {
        name: "Payments",
        steps: [
          { notify: [{ person: "anna-0" }], timeoutMinutes: 1 },
          { notify: [{ person: "anna-1" }], timeoutMinutes: 1 },
          { notify: [{ person: "anna-2" }], timeoutMinutes: 30 },
        ],
        repeat: 0,
      }),
    );
    const no: Reply = { kind: "http", status: 429, headers: { "retry-after": "300" }, body: "" };
    const asked = takes(sim, 0, (url) => url.includes("hooks.sim.example"), no);
    await sim.event();
    expect(sim.pagesTo("anna-0")).toHaveLength(0);
    await sim.forward("1m");
    expect(sim.pagesTo("anna-1")).toHaveLength(1);
    await sim.forward("1m");
    expect(asked.no).toBe(2);
    expect(sim.pagesTo("anna-2")).toHaveLength(1);
    sim.allSends("accept");
    await sim.forward("10m");
    const pages = await sim.pages("INC-1");
    expect(
      pages.map(({ person, channel, state }) => `${person} ${channel} ${state}`).toSorted(),
    ).toEqual(hooks.flatMap((name) => [`${name} hook accepted`, `${name} mail accepted`]));
    await sim.as("zoe").acknowledge("INC-1");
  },
);

story(
  "the page that stood for the rest was refused: by the other provider it stands for the same",
  async (sim) => {
    const number = numberOf("anna-0");
    await sim.configure(
      ...PHONE_CHANNELS,
      object("people", "alice", {
        name: "Alice Sim",
        email: "alice@sim.example",
        contacts: [{ channel: "text", address: number }],
        pagesPerMinute: 1,
        roles: [{ role: "responder" }],
      }),
    );
    for (const title of ["one", "two", "three"])
      await sim.as("zoe").declare({ title, severity: "SEV1", services: ["checkout"] });
    sim.sendsTo(number, "refuse", "accept");
    await sim.forward("1m");
    const fold = sim.mailsTo(number).find(({ subject }) => /more pages/.test(subject));
    expect(fold?.phone?.provider).toBe("plivo");
    expect(fold?.text).toMatch(/2 more pages .*\n.*INC-2 two .*INC-3 three/);
    expect(await sim.told(textFrom(number, "1 3"))).toMatch(/You have INC-3\./);
    for (const id of ["INC-1", "INC-2"]) await sim.as("alice").acknowledge(id);
  },
);
