/** What whoever makes a silence should know before: that it means nothing, everything, or what goes on anyway. Pure. */
import { readMatcher } from "../../../contract/matcher.ts";
import type { SilenceWarning } from "../../../contract/silence.ts";
import type { Snapshot } from "../config/config.ts";

export type SilenceReach = {
  readonly matchers: readonly string[];
  /** Open alerts that were looked at, and how many of them it means. */
  readonly open: number;
  readonly meant: number;
  /** Of those it means: how many are in an open incident. */
  readonly inIncidents: number;
  /** The newest alerts, open or not, and how many of them it means. */
  readonly among: number;
  readonly recent: number;
};

/** All of fewer than these are no surprise. */
const SEVERAL = 3;

export function silenceWarnings(config: Snapshot, reach: SilenceReach): SilenceWarning[] {
  const { open, meant, inIncidents, among, recent } = reach;
  const warnings: SilenceWarning[] = [];
  if (recent === 0 && meant === 0 && among > 0)
    warnings.push({ code: "means nothing", params: { among } });
  // A tool's own label may have such a value: only what means nothing is likely to be mistyped.
  if (recent === 0 && meant === 0) warnings.push(...unknownNames(config, reach.matchers));
  if (open >= SEVERAL && meant === open)
    warnings.push({ code: "means all", params: { count: open } });
  if (inIncidents > 0) warnings.push({ code: "goes on", params: { count: inIncidents } });
  return warnings;
}

const KINDS = { service: "services", team: "teams", key: "keys" } as const;

const unknownNames = (config: Snapshot, matchers: readonly string[]): SilenceWarning[] =>
  matchers.flatMap((text) => {
    const { name = "", operator = "", value = "" } = readMatcher(text) ?? {};
    if (operator !== "=" || !Object.hasOwn(KINDS, name)) return [];
    const kind = KINDS[name as keyof typeof KINDS];
    return config.get(kind, value) === null
      ? [{ code: "unknown name" as const, params: { name, value } }]
      : [];
  });
