/**
 * Plivo's callbacks, signed with HMAC-SHA-256 over address, sorted fields and a nonce: X-Plivo-Signature-V3 for
 * calls, X-Plivo-Signature-MA-V3 for messages, one for each token while a token is changed. The older V2, which
 * proves nothing of what is said, is not believed, though the page on messages names no other. Documented at https://www.plivo.com/docs/voice/concepts/signature-validation
 * and https://www.plivo.com/docs/messaging/troubleshooting/error-codes, the signature as plivo-node 4 checks it.
 */
import { hmacSha256, sameBytes } from "../../../base/crypto.ts";
import { NOTHING_XML, plivoReply, plivoXml } from "../../outbound/callXml.ts";
import type { Form, PhoneProvider, Receipt } from "./provider.ts";

/** The number is none, or gone for good; 40 would be ours, 60 a loop of the network, 80 passes. */
const BOUNCED: readonly string[] = ["50", "70"];
const STOPPED = "200";

export function plivoSignature(url: string, form: Form, nonce: string, token: string): string {
  const names = Object.keys(form).toSorted();
  const fields = names.map((name) => `${name}${form[name]}`).join("");
  const signed = `${url}${names.length === 0 ? "" : `?${fields}`}`;
  return hmacSha256(token, `${signed}.${nonce}`).toString("base64");
}

const SIGNATURES = ["x-plivo-signature-v3", "x-plivo-signature-ma-v3"];
const NONCES = ["x-plivo-signature-v3-nonce", "x-plivo-signature-ma-v3-nonce"];

export const plivo: PhoneProvider = {
  isSigned({ url, form, headers }, token) {
    const shown = SIGNATURES.flatMap((name) => headers[name]?.split(",") ?? []);
    const nonce = NONCES.map((name) => headers[name]).find((each) => each !== undefined);
    const expected = Buffer.from(plivoSignature(url, form, nonce ?? "", token));
    return shown.some((each) => sameBytes(Buffer.from(each.trim()), expected));
  },
  receiptOf: (form) =>
    form["CallUUID"] === undefined ? receiptOfMessage(form) : receiptOfCall(form),
  keyOf: (form) => ({
    id: form["CallUUID"] ?? "",
    number: withPlus(form["To"]),
    key: form["Digits"] ?? "",
  }),
  messageOf: (form) => ({
    id: form["MessageUUID"] ?? "",
    from: withPlus(form["From"]),
    to: withPlus(form["To"]),
    text: form["Text"] ?? "",
  }),
  spoken: plivoXml,
  replied: (text, form) =>
    text === "" ? NOTHING_XML : plivoReply(text, form["To"] ?? "", form["From"] ?? ""),
};

const withPlus = (number = ""): string => (/^\d/.test(number) ? `+${number}` : number);

function receiptOfMessage(form: Form): Receipt | null {
  const status = form["Status"] ?? "";
  if (status === "delivered" || status === "read") return { kind: "delivered" };
  if (!["undelivered", "failed", "rejected"].includes(status)) return null;
  const code = form["ErrorCode"] ?? "";
  const mark = code === STOPPED ? "stopped" : BOUNCED.includes(code) ? "bounced" : null;
  return { kind: "undelivered", because: `${status} ${code}`.trim(), mark };
}

/** The call is over: the hang-up says how. */
function receiptOfCall(form: Form): Receipt | null {
  switch (form["CallStatus"] ?? "") {
    case "in-progress":
    case "completed":
      return { kind: "delivered" };
    case "busy":
    case "no-answer":
    case "timeout":
    case "cancel":
      return { kind: "not taken", because: form["CallStatus"] ?? "" };
    case "failed":
      return { kind: "undelivered", because: form["HangupCauseName"] ?? "failed", mark: null };
    default:
      return null;
  }
}
