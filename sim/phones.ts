/** Telephony in a simulation: two providers, whose number is whose, and what they tell of pages, signed as theirs. */
import type { DesiredObject } from "../contract/configuration.ts";
import { phoneAnswer, phoneKey, phoneMessage, phoneReceipt } from "../contract/phone.ts";
import type { Route } from "../contract/route.ts";
import { plivoSignature } from "../server/edge/inbound/phone/plivo.ts";
import type { Form } from "../server/edge/inbound/phone/provider.ts";
import { twilioSignature } from "../server/edge/inbound/phone/twilio.ts";
import type { Input } from "../server/app/local/virtual/node.ts";
import type { Received } from "../server/app/local/virtual/transport.ts";
import { object } from "./company.ts";

const URL_OF_ALL = "https://tocsin.sim.example";
const TWILIO = { account: `AC${"0".repeat(32)}`, token: "env:TWILIO_TOKEN", from: "+4930000001" };
const PLIVO = { account: "MA".padEnd(20, "0"), token: "env:PLIVO_TOKEN", from: "+4930000002" };

const secretOf = ({ account, token }: typeof TWILIO) => ({ account, token: `secret of ${token}` });
/** The same as its providers know it. */
export const LINES = {
  twilio: secretOf(TWILIO),
  plivo: secretOf(PLIVO),
  from: [TWILIO.from, PLIVO.from],
  stopped: "",
  landline: "",
};

/** Text messages and calls by one provider, and by another one when the first fails. */
export const PHONE_CHANNELS: readonly DesiredObject[] = [
  object("channels", "text", { type: "twilio-sms", ...TWILIO, fallback: "text-2" }),
  object("channels", "text-2", { type: "plivo-sms", ...PLIVO }),
  object("channels", "voice", { type: "twilio-voice", ...TWILIO, fallback: "voice-2" }),
  object("channels", "voice-2", { type: "plivo-voice", ...PLIVO }),
];

export const NUMBERS: Readonly<Record<string, string>> = {
  alice: "+4915100000001",
  bob: "+4915100000002",
  dave: "+4915100000004",
};

/** Whose number it is, or the name itself. */
export const personAt = (to: string): string =>
  Object.entries(NUMBERS).find(([, number]) => number === to)?.[0] ?? to;

type Telling = { readonly route: Route; readonly input: Input };
type Provider = NonNullable<Received["phone"]>["provider"];

function signed(provider: Provider, path: string, body: Form): Telling["input"] {
  const url = `${URL_OF_ALL}${path}`;
  const nonce = "12345";
  const headers: Record<string, string> =
    provider === "twilio"
      ? { "x-twilio-signature": twilioSignature(url, body, `secret of ${TWILIO.token}`) }
      : {
          "x-plivo-signature-v3-nonce": nonce,
          "x-plivo-signature-v3": plivoSignature(url, body, nonce, `secret of ${PLIVO.token}`),
        };
  return { body, headers };
}

function ofPage(route: Route, page: Received, form: Form): Telling {
  const id = page.messageId;
  const { provider } = page.phone!;
  const input = signed(provider, route.path.replace(":id", id), form);
  return { route, input: { ...input, params: { id } } };
}

const withoutPlus = (number: string): string => number.replace("+", "");
const formOf = (page: Received, fields: Form): Form => {
  const isTwilio = page.phone?.provider === "twilio";
  const name = page.phone?.by === "voice" ? "Call" : "Message";
  return {
    [isTwilio ? `${name}Sid` : `${name}UUID`]: "sim",
    To: isTwilio ? page.to : withoutPlus(page.to),
    ...fields,
  };
};

type Becomes = "delivered" | "undelivered" | "not taken";

/** What its provider tells of a page that it took. */
export function receiptOf(page: Received, what: Becomes): Telling {
  const isCall = page.phone?.by === "voice";
  const called = { delivered: "completed", undelivered: "failed", "not taken": "no-answer" }[what];
  const status = page.phone?.provider === "twilio" ? "MessageStatus" : "Status";
  const form: Form = isCall
    ? { CallStatus: called }
    : { [status]: what, ...(what === "undelivered" && { ErrorCode: "30008" }) };
  return ofPage(phoneReceipt, page, formOf(page, form));
}

/** Somebody takes the call; they press a key. */
export const takenOf = (page: Received): Telling => ofPage(phoneAnswer, page, formOf(page, {}));
export const keyOf = (page: Received, key: string): Telling =>
  ofPage(phoneKey, page, formOf(page, { Digits: key }));

let said = 0;

/** A text message from a number to ours; with the same id the same one again. */
export function textFrom(
  number: string,
  text: string,
  provider: Provider = "twilio",
  id = `${(said += 1)}`,
): Telling {
  const channel = provider === "twilio" ? "text" : "text-2";
  const form: Form =
    provider === "twilio"
      ? { MessageSid: id, From: number, To: TWILIO.from, Body: text }
      : { MessageUUID: id, From: withoutPlus(number), To: withoutPlus(PLIVO.from), Text: text };
  const path = phoneMessage.path.replace(":channel", channel);
  return {
    route: phoneMessage,
    input: { ...signed(provider, path, form), params: { channel } },
  };
}
