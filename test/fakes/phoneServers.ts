/**
 * The REST APIs of two telephony providers, each as it documents itself: what it demands, what it answers, its
 * errors and its rate limit.
 */
import { type Answer, type Asked, text, type Vendor } from "./vendor.ts";

type Account = { readonly account: string; readonly token: string };
export type Lines = {
  readonly twilio: Account;
  readonly plivo: Account;
  /** Our numbers there. */
  readonly from: readonly string[];
  /** Whoever has it said STOP. */
  readonly stopped: string;
  /** No text message arrives there. */
  readonly landline: string;
};

export const LINES = {
  twilio: { account: `AC${"1".repeat(32)}`, token: "twilio-token" },
  plivo: { account: "MA0123456789ABCDEFGH", token: "plivo-token" },
  from: ["+4930000001"],
  to: "+4915100000001",
  stopped: "+4915100000002",
  landline: "+4930111111",
} as const;

const isTwilio = (at: string): boolean => at.startsWith("/2010-04-01/");

export const phoneVendor = (lines: Lines): Vendor => ({
  answer: (asked) => answerTo(lines, asked),
  limit: ({ at }) => LIMITED[isTwilio(at) ? "twilio" : "plivo"],
});

const LIMITED: Readonly<Record<"twilio" | "plivo", Answer>> = {
  twilio: { status: 429, body: { code: 20429, message: "Too Many Requests", status: 429 } },
  plivo: {
    status: 429,
    body: { api_id: "a", error: "request was throttled" },
    headers: { "retry-after": "7" },
  },
};

type Fields = Readonly<Record<string, string>>;

function answerTo(lines: Lines, { at, headers, body }: Asked): Answer {
  const { twilio, plivo } = lines;
  const shown = Buffer.from((headers["authorization"] ?? "").replace(/^Basic /, ""), "base64");
  const is = ({ account, token }: Account): boolean => shown.toString() === `${account}:${token}`;
  const fields = Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, text(value)]),
  );
  if (at === `/2010-04-01/Accounts/${twilio.account}/Messages.json`)
    return is(twilio) ? twilioMessage(lines, fields) : twilioNo(401, 20003, "Authenticate");
  if (at === `/2010-04-01/Accounts/${twilio.account}/Calls.json`)
    return is(twilio) ? twilioCall(fields) : twilioNo(401, 20003, "Authenticate");
  if (at === `/v1/Account/${plivo.account}/Message/`)
    return is(plivo)
      ? plivoMessage(lines, fields)
      : { status: 401, body: { error: "not authorised" } };
  if (at === `/v1/Account/${plivo.account}/Call/`)
    return is(plivo) ? plivoCall(fields) : { status: 401, body: { error: "not authorised" } };
  return { status: 404, body: { error: "not here" } };
}

const twilioNo = (status: number, code: number, message: string): Answer => ({
  status,
  body: { code, message, more_info: `https://errors.example/${code}`, status },
});

const isUrl = (text: string | undefined): boolean => URL.canParse(text ?? "");

function twilioMessage(
  lines: Lines,
  { To = "", From = "", Body = "", StatusCallback }: Fields,
): Answer {
  if (!lines.from.includes(From)) return twilioNo(400, 21606, "The From phone number is not yours");
  if (!/^\+[1-9]\d{6,14}$/.test(To)) return twilioNo(400, 21211, "Invalid 'To' Phone Number");
  if (To === lines.stopped)
    return twilioNo(400, 21610, "Attempt to send to unsubscribed recipient");
  if (To === lines.landline)
    return twilioNo(400, 21614, "'To' number is not a valid mobile number");
  if (Body === "") return twilioNo(400, 21602, "Message body is required");
  if (Body.length > 1_600) return twilioNo(400, 21617, "The body exceeds the 1600 character limit");
  if (!isUrl(StatusCallback)) return twilioNo(400, 21609, "Invalid 'StatusCallback'");
  const sid = `SM${"a".repeat(32)}`;
  return { status: 201, body: { sid, status: "queued", to: To, from: From, error_code: null } };
}

function twilioCall({ To = "", Twiml = "", StatusCallback, Timeout }: Fields): Answer {
  if (!/^\+[1-9]\d{6,14}$/.test(To)) return twilioNo(400, 21211, "Invalid 'To' Phone Number");
  if (Twiml === "" || Twiml.length > 4_000) return twilioNo(400, 21205, "Url or Twiml is required");
  if (!isUrl(StatusCallback)) return twilioNo(400, 21205, "StatusCallback is not a valid URL");
  if (Number(Timeout) < 5 || Number(Timeout) > 600) return twilioNo(400, 21000, "Timeout");
  return { status: 201, body: { sid: `CA${"b".repeat(32)}`, status: "queued", to: To } };
}

const isNumber = (text: string | undefined): boolean => /^[1-9]\d{6,14}$/.test(text ?? "");
const plivoNo = (error: string): Answer => ({ status: 400, body: { api_id: "a", error } });

function plivoMessage(lines: Lines, { src, dst, text: said = "", url, method }: Fields): Answer {
  if (!isNumber(src)) return plivoNo("src parameter is not valid");
  if (!isNumber(dst) || `+${dst}` === lines.landline) return plivoNo("dst parameter is not valid");
  if (said === "" || said.length > 1_600) return plivoNo("text parameter is not valid");
  if (!isUrl(url) || method !== "POST") return plivoNo("url parameter is not valid");
  const message_uuid = ["db3ce55a-7f1d-11e1-8ea7-1231380bc196"];
  return { status: 202, body: { message: "message(s) queued", message_uuid, api_id: "a" } };
}

function plivoCall({ from, to, answer_url, hangup_url }: Fields): Answer {
  if (!isNumber(from)) return plivoNo("from parameter is not valid");
  if (!isNumber(to)) return plivoNo("to parameter is not valid");
  if (!isUrl(answer_url) || !isUrl(hangup_url)) return plivoNo("answer_url is not valid");
  return {
    status: 201,
    body: {
      message: "call fired",
      request_uuid: "9834029e-58b6-11e1-b8b7-a5bd0e4e126f",
      api_id: "a",
    },
  };
}
