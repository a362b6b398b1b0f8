/** What the list of alerts is filtered by, as it stands in the address. */
import { AlertSeverity } from "../../contract/signal.ts";

export const STATES = ["open", "firing", "acknowledged", "resolved"] as const;

export type AlertsSearch = {
  readonly status?: (typeof STATES)[number] | undefined;
  readonly severity?: AlertSeverity | undefined;
  readonly service?: string | undefined;
};

export function readAlertsSearch(search: Record<string, unknown>): AlertsSearch {
  return {
    status: STATES.find((each) => each === search["status"]),
    severity: AlertSeverity.options.find((each) => each === search["severity"]),
    service: typeof search["service"] === "string" ? search["service"] : undefined,
  };
}
