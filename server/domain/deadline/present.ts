/** A deadline as people see it. */
import type { DeadlineView } from "../../../contract/deadline.ts";
import { type Instant, toIso, toIsoOrNull } from "../../base/instant.ts";
import type { DeadlineRow } from "./store.ts";

/** At risk: three quarters of the time are gone and the promise is still open. */
export function deadlineView(row: DeadlineRow, now: Instant): DeadlineView {
  const d = row.deadline;
  const firstMark = d.marks[0];
  return {
    id: row.id,
    kind: d.kind,
    state: d.state,
    anchorAt: toIso(d.anchorAt),
    dueAt: toIso(d.dueAt),
    atRisk: d.state === "running" && firstMark !== undefined && now >= firstMark.at,
    metAt: toIsoOrNull(d.metAt),
    pausedBecause: d.pausedBecause,
    source: d.source,
  };
}
