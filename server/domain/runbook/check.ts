/** What is wrong with a sidecar beside its document and the configuration. An error stops publishing. */
import { pathText } from "../../../contract/expected.ts";
import type { PublishFinding } from "../../../contract/published.ts";
import type { RunbookDocument, RunbookPlan } from "../../../contract/runbook.ts";
import type { Sidecar } from "../../../contract/sidecar.ts";
import type { Target } from "../../../contract/escalation.ts";
import type { Snapshot } from "../config/config.ts";
import type { ActionRegistry } from "./action.ts";
import { type Bound, parametersOf } from "./binding.ts";
import { resolve } from "./references.ts";
import { runnable, stepsOfPlan } from "./version.ts";

export type Checked = {
  readonly config: Snapshot;
  readonly document: RunbookDocument;
  readonly sidecar: Sidecar;
  readonly bindings: readonly Bound[];
  readonly actions: ActionRegistry;
  /** The path of the sidecar. */
  readonly file: string;
  readonly lineOf: (path: string) => number;
};

export function checkSidecar(checked: Checked): readonly PublishFinding[] {
  const { file, lineOf } = checked;
  const found = [...names(checked), ...plans(checked), ...bindings(checked)];
  return found.map(({ path, message, level = "error" }) => ({
    code: "sidecar",
    level,
    file,
    line: lineOf(path),
    message: `${path}: ${message}`,
  }));
}

type Found = {
  readonly path: string;
  readonly message: string;
  readonly level?: "error" | "warning";
};

const targetFault = (config: Snapshot, target: Target): string | null => {
  if ("schedule" in target)
    return config.get("schedules", target.schedule) === null
      ? `there is no schedule “${target.schedule}”`
      : null;
  if ("person" in target)
    return config.get("people", target.person) === null
      ? `there is no person “${target.person}”`
      : null;
  return config.get("teams", target.team) === null ? `there is no team “${target.team}”` : null;
};

/** Names of configuration that do not exist. */
function names({ config, sidecar }: Checked): readonly Found[] {
  const found: Found[] = [];
  const { owner, calendar } = sidecar;
  if (owner !== undefined && config.get("teams", owner) === null)
    found.push({ path: "owner", message: `there is no team “${owner}”` });
  if (calendar !== undefined && config.get("calendars", calendar) === null) {
    const message = `there is no calendar “${calendar}”, so that of the team counts`;
    found.push({ path: "calendar", message, level: "warning" });
  }
  for (const [role, target] of Object.entries(sidecar.roles)) {
    const fault = target === null ? null : targetFault(config, target);
    if (fault !== null) found.push({ path: `roles.${role}`, message: fault });
  }
  for (const [index, rule] of sidecar.starts.entries())
    for (const service of rule.services ?? [])
      if (config.get("services", service) === null)
        found.push({
          path: `starts.${index}.services`,
          message: `there is no service “${service}”`,
        });
  return found;
}

/** Plans and phases that the document does not have. */
function plans({ document, sidecar }: Checked): readonly Found[] {
  const all = runnable(document);
  const phases = new Set(
    all.flatMap((plan) => plan.phases.map((phase) => `${plan.id}/${phase.id}`)),
  );
  const list = all.map((plan) => plan.id).join(", ") || "none";
  const planFault = (plan: string | undefined): string | null => {
    if (planMeant(document, plan) !== null) return null;
    return plan === undefined
      ? `name a plan; this document has ${list}`
      : `there is no plan “${plan}”; this document has ${list}`;
  };
  const of = (place: "starts" | "schedules"): readonly Found[] =>
    sidecar[place].flatMap(({ plan }, index) => {
      const message = planFault(plan);
      return message === null ? [] : [{ path: `${place}.${index}`, message }];
    });
  const gates = sidecar.gates.flatMap((gate, index) =>
    phases.has(gate)
      ? []
      : [{ path: `gates.${index}`, message: `there is no phase “${gate}” (plan/phase)` }],
  );
  return [...of("starts"), ...of("schedules"), ...gates];
}

const NO_VALUES = { input: {}, incident: {}, run: {}, output: {} };

/** Bindings that could never run as they stand. */
function bindings(checked: Checked): readonly Found[] {
  const { config, sidecar, document, actions } = checked;
  const draft = /draft/i.test(document.metadata.status ?? "");
  return checked.bindings.flatMap((bound, index): readonly Found[] => {
    const path = `bindings.${index}`;
    if (bound.state === "orphan") return [{ path, message: bound.because ?? "an orphan" }];
    const found: Found[] = [];
    const action = actions.find(bound.binding.action);
    if (action === null) return [];
    if (bound.state === "suspended")
      found.push({ path, level: "warning", message: `suspended to manual: ${bound.because}` });
    const fault = connectionFault(config, action.connection, bound.connection, sidecar.owner);
    // Not configured yet: the step is done by hand until it is.
    const level = fault === noConnection(bound.connection) ? "warning" : "error";
    if (fault !== null) found.push({ path: `${path}.with.connection`, message: fault, level });
    const resolved = resolve(parametersOf(bound.binding), action, NO_VALUES);
    for (const message of resolved.faults) found.push({ path: `${path}.with`, message });
    const read = action.input.safeParse(resolved.value);
    // What waits for a value of the run is judged when it has one.
    if (!read.success && resolved.missing.length === 0)
      for (const issue of read.error.issues)
        found.push({ path: `${path}.with.${pathText(issue.path)}`, message: issue.message });
    if (bound.binding.mode === "auto" && bound.mode !== "auto")
      found.push({
        path: `${path}.mode`,
        level: "warning",
        message: `it is ${bound.risk}, so it waits for a click`,
      });
    if (bound.mode === "auto" && draft)
      found.push({
        path: `${path}.mode`,
        level: "warning",
        message: `runs by itself while the document says “${document.metadata.status}”`,
      });
    return found;
  });
}

const noConnection = (id: string | null): string => `there is no connection “${id}”`;

/** Why a runbook of this owner cannot use a connection; null: it can. */
export function connectionFault(
  config: Snapshot,
  type: string | null,
  id: string | null,
  owner: string | null | undefined,
): string | null {
  if (type === null) return id === null ? null : "this action goes over no connection";
  if (id === null) return `expected the id of a ${type} connection`;
  const connection = config.get("connections", id);
  if (connection === null) return noConnection(id);
  if (connection.body.type !== type)
    return `“${id}” is a ${connection.body.type} connection, and this action goes over ${type}`;
  const { teams } = connection.body;
  if (teams !== undefined && (owner === null || owner === undefined || !teams.includes(owner)))
    return `“${id}” is for ${teams.join(", ")}`;
  return null;
}

/**
 * The plan that a sidecar or a person means. Left out, it is the only plan of the document, or where it
 * has none its only checklist; null where that says nothing.
 */
export function planMeant(document: RunbookDocument, id: string | undefined): RunbookPlan | null {
  const all = runnable(document);
  if (id !== undefined) return all.find((plan) => plan.id === id) ?? null;
  const meant = document.plans.length > 0 ? document.plans : all;
  return meant.length === 1 ? (meant[0] ?? null) : null;
}

export const plansView = (document: RunbookDocument) =>
  document.plans.map((plan) => ({
    id: plan.id,
    title: plan.title,
    steps: stepsOfPlan(plan).length,
  }));
