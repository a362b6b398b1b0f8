/**
 * The words of a page in HTML, for whoever reads it as text: mails that have nothing else. Addresses of links stand
 * behind their words. Reads every character once, whatever a sender wrote.
 */

const BLOCKS = /^(?:p|div|tr|li|br|h[1-6]|table|ul|ol|section|article|header|footer|pre|hr)$/i;
/** What stands inside these is not read. */
const UNSEEN = /^(?:style|script|head|title|template)$/i;
const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  ndash: "–",
  mdash: "—",
  hellip: "…",
  auml: "ä",
  ouml: "ö",
  uuml: "ü",
  Auml: "Ä",
  Ouml: "Ö",
  Uuml: "Ü",
  szlig: "ß",
  eacute: "é",
};

/** A block's words on a line of their own, without empty lines. */
export function htmlText(markup: string): string {
  const parts: string[] = [];
  let link: string | null = null;
  for (let at = 0; at < markup.length;) {
    const open = markup.indexOf("<", at);
    if (open < 0) {
      parts.push(markup.slice(at));
      break;
    }
    parts.push(markup.slice(at, open));
    const isComment = markup.startsWith("<!--", open);
    const close = markup.indexOf(isComment ? "-->" : ">", open);
    if (close < 0) break;
    at = close + (isComment ? 3 : 1);
    if (isComment) continue;
    const tag = markup.slice(open + 1, Math.min(close, open + 3_000));
    const name = /^\/?([a-z][a-z0-9]*)/i.exec(tag)?.[1] ?? "";
    if (UNSEEN.test(name) && !tag.startsWith("/") && !tag.endsWith("/")) {
      at = endOf(markup, at, name);
      continue;
    }
    if (BLOCKS.test(name)) parts.push("\n");
    else if (/^t[dh]$/i.test(name)) parts.push(" ");
    else if (/^a$/i.test(name)) {
      if (tag.startsWith("/")) {
        if (link !== null) parts.push(` ${link} `);
        link = null;
      } else link = /\bhref\s*=\s*["']?(https?:[^\s"'>]{1,2000})/i.exec(tag)?.[1] ?? null;
    }
  }
  return decoded(parts.join(""))
    .split("\n")
    .map((line) => line.replaceAll(/\s+/g, " ").trim())
    .filter((line) => line !== "")
    .join("\n");
}

/** The place behind the element's end; the end of everything when it has none. */
function endOf(markup: string, from: number, name: string): number {
  const end = new RegExp(`</${name}\\b[^>]{0,100}>`, "gi");
  end.lastIndex = from;
  const found = end.exec(markup);
  return found === null ? markup.length : found.index + found[0].length;
}

const decoded = (text: string): string =>
  text.replaceAll(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,8});/gi, (whole, name: string) => {
    if (!name.startsWith("#")) return NAMED[name] ?? NAMED[name.toLowerCase()] ?? whole;
    const code = /^#x/i.test(name)
      ? Number.parseInt(name.slice(2), 16)
      : Number.parseInt(name.slice(1), 10);
    return code > 0 && code <= 0x10_ff_ff && !(code >= 0xd8_00 && code <= 0xdf_ff)
      ? String.fromCodePoint(code)
      : whole;
  });
