import { t } from "../kit/words.ts";
/** What a service leans on and what leans on it, two steps each way. Pure. */
export type Column = { readonly words: string; readonly services: readonly string[] };

export function hopsOf(
  id: string,
  needs: ReadonlyMap<string, readonly string[]>,
): readonly Column[] {
  const neededBy = new Map<string, string[]>();
  for (const [service, list] of needs)
    for (const needed of list) neededBy.set(needed, [...(neededBy.get(needed) ?? []), service]);
  const seen = new Set([id]);
  const step = (
    from: readonly string[],
    graph: ReadonlyMap<string, readonly string[]>,
  ): readonly string[] => {
    const found = [...new Set(from.flatMap((each) => graph.get(each) ?? []))]
      .filter((each) => !seen.has(each))
      .toSorted();
    for (const each of found) seen.add(each);
    return found;
  };
  const needed = step([id], needs);
  const neededTwice = step(needed, needs);
  const users = step([id], neededBy);
  const usersTwice = step(users, neededBy);
  return [
    { words: t("needed by what it needs"), services: neededTwice },
    { words: t("it needs"), services: needed },
    { words: t("this service"), services: [id] },
    { words: t("need it"), services: users },
    { words: t("need those"), services: usersTwice },
  ].filter(({ services }) => services.length > 0);
}
