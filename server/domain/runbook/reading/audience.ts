/** Whom a communication is for, and where it goes. */
import type { Phrase } from "./phrase.ts";

const CHANNEL = /(?<![\w/#&(])#([a-z][a-z0-9_-]{1,60})\b/;
export const AUDIENCE =
  /(?:^|[,;:.!?]\s(?:and |then )?|\band (?:then )?)(?:please )?(?:notify|inform|brief|escalate to)\s(?!of\b|overview|summary|description)/i;
const PROHIBITION = /^\W{0,3}(?:do not|don['’]?t|never|avoid)\b/i;
/** No people: “Inform containment measures with facts”. */
const THINGS =
  /\b(?:measures?|decisions?|plans?|strateg(?:y|ies)|actions?|overview|summary|process(?:es)?)$/i;

export function channelIn(phrase: Phrase): string | null {
  for (const { value } of phrase.codes) {
    const found = /^#([a-z][a-z0-9_-]{1,60})$/.exec(value.trim());
    if (found !== null) return value.trim();
  }
  const found = CHANNEL.exec(phrase.text);
  return found === null ? null : `#${found[1]}`;
}

const LISTED =
  /\b(?:notify|inform|tell|update|brief|alert|email|contact)\s[^().]{0,60}\((?!e\.?g\b|i\.?e\b|for example|see\b|if\b|via\b)([^()]{2,160})\)/i;
const NAMED =
  /\b(?:notify|inform|tell|brief|email|contact|page|alert|escalate to|communicate (?:with|to))\s(?:all\s|the\s|affected\s|our\s)?([^.;:()]{2,90}?)(?:\s(?:if|when|via|with|about|of|that|by|in|using|through|on|for|as|to|until|who|which|immediately|within|without|before|and (?:provide|share|include)|per|at)\b|,? including\b|[.;:(]|$)/i;
/** Half a name: “internal and external counsel”, “customers' and partners' teams”. */
const HALF =
  /^(?:internal|external|local|state|regional|federal|national|affected|impacted|primary|secondary|senior|on-\w+|.*['’])$/i;
const ARTICLE = /^(?:(?:the|all|any|an?|affected|your|our|other|relevant|appropriate)\s)+/i;

/** “Notify stakeholders (Finance, Growth, Trust)”, “Notify A, B and C if …”. */
export function audienceIn(text: string): readonly string[] {
  if (PROHIBITION.test(text)) return [];
  const named = LISTED.exec(text)?.[1] ?? NAMED.exec(text)?.[1];
  if (named === undefined) return [];
  const parts = named.split(/(\s?(?:,|\/|&|\band\b|\bor\b)\s?)/);
  const names: string[] = [];
  let half = "";
  for (let at = 0; at < parts.length; at += 2) {
    const part = `${half}${(parts[at] ?? "").trim()}`;
    const isHalf = HALF.test((parts[at] ?? "").trim()) && at + 2 < parts.length;
    half = isHalf ? `${part}${parts[at + 1] ?? ""}` : "";
    if (!isHalf) names.push(part.replace(ARTICLE, "").trim());
  }
  return names
    .filter((name) => name !== "" && name.length <= 50 && name.split(" ").length <= 6)
    .filter(
      (name) =>
        !/^(?:them|him|her|us|it|me|you)(?:\s|$)/.test(name) &&
        !THINGS.test(name) &&
        !/^(?:#|ask\b)/.test(name),
    )
    .slice(0, 12);
}
