/**
 * Drafts a sidecar from what the words of a document suggest. A draft grants nothing that was not granted:
 * every binding it proposes is in mode "suggest", and earlier bindings keep what they said.
 */
import type { RunbookDocument, RunbookStep } from "../../../contract/runbook.ts";
import { type Binding, Sidecar } from "../../../contract/sidecar.ts";
import type { Entry, Snapshot } from "../config/config.ts";
import { whenNeeded } from "../../base/whenNeeded.ts";
import { everyStep, matchAnchor } from "./binding.ts";
import { readSidecar, sidecarPath } from "./sidecar.ts";
import { sameRole } from "./run.ts";

export type Drafted = { readonly sidecar: string; readonly notes: string[] };

const yaml = whenNeeded("yaml");

/** Phrases that documents use for what is measured, and the names under which numbers are sent. */
const MEASURES: readonly (readonly [phrase: RegExp, measure: string])[] = [
  [/error rate/i, "error_rate"],
  [/authentication fail/i, "authentication_failure_rate"],
  [/database connection fail/i, "database_connection_failures"],
  [/payment.*fail/i, "payment_failure_rate"],
  [/response time|latency/i, "p95_seconds"],
  [/availability/i, "availability"],
  [/support ticket/i, "support_tickets"],
];

export function draft(
  config: Snapshot,
  document: RunbookDocument,
  given: {
    readonly path: string;
    readonly sidecar: string | null;
    readonly owner?: string | undefined;
  },
): Drafted {
  const notes: string[] = [];
  const file = sidecarPath(given.path);
  const before = given.sidecar === null ? null : readSidecar(given.sidecar, file);
  for (const { line, message } of before?.findings ?? []) notes.push(`${file}:${line}: ${message}`);
  const old = before?.sidecar ?? Sidecar.parse({ tocsin: 1 });
  const owner = given.owner ?? old.owner;
  const steps = everyStep(document);
  const kept = old.bindings.map((binding) => anchoredAnew(steps, binding, notes));
  const bound = new Set(kept.map(({ step }) => step.hash));
  const suggested = steps
    .filter((step) => !bound.has(step.hash))
    .flatMap((step) => suggestion(config, step, notes) ?? []);
  const sidecar = {
    tocsin: 1,
    ...(owner === undefined ? {} : { owner }),
    roles: { ...rolesOf(config, document, notes), ...old.roles },
    ...(old.calendar === undefined ? {} : { calendar: old.calendar }),
    signals: { ...signalsOf(document), ...old.signals },
    accepted: given.sidecar === null ? acceptable(document) : old.accepted,
    policyFor: old.policyFor,
    starts: old.starts.length > 0 ? old.starts : startsOf(document),
    schedules: old.schedules,
    gates: old.gates,
    reviewEvery: old.reviewEvery,
    bindings: [...kept, ...suggested],
  };
  if (owner === undefined) notes.push("owner: name the team that owns this runbook");
  return { sidecar: HEADER + yaml().stringify(withoutEmpty(sidecar), { lineWidth: 0 }), notes };
}

const HEADER = `# Drafted from the words of the document. Nothing in it acts until it is published: read it, put it
# right, and take out what you do not want.
`;

const withoutEmpty = (
  value: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(value).filter(
      ([, inner]) =>
        !(Array.isArray(inner) && inner.length === 0) &&
        !(typeof inner === "object" && inner !== null && Object.keys(inner).length === 0),
    ),
  );

/** An owner who runs this confirms what drifted: the anchor is written anew to what it fits best. */
function anchoredAnew(steps: readonly RunbookStep[], binding: Binding, notes: string[]): Binding {
  const { step, exact, why } = matchAnchor(steps, binding.step);
  if (step === null) {
    notes.push(`${binding.action}: ${why}: “${binding.step.quote}”; take it out or bind it anew`);
    return binding;
  }
  if (!exact) notes.push(`${binding.action}: anchored anew: ${why}`);
  return { ...binding, step: anchorOfStep(step) };
}

const anchorOfStep = (step: RunbookStep): Binding["step"] => ({
  path: step.path,
  quote: step.text.slice(0, 4_000),
  hash: step.hash,
});

/** What a step's words suggest; as a suggestion it only stands beside the step. */
function suggestion(config: Snapshot, step: RunbookStep, notes: string[]): Binding | null {
  const of = (action: string, given: Readonly<Record<string, unknown>>): Binding => ({
    step: anchorOfStep(step),
    action,
    with: given,
    mode: "suggest",
  });
  const { text, assertion } = step;
  if (/safe mode/i.test(text))
    return /remove|clear|off|disable|take .*away|lift/i.test(text)
      ? of("safe-mode.off@1", { scope: "all" })
      : of("safe-mode.on@1", { scope: "all" });
  const statement = assertion?.query ?? null;
  if (assertion === null || statement === null || !/^\s*select/i.test(statement)) return null;
  const databases = config.all("connections").filter(({ body }) => body.type === "postgres");
  const [only] = databases;
  if (only === undefined || databases.length > 1) {
    notes.push(`“${text}” could be proved by sql.assert@1: name the postgres connection`);
    return null;
  }
  return of("sql.assert@1", { connection: only.id, statement, expect: assertion.expect });
}

/** Roles that the document names; those that a schedule or person is called like are bound to it. */
function rolesOf(
  config: Snapshot,
  document: RunbookDocument,
  notes: string[],
): Readonly<Record<string, { schedule: string } | { person: string } | null>> {
  const named = new Set<string>();
  for (const plan of document.plans) {
    for (const phase of plan.phases) {
      if (phase.role !== null) named.add(phase.role);
      for (const step of phase.steps) if (step.role !== null) named.add(step.role);
    }
    for (const { role } of plan.escalation) named.add(role);
    for (const { to } of plan.conditionalEscalations) for (const role of to) named.add(role);
  }
  for (const { commander } of document.policy.severities)
    if (commander !== null) named.add(commander);
  const roles: Record<string, { schedule: string } | { person: string } | null> = {};
  for (const role of named) {
    const schedules = config.all("schedules");
    const schedule =
      schedules.find(({ id, body }) => sameRole(id, role) || sameRole(body.name, role)) ??
      scheduleWithin(schedules, role, notes);
    const person = config
      .all("people")
      .find(({ id, body }) => sameRole(id, role) || sameRole(body.name, role));
    roles[role] =
      schedule !== undefined
        ? { schedule: schedule.id }
        : person !== undefined
          ? { person: person.id }
          : null;
    if (roles[role] === null)
      notes.push(`roles.${role}: nobody is called so; bind it to a schedule or a person`);
  }
  return roles;
}

/** “On-call Platform Reliability Engineer” speaks of the schedule platform-reliability, if of any. */
function scheduleWithin(
  schedules: readonly Entry<"schedules">[],
  role: string,
  notes: string[],
): Entry<"schedules"> | undefined {
  const words = wordsOf(role);
  const [best, second] = schedules
    .filter(({ id }) => wordsOf(id).length > 1 && words.join(" ").includes(wordsOf(id).join(" ")))
    .toSorted((a, b) => b.id.length - a.id.length);
  if (best === undefined || best.id.length === second?.id.length) return undefined;
  notes.push(`roles.${role}: taken for the schedule ${best.id}; see whether it is meant`);
  return best;
}

const wordsOf = (text: string): readonly string[] =>
  text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

function signalsOf(document: RunbookDocument): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const trigger of document.policy.triggers) {
    const phrase = trigger.measure ?? trigger.text;
    const measure = MEASURES.find(([pattern]) => pattern.test(phrase))?.[1];
    if (measure !== undefined) found[phrase.toLowerCase()] = measure;
  }
  return found;
}

function acceptable(document: RunbookDocument): Sidecar["accepted"] {
  const found: Sidecar["accepted"] = [];
  if (document.policy.severities.length > 0) found.push("severities");
  if (document.policy.triggers.length > 0) found.push("triggers");
  if (document.plans.some((plan) => plan.escalation.length > 0)) found.push("escalation");
  if (document.forms.some((form) => /post[\s-]?(mortem|incident)/i.test(form.title)))
    found.push("postmortem");
  return found;
}

/** An alert runbook starts with its alert; a procedure with a severity policy with its severities. */
function startsOf(document: RunbookDocument): Sidecar["starts"] {
  const byAlert = document.plans.flatMap(({ id, alert }) =>
    alert === null ? [] : [{ plan: id, alert }],
  );
  if (byAlert.length > 0) return byAlert;
  const [plan, ...others] = document.plans;
  if (plan === undefined || others.length > 0 || document.policy.severities.length === 0) return [];
  return [{ plan: plan.id, severities: ["SEV1", "SEV2", "SEV3"] }];
}
