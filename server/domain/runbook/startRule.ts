/** Which incidents start which plans: the start rules of sidecars, asked once for each severity. */
import { readTree } from "../config/files.ts";
import type { StartRule } from "../../../contract/sidecar.ts";
import { listAlertNames } from "../alert/incidentAlertStore.ts";
import type { Command } from "../incident/commands.ts";
import type { Incident } from "../incident/incident.ts";
import { planMeant } from "./check.ts";
import { start } from "./start.ts";
import { sidecarPath } from "./sidecar.ts";
import { findTexts, listCurrent } from "./versionStore.ts";

export type RuleFacts = {
  readonly kind: string;
  readonly severity: string;
  readonly services: readonly string[];
  /** Titles of its alerts and their labels `alertname`. */
  readonly alerts: readonly string[];
};

/** Every condition that is stated must hold. */
export function matches(rule: StartRule, facts: RuleFacts): boolean {
  const { kinds, severities, services, alert } = rule;
  if (kinds !== undefined && !kinds.includes(facts.kind)) return false;
  if (severities !== undefined && !(severities as readonly string[]).includes(facts.severity))
    return false;
  if (services !== undefined && !facts.services.some((service) => services.includes(service)))
    return false;
  return (
    alert === undefined || facts.alerts.some((name) => name.toLowerCase() === alert.toLowerCase())
  );
}

const MOST_RUNBOOKS = 1_000;

/**
 * Starts what the rules ask for; each plan once for an incident. A runbook that a team owns is started
 * only for incidents of that team.
 */
export async function startByRules(
  command: Command,
  incidents: readonly Incident[],
): Promise<number> {
  const current = await listCurrent(command.tx, { owner: null, after: null, limit: MOST_RUNBOOKS });
  const starting = current.filter(({ version }) => version.settings.starts.length > 0);
  let started = 0;
  for (const incident of incidents)
    if (starting.length > 0) started += await startFor(command, incident, starting);
  return started;
}

async function startFor(
  command: Command,
  incident: Incident,
  runbooks: Awaited<ReturnType<typeof listCurrent>>,
): Promise<number> {
  const facts: RuleFacts = {
    kind: incident.kind,
    severity: incident.severity,
    services: incident.services,
    alerts: await listAlertNames(command.tx, incident.number),
  };
  let started = 0;
  for (const { row, version } of runbooks) {
    if (row.ownerTeam !== null && !incident.teamIds.includes(row.ownerTeam)) continue;
    for (const [index, rule] of version.settings.starts.entries()) {
      const plan = planMeant(version.plan, rule.plan);
      if (plan === null || !matches(rule, facts)) continue;
      const carried = await start(command, {
        runbook: row.id,
        plan: plan.id,
        incident,
        inputs: {},
        drill: false,
        because: `rule ${sidecarPath(version.path)}:${await lineOfRule(command, version, index)}`,
        startKey: `incident ${incident.number} ${row.id} ${plan.id}`,
      });
      if (carried !== null) started += 1;
    }
  }
  return started;
}

async function lineOfRule(
  command: Command,
  version: { readonly runbookId: string; readonly digest: string },
  index: number,
): Promise<number> {
  const texts = await findTexts(command.tx, version.runbookId, version.digest);
  const tree = readTree({ path: "sidecar", text: texts?.sidecar ?? "" }, []);
  return tree?.lines.get(`starts.${index}`) ?? 1;
}
