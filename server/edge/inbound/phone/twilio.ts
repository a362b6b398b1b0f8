/**
 * Twilio's callbacks: signed with HMAC-SHA-1 over the address and the sorted fields (X-Twilio-Signature), as
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security tells, whose example is in test/phone.test.ts.
 */
import { createHmac } from "node:crypto";
import { sameBytes } from "../../../base/crypto.ts";
import { NOTHING_XML, twilioReply, twilioXml } from "../../outbound/callXml.ts";
import type { Form, PhoneProvider, Receipt } from "./provider.ts";

/** The number does not exist, or is one to which no text message goes; 30003 is a phone that is off. */
const BOUNCED: readonly string[] = ["30005", "30006"];
const STOPPED = "21610";

export function twilioSignature(url: string, form: Form, token: string): string {
  const fields = Object.keys(form)
    .toSorted()
    .map((name) => `${name}${form[name]}`);
  return createHmac("sha1", token)
    .update(`${url}${fields.join("")}`)
    .digest("base64");
}

export const twilio: PhoneProvider = {
  isSigned({ url, form, headers }, token) {
    const signature = headers["x-twilio-signature"] ?? "";
    return sameBytes(Buffer.from(signature), Buffer.from(twilioSignature(url, form, token)));
  },
  receiptOf: (form) =>
    form["CallSid"] === undefined ? receiptOfMessage(form) : receiptOfCall(form["CallStatus"]),
  keyOf: (form) => ({
    id: form["CallSid"] ?? "",
    number: form["To"] ?? "",
    key: form["Digits"] ?? "",
  }),
  messageOf: (form) => ({
    id: form["MessageSid"] ?? "",
    from: form["From"] ?? "",
    to: form["To"] ?? "",
    text: form["Body"] ?? "",
  }),
  spoken: twilioXml,
  replied: (text) => (text === "" ? NOTHING_XML : twilioReply(text)),
};

function receiptOfMessage(form: Form): Receipt | null {
  const status = form["MessageStatus"] ?? "";
  if (status === "delivered" || status === "read") return { kind: "delivered" };
  if (!["undelivered", "failed", "canceled"].includes(status)) return null;
  const code = form["ErrorCode"] ?? "";
  const mark = code === STOPPED ? "stopped" : BOUNCED.includes(code) ? "bounced" : null;
  return { kind: "undelivered", because: `${status} ${code}`.trim(), mark };
}

function receiptOfCall(status = ""): Receipt | null {
  switch (status) {
    case "in-progress":
    case "completed":
      return { kind: "delivered" };
    case "busy":
    case "no-answer":
    case "canceled":
      return { kind: "not taken", because: status };
    case "failed":
      return { kind: "undelivered", because: status, mark: null };
    default:
      return null;
  }
}
