/**
 * What a channel is: a pure pair of functions, from words to a request and from a reply to a
 * verdict. The drivers stand in edge/outbound; nothing here knows which tools exist.
 */
import type { Language } from "../../../contract/language.ts";
import type { Channel, WEB_PUSH } from "../../../contract/notification.ts";
import { assert } from "../../base/errors.ts";
import type { Instant } from "../../base/instant.ts";
import type { Outbound, Reply } from "../../base/transport.ts";

/** What is to be said, already in words; a channel only gives it its form. */
export type Message = {
  readonly notificationId: string;
  /** The same on every attempt, so that a receiver can drop what it already has. */
  readonly idempotencyKey: string;
  readonly kind: "page" | "notice";
  /** One line. */
  readonly subject: string;
  /** Plain sentences: what burns, why you, what happens next. */
  readonly lines: readonly string[];
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly actions: readonly MessageAction[];
  /** The one of `lines` and labels; absent: English. */
  readonly language?: Language;
  /** A line with six digits is put in when it leaves, so that no row holds them. */
  readonly withCode?: true;
  /** An earlier attempt is unknown, so this may be its second copy; the channel says so. */
  readonly mayRepeat: boolean;
  readonly attachments: readonly {
    readonly name: string;
    readonly type: string;
    readonly content: string;
  }[];
  /** What the message belongs to, and the reference of an earlier one to reply to. */
  readonly thread: { readonly subjectId: string; readonly sentReference: string | null } | null;
};

export type MessageAction = {
  readonly label: string;
  readonly url: string;
  readonly verb: "acknowledge" | "open";
  /** What is signed when the message leaves and put behind the url, so that no row holds a link that works. */
  readonly signed?: { readonly purpose: string; readonly text: string };
};

/** What an address is known for: nothing arrives there; whoever has it said that they want nothing there. */
export type MarkKind = "bounced" | "stopped";

/** Of what there was too much for a provider: of messages to the address, of all by the channel, or it does not say. */
export type Limits = "address" | "channel" | "unsaid";

/** What became of one attempt. */
export type Verdict =
  | {
      readonly kind: "accepted";
      readonly providerId: string | null;
      /** What `update` and a later reply need to find the message again. */
      readonly reference: string | null;
    }
  | {
      readonly kind: "retry";
      readonly because: string;
      readonly afterMs: number | null;
      /** It was too much, as its provider documents that; absent: something else. */
      readonly limits?: Limits;
    }
  /** Will not get better by itself. */
  | {
      readonly kind: "refused";
      readonly because: string;
      /** Nobody will ever be there again. */
      readonly isGone?: true;
      /** It takes nothing for anybody for long. */
      readonly limits?: "channel";
      /** It is the address: nothing arrives there before somebody mends it, or whoever has it wants nothing. */
      readonly mark?: MarkKind;
    }
  /** May or may not have arrived: send again with the same key, marked as a possible repeat. */
  | { readonly kind: "unknown"; readonly because: string };

export type ChannelSettings = {
  readonly channel: Channel | { readonly type: typeof WEB_PUSH };
  /** The values behind the channel's `env:NAME` references, by field: token, secret, … */
  readonly secrets: Readonly<Record<string, string>>;
  readonly productName: string;
  /** Where people reach this installation. */
  readonly publicUrl: string;
};

/** An earlier message, and the sentence that now belongs under it ("Bob has it since 10:05"). */
export type MessageChange = {
  readonly message: Message;
  readonly reference: string;
  /** Where it was sent. */
  readonly address: string;
  readonly outcome: string;
};

/** How fast notices may leave: server/domain/notification/pace.ts. */
export type Pace = {
  /** How many a minute, and how many at once after a rest. */
  readonly perMinute: number;
  readonly burst: number;
  /** What the provider counts: everything of the account, or each address by itself. */
  readonly of: "channel" | "address";
};

export type ChannelDriver = {
  /** Where an address of it is a phone number: how it is reached. A fallback is of the same medium. */
  readonly medium?: "text" | "voice";
  /** How fast its provider lets notices leave, with room beside them for pages; absent: as fast as they come. */
  readonly pace?: Pace;
  /** What an address of it looks like, where that can be told before the first message. */
  readonly expects?: { readonly pattern: RegExp; readonly words: string };
  /** Pure: the same arguments give the same bytes. */
  render(message: Message, address: string, settings: ChannelSettings, now: Instant): Outbound;
  /** Shows in the earlier message what became of it; null where a sent message stays as it is. */
  readonly update: ((change: MessageChange, settings: ChannelSettings) => Outbound) | null;
  verdict(reply: Reply): Verdict;
};

/** One resolved secret; the wiring promises that every reference of the channel was resolved. */
export function secretOf(settings: ChannelSettings, field: string): string {
  const value = settings.secrets[field];
  assert(value, `the secret “${field}” of a ${settings.channel.type} channel is resolved`);
  return value;
}
