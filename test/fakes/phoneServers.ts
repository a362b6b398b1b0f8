/**
 * The REST APIs of two telephony providers on loopback, each as it documents itself: what it demands, what it
 * answers, its errors and its rate limit. What they take stays readable.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export const LINES = {
  twilio: { account: `AC${"1".repeat(32)}`, token: "twilio-token" },
  plivo: { account: "MA0123456789ABCDEFGH", token: "plivo-token" },
  from: "+4930000001",
  to: "+4915100000001",
  stopped: "+4915100000002",
  landline: "+4930111111",
} as const;

type Fields = Readonly<Record<string, string>>;
type Answer = { readonly status: number; readonly body: object; readonly headers?: Fields };
export type PhoneServers = {
  readonly url: string;
  taken(): readonly Fields[];
  breakOff(): void;
  limitNext(): void;
  stop(): Promise<void>;
};

export async function startPhoneServers(): Promise<PhoneServers> {
  const taken: Fields[] = [];
  let breaks = false;
  let limited = false;
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      const isTwilio = request.url?.startsWith("/2010-04-01/") === true;
      const fields = isTwilio
        ? Object.fromEntries(new URLSearchParams(text))
        : (JSON.parse(text) as Fields);
      const answer = limited ? LIMITED[isTwilio ? "twilio" : "plivo"] : answerTo(request, fields);
      limited = false;
      if (answer.status < 300) taken.push(fields);
      if (breaks) {
        breaks = false;
        return request.socket.destroy();
      }
      response.writeHead(answer.status, {
        "content-type": "application/json",
        ...answer.headers,
      });
      response.end(JSON.stringify(answer.body));
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken: () => taken,
    breakOff: () => void (breaks = true),
    limitNext: () => void (limited = true),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const LIMITED: Readonly<Record<"twilio" | "plivo", Answer>> = {
  twilio: { status: 429, body: { code: 20429, message: "Too Many Requests", status: 429 } },
  plivo: {
    status: 429,
    body: { api_id: "a", error: "request was throttled" },
    headers: { "retry-after": "7" },
  },
};

function answerTo(request: IncomingMessage, fields: Fields): Answer {
  const { twilio, plivo } = LINES;
  const at = request.url ?? "";
  const [, user, password] = /^Basic (.*)$/.exec(request.headers.authorization ?? "")
    ? ["", ...Buffer.from(request.headers.authorization!.slice(6), "base64").toString().split(":")]
    : [];
  const is = (line: { account: string; token: string }) =>
    user === line.account && password === line.token;
  if (at === `/2010-04-01/Accounts/${twilio.account}/Messages.json`)
    return is(twilio) ? twilioMessage(fields) : twilioNo(401, 20003, "Authenticate");
  if (at === `/2010-04-01/Accounts/${twilio.account}/Calls.json`)
    return is(twilio) ? twilioCall(fields) : twilioNo(401, 20003, "Authenticate");
  if (at === `/v1/Account/${plivo.account}/Message/`)
    return is(plivo) ? plivoMessage(fields) : { status: 401, body: { error: "not authorised" } };
  if (at === `/v1/Account/${plivo.account}/Call/`)
    return is(plivo) ? plivoCall(fields) : { status: 401, body: { error: "not authorised" } };
  return { status: 404, body: { error: "not here" } };
}

const twilioNo = (status: number, code: number, message: string): Answer => ({
  status,
  body: { code, message, more_info: `https://errors.example/${code}`, status },
});

const isUrl = (text: string | undefined): boolean => URL.canParse(text ?? "");

function twilioMessage({ To = "", From = "", Body = "", StatusCallback }: Fields): Answer {
  if (From !== LINES.from) return twilioNo(400, 21606, "The From phone number is not yours");
  if (!/^\+[1-9]\d{6,14}$/.test(To)) return twilioNo(400, 21211, "Invalid 'To' Phone Number");
  if (To === LINES.stopped)
    return twilioNo(400, 21610, "Attempt to send to unsubscribed recipient");
  if (To === LINES.landline)
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

function plivoMessage({ src, dst, text = "", url, method }: Fields): Answer {
  if (!isNumber(src)) return plivoNo("src parameter is not valid");
  if (!isNumber(dst) || `+${dst}` === LINES.landline) return plivoNo("dst parameter is not valid");
  if (text === "" || text.length > 1_600) return plivoNo("text parameter is not valid");
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
