/** Decides who is told by which of their contact methods; writes it down, sends nothing. */
import type { Tx } from "../../base/db.ts";
import { assert } from "../../base/errors.ts";
import type { Language } from "../../../contract/language.ts";
import { WEB_PUSH } from "../../../contract/notification.ts";
import type { Text } from "../../../contract/texts.ts";
import { addMs, type Instant, instant, MINUTE } from "../../base/instant.ts";
import type { World } from "../../base/world.ts";
import { type DevicesOf, findDevicesOf } from "../account/deviceStore.ts";
import type { Snapshot } from "../config/config.ts";
import type { Notification, NotificationReason, PageParts, Urgency } from "./notification.ts";
import { quietUntil, waysFor } from "./rules.ts";
import { insertNotifications, type NewNotification } from "./store.ts";
import { signedWords } from "./pageParts.ts";
import { worded, type Wording } from "./wording.ts";

export type Telling = {
  /** What it is about ("INC-1") and which occasion of it ("round 1 step 2"): once per person and address. */
  readonly subject: string;
  readonly occasion: string;
  readonly kind: "page" | "notice";
  /** A notice that is urgent wakes nobody, and yet waits for no quiet hours. */
  readonly urgency: Urgency;
  readonly incidentNumber: number | null;
  readonly runId: string | null;
  readonly acceptedAt: Instant | null;
  readonly dueAt: Instant;
  readonly requestId?: string;
  /** When it is told together with everything else that waited; null or absent: by itself. */
  readonly digestAt?: Instant | null;
  /** Of a page: the browsers that its people let be woken, which ring besides their contact methods. */
  readonly devices?: DevicesOf;
  readonly why: Pick<NotificationReason, "you" | "now">;
  /** The words of a notification with such an id, or of a page about an incident what they are made of. */
  readonly words: (notificationId: string) => Wording | PageParts;
};

type Recipient = {
  readonly personId: string | null;
  readonly language: Language;
  readonly channelId: string;
  readonly address: string;
  readonly afterMinutes: number;
  /** What the person calls the device that it is. */
  readonly device?: string;
  /** Their quiet hours, which this message waits for. */
  readonly quietTo?: Instant | null;
};

/**
 * A notification for each contact method of each person (a page: all of them, each with its own delay, and
 * each device of theirs at once; a notice: the first method). Whom nothing reaches is in `unreachable`.
 */
export function tellingsOf(
  world: World,
  config: Snapshot,
  people: readonly string[],
  telling: Telling,
  now: Instant,
): { readonly rows: readonly NewNotification[]; readonly unreachable: readonly string[] } {
  const unreachable: string[] = [];
  const recipients = [...new Set(people)].flatMap((personId): Recipient[] => {
    const person = config.get("people", personId)?.body;
    const usable = usableBy(config, personId, telling);
    const devices = person === undefined ? [] : (telling.devices?.get(personId) ?? []);
    const rung = devices.map(({ id, name }) => ({
      channelId: WEB_PUSH,
      address: id,
      afterMinutes: 0,
      device: name,
    }));
    if (usable.length + rung.length === 0) unreachable.push(personId);
    const methods = telling.kind === "page" ? [...onceEach(usable), ...rung] : usable.slice(0, 1);
    const quietTo = person === undefined ? null : quietUntil(person, telling.urgency, now);
    const language = person?.language ?? "en";
    return methods.map((method) => ({ ...method, personId, language, quietTo }));
  });
  return { rows: rowsOf(world, recipients, telling, now), unreachable };
}

/** An urgent notice goes by a way for quiet ones all the same; who has none hears it as they are paged. */
function usableBy(
  config: Snapshot,
  personId: string,
  { kind, urgency }: Pick<Telling, "kind" | "urgency">,
): readonly Contact[] {
  const own = contactsOf(config, personId, kind === "page" ? "high" : "low");
  return own.length === 0 && urgency === "high" ? contactsOf(config, personId, "high") : own;
}

type Contact = ReturnType<typeof contactsOf>[number];

/** An address by one channel is told once of an occasion, however often it is named. */
const onceEach = (contacts: readonly Contact[]): readonly Contact[] =>
  contacts.length < 2
    ? contacts
    : [
        ...Map.groupBy(contacts, ({ channelId, address }) => `${channelId} ${address}`).values(),
      ].map(([first]) => first!);

/** Writes what {@link tellingsOf} says; pages ring the devices of their people too. */
export async function tellPeople(
  tx: Tx,
  world: World,
  config: Snapshot,
  people: readonly string[],
  telling: Telling,
  now: Instant,
): Promise<{ readonly told: readonly string[]; readonly unreachable: readonly string[] }> {
  const devices = telling.kind === "page" ? { devices: await findDevicesOf(tx, people) } : {};
  const given = { ...telling, ...devices };
  const { rows, unreachable } = tellingsOf(world, config, people, given, now);
  return { told: await insertNotifications(tx, rows), unreachable };
}

export type Address = {
  readonly channel: string;
  readonly address: string;
  readonly language?: Language;
};

/** A notice to addresses that belong to nobody in particular, such as an audience's channel. */
export function tellingsTo(
  world: World,
  addresses: readonly Address[],
  telling: Telling,
  now: Instant,
): readonly NewNotification[] {
  const recipients = addresses.map(({ channel, address, language = "en" }) => ({
    personId: null,
    language,
    channelId: channel,
    address,
    afterMinutes: 0,
  }));
  return rowsOf(world, recipients, telling, now);
}

/** Writes what {@link tellingsTo} says. */
export const tellAddresses = (
  tx: Tx,
  world: World,
  addresses: readonly Address[],
  telling: Telling,
  now: Instant,
): Promise<readonly string[]> =>
  insertNotifications(tx, tellingsTo(world, addresses, telling, now));

type Way = Pick<Recipient, "personId" | "language" | "channelId" | "address">;

/** One notice to one way of a person; returns its id. */
export async function tellWay(
  tx: Tx,
  world: World,
  to: Way,
  what: Pick<Telling, "subject" | "occasion" | "why"> & {
    readonly words: Wording;
    readonly now: Instant;
  },
): Promise<string> {
  const { subject, occasion, why, words, now } = what;
  const telling: Telling = {
    subject,
    occasion,
    kind: "notice",
    urgency: "low",
    incidentNumber: null,
    runId: null,
    acceptedAt: null,
    dueAt: now,
    why,
    words: () => words,
  };
  const rows = rowsOf(world, [{ ...to, afterMinutes: 0 }], telling, now);
  const [id] = await insertNotifications(tx, rows);
  assert(id !== undefined, "a way is told once of an occasion");
  return id;
}

/** One notice in place of several; returns its id. */
export const tellAddress = (
  tx: Tx,
  world: World,
  to: Way,
  what: {
    readonly occasion: string;
    readonly subject: Text;
    readonly lines: readonly Text[];
    readonly now: Instant;
  },
): Promise<string> =>
  tellWay(tx, world, to, {
    subject: "digest",
    occasion: what.occasion,
    why: { you: { kind: "waited", params: {} }, now: { kind: "hours began", params: {} } },
    words: {
      kind: "notice",
      subject: what.subject,
      lines: what.lines,
      facts: [],
      actions: [],
      attachments: [],
      thread: null,
    },
    now: what.now,
  });

function rowsOf(
  world: World,
  recipients: readonly Recipient[],
  telling: Telling,
  now: Instant,
): readonly NewNotification[] {
  const isUnderstood = world.isUnderstood?.() ?? true;
  return recipients.map((to): NewNotification => {
    const id = world.chance.id(now);
    const waits = [telling.digestAt ?? null, to.quietTo ?? null].filter((at) => at !== null);
    const digestAt = waits.length === 0 ? null : instant(Math.max(...waits));
    const row: NewNotification = {
      id,
      subject: telling.subject,
      occasion: telling.occasion,
      personId: to.personId,
      channelId: to.channelId,
      address: to.address,
      kind: telling.kind,
      urgency: telling.urgency,
      incidentNumber: telling.incidentNumber,
      runId: telling.runId,
      message: keptFor(to.language, telling.words(id)),
      reason: {
        ...telling.why,
        way: wayOf(to),
      },
      requestId: telling.requestId ?? null,
      digestAt,
      acceptedAt: telling.acceptedAt,
      decidedAt: now,
      dueAt: digestAt ?? addMs(telling.dueAt, to.afterMinutes * MINUTE),
    };
    return isUnderstood ? row : { ...row, message: signedWords(row, world.keys) };
  });
}

function keptFor(language: Language, said: Wording | PageParts): Notification["message"] {
  if (!("made" in said)) return worded(said, language);
  return language === "en" ? said : { ...said, language };
}

function wayOf(to: Recipient): NotificationReason["way"] {
  if (to.device !== undefined) return { kind: "own device", params: { device: to.device } };
  return {
    kind: to.personId === null ? "audience contact" : "contact method",
    params: { channel: to.channelId, after: String(to.afterMinutes) },
  };
}

/** The contact methods of a person for an urgency whose channel is configured, in their order. */
export function contactsOf(
  config: Snapshot,
  personId: string,
  urgency: Urgency,
): readonly { channelId: string; address: string; afterMinutes: number }[] {
  const person = config.get("people", personId);
  if (person === null) return [];
  const usable = person.body.contacts.filter(
    (contact) => config.get("channels", contact.channel) !== null,
  );
  return waysFor(usable, urgency).map((contact) => ({
    channelId: contact.channel,
    address: contact.address,
    afterMinutes: contact.afterMinutes,
  }));
}
