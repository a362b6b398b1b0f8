/** Which rules say nothing because they cannot be asked: every alert of late that reached them found them failing. */
import type { AlertFacts } from "./cel.ts";
import { explainAll, type RuleEntry, type RuleSet } from "./rules.ts";

export type FailingRule = {
  readonly rule: RuleEntry;
  /** How many alerts it was asked about, and failed. */
  readonly asked: number;
  /** The last of its failures. */
  readonly failure: string;
  /** It fails because all of them lack something, which another alert may have. */
  readonly isAbsence: boolean;
};

const ABSENT = /^(No such key|Unknown variable)/;
/** So many alerts have to lack it before that is told. */
const ENOUGH = 5;

/** Of rules that were asked about no alert nothing is known. The newest alert comes first. */
export function failingRules(
  rules: RuleSet,
  alerts: readonly AlertFacts[],
): readonly FailingRule[] {
  const failing = new Map<RuleEntry, FailingRule>();
  const sound = new Set<RuleEntry>();
  for (const facts of alerts) {
    for (const { rule, failure } of explainAll(rules, facts)) {
      if (failure === null) sound.add(rule);
      else {
        const before = failing.get(rule);
        const isAbsence = (before?.isAbsence ?? true) && ABSENT.test(failure);
        const asked = (before?.asked ?? 0) + 1;
        // What is wrong with the rule tells more than what some alerts lack.
        const told = before === undefined || (before.isAbsence && !isAbsence);
        failing.set(rule, { rule, asked, failure: told ? failure : before.failure, isAbsence });
      }
    }
  }
  return [...failing.values()].filter(
    ({ rule, asked, isAbsence }) => !sound.has(rule) && (!isAbsence || asked >= ENOUGH),
  );
}
