/** Why somebody is on call, in the reader's language and with people's names. */
import type { OnCallReason } from "../../contract/schedule.ts";
import { listText } from "../kit/time.ts";
import { said, told } from "../kit/words.ts";

type Name = (person: string) => string;
type Value = string | number | readonly string[];

/** Names of people, and what the server chose of a few words. */
const READ: Readonly<Record<string, (value: Value, name: Name) => Value>> = {
  person: (value, name) =>
    typeof value === "object" ? listText(value.map(name)) : name(String(value)),
  replaces: (value, name) => name(String(value)),
  edge: (value) => said(String(value)),
  until: (value) => said(String(value)),
};

export function reasonText(reason: OnCallReason, name: Name): string {
  // A node of an earlier version gives the text alone.
  if (reason.sentences === undefined) return reason.text;
  return reason.sentences
    .map(({ template, params }) => {
      const read = Object.entries(params).map(([key, value]) => [
        key,
        READ[key]?.(value, name) ?? value,
      ]);
      return told(template, Object.fromEntries(read) as Readonly<Record<string, unknown>>);
    })
    .join(" ");
}
