/** Blanks to fill: `$NAME`, `<name>`, `{name}`, `{{NAME}}`, `@@NAME@@`, `[Name]`. */
export type Placeholder = {
  readonly raw: string;
  readonly name: string;
  readonly start: number;
  readonly end: number;
};

const IN_CODE =
  /\$\{?([A-Z][A-Z0-9_]{1,40})\}?|(?<![\w$])\$([a-z][a-z0-9_]{2,40})\b(?!\()|\{\{\s?([A-Za-z][\w -]{1,40})\s?\}\}|@@([A-Z][A-Z0-9_]{0,40})@@|<([A-Za-z][\w .:-]{1,40})>|(?<![$\w{"'])\{([a-z][a-z0-9_]{1,40})\}(?!\})|(?<![\w\])])\[([A-Z][A-Z0-9]{1,20}(?:[ _-][A-Z0-9]{1,20}){1,5})\](?![\w[(])/g;
const IN_TEXT =
  /\$([A-Z][A-Z0-9_]{2,40})\b|\{\{\s?([A-Za-z][\w -]{1,40})\s?\}\}|@@([A-Z][A-Z0-9_]{0,40})@@|\[([A-Z][A-Za-z0-9 _/'-]{1,40})\](?![([:])/g;

/** Given by the shell, or by the tool whose language it is. */
const SYSTEM =
  /^(?:HOME|PATH|USER|PWD|SHELL|HOSTNAME|TERM|LANG|EDITOR|TMPDIR|RANDOM|SECONDS|OLDPWD|IFS|UID|PS1|LOGNAME|ARGV|true|false|null|range|end|else|if|printf|println|include|name of)$/;
const TAGS =
  /^(?:br|hr|p|div|span|table|tr|td|th|ul|ol|li|b|i|a|em|strong|code|pre|img|sup|sub|u|details|summary|kbd|h[1-6]|small|center|font|html|body|head|script|style|svg|iframe|input|button|form|thead|tbody|colgroup|col|video|source|blockquote|http|https|mailto|url|meta|link)\b/i;

/** The blanks in a text or in code, from left to right. */
export function placeholdersIn(text: string, isCode: boolean): readonly Placeholder[] {
  const assigned = isCode ? assignedIn(text) : NONE;
  return [...text.matchAll(isCode ? IN_CODE : IN_TEXT)].flatMap((found) => {
    const [raw, ...groups] = found;
    const name = groups.find((group: string | undefined) => group !== undefined)?.trim() ?? "";
    if (isCode && isPrompt(text, found.index, raw)) return [];
    if (name === "" || SYSTEM.test(name) || assigned.has(name)) return [];
    if (raw.startsWith("<") && TAGS.test(name)) return [];
    if (
      raw.startsWith("[") &&
      /^(?:x|X|OK|TODO|NOTE|WARNING|DANGER|OPTIONAL|Optional|IMPORTANT|TIP)$/.test(name)
    )
      return [];
    return [{ raw, name, start: found.index, end: found.index + raw.length }];
  });
}

/** “$sudo lsblk” at the beginning of a line: a prompt, and a command right behind it. */
const isPrompt = (code: string, at: number, raw: string): boolean =>
  /^\$[a-z]/.test(raw) &&
  /(?:^|\n)[ \t]{0,8}$/.test(code.slice(Math.max(0, at - 9), at)) &&
  /^[ \t]+[^\s=]/.test(code.slice(at + raw.length, at + raw.length + 4));

const NONE: ReadonlySet<string> = new Set();
/** “NAME=…”, “for NAME in”, “$k, $v :=”: the code itself gives these a value. */
function assignedIn(code: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const found of code.matchAll(
    /(?:^|[\s;(])(?:export\s|local\s|read\s(?:-\w\s)?)?([A-Za-z_]\w{0,40})=|\bfor\s([A-Za-z_]\w{0,40})\sin\b|\$(\w{1,40}),?\s?(?:\$(\w{1,40})\s?)?:=/gm,
  ))
    for (const name of found.slice(1)) if (name !== undefined) names.add(name);
  return names;
}
