/**
 * The outside world on a virtual clock: it records what people receive and answers as it is told.
 * Nothing here waits for real time; an answer that takes long is given when the virtual clock gets
 * there, and a send of a node that died is never answered.
 */
import { addMs, type Instant } from "../../../base/instant.ts";
import type { Outbound, Reply, Transport } from "../../../base/transport.ts";
import { MESSAGES } from "../../../../contract/texts.ts";

/**
 * What becomes of one send. "loses the reply": it arrives, and we never learn that it did. The two
 * that hang are never answered, so that the node can be killed before or after the hand-over.
 */
export type Behaviour =
  | "accept"
  | "refuse"
  | "busy"
  | "down"
  | "times out"
  | "loses the reply"
  | "hangs before"
  | "hangs after"
  | { readonly takesMs: number }
  /** Asked to come back after so many seconds; a mail server can only say "later". */
  | { readonly limitedFor: number }
  /** What somebody says in words of their own, after how long, and whether the message arrived. */
  | {
      readonly says: Reply;
      readonly afterMs: number;
      readonly arrives: "at once" | "then" | "never";
    };

/** One message as a person received it. */
export type Received = {
  readonly at: Instant;
  readonly to: string;
  readonly via: Outbound["via"];
  readonly kind: "page" | "notice";
  readonly subject: string;
  readonly text: string;
  /** The same on every attempt of one notification. */
  readonly messageId: string;
  readonly mayRepeat: boolean;
  /** Where it came by telephone: whose, and how. */
  readonly phone?: Phone;
};
type Phone = { readonly provider: "twilio" | "plivo"; readonly by: "text" | "voice" };

export type VirtualTransport = Transport & {
  readonly received: readonly Received[];
  /** Every hand-over as it began, whether it arrived or not. */
  readonly begun: readonly Received[];
  /** How the next sends to this person end, in turn; afterwards as {@link VirtualTransport.always} says. */
  script(to: string, behaviours: readonly Behaviour[]): void;
  /** How sends end that no script names. */
  always(behaviour: Behaviour | ((outbound: Outbound) => Behaviour)): void;
  /** When the next slow answer is due, or null. */
  nextAt(): Instant | null;
  /** Gives the answers whose time has come. */
  release(now: Instant): void;
};

/** What stands in a message of a tool that only its sender knows; null: it is one of those known here. */
export type ReadBack = (
  outbound: Outbound,
) => Pick<Received, "to" | "kind" | "subject" | "text" | "messageId" | "mayRepeat"> | null;

type Held = { readonly at: Instant; readonly give: () => void };

export function virtualTransport(
  now: () => Instant,
  readBack: ReadBack = () => null,
): VirtualTransport {
  const received: Received[] = [];
  const begun: Received[] = [];
  const scripts = new Map<string, Behaviour[]>();
  let usual: (outbound: Outbound) => Behaviour = () => "accept";
  let held: Held[] = [];

  const receive = (outbound: Outbound): void => {
    received.push(seen(outbound, received));
  };
  const seen = (outbound: Outbound, earlier: readonly Received[]): Received => {
    const read = readBack(outbound);
    return read === null
      ? receivedFrom(outbound, now(), earlier)
      : { at: now(), via: outbound.via, ...read };
  };
  const later = (ms: number, give: () => Reply): Promise<Reply> =>
    new Promise((resolve) => held.push({ at: addMs(now(), ms), give: () => resolve(give()) }));
  const never = (): Promise<Reply> => new Promise(() => undefined);

  return {
    received,
    begun,
    script: (to, behaviours) => void scripts.set(to, [...behaviours]),
    always: (behaviour) =>
      void (usual = typeof behaviour === "function" ? behaviour : () => behaviour),
    nextAt: () =>
      held.reduce<Instant | null>((min, { at }) => (min === null || at < min ? at : min), null),
    release(at) {
      const due = held.filter((each) => each.at <= at);
      held = held.filter((each) => each.at > at);
      for (const { give } of due.toSorted((a, b) => a.at - b.at)) give();
    },
    async send(outbound) {
      begun.push(seen(outbound, begun));
      const behaviour = scripts.get(nameOf(outbound))?.shift() ?? usual(outbound);
      if (typeof behaviour === "object" && "says" in behaviour) {
        const { says, afterMs, arrives } = behaviour;
        if (arrives === "at once" || (arrives === "then" && afterMs === 0)) receive(outbound);
        if (afterMs === 0) return says;
        return later(afterMs, () => {
          if (arrives === "then") receive(outbound);
          return says;
        });
      }
      if (typeof behaviour === "object" && "limitedFor" in behaviour)
        return limited(outbound, behaviour.limitedFor);
      if (typeof behaviour === "object") {
        return later(behaviour.takesMs, () => {
          receive(outbound);
          return answer(outbound, "accept");
        });
      }
      if (behaviour === "times out") return later(outbound.timeoutMs, () => UNKNOWN);
      if (behaviour === "hangs before") return never();
      if (["accept", "loses the reply", "hangs after"].includes(behaviour)) receive(outbound);
      return behaviour === "hangs after" ? never() : answer(outbound, behaviour);
    },
  };
}

/** What chat tools and telephony want to see as well. */
const HTTP_ANSWER = JSON.stringify({
  ok: true,
  channel: "C0",
  ts: "1.0",
  sid: "SM0",
  message_uuid: ["m0"],
  result: { message_id: 1, chat: { id: 1 } },
});
const UNKNOWN: Reply = { kind: "error", reached: "maybe", because: "no reply in time" };

const limited = (outbound: Outbound, seconds: number): Reply =>
  outbound.via === "mail"
    ? { kind: "mail", code: 421, text: "421 too many messages" }
    : { kind: "http", status: 429, headers: { "retry-after": String(seconds) }, body: "{}" };

function answer(outbound: Outbound, behaviour: Behaviour): Reply {
  const isMail = outbound.via === "mail";
  const http = (status: number): Reply => ({
    kind: "http",
    status,
    headers: {},
    body: HTTP_ANSWER,
  });
  switch (behaviour) {
    case "refuse":
      return isMail ? { kind: "mail", code: 550, text: "550 no such mailbox" } : http(410);
    case "busy":
      return isMail ? { kind: "mail", code: 451, text: "451 try again later" } : http(503);
    case "down":
      return { kind: "error", reached: "no", because: "connection refused" };
    case "loses the reply":
      return UNKNOWN;
    default:
      return isMail ? { kind: "mail", code: 250, text: "250 queued as sim" } : http(200);
  }
}

const addressOf = (outbound: Outbound): string =>
  outbound.via === "mail" ? outbound.to : outbound.url;

/** A page that leaves by telephone, read back from the request to its provider. */
function phonedBy(outbound: Outbound) {
  if (outbound.via === "mail") return null;
  const [, twilio] = /\/Accounts\/\w+\/(Messages|Calls)\.json$/.exec(outbound.url) ?? [];
  const [, plivo] = /\/v1\/Account\/\w+\/(Message|Call)\/$/.exec(outbound.url) ?? [];
  const body = outbound.body ?? "";
  if (twilio !== undefined) {
    const form = new URLSearchParams(body);
    const by = twilio === "Calls" ? ("voice" as const) : ("text" as const);
    const text = form.get("Body") ?? (form.get("Twiml") ?? "").replace(/(<[^>]*>)+/g, "\n").trim();
    const phone: Phone = { provider: "twilio", by };
    return { phone, to: form.get("To") ?? "", text, callback: form.get("StatusCallback") ?? "" };
  }
  if (plivo === undefined) return null;
  const json = JSON.parse(body) as Readonly<Record<string, string>>;
  const phone: Phone = { provider: "plivo", by: plivo === "Call" ? "voice" : "text" };
  const callback = json["url"] ?? json["answer_url"] ?? "";
  return { phone, to: `+${json["dst"] ?? json["to"] ?? ""}`, text: json["text"] ?? "", callback };
}

/** Whom a message goes to: "alice" of alice@sim.example and of https://hooks.sim.example/alice, or a number. */
export function nameOf(outbound: Outbound): string {
  const phoned = phonedBy(outbound);
  if (phoned !== null) return phoned.to;
  const address = addressOf(outbound);
  if (outbound.via === "mail") return address.split("@")[0] ?? address;
  return new URL(address).pathname.split("/").at(-1) ?? address;
}

function receivedFrom(outbound: Outbound, at: Instant, earlier: readonly Received[]): Received {
  const common = { at, to: nameOf(outbound), via: outbound.via };
  if (outbound.via === "mail") {
    const { subject, text, messageId, headers } = outbound;
    const kind = headers["Importance"] === "high" ? "page" : "notice";
    return {
      ...common,
      kind,
      subject,
      text,
      messageId,
      mayRepeat: text.includes(MESSAGES["may repeat"]),
    };
  }
  const phoned = phonedBy(outbound);
  if (phoned !== null) {
    const { phone, text, callback } = phoned;
    // A call of the second provider fetches its words when it is taken.
    const subject = text.split("\n")[0] ?? "";
    const messageId = /\/pages\/([0-9a-f-]{36})\//.exec(callback)?.[1] ?? "";
    // Of such a call only its row knows; that it is the second one is what can be seen.
    const isSecond = text === "" && earlier.some((each) => each.messageId === messageId);
    const mayRepeat =
      isSecond ||
      /^\((maybe again|evtl\. erneut)\)|^(You may have been|Vielleicht wurden Sie)/.test(text);
    const kind =
      text === "" || /(Reply|Press|Antworten Sie) 1 |Drücken Sie die 1/.test(text)
        ? "page"
        : "notice";
    return { ...common, kind, subject, text, messageId, mayRepeat, phone };
  }
  const body = JSON.parse(outbound.body ?? "{}") as Record<string, unknown>;
  return {
    ...common,
    kind: body["type"] === "notification.page" ? "page" : "notice",
    subject: String(body["subject"] ?? ""),
    text: outbound.body ?? "",
    messageId: String(body["idempotencyKey"] ?? ""),
    mayRepeat: body["mayRepeat"] === true,
  };
}
