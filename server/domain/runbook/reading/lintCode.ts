/** Blocks of code: transcripts, commands that cannot be taken back, secrets. */
import type { Nodes } from "mdast";
import { isTranscript } from "./blocks.ts";
import { isDestructive } from "./commands.ts";
import type { LintInput, Say } from "./linting.ts";
import { spanOf } from "./phrase.ts";
import { endOfLine, type Span } from "./source.ts";

const UNDO =
  /\b(?:undo|roll(?:ing|ed)?[ -]?back|revert|restore|back[ -]?up|snapshot|recover(?:y)?|dry[ -]?run|reversible|cannot be undone|irreversible|un-?cordon|recreate|re-create|warning|caution|danger|careful|double-check|verify (?:that|the)|make sure)\b/i;
/** How far around a command a word about undoing counts. */
const NEAR = 350;

const SHELL = /^(?:sh|shell|bash|zsh|console|shell-session|terminal)$/i;
const QUERY =
  /^\s{0,8}(?:(?:sum|avg|max|min|count|rate|irate|increase|histogram_quantile|topk|label_replace|absent)\s?(?:by|without)?\s?\([^\n]{0,300}|[a-z_:][a-z0-9_:]{3,80}\{[^\n{}]{0,300}\}[^\n]{0,80})$/im;

const SECRETS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a private key", /-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY-----/],
  ["a cloud access key", /(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])/],
  [
    "a token of a code host",
    /(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40}|glpat-[A-Za-z0-9_-]{20})/,
  ],
  ["a token of a chat tool", /(?<!\w)xox[abprs]-[A-Za-z0-9-]{20}/],
  ["a signed token", /(?<!\w)eyJ[A-Za-z0-9_-]{16,180}\.eyJ[A-Za-z0-9_-]{8}/],
  [
    "a password in an address",
    /[a-z][a-z0-9+.-]{1,12}:\/\/[^\s:/@<>{}$*[\]]{1,60}:(?!\*|x{3}|pass(?:word|wd)?@|secret@|redacted|\.\.\.)[^\s:/@<>{}$*[\]]{4,80}@/i,
  ],
  [
    "a password or key",
    /\b(?:password|passwd|secret|api[_-]?key|access[_-]?token|auth[_-]?token|client[_-]?secret)["']?\s{0,2}[:=]\s{0,2}["'](?!(?:\*|x{3}|<|\$|\{|redacted|changeme|your|example|password|secret|placeholder|\.\.\.|todo))[^\s"'<>{}$]{8,120}["']/i,
  ],
];

export function lintCode(input: LintInput, say: Say): void {
  const { root, source } = input;
  const open: Nodes[] = input.isReport ? [] : [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.type === "code" || node.type === "inlineCode") lintBlock(input, node, say);
    if ("children" in node) open.push(...node.children);
  }
  for (const [what, pattern] of SECRETS) {
    const global = new RegExp(pattern.source, `${pattern.flags}g`);
    for (const found of source.text.matchAll(global)) {
      const start = found.index;
      say("E007", maskedSpan(start, found[0].length), { what });
    }
  }
}

/** A finding shows only the beginning of a secret. */
const maskedSpan = (start: number, length: number): Span => ({
  start,
  end: start + Math.min(length, 8),
});

function lintBlock(
  { source }: LintInput,
  node: Extract<Nodes, { type: "code" | "inlineCode" }>,
  say: Say,
): void {
  const span = spanOf(node);
  if (node.type === "code") {
    const language = node.lang ?? null;
    if (isTranscript(language, node.value)) say("W405", firstLine(source.text, span));
    else if (language !== null && SHELL.test(language) && isQuery(node.value))
      say("W409", firstLine(source.text, span), { language });
  }
  if (!isDestructive(node.value)) return;
  const { text } = source;
  // Line endings of two letters are counted as one.
  const before = text
    .slice(Math.max(0, span.start - 2 * NEAR), span.start)
    .replaceAll("\r", "")
    .slice(-NEAR);
  const after = text.slice(span.start, span.end + 2 * NEAR).replaceAll("\r", "");
  const around = `${before}${after.slice(0, node.value.length + NEAR)}`;
  if (UNDO.test(around)) return;
  const line = node.value.split("\n").find((one) => isDestructive(one)) ?? node.value;
  say("W404", span, { command: line.trim().slice(0, 120) });
}

function isQuery(code: string): boolean {
  const lines = code.split("\n").filter((line) => line.trim() !== "");
  return (
    lines.length > 0 &&
    lines.length <= 30 &&
    lines.every((line) => line.length <= 600) &&
    QUERY.test(lines[0] ?? "") &&
    !/^\s{0,8}[$#>]/.test(lines[0] ?? "")
  );
}

const firstLine = (text: string, { start, end }: Span): Span => ({
  start,
  end: Math.min(end, endOfLine(text, start)),
});
