/** Where alerts belong: what those of one incident have in common, and what an incident of theirs would be. */
import { IncidentKind, Severity } from "../../contract/ids.ts";
import type { AlertRow } from "../domain/alert/alert.ts";
import { groupKey } from "../domain/alert/group.ts";
import type { Attention } from "../domain/alert/attentionStore.ts";
import { STORM_GROUP, STORM_RULE } from "../domain/alert/storm.ts";
import type { Snapshot } from "../domain/config/config.ts";
import type { Command } from "../domain/incident/commands.ts";
import type { Declaration } from "../domain/incident/declare.ts";
import type { Home } from "../domain/incident/waiting.ts";
import { calmTerms } from "../domain/signal/waiting.ts";

type Belonging = Pick<
  Attention,
  "serviceId" | "ruleId" | "keyId" | "dedupKey" | "title" | "severity" | "source" | "labels"
>;

/** What an alert has in common with those of its incident; null: no rule speaks for it. */
export function homeOf(config: Snapshot, alert: Belonging): Home | null {
  const { ruleId, serviceId } = alert;
  if (ruleId === null) return null;
  if (ruleId === STORM_RULE) return { ruleId, serviceId, groupKey: STORM_GROUP };
  const { group } = calmTerms(config, ruleId);
  const isPlain = group.by.length === 0 && !group.acrossServices;
  return { ruleId, serviceId, groupKey: isPlain ? null : groupKey(group, config, alert) };
}

export const nameOf = ({ ruleId, serviceId, groupKey: group }: Home): string =>
  group === null ? `${ruleId} ${serviceId}` : `${ruleId} group ${group}`;

export const isSameHome = (one: Home | null, other: Home | null): boolean =>
  one === null || other === null ? one === other : nameOf(one) === nameOf(other);

/** Alerts that wait and will be in one incident, in the order in which they wait. */
export type Group = readonly Attention[];

/** One group per incident that will be locked: what belongs to one already, or will join the same one. */
export function groupsOf(config: Snapshot, waiting: readonly Attention[]): readonly Group[] {
  const found = Map.groupBy(waiting, (item) => {
    if (item.incidentNumber !== null) return `incident ${item.incidentNumber}`;
    const home = homeOf(config, item);
    return home === null ? `service ${item.serviceId}` : `home ${nameOf(home)}`;
  });
  return [...found.values()];
}

/** Those without an incident come first, the worst before all. */
export const worstFirst = (groups: readonly Group[]): readonly Group[] =>
  groups.toSorted((a, b) => rankOf(a) - rankOf(b));

function rankOf([first]: Group): number {
  const { incidentNumber, declareSeverity } = first!;
  if (incidentNumber !== null) return Severity.options.length + 1;
  return declareSeverity === null
    ? Severity.options.length
    : Severity.options.indexOf(declareSeverity);
}

export const idsOf = (alerts: readonly Pick<Attention, "id">[]): readonly string[] =>
  alerts.map(({ id }) => id);

export type Declaring = {
  readonly worst: AlertRow;
  readonly declaring: readonly AlertRow[];
  readonly alerts: readonly AlertRow[];
};

/** Those of the alerts that declare, and the worst of them; null when none does. */
export function declaringOf(alerts: readonly AlertRow[]): Declaring | null {
  const declaring = alerts.filter((alert) => alert.outcome === "declare" && alert.ruleId !== null);
  const worst = declaring.toSorted((a, b) =>
    (a.declareSeverity ?? "") < (b.declareSeverity ?? "") ? -1 : 1,
  )[0];
  return worst === undefined ? null : { worst, declaring, alerts };
}

export function declarationOf(
  command: Command,
  home: Home,
  { worst, declaring, alerts }: Declaring,
): Declaration {
  const services = new Set([worst, ...declaring].map((alert) => alert.serviceId));
  return {
    title: worst.title,
    kind: kindOf(command, worst),
    severity: worst.declareSeverity ?? "SEV4",
    services: [...services],
    regions: [],
    summary: null,
    detectedAt: alerts.reduce(
      (at, alert) => (alert.firstReceivedAt < at ? alert.firstReceivedAt : at),
      command.now,
    ),
    rule: {
      id: home.ruleId,
      file: worst.ruleFile,
      line: worst.ruleLine,
      groupKey: home.groupKey,
    },
    autoResolve: declaring.every((alert) => alert.autoResolve),
    restricted: false,
    readers: [],
  };
}

/** What kind of incident an alert declares: as its label says, otherwise as its service's are. */
function kindOf({ config }: Command, alert: AlertRow): IncidentKind {
  const labelled = IncidentKind.safeParse(alert.labels["class"]);
  if (labelled.success) return labelled.data;
  return config.get("services", alert.serviceId)?.body.incidentKind ?? "service";
}
