/** What published runbooks say in place of what is applied and of the defaults, for a team. */
import type { ConfigEntry } from "../../../contract/config.ts";
import type { EscalationPolicy } from "../../../contract/escalation.ts";
import type { PublishedPolicy } from "../../../contract/policy.ts";
import type { Snapshot } from "../config/config.ts";
import { DEFAULT_RULES } from "./defaultRules.ts";
import type { PolicyLayer } from "./policy.ts";

/** Those that count for incidents of a team, its own before everybody's. */
export const publishedFor = (config: Snapshot, team: string | null): readonly PublishedPolicy[] => [
  ...config.published.filter((each) => each.team !== null && each.team === team),
  ...config.published.filter((each) => each.team === null),
];

/** Their severities, as layers of the policy. */
export const runbookLayers = (
  config: Snapshot,
  team: string | null,
): readonly Omit<PolicyLayer, "level">[] =>
  publishedFor(config, team).flatMap(({ severities }) => (severities === null ? [] : [severities]));

type RuleEntry = ConfigEntry<"rules">;

/**
 * All rules there are: of runbooks, applied, built in. A built-in one gives way where a runbook watches
 * the same measure for the same severity: everywhere, or for the services of its team.
 */
export function effectiveRules(config: Snapshot): readonly RuleEntry[] {
  const ofRunbooks = config.published.flatMap(({ rules }) =>
    rules.map((rule): RuleEntry => ({ ...rule, kind: "rules", owner: "file" })),
  );
  if (ofRunbooks.length === 0) return [...config.all("rules"), ...DEFAULT_RULES];
  const defaults = DEFAULT_RULES.flatMap((rule) => narrowed(config, rule) ?? []);
  return [...ofRunbooks, ...config.all("rules"), ...defaults];
}

function narrowed(config: Snapshot, rule: RuleEntry): RuleEntry | null {
  const covering = config.published.filter(({ rules }) =>
    rules.some(
      ({ body }) =>
        body.condition?.measure !== undefined &&
        body.condition.measure === rule.body.condition?.measure &&
        "declare" in body.then &&
        "declare" in rule.body.then &&
        body.then.declare === rule.body.then.declare,
    ),
  );
  if (covering.length === 0) return rule;
  if (covering.some(({ team }) => team === null)) return null;
  const teams = new Set(covering.map(({ team }) => team));
  const left = config.all("services").filter(({ body }) => !teams.has(body.team));
  if (left.length === 0) return null;
  return { ...rule, body: { ...rule.body, services: left.map(({ id }) => id) } };
}

type Like = {
  readonly kind: string;
  readonly severity: string;
  readonly services: readonly string[];
  readonly teamIds: readonly string[];
};

/** The escalation path that a runbook gives incidents like this one; its id is where it stands. */
export function publishedEscalation(
  config: Snapshot,
  incident: Like,
): { readonly id: string; readonly body: EscalationPolicy } | null {
  for (const { escalation } of publishedFor(config, incident.teamIds[0] ?? null)) {
    if (escalation === null) continue;
    const { when, source, body } = escalation;
    const fits = when.some(
      ({ kinds, severities, services }) =>
        (kinds === undefined || kinds.includes(incident.kind)) &&
        (severities === undefined || severities.includes(incident.severity)) &&
        (services === undefined || incident.services.some((each) => services.includes(each))),
    );
    if (when.length === 0 || fits) return { id: source, body };
  }
  return null;
}
