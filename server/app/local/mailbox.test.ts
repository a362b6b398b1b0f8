/**
 * Mail from our transport to our mailbox, over a real socket: what arrives, and what is known of
 * it.
 */
import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { addressGuard } from "../../base/addresses.ts";
import { instant } from "../../base/instant.ts";
import { realTransport } from "../../base/realTransport.ts";
import type { MailOutbound } from "../../base/transport.ts";
import { type Mailbox, type MailboxHooks, startMailbox } from "./mailbox.ts";

const NOW = instant(Date.UTC(2026, 10, 21, 3, 0));
const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function open(
  hooks: MailboxHooks = {},
  keep = 500,
): Promise<{ box: Mailbox; send: ReturnType<typeof sender> }> {
  const box = await startMailbox({ keep, now: () => NOW, hooks });
  endings.push(() => box.stop());
  return { box, send: sender(box.url) };
}

function sender(smtpUrl: string | null) {
  const transport = realTransport({ smtpUrl, guard: addressGuard([]) });
  endings.push(() => transport.close());
  return (more: Partial<MailOutbound> = {}) => transport.send({ ...mail, ...more });
}

const mail: MailOutbound = {
  via: "mail",
  from: "Tocsin <tocsin@example.org>",
  to: "ada@example.org",
  subject: "Zahlungen schlagen fehl – SEV1",
  text: "Payments fail.\nYou are on call.",
  html: "<p>Payments fail.</p>",
  messageId: "n-1@tocsin.host",
  headers: { "Auto-Submitted": "auto-generated", "X-Tocsin-Notification": "n-1" },
  attachments: [
    { name: "review.ics", type: "text/calendar", content: "BEGIN:VCALENDAR\r\nEND:VCALENDAR" },
  ],
  timeoutMs: 10_000,
};

describe("what is sent arrives", () => {
  test("with subject, both bodies, headers, attachment and message id", async () => {
    const { box, send } = await open();
    expect(await send()).toEqual({ kind: "mail", code: 250, text: "250 2.0.0 Ok: kept" });
    expect(box.mails()).toMatchObject([
      {
        from: "tocsin@example.org",
        to: ["ada@example.org"],
        subject: mail.subject,
        html: expect.stringContaining("<p>Payments fail.</p>"),
        messageId: "n-1@tocsin.host",
        headers: { "auto-submitted": "auto-generated", "x-tocsin-notification": "n-1" },
        attachments: [{ name: "review.ics", type: "text/calendar" }],
        receivedAt: NOW,
      },
    ]);
    expect(box.mails()[0]?.text).toContain("You are on call.");
    expect(box.mails()[0]?.attachments[0]?.content).toContain("END:VCALENDAR");
  });

  test("waitFor finds a mail that is here and one that is to come", async () => {
    const { box, send } = await open();
    const coming = box.waitFor(({ subject }) => subject === "second", 10_000);
    await send({ subject: "first" });
    await send({ subject: "second" });
    expect((await coming).subject).toBe("second");
    expect((await box.waitFor(({ subject }) => subject === "first", 10_000)).subject).toBe("first");
  });

  test("waitFor says what is here when the mail does not come", async () => {
    const { box } = await open();
    await expect(box.waitFor(() => true, 20)).rejects.toThrow("no such mail within 20 ms");
  });

  test("a listener hears each mail until it leaves; the oldest are forgotten", async () => {
    const { box, send } = await open({}, 2);
    const heard: string[] = [];
    const off = box.on(({ subject }) => heard.push(subject));
    for (const subject of ["a", "b"]) await send({ subject });
    off();
    await send({ subject: "c" });
    expect([heard, box.mails().map(({ subject }) => subject)]).toEqual([
      ["a", "b"],
      ["b", "c"],
    ]);
  });

  test("a line break in a subject or header starts no new header", async () => {
    const { box, send } = await open();
    await send({ subject: "a\r\nBcc: eve@example.org", headers: { "X-A": "b\r\nX-Evil: yes" } });
    const [arrived] = box.mails();
    expect(arrived?.to).toEqual(["ada@example.org"]);
    expect(Object.keys(arrived?.headers ?? {})).not.toContain("bcc");
    expect(Object.keys(arrived?.headers ?? {})).not.toContain("x-evil");
  });

  for (const to of [
    "ada@example.org, eve@example.org",
    "Ada <ada@example.org>",
    "ada",
    "a@b\r\nRCPT TO:<x@y>",
  ]) {
    test(`${JSON.stringify(to)} is not one address, so nothing is sent`, async () => {
      const { box, send } = await open();
      expect(await send({ to })).toMatchObject({ kind: "mail", code: 501 });
      expect(box.mails()).toEqual([]);
    });
  }
});

describe("what is known when it does not arrive", () => {
  for (const code of [550, 451]) {
    test(`a recipient refused with ${code} is a definite answer`, async () => {
      const { box, send } = await open({ onRecipient: () => ({ code, text: "not here" }) });
      expect(await send()).toEqual({ kind: "mail", code, text: `${code} not here` });
      expect(box.mails()).toEqual([]);
    });

    test(`a mail refused with ${code} after its body is a definite answer`, async () => {
      const { send } = await open({ onMail: async () => ({ code, text: "too hot" }) });
      expect(await send()).toEqual({ kind: "mail", code, text: `${code} too hot` });
    });
  }

  test("the connection goes on after a refusal", async () => {
    let refusals = 1;
    const { box, send } = await open({
      onRecipient: () => (refusals-- > 0 ? { code: 451, text: "later" } : null),
    });
    expect([await send(), await send()]).toMatchObject([{ code: 451 }, { code: 250 }]);
    expect(box.mails()).toHaveLength(1);
  });

  test("broken after the body may have delivered, and nothing is sent twice", async () => {
    const { box, send } = await open({ onMail: async () => "drop" });
    expect(await send()).toMatchObject({ kind: "error", reached: "maybe" });
    expect(box.mails()).toHaveLength(1);
  });

  test("on a used connection too, nothing is sent twice", async () => {
    let count = 0;
    const { box, send } = await open({ onMail: async () => (count++ === 0 ? "keep" : "drop") });
    expect(await send({ subject: "a" })).toMatchObject({ code: 250 });
    expect(await send({ subject: "b" })).toMatchObject({ kind: "error", reached: "maybe" });
    expect(box.mails().map(({ subject }) => subject)).toEqual(["a", "b"]);
  });

  test("an answer that does not come in time may have delivered", async () => {
    const answer = Promise.withResolvers<"keep">();
    const { send } = await open({ onMail: () => answer.promise });
    expect(await send({ timeoutMs: 2_000 })).toEqual({
      kind: "error",
      reached: "maybe",
      because: "the mail server gave no answer within 2 s",
    });
    answer.resolve("keep");
  });

  test("a mail server that was restarted gets the next mail", async () => {
    const { box, send } = await open();
    expect(await send()).toMatchObject({ code: 250 });
    await box.stop();
    const port = Number(new URL(box.url).port);
    const again = await startMailbox({ port, keep: 1, now: () => NOW });
    endings.push(() => again.stop());
    expect(await send({ subject: "after" })).toMatchObject({ code: 250 });
    expect(again.mails().map(({ subject }) => subject)).toEqual(["after"]);
  });

  test("a slow answer within the time is an answer", async () => {
    const { box, send } = await open({
      onMail: async () => {
        for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
        return "keep";
      },
    });
    expect(await send()).toMatchObject({ code: 250 });
    expect(box.mails()).toHaveLength(1);
  });

  test("a refused connection surely did not reach", async () => {
    const { box, send } = await open();
    await box.stop();
    expect(await send()).toMatchObject({ kind: "error", reached: "no" });
  });

  test("a server that never greets surely did not get it", async () => {
    const silent = createServer();
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    endings.push(() => silent.close());
    const send = sender(`smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    expect(await send({ timeoutMs: 100 })).toMatchObject({ kind: "error", reached: "no" });
  });

  test("no mail server configured is said by its name", async () => {
    expect(await sender(null)()).toEqual({
      kind: "error",
      reached: "no",
      because: "no mail server is configured (TOCSIN_SMTP_URL)",
    });
  });

  test("another protocol than SMTP is refused at the start", () =>
    expect(() => sender("http://mail.example.org")).toThrow(RangeError));
});
