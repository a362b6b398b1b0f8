/** What the list of alerts is filtered by, as it stands in the address. */
import { AlertGroupBy } from "../../contract/alert.ts";
import { AlertSeverity } from "../../contract/signal.ts";

export const STATES = ["open", "firing", "acknowledged", "resolved"] as const;

/** How a question says “those without”. */
export const NONE = "-";

export type AlertsSearch = {
  readonly status?: (typeof STATES)[number] | undefined;
  readonly severity?: AlertSeverity | undefined;
  readonly service?: string | undefined;
  readonly rule?: string | undefined;
  readonly incident?: string | undefined;
  /** Not each alone, but counted by this. */
  readonly group?: AlertGroupBy | undefined;
};

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

export function readAlertsSearch(search: Record<string, unknown>): AlertsSearch {
  return {
    status: STATES.find((each) => each === search["status"]),
    severity: AlertSeverity.options.find((each) => each === search["severity"]),
    service: textOf(search["service"]),
    rule: textOf(search["rule"]),
    incident: textOf(search["incident"]),
    group: AlertGroupBy.options.find((each) => each === search["group"]),
  };
}
