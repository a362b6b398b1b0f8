/** What happens to a page when mail servers, networks and nodes fail. */
import { expect } from "vitest";
import { listNotifications } from "../../contract/page.ts";
import { object } from "../company.ts";
import { story } from "../story.ts";

story(
  "the mail server was down and nobody came: retried with backoff, then the next person at once, and never lost",
  async (sim) => {
    sim.allSends("down");
    await sim.event();
    await sim.forward("15s");
    expect(await sim.timeline("INC-1")).toContain(
      "The page to alice by mail failed (connection refused); going on to the next step.",
    );
    sim.allSends("accept");
    await sim.forward("1m");
    sim.expectMail("bob", /SEV1/);
    sim.expectMail("alice", /SEV1/);
    await sim.as("bob").acknowledge("INC-1");
  },
);

story(
  "one person's mailbox is broken: the next one still has the full five minutes",
  async (sim) => {
    sim.sendsTo("alice", "busy", "busy", "busy", "busy", "busy", "busy", "busy", "busy", "busy");
    await sim.event();
    await sim.forward("20s");
    sim.expectMail("bob", /SEV1/);
    await sim.forward("4m50s");
    expect(sim.pagesTo("carol")).toEqual([]);
    await sim.forward("10s");
    sim.expectMail("carol", /SEV1/);
  },
);

story("the channel was taken away under my page: the next one is paged at once", async (sim) => {
  const alice = (channel: string) =>
    object("people", "alice", {
      name: "Alice Sim",
      email: "alice@sim.example",
      contacts: [{ channel, address: "https://hooks.sim.example/alice" }],
      roles: [{ role: "responder" }],
    });
  const old = object("channels", "old-hook", { type: "webhook", secret: "env:HOOK_SECRET" });
  await sim.configure(old, alice("old-hook"));
  sim.allSends("down");
  await sim.event();
  sim.allSends("accept");
  await sim.configure(alice("hook"));
  await sim.remove("channels", "old-hook");
  await sim.forward("5s");
  sim.expectMail("bob", /SEV1/);
  expect(await sim.timeline("INC-1")).toContain(
    "The page to alice by old-hook failed (channel old-hook is not configured any more); going on to the next step.",
  );
  await sim.as("bob").acknowledge("INC-1");
});

story("my mailbox was gone and so was the page: it is handed on at once", async (sim) => {
  sim.sendsTo("alice", "refuse");
  await sim.event();
  sim.expectMail("bob", /SEV1/);
  expect((await sim.pages("INC-1")).find((page) => page.person === "alice")).toMatchObject({
    state: "failed",
    because: expect.stringContaining("no such mailbox"),
  });
});

story(
  "paged twice for the same: a lost reply is sent again with the same Message-ID, marked as a possible repeat, and counted",
  async (sim) => {
    sim.sendsTo("alice", "loses the reply");
    await sim.event();
    await sim.forward("10s");
    const [first, second] = [sim.expectMail("alice", /SEV1/), sim.expectMail("alice", /SEV1/)];
    expect(second.messageId).toBe(first.messageId);
    expect([first.mayRepeat, second.mayRepeat]).toEqual([false, true]);
    const page = (await sim.pages("INC-1")).find(({ person }) => person === "alice");
    expect(page).toMatchObject({ state: "accepted", mayRepeat: true });
    await sim.forward("4m");
    sim.expectNoMore("alice");
  },
);

story(
  "a mail that takes half a minute is the node's that sends it, as long as that lives",
  async (sim) => {
    sim.sendsTo("alice", { takesMs: 40_000 });
    await sim.event();
    await sim.forward("4m");
    expect(sim.mailsTo("alice").map((mail) => mail.mayRepeat)).toEqual([false]);
  },
  { nodes: 2 },
);

story(
  "a mail that takes a minute is delivered once or says that it may be a repeat",
  async (sim) => {
    sim.sendsTo("alice", { takesMs: 75_000 });
    await sim.event();
    await sim.forward("4m");
    const mails = sim.mailsTo("alice");
    expect(mails.map((mail) => mail.mayRepeat).toSorted()).toEqual([false, true]);
    expect(new Set(mails.map((mail) => mail.messageId)).size).toBe(1);
  },
);

for (const [moment, behaviour, copies] of [
  ["between the claim and the send", "hangs before", 1],
  ["between the send and its reply", "hangs after", 2],
] as const)
  story(
    `lost by a restart: a node dies ${moment}, and the other one sends within the lease`,
    async (sim) => {
      sim.sendsTo("alice", behaviour);
      await sim.event();
      sim.killWhoSendsTo("alice");
      await sim.forward("14s");
      expect(sim.pagesTo("alice")).toHaveLength(copies - 1);
      await sim.forward("1s");
      expect(sim.pagesTo("alice")).toHaveLength(copies);
      expect(sim.mailsTo("alice").at(-1)?.mayRepeat).toBe(true);
      await sim.forward("3m");
      expect(sim.pagesTo("alice")).toHaveLength(copies);
    },
    { nodes: 2 },
  );

const aliceByHook = object("people", "alice", {
  name: "Alice Sim",
  email: "alice@sim.example",
  contacts: [{ channel: "hook", address: "https://hooks.sim.example/alice" }],
  roles: [{ role: "responder" }],
});

story(
  "the provider said “too many” and the page was gone: it is left alone as long as it asks, then the page comes",
  async (sim) => {
    await sim.configure(aliceByHook);
    sim.sendsTo("alice", { limitedFor: 90 });
    await sim.event();
    await sim.forward("89s");
    expect(sim.pagesTo("alice")).toEqual([]);
    await sim.forward("1s");
    expect(sim.pagesTo("alice")).toHaveLength(1);
    await sim.as("alice").acknowledge("INC-1");
  },
);

story(
  "my page waited behind the chat: it leaves at once by a channel that is full of updates, and none of those is lost",
  async (sim) => {
    const place = (n: number) => ({
      channel: "hook",
      address: `https://hooks.sim.example/chat-${n}`,
    });
    const contacts = Array.from({ length: 90 }, (_, n) => place(n));
    await sim.configure(
      aliceByHook,
      object("audiences", "engineering", { name: "Engineering", contacts }),
    );
    sim.allSends({ takesMs: 9_000 });
    await sim.as("zoe").declare({ title: "Loud", severity: "SEV1", services: ["search"] });
    await sim.forward("1s");
    await sim.event();
    const [page] = (await sim.pages("INC-2")).filter(({ person }) => person === "alice");
    expect(page).toMatchObject({ state: "sending", handedOverAt: page?.decidedAt });
    await sim.forward("10s");
    for (const id of ["INC-1", "INC-2"]) await sim.as("zoe").acknowledge(id);
    await sim.forward("3m");
    const query = { kind: "notice", limit: 500 } as const;
    const notices = (await sim.call("zoe")(listNotifications, { query })).items;
    const chat = notices.filter(({ channel }) => channel === "hook");
    expect(chat.length).toBeGreaterThanOrEqual(180);
    expect(chat.filter(({ state }) => state !== "accepted")).toEqual([]);
  },
  // Meanwhile what waits for room is due and not sent, as it should be.
  { checksAtEnd: true },
);

const hookTakes = (noticesPerMinute: number) =>
  object("channels", "hook", { type: "webhook", secret: "env:HOOK_SECRET", noticesPerMinute });
const room = (id: string) => ({ channel: "hook", address: `https://hooks.sim.example/${id}` });

story(
  "status updates had used up what the chat takes and my page was refused: they take turns, and a page takes none",
  async (sim) => {
    const contacts = Array.from({ length: 5 }, (_, n) => room(`room-${n}`));
    await sim.configure(
      aliceByHook,
      hookTakes(6),
      object("audiences", "engineering", { name: "Engineering", contacts }),
    );
    await sim.as("zoe").declare({ title: "Loud", severity: "SEV1", services: ["search"] });
    await sim.event();
    const [page] = (await sim.pages("INC-2")).filter(({ person }) => person === "alice");
    expect(page).toMatchObject({ state: "accepted", handedOverAt: page?.decidedAt });
    const query = { kind: "notice", limit: 500 } as const;
    const chat = async () =>
      (await sim.call("zoe")(listNotifications, { query })).items.filter(
        ({ channel }) => channel === "hook",
      );
    const seconds = (await chat())
      .map(({ dueAt, nextTryAt }) =>
        nextTryAt === null ? 0 : (Date.parse(nextTryAt) - Date.parse(dueAt)) / 1_000,
      )
      .toSorted((a, b) => a - b);
    expect(seconds).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
    await sim.forward("45s");
    expect((await chat()).filter(({ state }) => state === "accepted")).toHaveLength(5);
    for (const id of ["INC-1", "INC-2"]) await sim.as("zoe").acknowledge(id);
    await sim.forward("10m");
    expect((await chat()).filter(({ state }) => state !== "accepted")).toEqual([]);
  },
);

story(
  "the provider asked to be left alone, and every other update asked again: they wait with the first",
  async (sim) => {
    await sim.configure(
      object("audiences", "engineering", { name: "Engineering", contacts: [room("chat")] }),
    );
    sim.sendsTo("https://hooks.sim.example/chat", { limitedFor: 90 });
    await sim.as("zoe").declare({ title: "Loud", severity: "SEV1", services: ["search"] });
    await sim.forward("10s");
    await sim.as("zoe").declare({ title: "Louder", severity: "SEV1", services: ["search"] });
    const query = { kind: "notice", limit: 500 } as const;
    const chat = async () =>
      (await sim.call("zoe")(listNotifications, { query })).items.filter(
        ({ channel }) => channel === "hook",
      );
    await sim.forward("79s");
    const waiting = await chat();
    expect(waiting.length).toBeGreaterThan(1);
    expect(new Set(waiting.map(({ state, nextTryAt }) => `${state} ${nextTryAt}`)).size).toBe(1);
    await sim.forward("1s");
    expect((await chat()).filter(({ state }) => state !== "accepted")).toEqual([]);
  },
);
