/** A message before it is known who reads it, and put into words for them. */
import type { Language } from "../../../contract/language.ts";
import { type Said, say, type Text } from "../../../contract/texts.ts";
import { inWords } from "../../base/words.ts";
import type { Snapshot } from "../config/config.ts";
import type { MessageAction } from "./channel.ts";
import type { MessageWords } from "./notification.ts";

export type Fact = { readonly name: Said; readonly value: Text };
export type Wording = Pick<MessageWords, "kind" | "withCode" | "attachments" | "thread"> & {
  readonly subject: Text;
  readonly lines: readonly Text[];
  readonly facts: readonly Fact[];
  readonly actions: readonly (Omit<MessageAction, "label"> & { readonly label: Text })[];
};

type FactName = Parameters<typeof say>[0] extends infer Kind
  ? Kind extends `fact ${infer Name}`
    ? Name
    : never
  : never;
export const fact = (name: FactName, value: Text): Fact => ({ name: say(`fact ${name}`), value });

/** The language that somebody's entry says; an address that belongs to nobody is written to in English. */
export const languageOf = (config: Snapshot, personId: string | null): Language =>
  (personId === null ? undefined : config.get("people", personId)?.body.language) ?? "en";

export function worded(wording: Wording, language: Language): MessageWords {
  const said = (text: Text): string => inWords(text, language);
  return {
    ...wording,
    ...(language !== "en" && { language }),
    subject: said(wording.subject),
    lines: wording.lines.map(said),
    facts: wording.facts.map(({ name, value }) => ({ name: said(name), value: said(value) })),
    actions: wording.actions.map((action) => ({ ...action, label: said(action.label) })),
  };
}
