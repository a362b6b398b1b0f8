/** Telephony against faithful providers over real sockets, and what they tell: signed, forged, twice, in pieces. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Channel } from "../contract/notification.ts";
import { addressGuard } from "../server/base/addresses.ts";
import { instant } from "../server/base/instant.ts";
import { realTransport } from "../server/base/realTransport.ts";
import type { ChannelSettings, Message, Verdict } from "../server/domain/notification/channel.ts";
import { plivo, plivoSignature } from "../server/edge/inbound/phone/plivo.ts";
import { readReply } from "../server/edge/inbound/phone/reply.ts";
import { twilio, twilioSignature } from "../server/edge/inbound/phone/twilio.ts";
import { channelDrivers } from "../server/edge/outbound/index.ts";
import { LINES, type PhoneServers, startPhoneServers } from "./fakes/phoneServers.ts";

const NOW = instant(Date.UTC(2026, 10, 21, 3, 0));
const transport = realTransport({ smtpUrl: null, guard: addressGuard(["127.0.0.1"]) });
let servers: PhoneServers;
beforeAll(async () => {
  servers = await startPhoneServers();
});
afterAll(() => servers.stop());

const page: Message = {
  notificationId: "0199a111-0000-7000-8000-000000000001",
  idempotencyKey: "0199a111-0000-7000-8000-000000000001",
  kind: "page",
  subject: "[SEV1] INC-12 Payments: <failure> & refunds",
  lines: ["More than 1 % of payments fail.", "You are first on call."],
  facts: [{ name: "Service", value: "payments" }],
  actions: [
    { label: "Acknowledge", url: "https://tocsin.example/a/1.x", verb: "acknowledge" },
    { label: "Open INC-12", url: "https://tocsin.example/incidents/INC-12", verb: "open" },
  ],
  mayRepeat: false,
  attachments: [],
  thread: null,
};
const long: Message = {
  ...page,
  mayRepeat: true,
  subject: "ä<".repeat(900),
  lines: Array.from({ length: 40 }, () => "ö&".repeat(400)),
};

const TYPES = ["twilio-sms", "twilio-voice", "plivo-sms", "plivo-voice"] as const;
type Type = (typeof TYPES)[number];
const lineOf = (type: Type) => LINES[type.startsWith("twilio") ? "twilio" : "plivo"];
const settingsOf = (type: Type, token: string = lineOf(type).token): ChannelSettings => ({
  channel: Channel.parse({
    type,
    account: lineOf(type).account,
    token: "env:T",
    from: LINES.from,
    apiUrl: servers.url,
  }),
  secrets: { token },
  productName: "Tocsin",
  publicUrl: "https://tocsin.example",
});
async function send(
  type: Type,
  message = page,
  address: string = LINES.to,
  settings = settingsOf(type),
): Promise<Verdict> {
  const driver = channelDrivers[type];
  return driver.verdict(await transport.send(driver.render(message, address, settings, NOW)));
}

for (const type of TYPES)
  describe(type, () => {
    test("takes a page, and its form is the one that stands here", async () => {
      expect(await send(type)).toMatchObject({
        kind: "accepted",
        providerId: expect.stringMatching(/^[\w-]{30,}$/),
      });
      await expect(`${JSON.stringify(servers.taken().at(-1), null, 2)}\n`).toMatchFileSnapshot(
        `../server/edge/outbound/golden/${type}.page.json`,
      );
    });
    test("takes the longest message too, cut to its limits", async () =>
      expect(await send(type, long)).toMatchObject({ kind: "accepted" }));
    test("a wrong token is refused for good, and says nothing of the address", async () =>
      expect(await send(type, page, LINES.to, settingsOf(type, "wrong"))).toEqual({
        kind: "refused",
        because: expect.stringMatching(/says: /),
      }));
    test("an answer that is lost is unknown, never accepted", async () => {
      servers.breakOff();
      expect(await send(type)).toMatchObject({ kind: "unknown" });
    });
    test("too many at once is tried again", async () => {
      servers.limitNext();
      const afterMs = type.startsWith("plivo") ? 7_000 : null;
      expect(await send(type)).toMatchObject({ kind: "retry", afterMs });
    });
  });

for (const [type, address, mark] of [
  ["twilio-sms", LINES.stopped, "stopped"],
  ["twilio-sms", LINES.landline, "bounced"],
  ["twilio-voice", "+0", "bounced"],
  ["plivo-sms", LINES.landline, "bounced"],
] as const)
  test(`${type} says of ${address} that it is ${mark}`, async () =>
    expect(await send(type, page, address)).toMatchObject({ kind: "refused", mark }));

describe("what a provider tells", () => {
  const url = "https://tocsin.example/v1/phone/pages/1/key";
  const form = { CallSid: "CA1", To: LINES.to, Digits: "1" };
  test("is signed as Twilio documents it", () => {
    // The example of Twilio's documentation of its request validation.
    const fields = {
      CallSid: "CA1234567890ABCDE",
      Caller: "+14158675310",
      Digits: "1234",
      From: "+14158675310",
      To: "+18005551212",
    };
    const at = "https://mycompany.com/myapp.php?foo=1&bar=2";
    expect(twilioSignature(at, fields, "12345")).toBe("GvWf1cFY/Q7PnoempGyD5oXAezc=");
  });
  for (const [promise, change] of [
    ["another address", { url: `${url}x` }],
    ["another field", { form: { ...form, Digits: "2" } }],
    ["one field more", { form: { ...form, Extra: "" } }],
    ["no signature", { headers: {} }],
  ] as const)
    test(`is not believed with ${promise}`, () => {
      const nonce = "n1";
      const asTwilio = {
        url,
        form,
        headers: { "x-twilio-signature": twilioSignature(url, form, "t") },
      };
      const asPlivo = {
        url,
        form,
        headers: {
          "x-plivo-signature-ma-v3": `old,${plivoSignature(url, form, nonce, "t")}`,
          "x-plivo-signature-v3-nonce": nonce,
        },
      };
      expect([twilio.isSigned(asTwilio, "t"), plivo.isSigned(asPlivo, "t")]).toEqual([true, true]);
      expect(twilio.isSigned({ ...asTwilio, ...change }, "t")).toBe(false);
      expect(plivo.isSigned({ ...asPlivo, ...change }, "t")).toBe(false);
      expect(twilio.isSigned(asTwilio, "another")).toBe(false);
    });
  for (const [provider, fields, receipt] of [
    [twilio, { MessageStatus: "sent" }, null],
    [twilio, { MessageStatus: "delivered" }, { kind: "delivered" }],
    [
      twilio,
      { MessageStatus: "undelivered", ErrorCode: "30003" },
      { kind: "undelivered", because: "undelivered 30003", mark: null },
    ],
    [
      twilio,
      { MessageStatus: "undelivered", ErrorCode: "30005" },
      { kind: "undelivered", because: "undelivered 30005", mark: "bounced" },
    ],
    [twilio, { CallSid: "CA", CallStatus: "ringing" }, null],
    [twilio, { CallSid: "CA", CallStatus: "completed" }, { kind: "delivered" }],
    [twilio, { CallSid: "CA", CallStatus: "busy" }, { kind: "not taken", because: "busy" }],
    [
      twilio,
      { CallSid: "CA", CallStatus: "failed" },
      { kind: "undelivered", because: "failed", mark: null },
    ],
    [plivo, { Status: "queued" }, null],
    [plivo, { Status: "delivered" }, { kind: "delivered" }],
    [
      plivo,
      { Status: "undelivered", ErrorCode: "200" },
      { kind: "undelivered", because: "undelivered 200", mark: "stopped" },
    ],
    [
      plivo,
      { CallUUID: "c", CallStatus: "no-answer" },
      { kind: "not taken", because: "no-answer" },
    ],
  ] as const)
    test(`${JSON.stringify(fields)} means ${JSON.stringify(receipt)}`, () =>
      expect(provider.receiptOf(fields)).toEqual(receipt));
});

for (const [text, meant] of [
  ["1", { kind: "answer", answer: "acknowledge", incident: null }],
  [" Ack  INC-12 ", { kind: "answer", answer: "acknowledge", incident: 12 }],
  ["not mine 3", { kind: "answer", answer: "not-mine", incident: 3 }],
  ["2 #7", { kind: "answer", answer: "escalate", incident: 7 }],
  ["Done!", { kind: "answer", answer: "resolve", incident: null }],
  ["STOP", { kind: "stop" }],
  ["Unsubscribe.", { kind: "stop" }],
  ["start", { kind: "start" }],
  ["please stop calling", { kind: "unclear" }],
  ["12", { kind: "unclear" }],
  ["", { kind: "unclear" }],
] as const)
  test(`“${text}” means ${JSON.stringify(meant)}`, () => expect(readReply(text)).toEqual(meant));
