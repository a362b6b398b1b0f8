/** What would keep a page from somebody: no verified address, no page that came lately, no way that is meant for it. */
import type { ContactMethod } from "../../../contract/account.ts";
import type { Sentence } from "../../../contract/route.ts";
import { say } from "../../../contract/texts.ts";
import type { Snapshot } from "../config/config.ts";
import { type Mark, wayKey } from "../notification/markStore.ts";

export type ReachProofs = {
  /** Ways that are verified, by {@link provenKey}. */
  readonly verified: ReadonlySet<string>;
  /** Whom a page or a code reached in the last 90 days. */
  readonly tested: ReadonlySet<string>;
  readonly marks: ReadonlyMap<string, Mark>;
};

type Facts = {
  readonly config: Snapshot;
  readonly wakeable: ReadonlySet<string>;
  readonly proofs: ReachProofs;
};

export const provenKey = (personId: string, channelId: string, address: string): string =>
  `${personId} ${channelId} ${address}`;

export const markOf = ({ proofs }: Pick<Facts, "proofs">, contact: ContactMethod): Mark | null =>
  proofs.marks.get(wayKey({ channelId: contact.channel, address: contact.address })) ?? null;

/** In sentences; none where everything is proved. */
export function doubtsOf(facts: Facts, person: string): readonly Sentence[] {
  const { config, wakeable, proofs } = facts;
  const contacts = (config.get("people", person)?.body.contacts ?? []).filter(
    ({ channel }) => config.get("channels", channel) !== null,
  );
  const isFor = (urgency: "high" | "low") => (contact: ContactMethod) =>
    (contact.urgency ?? urgency) === urgency;
  const rings = wakeable.has(person);
  const high = contacts.filter(isFor("high"));
  const marked = contacts.flatMap((contact) => markOf(facts, contact) ?? []);
  const isVerified = (contact: ContactMethod): boolean =>
    proofs.verified.has(provenKey(person, contact.channel, contact.address)) &&
    markOf(facts, contact) === null;
  // Where none is meant for pages, they go by all.
  const pages = high.length === 0 ? contacts : high;
  return [
    // A device was allowed in a session of its own person.
    ...(rings || pages.some(isVerified) ? [] : [say("doubt verified", { person })]),
    ...(proofs.tested.has(person) ? [] : [say("doubt tested", { person })]),
    ...(rings || high.length > 0 || contacts.length === 0 ? [] : [say("doubt high", { person })]),
    ...(contacts.some(isFor("low")) ? [] : [say("doubt low", { person })]),
    ...marked.map(({ kind, channelId, because }) =>
      say(`doubt ${kind}`, { person, channel: channelId, because }),
    ),
  ];
}
