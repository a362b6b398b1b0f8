/** What a step names, as configuration has it now: when that changes, the step may not be right any more. */
import type { RunbookStep } from "../../../contract/runbook.ts";
import { sha256 } from "../../base/crypto.ts";
import type { Snapshot } from "../config/config.ts";
import { idOfPath } from "./path.ts";
import { targetOf } from "./people.ts";
import { boundTo, type Version } from "./version.ts";

export type Named = { readonly what: string; readonly fingerprint: string };

/** The runbooks in use, by name. */
export type Digests = ReadonlyMap<string, string | null>;

export function namedBy(
  config: Snapshot,
  digests: Digests,
  version: Pick<Version, "bindings" | "settings" | "runbookId">,
  { step, role }: { readonly step: RunbookStep; readonly role: string | null },
): readonly Named[] {
  const found = new Map<string, unknown>();
  const words = [step.quote, ...step.substeps.map(({ quote }) => quote)].join("\n");
  for (const { id, body } of config.all("services"))
    if (speaksOf(words, id) || speaksOf(words, body.name)) found.set(`service ${id}`, body);
  for (const { id, body } of config.all("connections"))
    if (namesConnection(words, body)) found.set(`connection ${id}`, body);
  const connection = boundTo(version, step.id)?.connection ?? null;
  const bound = connection === null ? null : config.get("connections", connection);
  if (bound !== null) found.set(`connection ${bound.id}`, bound.body);
  for (const target of linksOf(step)) {
    const id = /^[a-z][a-z0-9+.-]*:/i.test(target) ? null : idOfPath(target.replace(/[#?].*$/, ""));
    if (id !== null && id !== version.runbookId && digests.has(id))
      found.set(`runbook ${id}`, digests.get(id));
  }
  const target = role === null ? undefined : targetOf(version.settings, role);
  if (target !== undefined && target !== null) {
    const [kind, id] =
      "schedule" in target
        ? (["schedules", target.schedule] as const)
        : "person" in target
          ? (["people", target.person] as const)
          : (["teams", target.team] as const);
    const entry = config.get(kind, id);
    if (entry !== null)
      found.set(`${kind.replace(/^people$/, "persons").slice(0, -1)} ${id}`, entry.body);
  }
  return [...found].map(([what, body]) => ({
    what,
    fingerprint: sha256(JSON.stringify(body)).toString("hex").slice(0, 32),
  }));
}

const LETTER = /[\p{L}\p{N}_-]/u;
/** Shorter names are words of any sentence. */
const SHORTEST = 4;

/** Whether a name stands in the words, and not within another word. */
function speaksOf(words: string, name: string): boolean {
  if (name.length < SHORTEST) return false;
  const text = words.toLowerCase();
  const wanted = name.toLowerCase();
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const [before = "", after = ""] = [text.slice(0, at).at(-1), text[at + wanted.length]];
    if (!LETTER.test(before) && !LETTER.test(after)) return true;
  }
  return false;
}

/** By the host it reaches, or by the program that it starts. */
function namesConnection(words: string, body: { readonly type: string }): boolean {
  const { url, program } = body as { readonly url?: unknown; readonly program?: unknown };
  if (typeof program === "string")
    return speaksOf(words, program) || speaksOf(words, program.slice(program.lastIndexOf("/") + 1));
  if (typeof url !== "string" || !URL.canParse(url)) return false;
  return speaksOf(words, new URL(url).hostname);
}

const linksOf = (step: RunbookStep): readonly string[] => [
  ...step.attachments.flatMap(({ kind, target }) =>
    kind === "link" && target !== null ? [target] : [],
  ),
  ...[...step.quote.matchAll(/\]\(([^()\s]{1,300})\)|`([^`\s]{1,300}\.md)`/g)].flatMap(
    ([, link, file]) => link ?? file ?? [],
  ),
];
