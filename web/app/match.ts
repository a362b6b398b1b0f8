/** Finding by the words somebody types, in any order. Pure. */
export type Findable = { readonly words: string; readonly also?: string };

/** Those that hold every word, the ones that begin with the first word before the others. */
export function matches<T extends Findable>(lines: readonly T[], search: string): readonly T[] {
  const wanted = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return lines;
  const found = lines.flatMap((line) => {
    const words = line.words.toLowerCase();
    const all = `${words} ${line.also?.toLowerCase() ?? ""}`;
    if (!wanted.every((word) => all.includes(word))) return [];
    const [first = ""] = wanted;
    const rank = words.startsWith(first)
      ? 0
      : new RegExp(`\\b${escaped(first)}`).test(words)
        ? 1
        : 2;
    return [{ line, rank }];
  });
  return found.toSorted((a, b) => a.rank - b.rank).map(({ line }) => line);
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
