/** What a rule says about waiting, with what it inherits from the rules that it stands within. */
import type { z } from "zod";
import type { AtLeast, Flapping, Grouping } from "../../../contract/calm.ts";
import type { Rule } from "../../../contract/signal.ts";
import { durationMs } from "../../base/duration.ts";
import type { Snapshot } from "../config/config.ts";

export type GroupTerms = {
  readonly by: readonly string[];
  readonly acrossServices: boolean;
  readonly waitMs: number;
  readonly intervalMs: number;
  readonly causesMs: number;
};

export type CalmTerms = {
  readonly group: GroupTerms;
  readonly atLeast: { readonly count: number; readonly withinMs: number } | null;
  readonly holdBackMs: number;
  readonly flapping: {
    readonly times: number;
    readonly withinMs: number;
    readonly steadyMs: number;
  } | null;
};

const NO_GROUP: GroupTerms = {
  by: [],
  acrossServices: false,
  waitMs: 0,
  intervalMs: 0,
  causesMs: 0,
};
/** What holds where no rule says otherwise: one incident for a service and rule, nothing waits. */
export const NO_TERMS: CalmTerms = {
  group: NO_GROUP,
  atLeast: null,
  holdBackMs: 0,
  flapping: null,
};

const known = new WeakMap<Snapshot, Map<string, CalmTerms>>();

/** The terms of a rule, found once for each configuration; a rule that is gone has none. */
export function calmTerms(config: Snapshot, ruleId: string | null): CalmTerms {
  if (ruleId === null) return NO_TERMS;
  let terms = known.get(config);
  if (terms === undefined) known.set(config, (terms = new Map()));
  let found = terms.get(ruleId);
  if (found === undefined) terms.set(ruleId, (found = inherited(config, ruleId)));
  return found;
}

function inherited(config: Snapshot, ruleId: string): CalmTerms {
  const said = {
    group: undefined as Grouping | undefined,
    atLeast: undefined as z.infer<typeof AtLeast> | undefined,
    holdBack: undefined as string | undefined,
    flapping: undefined as z.infer<typeof Flapping> | undefined,
  };
  const seen = new Set<string>();
  let id: string | undefined = ruleId;
  while (id !== undefined && !seen.has(id)) {
    seen.add(id);
    const body: Rule | undefined = config.get("rules", id)?.body;
    said.group ??= body?.group;
    said.atLeast ??= body?.atLeast;
    said.holdBack ??= body?.holdBack;
    said.flapping ??= body?.flapping;
    id = body?.within;
  }
  const { group, atLeast, holdBack, flapping } = said;
  return {
    group: group === undefined ? NO_GROUP : groupTerms(group),
    atLeast:
      atLeast === undefined ? null : { count: atLeast.count, withinMs: durationMs(atLeast.within) },
    holdBackMs: lengthOf(holdBack),
    flapping:
      flapping === undefined
        ? null
        : {
            times: flapping.times,
            withinMs: durationMs(flapping.within),
            steadyMs: durationMs(flapping.steady),
          },
  };
}

const lengthOf = (length: string | undefined): number =>
  length === undefined ? 0 : durationMs(length);

const groupTerms = ({ by, acrossServices, wait, interval, causes }: Grouping): GroupTerms => ({
  by,
  acrossServices,
  waitMs: lengthOf(wait),
  intervalMs: lengthOf(interval),
  causesMs: lengthOf(causes),
});
