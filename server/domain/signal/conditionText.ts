/** A condition in words, as the title of its alert: “error_rate > 10 % for more than 5 min”. */
import type { AlertSeverity } from "../../../contract/signal.ts";
import { durationMs, spoken } from "../../base/duration.ts";
import type { Outcome } from "./rules.ts";
import { clip, TITLE_MAX } from "./signal.ts";
import type { WatchRule } from "./watch.ts";

/** What is measured (a query by the name of its rule), against what, for how long. */
export function conditionText({ id, body, condition }: WatchRule): string {
  const what = condition.measure ?? body.name ?? id;
  const sustainedMs = durationMs(condition.sustained);
  const held = sustainedMs === 0 ? "" : ` for more than ${spoken(sustainedMs)}`;
  return clip(`${what} ${limitText(condition)}${held}`, TITLE_MAX);
}

function limitText({
  comparator,
  threshold,
  upTo,
  unit,
  baseline,
}: WatchRule["condition"]): string {
  const above = comparator === ">" ? "> " : "";
  const value = upTo === undefined ? `${comparator} ${threshold}` : `${above}${threshold}–${upTo}`;
  if (baseline !== undefined) return `${value} × its mean over ${spoken(durationMs(baseline))}`;
  return unit === undefined ? value : `${value} ${unit}`;
}

/** The severity of the alert that goes with an outcome. */
export function severityFor(outcome: Outcome): AlertSeverity {
  if (outcome.kind === "record") return "info";
  switch (outcome.severity) {
    case "SEV1":
      return "critical";
    case "SEV2":
      return "error";
    case "SEV3":
      return "warning";
    case "SEV4":
      return "info";
  }
}
