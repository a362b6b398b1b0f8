/** Names of severities as documents write them, and one spelling for each. */

const NAME =
  /(?<![\w-])(?:sev(?:erity)?(?: level)?[ -]?([0-5])|s([0-5])(?![\w])|p(?:riority[ -]?)?([0-5])(?![\w%])|level[ -]?([0-5])|tier[ -]?([0-5]))(?![\w.])/gi;
const WORD =
  /^(critical|blocker|emergency|urgent|high|major|medium|moderate|normal|low|minor|trivial|informational|info|warning|cosmetic)\b/i;

export type FoundSeverity = { readonly name: string; readonly start: number; readonly end: number };

function spelled(found: RegExpMatchArray): string {
  const [whole, sev, s, p, level, tier] = found;
  if (sev !== undefined) return `SEV${sev}`;
  if (s !== undefined) return `S${s}`;
  if (p !== undefined) return `P${p}`;
  if (level !== undefined) return `Level ${level}`;
  return tier === undefined ? whole : `Tier ${tier}`;
}

/** Every severity with a number in the text: “SEV1”, “Sev-2”, “P3”, “Priority 1”, “SEV1–SEV3” both ends. */
export const severitiesIn = (text: string): readonly FoundSeverity[] =>
  [...text.matchAll(NAME)].map((found) => ({
    name: spelled(found),
    start: found.index,
    end: found.index + found[0].length,
  }));

/** The severity that a cell or a title names first: also “Critical”, where words are used instead. */
export function severityOfCell(text: string): string | null {
  const bare = text.replace(/^[^\p{L}\p{N}]{1,8}/u, "");
  const [first] = severitiesIn(bare.slice(0, 80));
  if (first !== undefined && first.start <= 24) return first.name;
  const word = WORD.exec(bare)?.[1];
  if (word === undefined) return null;
  // “High” alone or “High (P2)”; “High error rate” is no severity.
  const rest = bare.slice(word.length).trim();
  if (rest !== "" && !/^(?:[(:\u2013\u2014/-]|severity\b|priority\b|impact\b)/iu.test(rest))
    return null;
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1).toLowerCase()}`;
}

/** “SEV1/SEV2”, “SEV 1-3”: all that are meant. */
export function severitiesMeant(text: string): readonly string[] {
  const found = severitiesIn(text);
  const names = found.map(({ name }) => name);
  const range =
    /(sev|p)[ -]?([0-5])\s?(?:-|\u2013|\u2014|to|through)\s?(?:sev|p)?[ -]?([0-5])(?![\d%.])/i.exec(
      text,
    );
  if (range !== null) {
    const [, prefix = "", low = "0", high = "0"] = range;
    for (let level = Number(low); level <= Number(high); level++)
      names.push(`${prefix.toUpperCase() === "P" ? "P" : "SEV"}${level}`);
  }
  const slash = /(sev|p)[ -]?([0-5])\s?(?:\/|&|and|or|,)\s?([0-5])(?![\d%.])/i.exec(text);
  if (slash?.[3] !== undefined)
    names.push(`${slash[1]?.toUpperCase() === "P" ? "P" : "SEV"}${slash[3]}`);
  return [...new Set(names)].toSorted();
}
