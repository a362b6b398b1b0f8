/** The postmortem form of a published runbook: what it asks beside what is known, in our nine sections. */
import type { PublishedPolicy } from "../../../contract/policy.ts";
import type { SectionKey } from "../../../contract/postmortem.ts";
import { ask, blocks, plain } from "./markdown.ts";
import type { Draft } from "./postmortem.ts";

/** How documents call the sections; what fits none stands under the lessons. */
const SECTIONS: readonly (readonly [title: RegExp, key: SectionKey])[] = [
  [/action/i, "action-items"],
  [/root cause|cause|why/i, "root-cause"],
  [/well\b/i, "went-well"],
  [/poor|wrong|badly/i, "went-poorly"],
  [/prevent|detect|improve/i, "prevention"],
  [/lesson|takeaway/i, "lessons"],
  [/timeline/i, "timeline"],
  [/impact/i, "impact"],
  [/summary|overview/i, "summary"],
];

/** What our own drafts fill in or ask for already. */
const KNOWN =
  /^(incident id|severity|duration|incident commander|teams? involved|customer impact|service impact|revenue impact|data impact|sla breach|what happened.*|why it happened.*|immediate cause|contributing factors?|underlying cause|monitoring|testing|documentation|architecture|time|event|action.*|owner|priority|due date|status)$/i;

/** Adds a question for everything that the form asks and nobody answered. */
export function formAsks(form: PublishedPolicy["postmortem"], draft: Draft): Draft {
  if (form === null) return draft;
  const asked = new Map<SectionKey, string[]>();
  for (const { title, asks } of form.sections) {
    const key = SECTIONS.find(([pattern]) => pattern.test(title))?.[1] ?? "lessons";
    // The list of action items is made of its items; a form adds nothing to it.
    if (key === "action-items" || key === "timeline") continue;
    const open = asks.filter((label) => !KNOWN.test(label.trim()));
    asked.set(key, [...(asked.get(key) ?? []), ...open.map((label) => ask(plain(label)))]);
  }
  const from = ask(`The form of this postmortem stands in ${plain(form.source)}.`);
  const entries = Object.entries(draft).map(([key, body]) => {
    const questions = asked.get(key as SectionKey) ?? [];
    return [key, blocks(body, ...questions, key === "summary" && from)] as const;
  });
  return Object.fromEntries(entries) as Draft;
}
