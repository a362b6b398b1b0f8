/**
 * The monitoring tools of a simulation, which remember what they were promised: whatever was answered
 * with success must be there. A tool that hears nothing, or that the store is away, sends again.
 */
import * as intake from "../contract/intake.ts";
import type { Route } from "../contract/route.ts";
import { all, type Queryable, sql } from "../server/base/db.ts";
import { Refusal } from "../server/base/errors.ts";
import { addMs, type Instant, MINUTE, SECOND, toIso } from "../server/base/instant.ts";
import { listSpoolingKeys } from "../server/domain/alert/spoolStore.ts";
import { secretOfService } from "./company.ts";
import type { Input } from "../server/app/local/virtual/node.ts";

/** A condition that some tool watches; its title names it everywhere. */
export type Condition = {
  readonly title: string;
  readonly service: string;
  readonly severity: "critical" | "error" | "warning";
  readonly class: "healing" | "company" | null;
  readonly via: "pagerduty" | "alertmanager";
  /** Its tool says "a few minutes" with each repeat, and stops without a word. */
  readonly expires: boolean;
  /** What the last signal that was taken for sure said; null when that is not known. */
  says: "trigger" | "resolve" | null;
  /** Something was accepted once. */
  accepted: boolean;
  /** When it ends by itself if nobody repeats it. */
  endsAt: Instant | null;
};

/** How long an alert that shall expire burns when nobody repeats it. */
export const EXPIRES_AFTER_MS = 4 * MINUTE;

export type Signal = {
  readonly condition: Condition;
  readonly action: "trigger" | "resolve";
  readonly endsAt?: Instant;
};

/** What a tool asks of a node for some signals of the same kind. */
export function requestOf(
  signals: readonly Signal[],
  now: Instant,
): { readonly route: Route; readonly input: Input } {
  const { condition, action } = signals[0]!;
  if (condition.via === "pagerduty") {
    const payload = {
      summary: condition.title,
      source: "weather",
      severity: condition.severity,
      ...(condition.class !== null && { class: condition.class }),
    };
    const body = {
      routing_key: secretOfService(condition.service),
      event_action: action,
      dedup_key: condition.title,
      payload,
    };
    return { route: intake.enqueuePagerDuty, input: { body } };
  }
  const ago = addMs(now, -10 * SECOND);
  const body = signals.map(({ condition: each, action: what, endsAt }) => ({
    labels: { alertname: each.title, severity: each.severity, class: each.class ?? "" },
    // The end lies in the past of every node's clock; otherwise it would be one that is still to come.
    ...(what === "resolve" && { startsAt: toIso(ago), endsAt: toIso(ago) }),
    ...(endsAt !== undefined && { endsAt: toIso(endsAt) }),
  }));
  const headers = { authorization: `Bearer ${secretOfService(condition.service)}` };
  return { route: intake.postAlertmanagerAlerts, input: { body, headers } };
}

/** Remembers the answer. False: it is not known whether the signals were taken, and they are sent again. */
export function remember(signals: readonly Signal[], failure: unknown): boolean {
  if (failure === null) {
    for (const { condition, action, endsAt } of signals)
      Object.assign(condition, { says: action, accepted: true, endsAt: endsAt ?? null });
    return true;
  }
  if (!(failure instanceof Refusal) || failure.code !== "server.store_away") throw failure;
  for (const { condition } of signals) condition.says = null;
  return false;
}

type Kept = {
  readonly title: string;
  readonly isOpen: boolean;
  readonly closedAt: Instant | null;
  readonly closedBecause: string | null;
};

/** What became of conditions against what their tools were promised. */
export async function findUnkept(
  db: Queryable,
  conditions: readonly Condition[],
  skewMs: number,
): Promise<readonly string[]> {
  const spooling = await listSpoolingKeys(db);
  // What waits in the spool is decided about when its turn has come.
  const sure = conditions.filter(
    ({ accepted, service }) => accepted && !spooling.has(`${service}-key`),
  );
  if (sure.length === 0) return [];
  const rows = await all(
    db,
    sql<Kept>`select title, true as is_open, null::bigint as closed_at, null as closed_because from alert_open
      union all (select distinct on (title) title, false, closed_at, closed_because from alert_closed
        order by title, closed_at desc, id desc limit 10000)`,
  );
  return sure.flatMap(({ title, says, endsAt }) => {
    const open = rows.some((row) => row.title === title && row.isOpen);
    const closed = rows.find((row) => row.title === title && !row.isOpen);
    if (!open && closed === undefined) return [`“${title}” was accepted and is not there`];
    if (says === "resolve" && open) return [`“${title}” was resolved and is open`];
    if (says !== "trigger" || open || closed === undefined) return [];
    if (closed.closedBecause === "resolved by the tool")
      return [`“${title}” fires and is resolved by an earlier signal`];
    // A node that dies may have counted repeats that it had not written: half of a life is always stored.
    const isEarly =
      endsAt !== null && (closed.closedAt ?? 0) + skewMs + EXPIRES_AFTER_MS / 2 < endsAt;
    return closed.closedBecause?.startsWith("expired") === true && isEarly
      ? [`“${title}” expired before its end at ${toIso(endsAt)}`]
      : [];
  });
}
