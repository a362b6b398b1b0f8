/** Published runbooks as people see them. */
import type {
  BindingView,
  PublishReport,
  Runbook as RunbookView,
  RunbookDetail,
} from "../../../contract/published.ts";
import { toIso, type Instant } from "../../base/instant.ts";
import type { Queryable } from "../../base/db.ts";
import type { Snapshot } from "../config/config.ts";
import type { FindingLevel } from "../../../contract/runbook.ts";
import { type ActionRegistry, higherRisk } from "./action.ts";
import type { Bound } from "./binding.ts";
import { plansView } from "./check.ts";
import { freshnessOf } from "./freshness.ts";
import { listOpenTasks } from "./freshnessStore.ts";
import { judge, type Published } from "./publish.ts";
import { replacedBy } from "./policySource.ts";
import { answeredBy } from "./sidecar.ts";
import { listSchedules } from "./scheduleStore.ts";
import { countsOf, type RunbookRow, type Version } from "./version.ts";
import { findTexts } from "./versionStore.ts";

export function bindingView(bound: Bound, config: Snapshot): BindingView {
  const { connection } = bound;
  const least = connection === null ? undefined : config.get("connections", connection)?.body.risk;
  const risk = higherRisk(bound.risk, least);
  return {
    step: bound.stepId,
    action: bound.binding.action,
    connection,
    mode: bound.mode === "auto" && risk !== "read" ? "approve" : bound.mode,
    risk,
    raisedTo: risk === bound.risk ? null : risk,
    state: bound.state,
    because: bound.because,
    line: bound.line,
  };
}

export function runbookView(row: RunbookRow, version: Version, now: Instant): RunbookView {
  const { plan } = version;
  const answered = answeredBy(version.settings);
  const open = plan.findings.filter(({ code }) => !answered.includes(code));
  const countOf = (level: FindingLevel): number =>
    open.filter((finding) => finding.level === level).length;
  return {
    id: row.id,
    title: row.title,
    kind: plan.kind,
    owner: row.ownerTeam,
    source: row.source,
    digest: version.digest,
    version: version.number,
    publishedAt: toIso(version.publishedAt),
    plans: plansView(plan),
    checklists: plan.checklists.map(({ id, title, items }) => ({ id, title, items: items.length })),
    ...countsOf(version.bindings),
    findings: { error: countOf("error"), warning: countOf("warning"), info: countOf("info") },
    reviewDueAt: toIso(row.reviewDueAt),
    stale: row.reviewDueAt <= now,
  };
}

export async function presentRunbook(
  tx: Queryable,
  config: Snapshot,
  registry: ActionRegistry,
  { row, version }: { readonly row: RunbookRow; readonly version: Version },
  now: Instant,
): Promise<RunbookDetail> {
  const texts = await findTexts(tx, version.runbookId, version.digest);
  const { path, plan } = version;
  const judged = judge(config, registry, { path, sidecar: texts?.sidecar ?? null, read: plan });
  const [task] = await listOpenTasks(tx, row.id);
  const schedules = await listSchedules(tx, row.id);
  return {
    ...runbookView(row, version, now),
    document: plan,
    bindings: version.bindings.map((bound) => bindingView(bound, config)),
    starts: version.settings.starts.map((rule) => ({ ...rule })),
    schedules: schedules.map(({ planId, body, nextAt }) => ({
      plan: planId,
      every: body.every,
      nextAt: toIso(nextAt),
    })),
    replaces: replacedBy(version),
    findings: [...judged.findings],
    freshness: await freshnessOf(tx, config, registry, version),
    reviewTask:
      task === undefined
        ? null
        : { title: task.title, owner: task.ownerId, openedAt: toIso(task.openedAt) },
    claimedReview: plan.metadata.lastReviewed,
  };
}

export const publishView = (
  { row, version, changed, findings }: Published,
  config: Snapshot,
  dryRun: boolean,
): PublishReport => ({
  id: row.id,
  digest: version.digest,
  version: version.number,
  changed,
  dryRun,
  kind: version.plan.kind,
  plans: plansView(version.plan),
  bindings: version.bindings.map((bound) => bindingView(bound, config)),
  findings: [...findings],
  replaces: replacedBy(version),
});
