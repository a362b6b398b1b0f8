/**
 * The inner normal form of everything that checks data: a model, test, suite, source or job that passed
 * or failed. What failed and passes later has the same key, so that its alert ends by itself.
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Instant } from "../../../base/instant.ts";
import { type Json, type Reading } from "../reading.ts";
import { joinKey, tell } from "../telling.ts";

export type Check = {
  /** The same parts whether it failed or passed. */
  readonly key: readonly unknown[];
  readonly title: string;
  readonly passed: boolean;
  readonly severity: AlertSeverity;
  readonly product: string;
  readonly at: Instant | null;
  /** The table, view or file that is checked: the hint at the service. */
  readonly dataset?: unknown;
  readonly service?: unknown;
  readonly job?: unknown;
  readonly suite?: unknown;
  readonly column?: unknown;
  readonly link?: unknown;
  readonly labels?: Json;
  readonly details?: Json;
};

export function tellCheck(reading: Reading, index: number, check: Check): void {
  tell(reading, index, {
    status: check.passed ? "resolved" : "firing",
    title: check.title,
    severity: check.passed ? "info" : check.severity,
    dedupKey: joinKey(...check.key),
    service: check.service ?? check.dataset ?? check.job,
    source: check.product,
    link: check.link,
    startedAt: check.at,
    labels: {
      product: check.product,
      dataset: check.dataset,
      job: check.job,
      suite: check.suite,
      column: check.column,
      ...check.labels,
    },
    details: check.details,
  });
}
