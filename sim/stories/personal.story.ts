/** What people decide for themselves: by which way, when not, and how many at once. Told as complaints. */
import { expect } from "vitest";
import { object } from "../company.ts";
import { NUMBERS, PHONE_CHANNELS, textFrom } from "../phones.ts";
import { story } from "../story.ts";

type Person = Parameters<typeof object<"people">>[2];
const alice = (change: Partial<Person>) =>
  object("people", "alice", {
    name: "Alice Sim",
    email: "alice@sim.example",
    timezone: "Europe/Berlin",
    contacts: [{ channel: "mail", address: "alice@sim.example" }],
    roles: [{ role: "responder" }],
    ...change,
  });
const BY_URGENCY: Person["contacts"] = [
  { channel: "mail", address: "alice@sim.example", urgency: "low" },
  { channel: "hook", address: "https://hooks.sim.example/alice", urgency: "high" },
];

story("my phone rings for trifles: each urgency comes by its own way", async (sim) => {
  await sim.configure(alice({ contacts: BY_URGENCY }));
  await sim.event({ severity: "warning", title: "slow" });
  expect(sim.expectMail("alice", /SEV3/).via).toBe("mail");
  await sim.event({ title: "down" });
  expect(sim.expectMail("alice", /SEV1/).via).toBe("http");
  sim.expectNoMore("alice");
  await sim.as("alice").acknowledge("INC-2");
});

story(
  "not paged at all: where no way is meant for pages, they go by what there is",
  async (sim) => {
    await sim.configure(alice({ contacts: BY_URGENCY.slice(0, 1) }));
    await sim.event();
    sim.expectMail("alice", /SEV1/);
    await sim.as("alice").acknowledge("INC-1");
  },
);

story(
  "woken by what could wait: quiet hours hold it until they end, and a page breaks them",
  async (sim) => {
    await sim.configure(
      alice({ quietHours: { from: "20:00", to: "10:30" } }),
      object("teams", "payments", { name: "Payments", members: ["alice", "bob", "carol"] }),
    );
    await sim.event({ severity: "warning", title: "slow" });
    await sim.event({ title: "down" });
    sim.expectMail("alice", /SEV1/);
    sim.expectNoMore("alice");
    await sim.as("alice").acknowledge("INC-2");
    await sim.as("alice").resolve("INC-2");
    await sim.forwardTo("2026-11-24T09:30:00Z");
    expect(sim.expectMail("alice", /INC-1/).kind).toBe("notice");
  },
  { startsAt: "2026-11-24T07:30:00Z" },
);

story(
  "reminded in the morning of what ended at night: whoever has it hears of it in their quiet hours too",
  async (sim) => {
    const text = { channel: "mail", address: "alice-phone@sim.example", urgency: "high" } as const;
    await sim.configure(alice({ quietHours: { from: "22:00", to: "07:00" }, contacts: [text] }));
    await sim.event();
    await sim.as("alice").acknowledge("INC-1");
    await sim.as("alice").addResponders("INC-1", { to: [{ person: "dave" }] });
    await sim.clickLink(sim.expectMail("dave", /asks you to join/), "decline");
    // By the only way there is, and as a notice: none of it asks for an acknowledge.
    expect(sim.expectMail("alice-phone", /dave cannot join/).kind).toBe("notice");
    await sim.forward("59m");
    sim.expectMail("alice-phone", /mitigate clock/);
    await sim.forward("31m");
    sim.expectMail("alice-phone", /counts until 2026-11-24T04:00/);
    await sim.as("alice").resolve("INC-1");
    // What burns no more can wait.
    await sim.as("bob").assignRole("INC-1", { role: "scribe", person: "alice" });
    expect(sim.mailsTo("alice-phone").filter(({ text }) => /scribe/.test(text))).toEqual([]);
  },
  { startsAt: "2026-11-24T02:00:00Z" },
);

story(
  "forty pages in a minute: three come, the rest are one, each with its own link",
  async (sim) => {
    await sim.configure(alice({ pagesPerMinute: 3 }));
    const titles = ["one", "two", "three", "four", "five", "six"];
    for (const title of titles)
      await sim.as("zoe").declare({ title, severity: "SEV1", services: ["checkout"] });
    expect(sim.pagesTo("alice")).toHaveLength(3);
    await sim.as("bob").acknowledge("INC-5");
    await sim.forward("59s");
    expect(sim.pagesTo("alice")).toHaveLength(3);
    await sim.forward("1s");
    const fold = sim.pagesTo("alice")[3]!;
    expect(fold.subject).toBe("2 more pages for you in this minute");
    expect(fold.text).toMatch(/INC-4 four https:\S+\/a\/\S+\n.*INC-6 six https:/);
    expect(fold.text).not.toMatch(/INC-5/);
    // The first link is that of INC-4.
    expect(await sim.clickLink(fold)).toMatch(/You have it/);
    expect((await sim.incident("INC-4")).acknowledgedBy).toBe("alice");
    const [told] = (await sim.pages("INC-6")).filter(({ person }) => person === "alice");
    expect(told).toMatchObject({
      state: "dropped",
      because: "told in one page: more than 3 in a minute",
    });
    for (const id of ["INC-1", "INC-2", "INC-3", "INC-6"]) await sim.as("alice").acknowledge(id);
  },
);

story(
  "a page for what somebody has by now: when nothing of it is wanted, it is not sent",
  async (sim) => {
    await sim.configure(alice({ pagesPerMinute: 1 }));
    await sim.event({ title: "one" });
    await sim.event({ title: "two", service: "refunds" });
    expect(sim.pagesTo("alice")).toHaveLength(1);
    await sim.as("bob").acknowledge("INC-2");
    await sim.forward("2m");
    expect(sim.pagesTo("alice")).toHaveLength(1);
    await sim.as("bob").acknowledge("INC-1");
  },
);

for (const [until, isTold] of [
  ["07:00", false],
  ["10:00", true],
] as const)
  story(
    `told after the shift had begun that nobody could be reached: quiet hours until ${until} ${isTold ? "do not hold it" : "end in time"}`,
    async (sim) => {
      const mails = () =>
        sim.mailsTo("carol").filter(({ subject }) => /cannot be reached/.test(subject));
      await sim.configureAtOnce(
        object("people", "carol", {
          name: "Carol Sim",
          email: "carol@sim.example",
          timezone: "Europe/Berlin",
          contacts: [{ channel: "mail", address: "carol@sim.example" }],
          roles: [{ role: "manager", team: "payments" }],
          quietHours: { from: "22:00", to: until },
        }),
        object("schedules", "payments-primary", {
          name: "P",
          team: "payments",
          timezone: "Europe/Berlin",
          layers: [
            {
              name: "Days",
              people: ["bob", "alice"],
              every: "day",
              startsOn: "2026-11-23",
              handoffAt: "09:00",
            },
          ],
        }),
        alice({ contacts: [] }),
      );
      await sim.forward("61m");
      await sim.event({ service: "search", severity: "warning", title: "a tick" });
      expect(mails()).toHaveLength(isTold ? 1 : 0);
      await sim.forwardTo("2026-11-24T07:00:00Z");
      expect(mails()).toHaveLength(1);
    },
    { startsAt: "2026-11-23T23:00:00Z" },
  );

story(
  "on call without a way to be reached: the team hears before the shift, once a day",
  async (sim) => {
    const mails = () =>
      sim.mailsTo("carol").filter(({ subject }) => /cannot be reached/.test(subject));
    expect(mails()).toEqual([]);
    await sim.configureAtOnce(
      object("teams", "discovery", {
        name: "Discovery",
        members: ["dave", "erin"],
        manager: "carol",
      }),
      object("schedules", "payments-primary", {
        name: "P",
        team: "payments",
        timezone: "Europe/Berlin",
        layers: [
          {
            name: "Days",
            people: ["bob", "alice"],
            every: "day",
            startsOn: "2026-11-23",
            handoffAt: "09:00",
          },
        ],
      }),
      alice({ contacts: [] }),
    );
    await sim.forward("61m");
    await sim.event({ service: "search", severity: "warning", title: "a tick" });
    // Bob has it until tomorrow at nine; Alice would be next.
    expect(mails().map(({ subject }) => subject)).toEqual([
      "alice is on call in payments-primary from 2026-11-24T08:00:00.000Z and cannot be reached",
    ]);
    await sim.forward("61m");
    await sim.event({ service: "search", severity: "warning", title: "another tick" });
    expect(mails()).toHaveLength(1);
  },
);

story("woken in a language that is not mine: what comes to me is in mine", async (sim) => {
  const number = NUMBERS["alice"]!;
  const contacts: Person["contacts"] = [
    { channel: "mail", address: "alice@sim.example" },
    { channel: "text", address: number, urgency: "high" },
  ];
  await sim.configure(...PHONE_CHANNELS, alice({ language: "de", contacts }));
  await sim.event({ title: "Payments fail" });
  const mail = sim.expectMail("alice", /SEV1/);
  expect(mail.text).toMatch(/^SEV1 bei checkout: Payments fail\nErkannt 2026-/m);
  expect(mail.text).toMatch(/Wenn niemand bestätigt, alarmiert die nächste Stufe um /);
  expect(mail.text).toMatch(/^Betroffen: checkout\n[^]*^Bestätigen: https:/m);
  const [page] = sim.pagesTo(number);
  expect(page?.text).toMatch(/Antworten Sie 1 ich habe es, 2 eskalieren/);
  expect(await sim.told(textFrom(number, "?"))).toMatch(/Antworten Sie 1, wenn Sie es haben/);
  // Bob's are as they were.
  await sim.forward("5m");
  expect(sim.expectMail("bob", /INC-1/).text).toMatch(/^SEV1 on checkout: /m);
  expect(await sim.told(textFrom(number, "1"))).toMatch(/Sie haben INC-1\./);
});
