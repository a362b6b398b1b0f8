/**
 * The vendors of all channels in a simulation. They take what is in their own form, judged by the very functions
 * that the tests ask over sockets, and fail in their own words.
 */
import type { HttpOutbound, Outbound, Reply } from "../server/base/transport.ts";
import { MESSAGES } from "../contract/texts.ts";
import type { ReadBack } from "../server/app/local/virtual/transport.ts";
import { phoneVendor } from "../test/fakes/phoneServers.ts";
import { openAsBrowser } from "../test/fakes/pushService.ts";
import { pushVendor } from "../test/fakes/pushServers.ts";
import { slackVendor } from "../test/fakes/slackServer.ts";
import { type Answer, fieldsOf, type Vendor, written } from "../test/fakes/vendor.ts";
import { instant } from "../server/base/instant.ts";
import { browserOf, ENGINEERING, PEOPLE, PLACES } from "./channelCompany.ts";
import { LINES } from "./phones.ts";

/** A vendor and the ways in which it says no for good. */
type Seller = Vendor & {
  readonly name: string;
  readonly no: readonly Answer[];
  /** Its status alone says that it has the message. */
  readonly byStatus?: true;
};

const html = (status: number): Answer => ({ status, body: "<html><h1>Sorry</h1></html>" });
const slackNo = (error: string): Answer => ({ status: 200, body: { ok: false, error } });
const twilioNo = (status: number, code: number): Answer => ({
  status,
  body: { code, message: "no", status },
});
const telegramNo = (error_code: number, description: string): Answer => ({
  status: error_code,
  body: { ok: false, error_code, description },
});

const phones = phoneVendor(LINES);
const pushes = pushVendor({
  ntfy: "secret of env:NTFY",
  pushoverApp: "secret of env:PUSHOVER",
  pushoverUsers: PEOPLE.map(PLACES.pushover),
  // As it stands in an address.
  bot: "secret%20of%20env:BOT",
  chats: PEOPLE.map(PLACES.telegram),
});
const slack = slackVendor({
  token: "secret of env:SLACK",
  signingSecret: "",
  now: () => instant(0),
  channels: [ENGINEERING],
  users: PEOPLE.map(PLACES.slack),
});
const taking = (answer: Answer): Vendor => ({
  answer: () => answer,
  limit: () => ({ status: 429, body: "slow down" }),
});

/** By the host that is asked. */
const SELLERS: Readonly<Record<string, Seller>> = {
  "api.twilio.com": {
    ...phones,
    name: "Twilio",
    no: [
      twilioNo(400, 21_211),
      twilioNo(400, 21_610),
      twilioNo(401, 20_003),
      twilioNo(403, 20_005),
    ],
  },
  "api.plivo.com": {
    ...phones,
    name: "Plivo",
    no: [{ status: 400, body: { error: "dst parameter is not valid" } }, html(401), html(404)],
  },
  "slack.com": {
    ...slack,
    name: "Slack",
    no: [slackNo("channel_not_found"), slackNo("invalid_auth"), slackNo("is_archived"), html(403)],
  },
  "api.telegram.org": {
    ...pushes,
    name: "Telegram",
    no: [
      telegramNo(403, "Forbidden: bot was blocked by the user"),
      telegramNo(400, "Bad Request: chat not found"),
      telegramNo(401, "Unauthorized"),
    ],
  },
  "api.pushover.net": {
    ...pushes,
    name: "Pushover",
    no: [{ status: 400, body: { status: 0, errors: ["user identifier is not a valid user"] } }],
  },
  "ntfy.sh": { ...pushes, name: "ntfy", no: [html(401), html(403), html(413)] },
  "discord.com": {
    ...pushes,
    name: "Discord",
    no: [{ status: 404, body: { message: "Unknown Webhook", code: 10_015 } }, html(401)],
  },
  "mattermost.sim.example": {
    ...pushes,
    name: "Mattermost",
    no: [html(400), html(403), html(404)],
  },
  "teams.sim.example": {
    ...pushes,
    name: "Teams",
    no: [html(400), html(401), html(404), html(413)],
    byStatus: true,
  },
  "hooks.sim.example": {
    ...taking({ status: 200, body: "" }),
    name: "a webhook",
    no: [html(302), html(401), html(404), html(410)],
    byStatus: true,
  },
  "push.sim.example": {
    ...taking({ status: 201, body: "", headers: { location: "https://push.sim.example/m/1" } }),
    name: "a push service",
    no: [html(400), html(403), html(404), html(410), html(413)],
    byStatus: true,
  },
};

/** What the vendor of a message says of it: in its order, and when it fails. */
export type Says = {
  readonly vendor: string;
  /** To a message in its form; a mail server takes them all. */
  readonly yes: Reply;
  readonly takesIt: boolean;
  readonly no: readonly Reply[];
  /** There were too many; it asks for so long a pause, as documented, or for none. */
  readonly limited: (seconds: number | null) => Reply;
  readonly failing: readonly { readonly reply: Reply; readonly mayHave: boolean }[];
  readonly garbled: readonly Reply[];
  /** A garbled answer of it says that it has the message. */
  readonly byStatus: boolean;
};

export function saysOf(outbound: Outbound): Says {
  if (outbound.via === "mail") return MAIL;
  const url = new URL(outbound.url);
  const seller = SELLERS[url.hostname];
  if (seller === undefined) throw new Error(`nobody is at ${url.hostname}`);
  const asked = askedBy(outbound, url);
  const yes = seller.answer(asked);
  const isSlack = seller.name === "Slack";
  const isOk = yes.status < 300 && (!isSlack || (yes.body as { ok?: unknown }).ok === true);
  const answered = replyOf(yes);
  return {
    vendor: seller.name,
    yes: answered,
    takesIt: isOk,
    no: seller.no.map(replyOf),
    limited: (seconds) => replyOf(paused(seller.limit(asked), seconds)),
    failing: [
      { reply: replyOf(html(500)), mayHave: true },
      { reply: replyOf(html(502)), mayHave: true },
      { reply: replyOf(html(503)), mayHave: false },
      { reply: replyOf(html(504)), mayHave: true },
      ...(isSlack
        ? [
            { reply: replyOf(slackNo("fatal_error")), mayHave: true },
            { reply: replyOf(slackNo("service_unavailable")), mayHave: false },
          ]
        : []),
    ],
    garbled: ["<html>", '{"ok":tr', "", "7"].map((body) => ({ ...answered, body })),
    byStatus: seller.byStatus === true,
  };
}

const askedBy = ({ method, body, headers }: HttpOutbound, url: URL) => {
  const small = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    method,
    at: `${url.pathname}${url.search}`,
    headers: small,
    body: fieldsOf(body ?? "", small["content-type"]),
  };
};

const replyOf = (answer: Answer): Extract<Reply, { kind: "http" }> => ({
  kind: "http",
  status: answer.status,
  headers: answer.headers ?? {},
  body: written(answer).text,
});

/** Where each says how long: in a header, Telegram and Discord in the body as well. */
function paused({ status, body, headers = {} }: Answer, seconds: number | null): Answer {
  const { "retry-after": _, ...others } = headers;
  if (typeof body !== "object") {
    return seconds === null
      ? { status, body, headers: others }
      : { status, body, headers: { ...others, "retry-after": String(seconds) } };
  }
  const { parameters: __, retry_after: ___, ...rest } = body as Record<string, unknown>;
  if (seconds === null) return { status, body: rest, headers: others };
  return {
    status,
    headers: { ...others, "retry-after": String(seconds) },
    body: {
      ...rest,
      ...("parameters" in (body as object) && { parameters: { retry_after: seconds } }),
      ...("retry_after" in (body as object) && { retry_after: seconds }),
    },
  };
}

const mail = (code: number, text: string): Reply => ({ kind: "mail", code, text });
const MAIL: Says = {
  vendor: "a mail server",
  yes: mail(250, "250 queued as sim"),
  takesIt: true,
  no: [
    mail(550, "550 5.1.1 no such mailbox"),
    mail(554, "554 5.7.1 this looks like spam"),
    mail(552, "552 5.2.2 the mailbox is full"),
  ],
  limited: () => mail(421, "421 too many messages"),
  failing: [
    { reply: mail(451, "451 try again later"), mayHave: false },
    { reply: mail(452, "452 no room"), mayHave: false },
  ],
  garbled: [mail(0, ""), mail(354, "354 go ahead")],
  byStatus: false,
};

let notices = 0;
/** The id that stands in the link of a page, and in a pushed one that stands for several, which has no link. */
const LINK = /\/a\/([0-9a-f-]{36})\./;
const TAG = /"tag":"([0-9a-f-]{36})"/;

/** Reads what people see from a message in its vendor's form; telephony, webhooks and mail are known elsewhere. */
export const readBack: ReadBack = (outbound) => {
  if (outbound.via === "mail") return null;
  const url = new URL(outbound.url);
  const known = ["api.twilio.com", "api.plivo.com", "hooks.sim.example"];
  if (known.includes(url.hostname)) return null;
  const text = textOf(outbound, url);
  const body = fieldsOf(text);
  const to = placeOf(url, body);
  const subject = String(
    body["title"] ?? body["content"] ?? body["text"] ?? /"text":"([^"]*)"/.exec(text)?.[1] ?? "",
  );
  const metadata = body["metadata"] as { event_payload?: { notification_id?: string } } | undefined;
  const kind = isPage(url, body, text) ? "page" : "notice";
  const id = metadata?.event_payload?.notification_id ?? (LINK.exec(text) ?? TAG.exec(text))?.[1];
  return {
    to,
    subject: subject.split("\n")[0] ?? "",
    text,
    // What is told of an earlier message has its id too, or none, and may be told twice.
    messageId: (kind === "page" || isAlike(url) ? id : undefined) ?? `notice ${(notices += 1)}`,
    kind,
    mayRepeat: text.includes(MESSAGES["may repeat"]),
  };
};

function textOf({ body, encoding }: HttpOutbound, url: URL): string {
  if (encoding === undefined) return body ?? "";
  const person = url.pathname.slice(1);
  return openAsBrowser(Buffer.from(body ?? "", "base64"), browserOf(person)).toString();
}

function placeOf(url: URL, body: Readonly<Record<string, unknown>>): string {
  const shown = [body["channel"], body["chat_id"], body["user"], body["topic"], url.href];
  const place = String(shown.find((each) => each !== undefined));
  const isAt = (person: string): boolean =>
    Object.values(PLACES).some((of) => place.startsWith(of(person)));
  return PEOPLE.find(isAt) ?? place;
}

/** Its pages and notices look alike. */
const isAlike = ({ hostname }: URL): boolean =>
  ["discord.com", "mattermost.sim.example"].includes(hostname);

/** Each rings in its own way. What is told of an earlier message asks for nothing. */
function isPage(url: URL, body: Readonly<Record<string, unknown>>, text: string): boolean {
  switch (url.hostname) {
    case "slack.com":
      return (
        url.pathname.endsWith("chat.postMessage") && text.includes('"action_id":"acknowledge"')
      );
    case "api.telegram.org":
      return url.pathname.endsWith("sendMessage") && body["disable_notification"] === false;
    case "api.pushover.net":
      return body["priority"] === 1;
    case "ntfy.sh":
      return body["priority"] === 5;
    case "push.sim.example":
      return body["quiet"] === false;
    case "teams.sim.example":
      return text.includes('"color":"Attention"');
    // Here both look alike: a graver incident pages, of others they may be told quietly.
    default:
      return text.includes("[Acknowledge](") && /SEV[12]\\*\] INC-\d+ /.test(text);
  }
}
