/**
 * HTML for mails and server pages: a typed tag that escapes every value it did not make itself,
 * so that forgetting to escape is not possible.
 */

let trusted: (markup: string) => Html;

/** Markup that is safe to send. Only {@link html} makes it; a string or parsed JSON never is it. */
export class Html {
  readonly #markup: string;
  private constructor(markup: string) {
    this.#markup = markup;
  }
  static {
    trusted = (markup) => new Html(markup);
  }
  toString(): string {
    return this.#markup;
  }
}

export type HtmlValue = string | number | Html | null | readonly HtmlValue[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * The text with the five characters that mean something in HTML replaced, for quoted attributes
 * too.
 */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);

function markupOf(value: HtmlValue): string {
  if (value === null) return "";
  if (value instanceof Html) return value.toString();
  if (typeof value === "string" || typeof value === "number") return escapeHtml(String(value));
  return value.map(markupOf).join("");
}

/** A template whose values are escaped, unless they are Html themselves; null leaves nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const parts = strings.map((text, index) =>
    index < values.length ? text + markupOf(values[index]!) : text,
  );
  return trusted(parts.join(""));
}

/** The URL when it leads to a page or a mail address; “#” for anything that could run as script. */
export function safeHref(url: string): string {
  const parsed = URL.parse(url);
  return parsed !== null && ["http:", "https:", "mailto:"].includes(parsed.protocol) ? url : "#";
}
