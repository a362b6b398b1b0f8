/**
 * Every finding that reading a document can give. Codes are stable: a code is never used for something
 * else, and a retired one stays retired. docs/lint.md tells each with its reason and its remedy.
 * `{name}` is filled from the finding's parameters.
 */
import type { FindingLevel, RunbookFinding } from "../../../../contract/runbook.ts";

type Rule = {
  /** A short name, for tools that show one. */
  readonly name: string;
  readonly says: string;
  readonly why: string;
  readonly remedy: string;
};

export const RULES = {
  E001: {
    name: "document-too-large",
    says: "The document has {size} bytes; at most {limit} are read.",
    why: "Nobody finds a step in a megabyte of text, and reading it could hold up others.",
    remedy: "Part it into one document for each procedure.",
  },
  E002: {
    name: "nested-too-deep",
    says: "Quotes and lists are nested {depth} levels deep; at most {limit} are read.",
    why: "Such a document is a mistake or an attack: the time to read it grows with its depth.",
    remedy: "Flatten the lists.",
  },
  E003: {
    name: "not-utf-8",
    says: "The document is not UTF-8, so it was not read.",
    why: "Ranges and hashes are of bytes; a guess at the encoding would move them.",
    remedy: "Save it as UTF-8.",
  },
  E004: {
    name: "reading-stopped",
    says: "Reading was stopped after {seconds} s.",
    why: "Some short texts keep any Markdown parser busy for hours. They are given a time and then stopped.",
    remedy: "Look for very long runs of brackets, emphasis marks or table cells.",
  },
  E005: {
    name: "front-matter-unreadable",
    says: "The front matter cannot be read: {problem}.",
    why: "Owner and review date stand there; tools that read it see nothing.",
    remedy: "Mend the YAML or TOML between the fences.",
  },
  E006: {
    name: "same-trigger-twice",
    says: "“{first}” and “{second}” have the same trigger, and nothing says which goes first.",
    why: "When it fires, two procedures start and nobody knows which counts.",
    remedy: "Make one trigger narrower, or join the two procedures.",
  },
  E007: {
    name: "secret-in-document",
    says: "This looks like a secret ({what}).",
    why: "Runbooks are read by many and kept in version control for ever.",
    remedy: "Revoke the secret, name the place where it is kept, and take it out of the history.",
  },
  E101: {
    name: "sidecar-unreadable",
    says: "{file}:{line}: {problem}.",
    why: "A sidecar that is not understood grants nothing: every step is done by hand, and nothing is published.",
    remedy: "Mend the field that is named; docs/runbooks.md tells them all.",
  },
  E102: {
    name: "binding-without-step",
    says: "{file}:{line}: {action} is bound to a step that is not there: {problem}.",
    why: "Somebody believes that this step is automated. Publishing stops at it.",
    remedy: "Take the binding out, or anchor it anew with “runbook bind”.",
  },
  W101: {
    name: "no-owner",
    says: "Nothing says who owns this document.",
    why: "A document without an owner is mended by nobody.",
    remedy: "Add “owner: team” to its front matter.",
  },
  W102: {
    name: "no-review",
    says: "Nothing says when this document was last reviewed.",
    why: "In an incident, a reader must know whether to trust it.",
    remedy: "Add “last_reviewed: YYYY-MM-DD” to its front matter. A date of change is no review.",
  },
  W103: {
    name: "draft",
    says: "The document calls itself {status}.",
    why: "A draft is followed in an incident as if it were agreed.",
    remedy: "Agree on it and change its status, or keep it unpublished.",
  },
  W201: {
    name: "deadline-anchor-assumed",
    says: "“{quote}” is read as counting from “{anchor}”; the text does not say from when.",
    why: "Five minutes after the page and five minutes after the phase began are different promises.",
    remedy: "Say from when: “within 5 minutes of the page”.",
  },
  W202: {
    name: "business-time-without-calendar",
    says: "“{quote}” counts in business time, and the document names no calendar.",
    why: "Holidays and hours differ between teams; a deadline over a holiday would be wrong.",
    remedy: "Name the calendar in the sidecar beside the document: “calendar: office”.",
  },
  W203: {
    name: "escalation-without-times",
    says: "The escalation path {path} does not say how long each level has.",
    why: "Without times the time to acknowledge of the severity is used between any two levels.",
    remedy: "Write the time behind each level: “Primary (15 min) → Secondary (15 min)”.",
  },
  W204: {
    name: "person-instead-of-role",
    says: "“{name}” looks like a person where a role belongs.",
    why: "People change teams and sleep; a role is bound to whoever is on call.",
    remedy: "Name the role and bind it to a rotation.",
  },
  W205: {
    name: "trigger-not-measurable",
    says: "“{text}” has no number, so a person must judge it.",
    why: "What is not measured cannot declare an incident by itself.",
    remedy: "Say how many in what time, or leave it to people on purpose.",
  },
  W206: {
    name: "trigger-without-window",
    says: "“{text}” does not say for how long.",
    why: "One bad second would declare an incident.",
    remedy: "Add “for > 5 minutes”.",
  },
  W207: {
    name: "severity-gap",
    says: "{measure}: {gap} raises nothing.",
    why: "An incident in the gap is declared by nobody.",
    remedy: "Let the ranges of neighbouring severities meet, in value and in time.",
  },
  W208: {
    name: "severity-without-trigger",
    says: "Nothing declares {severity} by itself.",
    why: "Whoever relies on automatic declaration waits for ever.",
    remedy: "Add a trigger, or say that people declare it.",
  },
  W209: {
    name: "facts-conflict",
    says: "{severity}: {first} on line {line} and {second} here, for the same promise.",
    why: "Two answers to one question: the stricter is used, and somebody expects the other.",
    remedy: "State it once.",
  },
  W210: {
    name: "severity-overlap",
    says: "{measure}: {first} and {second} both claim {overlap}.",
    why: "The same number would declare two severities.",
    remedy: "Let one range end where the next begins.",
  },
  W211: {
    name: "sooner-in-words",
    says: "{severity}: the words say “{words}”, the table or the flowchart {time}.",
    why: "“At once” and “within an hour” are different duties.",
    remedy: "Say in both places what is meant.",
  },
  W301: {
    name: "graph-dead-end",
    says: "The flowchart ends at “{node}”, which is not its end.",
    why: "Whoever follows the picture stops there.",
    remedy: "Draw the edge to what comes next.",
  },
  W302: {
    name: "graph-choice-without-effect",
    says: "All branches of “{node}” lead to “{meets}”: the choice changes nothing.",
    why: "Either a branch is missing or the question is.",
    remedy: "Draw what differs between the branches, or take the question out.",
  },
  W303: {
    name: "graph-fork-without-condition",
    says: "The branches of “{node}” are labelled {labels}: who acts, not when. It is read as work side by side.",
    why: "A fork in a flowchart is a choice; readers may do only one.",
    remedy: "Say that all branches are taken, or label them with conditions.",
  },
  W304: {
    name: "graph-endless-loop",
    says: "The loop {path} has no count after which it ends.",
    why: "After the third failed attempt somebody else should look.",
    remedy: "Add a branch “after 3 attempts → escalate”.",
  },
  W305: {
    name: "graph-goes-on-regardless",
    says: "“{node}”: by way of “{by}” the other branch leads to “{meets}” too.",
    why: "The procedure goes on as though the answer had been the other one.",
    remedy: "Let the branch come back to the question, or end elsewhere.",
  },
  W306: {
    name: "graph-unreachable",
    says: "Nothing leads to “{node}”.",
    why: "A part of the picture that nobody arrives at is forgotten or misdrawn.",
    remedy: "Draw the edge to it, or take it out.",
  },
  W307: {
    name: "graph-and-text-differ",
    says: "{difference}",
    why: "Half of the readers follow the picture, half the text.",
    remedy: "Make them say the same, or take one out.",
  },
  W308: {
    name: "graph-skips-assignment",
    says: "In the flowchart {severity} is assigned to nobody, though the text says: {words}.",
    why: "Whoever follows the picture assigns nobody.",
    remedy: "Add the assignment to the branch.",
  },
  W401: {
    name: "undefined-word",
    says: "“{word}” is defined nowhere in the document.",
    why: "At three in the morning everybody guesses differently.",
    remedy: "Say which hours, which call, how long, or link to where it is said.",
  },
  W402: {
    name: "dead-link",
    says: "“{target}” leads nowhere.",
    why: "In an incident the missing page is the one that is needed.",
    remedy: "Mend or remove the link.",
  },
  W403: {
    name: "empty-section",
    says: "“{title}” has no words below it.",
    why: "A heading promises something; the reader stops to look for it.",
    remedy: "Write it, or take the heading out.",
  },
  W404: {
    name: "destructive-without-undo",
    says: "“{command}” may not be taken back, and nothing near it says how to undo it.",
    why: "Under pressure it is run on the wrong thing.",
    remedy: "Say what to check before, and how to get back.",
  },
  W405: {
    name: "transcript",
    says: "This block mixes prompts and output, so it cannot be copied.",
    why: "Pasted into a terminal, the output is run too.",
    remedy: "Put commands and what they print into blocks of their own.",
  },
  W406: {
    name: "left-to-do",
    says: "Something is left to be written here: {text}.",
    why: "The reader finds a gap where a step should be.",
    remedy: "Write it, or say that there is nothing.",
  },
  W407: {
    name: "number-missing",
    says: "The numbering goes from {before} to {after}.",
    why: "A step is lost, or a reader looks for one that never was.",
    remedy: "Number the headings again.",
  },
  W408: {
    name: "empty-phase",
    says: "The phase “{title}” has no steps.",
    why: "It can be neither done nor shown as done.",
    remedy: "Add what is to be done, or take the phase out.",
  },
  W409: {
    name: "not-a-shell-command",
    says: "This block is marked {language}, but it looks like a query.",
    why: "Whoever pastes it into a terminal gets an error, and loses trust.",
    remedy: "Mark it as the language that it is.",
  },
  W501: {
    name: "binding-suspended",
    says: "{file}:{line}: {action} is suspended to manual: {problem}.",
    why: "The words of a step changed, and nobody has said yet that the action still fits them.",
    remedy: "Read the step, then anchor the binding anew with “runbook bind”.",
  },
  I001: {
    name: "front-matter-recovered",
    says: "The front matter stands between underscore rules, where a formatter left it; it was read all the same.",
    why: "Tools that expect front matter see none here.",
    remedy: "Put “---” back in place of the rules.",
  },
  I002: {
    name: "no-title",
    says: "The document has no heading of the first level.",
    why: "Lists and search results show its file name instead.",
    remedy: "Give it one title.",
  },
  I003: {
    name: "nothing-to-run",
    says: "There is nothing in it to run: {reason}.",
    why: "Nobody should wait for steps that are not there.",
    remedy:
      "Nothing, if it is meant to be read only. Otherwise number its phases or give it a trigger.",
  },
  I004: {
    name: "skill-name",
    says: "The name “{name}” is not one that agents' tools accept: lower-case letters, digits and dashes, at most 64.",
    why: "Agents' tools leave out skills whose names they do not accept.",
    remedy: "Name it like “{better}”.",
  },
  I005: {
    name: "cut-off",
    says: "“{key}” of the front matter seems to be cut off: “… {end}”.",
    why: "A tool that shortened it was not noticed.",
    remedy: "Write the rest.",
  },
  I006: {
    name: "change-is-no-review",
    says: "“{key}” says when it was changed, not that somebody looked whether it is still right.",
    why: "A formatter's commit would make it look reviewed.",
    remedy: "Add “last_reviewed”.",
  },
  I007: {
    name: "other-language",
    says: "These words are not in English; they are shown, but nothing is read out of them.",
    why: "Steps and deadlines are found by English words only.",
    remedy: "Nothing, if it holds no steps.",
  },
} as const satisfies Record<string, Rule>;

export type FindingCode = keyof typeof RULES;

const LEVELS = { E: "error", W: "warning", I: "info" } as const;

export const levelOf = (code: FindingCode): FindingLevel =>
  LEVELS[code.slice(0, 1) as keyof typeof LEVELS];

type Place = Pick<RunbookFinding, "line" | "range" | "quote">;

export function finding(
  code: FindingCode,
  place: Place,
  params: Readonly<Record<string, string | number>>,
): RunbookFinding {
  const template = RULES[code].says;
  const said: Record<string, string> = {};
  const message = template.replace(/\{(\w{1,20})\}/g, (_, name: string) => {
    const value = String(params[name] ?? "?")
      .replace(/\s+/g, " ")
      .slice(0, 200);
    said[name] = value;
    return value;
  });
  return { code, level: levelOf(code), ...place, message, said: { template, params: said } };
}
