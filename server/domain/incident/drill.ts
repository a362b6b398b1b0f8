/**
 * A drill is an incident that promises nothing: it pages by the policy of its service and on every channel as any
 * other, marked in its title; it has no clocks, tells no audience, starts no runbook, and is counted nowhere.
 */
import { durationMs } from "../../base/duration.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, type Instant, MINUTE } from "../../base/instant.ts";
import type { Entry, Snapshot } from "../config/config.ts";
import { readCron, turnAfter } from "../signal/cron.ts";
import type { Command } from "./commands.ts";
import { declare } from "./declare.ts";
import { type DrillPlan, type DrillRow, insertDrill } from "./drillStore.ts";
import { drillRule } from "./incident.ts";

/** Later than this nobody expects it any more, and it waits for its next time. */
export const TOO_LATE_MS = 15 * MINUTE;

/** When a drill is held next; null: only by hand. */
export function nextDrillAt({ body }: Entry<"drills">, after: Instant): Instant | null {
  const cron = body.cron === undefined ? null : readCron(body.cron);
  if (cron === null || "problem" in cron) return null;
  return turnAfter(cron, body.timezone ?? "UTC", after)?.from ?? null;
}

export const plansOf = (config: Snapshot, now: Instant): readonly DrillPlan[] =>
  config.all("drills").flatMap((entry) => {
    const nextAt = nextDrillAt(entry, now);
    const rhythm = `${entry.body.cron ?? ""} in ${entry.body.timezone ?? ""}`;
    return nextAt === null ? [] : [{ drillId: entry.id, rhythm, nextAt }];
  });

/** What is wrong with their times, for the check of a configuration. */
export const checkDrills = (config: Snapshot) =>
  config.all("drills").flatMap(({ id, body }) => {
    const cron = body.cron === undefined ? null : readCron(body.cron);
    const about = { kind: "drills" as const, id };
    return [
      ...(cron !== null && "problem" in cron
        ? [{ ...about, path: "cron", message: `expected ${cron.problem}` }]
        : []),
      ...(config.get("services", body.service)?.body.escalation === undefined
        ? [
            {
              ...about,
              path: "service",
              message: "has no escalation policy: the drill reaches nobody",
              level: "warning" as const,
            },
          ]
        : []),
    ];
  });

/** Begins a drill; null: one of the same is still running. */
export async function beginDrill(
  command: Command,
  entry: Entry<"drills">,
  because: string,
): Promise<DrillRow | null> {
  const { tx, world, config, now } = command;
  const { id: drillId, body, source } = entry;
  const service = config.get("services", body.service);
  if (service === null) throw new Refusal("incident.unknown_service", { service: body.service });
  const incident = await declare(command, {
    title: `DRILL: ${body.name ?? drillId} (nothing is wrong, please acknowledge)`,
    severity: "SEV4",
    services: [body.service],
    regions: [],
    summary: null,
    detectedAt: now,
    rule: {
      id: drillRule(drillId),
      file: source?.file ?? null,
      line: source?.line ?? null,
      groupKey: null,
    },
    autoResolve: false,
    restricted: false,
    readers: [],
  });
  if (incident === null) return null;
  const drill: DrillRow = {
    id: world.chance.id(now),
    drillId,
    serviceId: body.service,
    incidentNumber: incident.number,
    because,
    startedAt: now,
    giveUpAt: addMs(now, durationMs(body.giveUpAfter)),
    endedAt: null,
    outcome: "running",
  };
  await insertDrill(tx, drill);
  return drill;
}
