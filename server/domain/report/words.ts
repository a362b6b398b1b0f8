/** The words somebody looks for, and how well a text holds them. Pure. */

/** Words of letters, digits and what stands in names of machines: at most eight, in lower case. */
export function wordsOf(text: string): readonly string[] {
  const found = text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}._:/@-]*/gu) ?? [];
  return [...new Set(found)].slice(0, 8);
}

/** All words, each from its beginning; parts of a name with dashes are words of their own. */
export function tsqueryOf(words: readonly string[]): string {
  const parts = words.flatMap((word) => word.match(/[\p{L}\p{N}]+/gu) ?? []);
  return parts.map((part) => `${part}:*`).join(" & ");
}

/** Anywhere in a text; what LIKE reads as its own is taken as it stands. */
export const likeOf = (word: string): string => `%${word.replace(/[\\%_]/g, "\\$&")}%`;

/** Whether every word stands in it. */
export function holds(text: string, words: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return words.every((word) => lower.includes(word));
}

/** Better first: it is just that, it begins with it, a word of it does, it stands in it. */
export function rankOf(text: string, words: readonly string[]): number {
  const lower = text.toLowerCase();
  const [first = ""] = words;
  if (lower === words.join(" ")) return 0;
  if (lower.startsWith(first)) return 1;
  return lower.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(first)) ? 2 : 3;
}

/** Without accents, and umlauts as they are written without them: “Zürich” is “zurich” and “zuerich”. */
function folded(text: string): readonly string[] {
  const lower = text.toLowerCase().replaceAll("ß", "ss");
  const bare = (each: string): string => each.normalize("NFD").replace(/\p{M}/gu, "");
  return [bare(lower), bare(lower.replace(/[äöü]/g, (letter) => `${bare(letter)}e`))];
}

/** Whether every word stands in it but for a slip: a letter too many, too few, another, or two the wrong way round. */
export function almostHolds(text: string, words: readonly string[]): boolean {
  return folded(text).some((form) => {
    const parts = form.split(/[^\p{L}\p{N}]+/u);
    return words.every((word) =>
      folded(word).some(
        (wanted) =>
          form.includes(wanted) ||
          (wanted.length >= SLIP_FROM && parts.some((part) => isOneSlipFrom(part, wanted))),
      ),
    );
  });
}

/** In shorter words a slip makes another word. */
const SLIP_FROM = 4;

function isOneSlipFrom(text: string, wanted: string): boolean {
  if (Math.abs(text.length - wanted.length) > 1) return false;
  let at = 0;
  while (at < text.length && text[at] === wanted[at]) at++;
  const rests = [
    [text.slice(at + 1), wanted.slice(at)],
    [text.slice(at), wanted.slice(at + 1)],
    [text.slice(at + 1), wanted.slice(at + 1)],
    [`${text[at + 1]}${text[at]}${text.slice(at + 2)}`, wanted.slice(at)],
  ];
  return rests.some(([left, right]) => left === right);
}

const LINE_MAX = 160;

/** The line of a text that holds most of the words, cut around the first of them. */
export function excerptOf(text: string, words: readonly string[]): string | null {
  let best: { readonly line: string; readonly count: number } | null = null;
  for (const line of text.split("\n")) {
    const lower = line.toLowerCase();
    const count = words.filter((word) => lower.includes(word)).length;
    if (count > (best?.count ?? 0)) best = { line, count };
  }
  if (best === null) return null;
  const line = best.line.replace(/^[\s#>*-]+|[*_`]/g, "").trim();
  const at = Math.max(0, Math.min(...words.map((word) => indexOr(line.toLowerCase(), word))));
  const from = Math.max(0, Number.isFinite(at) ? at - LINE_MAX / 3 : 0);
  const cut = line.slice(from, from + LINE_MAX);
  return `${from > 0 ? "…" : ""}${cut}${from + LINE_MAX < line.length ? "…" : ""}`;
}

const indexOr = (text: string, word: string): number => {
  const at = text.indexOf(word);
  return at === -1 ? Number.POSITIVE_INFINITY : at;
};
