/** Severity policy, triggers, escalation path and postmortem form of a document, in place of defaults. */
import type { Version } from "./version.ts";

export type Replaced = {
  readonly what: string;
  readonly for: string | null;
  readonly line: number;
};

/** What of the defaults a version replaces, for whom, and on which line that stands. */
export function replacedBy(version: Pick<Version, "settings" | "plan">): Replaced[] {
  const { settings, plan } = version;
  const whom = settings.policyFor === "everybody" ? null : (settings.owner ?? null);
  return settings.accepted.flatMap((what): Replaced[] => {
    const line = {
      severities: plan.policy.severities[0]?.line,
      triggers: plan.policy.triggers[0]?.line,
      escalation: plan.plans.find((each) => each.escalation.length > 0)?.escalation[0]?.line,
      postmortem: plan.forms[0]?.line,
    }[what];
    return line === undefined ? [] : [{ what, for: whom, line }];
  });
}
