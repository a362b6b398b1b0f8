/** Inhibition: while an alert of the source fires, those of the target wait. */
import { readMatcher } from "../../../contract/matcher.ts";
import type { Snapshot } from "../config/config.ts";
import { allMatch, type MatchedAlert, type ValuesOf, valuesOf } from "../silence/matching.ts";

/** An alert that fires and inhibits others. */
export type Source = MatchedAlert & { readonly id: string };

export type Inhibitor = {
  readonly inhibitionId: string;
  readonly alertId: string;
  readonly title: string;
  readonly source: ValuesOf;
  readonly target: readonly string[];
  readonly equal: readonly string[];
  readonly alsoSource: readonly string[];
};

/** The inhibitions of the configuration with each alert that is the source of one. */
export const inhibitorsOf = (config: Snapshot, firing: readonly Source[]): readonly Inhibitor[] =>
  config.all("inhibitions").flatMap(({ id, body }) =>
    firing.flatMap((alert): Inhibitor[] => {
      const source = valuesOf(config, alert);
      if (!allMatch(body.source, source)) return [];
      const { target, equal } = body;
      const facts = { inhibitionId: id, alertId: alert.id, title: alert.title };
      return [{ ...facts, source, target, equal, alsoSource: body.source }];
    }),
  );

/**
 * What inhibits the alert; null when nothing does. An alert that is source and target of the same
 * inhibition is not inhibited by others like it: two of them would silence each other.
 */
export function inhibitorOf(
  inhibitors: readonly Inhibitor[],
  alert: { readonly id: string },
  values: ValuesOf,
): Inhibitor | null {
  const found = inhibitors.find(
    ({ alertId, source, target, equal, alsoSource }) =>
      alertId !== alert.id &&
      allMatch(target, values) &&
      equal.every((name) => (source(name)[0] ?? "") === (values(name)[0] ?? "")) &&
      !(allMatch(alsoSource, values) && allMatch(target, source)),
  );
  return found ?? null;
}

/** Whether an alert could be inhibited at all, so that no source is looked for in vain. */
export const mayBeInhibited = (config: Snapshot, alert: MatchedAlert): boolean => {
  const values = valuesOf(config, alert);
  return config.all("inhibitions").some(({ body }) => allMatch(body.target, values));
};

/** The equalities of each source, which the store can look for: any of these, all of one. */
export const sourceEqualities = (
  config: Snapshot,
): readonly (readonly { readonly name: string; readonly value: string }[])[] =>
  config.all("inhibitions").map(({ body }) =>
    body.source.flatMap((text) => {
      const matcher = readMatcher(text);
      return matcher?.operator === "=" && matcher.value !== ""
        ? [{ name: matcher.name, value: matcher.value }]
        : [];
    }),
  );
