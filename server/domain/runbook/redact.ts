/** What is kept of an action's output: no secret, no mail address, and not more than a person reads. */

const HIDDEN = "•••";
const MOST_LETTERS = 16_000;
const MOST_ITEMS = 200;

const SECRETS: readonly RegExp[] = [
  /([a-z][a-z0-9+.-]*:\/\/)[^/\s:@"]*:[^/\s@"]+@/gi,
  /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/-]{8,}=*/g,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  /\b(?:xox[abeprs]|xapp|ghp|gho|ghs|github_pat|glpat|sk_live|rk_live|tocsin)[_-][\w-]{10,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /("?(?:password|passwd|secret|token|api[_-]?key|authorization)"?\s*[:=]\s*)("[^"]*"|[^\s,;&}]+)/gi,
];
const MAIL = /[\w.%+-]+@[\w-]+(?:\.[\w-]+)+/g;

/** A text without the secrets that were used, and without what looks like one. */
export function redactText(text: string, used: readonly string[]): string {
  let clean = text;
  for (const secret of used) if (secret.length >= 4) clean = clean.replaceAll(secret, HIDDEN);
  for (const pattern of SECRETS)
    clean = clean.replace(pattern, (_, kept?: unknown) =>
      typeof kept === "string" && /[:=/]$|:\/\/$/.test(kept.trimEnd())
        ? `${kept}${HIDDEN}`
        : HIDDEN,
    );
  clean = clean.replace(MAIL, HIDDEN);
  return clean.length > MOST_LETTERS ? `${clean.slice(0, MOST_LETTERS)}…` : clean;
}

/** The same for a value, part by part; what is left is no larger than one text may be. */
export function redact(
  value: Readonly<Record<string, unknown>>,
  used: readonly string[],
): Readonly<Record<string, unknown>> {
  const clean = part(value, used, 0) as Record<string, unknown>;
  const text = JSON.stringify(clean);
  return text.length <= MOST_LETTERS
    ? clean
    : { cut: true, text: `${text.slice(0, MOST_LETTERS - 200)}…` };
}

const SECRET_NAME = /^(?:password|passwd|secret|token|api[_-]?key|authorization|set-cookie)$/i;

function part(value: unknown, used: readonly string[], depth: number): unknown {
  if (typeof value === "string") return redactText(value.replaceAll("\0", ""), used);
  if (typeof value !== "object" || value === null) return value;
  if (depth > 12) return "…";
  if (Array.isArray(value))
    return value.slice(0, MOST_ITEMS).map((item) => part(item, used, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MOST_ITEMS)
      .map(([name, inner]) => [
        redactText(name.replaceAll("\0", ""), used),
        SECRET_NAME.test(name) ? HIDDEN : part(inner, used, depth + 1),
      ]),
  );
}
