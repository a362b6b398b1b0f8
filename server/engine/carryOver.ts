/** What alerts say of the incident that they belong to now: that they waited, that their tool acknowledged or resolved. */
import { incidentId } from "../../contract/ids.ts";
import { spoken } from "../base/duration.ts";
import { Refusal } from "../base/errors.ts";
import type { AlertRow } from "../domain/alert/alert.ts";
import { holdText } from "../domain/alert/hold.ts";
import { listUnattended } from "../domain/alert/attentionStore.ts";
import { hasOpenAlerts } from "../domain/alert/incidentAlertStore.ts";
import { chronicle, type Command, type Fact } from "../domain/incident/commands.ts";
import { type Incident, isOpen } from "../domain/incident/incident.ts";
import { acknowledge, resolve } from "../domain/incident/respond.ts";
import { homeOf, isSameHome } from "./homes.ts";

/** More than these are told as one entry: a timeline is for people. */
export const TOLD_ONE_BY_ONE = 10;
const TITLES_TOLD = 3;

export const titlesOf = (alerts: readonly AlertRow[]): readonly string[] =>
  [...new Set(alerts.map(({ title }) => title))].slice(0, TITLES_TOLD);

/** Every delay has its reason on the timeline: one entry for each thing that held alerts back. */
export function waitsOf(
  { now }: Pick<Command, "now">,
  { number }: Incident,
  alerts: readonly AlertRow[],
): readonly Fact[] {
  const waited = Map.groupBy(
    alerts.filter((alert) => alert.incidentNumber === null && alert.hold !== null),
    (alert) => alert.hold?.by ?? "",
  );
  return [...waited.values()].flatMap((group): Fact[] => {
    const hold = group[0]?.hold;
    if (hold == null) return [];
    const since = Math.min(...group.map((alert) => alert.hold?.since ?? now));
    const params = {
      count: group.length,
      length: spoken(now - since),
      why: holdText(hold),
      by: hold.by,
    };
    return [{ number, kind: "alerts waited", params }];
  });
}

/** What the tool said about its alerts counts for the incident too. */
export async function carryOver(
  command: Command,
  incident: Incident,
  alerts: readonly AlertRow[],
): Promise<void> {
  const { number } = incident;
  if (!isOpen(incident.state)) return;
  const acknowledged = alerts.some((alert) => alert.status === "acknowledged");
  if (acknowledged && incident.acknowledgedAt === null) await acknowledgeByTool(command, number);
  const resolved = alerts.filter((alert) => alert.status === "resolved");
  if (resolved.length > TOLD_ONE_BY_ONE)
    await chronicle(command, number, "alerts resolved", {
      count: resolved.length,
      titles: titlesOf(resolved),
    });
  else
    for (const alert of resolved)
      await chronicle(command, number, "alert resolved", { title: alert.title, alert: alert.id });
  if (resolved.length === 0 || (await hasOpenAlerts(command.tx, number))) return;
  await chronicle(command, number, "all alerts resolved");
  if (!incident.autoResolve) return;
  // One that fires already and only waits to join would take it up again in the next moment.
  if (await isJoined(command, incident)) return;
  await resolve(command, number, null, "resolved by alerts");
}

/** Whether an alert that fires waits to join this incident. */
async function isJoined({ tx, config }: Command, incident: Incident): Promise<boolean> {
  const { ruleId, serviceId, groupKey } = incident;
  if (ruleId === null || serviceId === null) return false;
  const own = { ruleId, serviceId, groupKey };
  return (await listUnattended(tx, ruleId)).some((alert) => {
    const home = homeOf(config, alert);
    return home !== null && isSameHome(home, own);
  });
}

async function acknowledgeByTool(command: Command, number: number): Promise<void> {
  try {
    await acknowledge(command, number);
  } catch (error) {
    // Somebody was faster: the tool's acknowledge adds nothing.
    if (!(error instanceof Refusal)) throw error;
    command.world.log.info("acknowledged meanwhile", { incident: incidentId(number) });
  }
}
