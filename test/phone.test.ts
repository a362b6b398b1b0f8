/** Telephony against faithful providers over real sockets, and what they tell: signed, forged, twice, in pieces. */
import { describe, expect, test } from "vitest";
import { plivo, plivoSignature } from "../server/edge/inbound/phone/plivo.ts";
import { readReply } from "../server/edge/inbound/phone/reply.ts";
import { twilio, twilioSignature } from "../server/edge/inbound/phone/twilio.ts";
import { LINES, phoneVendor } from "./fakes/phoneServers.ts";
import { type Case, vendorStage } from "./vendorStage.ts";

const TYPES = ["twilio-sms", "twilio-voice", "plivo-sms", "plivo-voice"] as const;
type Type = (typeof TYPES)[number];
const caseOf = (provider: "twilio" | "plivo", limited: number | null): Case => {
  const { account, token } = LINES[provider];
  const [from] = LINES.from;
  return {
    channel: (apiUrl) => ({ account, token: "env:T", from, apiUrl }),
    secrets: { token },
    address: () => LINES.to,
    limited,
  };
};
const stage = vendorStage<Type>(phoneVendor(LINES), {
  "twilio-sms": caseOf("twilio", null),
  "twilio-voice": caseOf("twilio", null),
  "plivo-sms": caseOf("plivo", 7_000),
  "plivo-voice": caseOf("plivo", 7_000),
});

for (const type of TYPES) {
  test(`${type} names what it took`, async () =>
    expect(await stage.send(type)).toMatchObject({
      providerId: expect.stringMatching(/^[\w-]{30,}$/),
    }));
  test(`${type} with a wrong token is refused for good, and says nothing of the address`, async () =>
    expect(
      await stage.send(type, { settings: stage.settingsOf(type, { token: "wrong" }) }),
    ).toEqual({ kind: "refused", because: expect.stringMatching(/says: /) }));
}

for (const [type, address, mark] of [
  ["twilio-sms", LINES.stopped, "stopped"],
  ["twilio-sms", LINES.landline, "bounced"],
  ["twilio-voice", "+0", "bounced"],
  ["plivo-sms", LINES.landline, "bounced"],
] as const)
  test(`${type} says of ${address} that it is ${mark}`, async () =>
    expect(await stage.send(type, { address })).toMatchObject({ kind: "refused", mark }));

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
