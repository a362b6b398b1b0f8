/** Severity policy, triggers, escalation path and postmortem form of a document, in place of defaults. */
import type { EscalationPolicy } from "../../../contract/escalation.ts";
import { Severity } from "../../../contract/ids.ts";
import type {
  PublishedPolicy,
  SeverityPolicy,
  SeverityTerms,
  TermSources,
} from "../../../contract/policy.ts";
import type {
  PolicySeverity,
  PolicyTrigger,
  RunbookDocument,
  RunbookForm,
} from "../../../contract/runbook.ts";
import type { Condition, Rule } from "../../../contract/signal.ts";
import { durationMs } from "../../base/duration.ts";
import { MINUTE } from "../../base/instant.ts";
import { targetOf } from "./people.ts";
import type { Version } from "./version.ts";

export type Replaced = {
  readonly what: string;
  readonly for: string | null;
  readonly line: number;
};

type Parts = Pick<Version, "settings" | "plan" | "path" | "runbookId">;

/** What of the defaults a version replaces, for whom, and on which line that stands. */
export function replacedBy(version: Parts): Replaced[] {
  const policy = publishedPolicy(version);
  if (policy === null) return [];
  const { plan } = version;
  const whom = policy.team;
  const lineIn = (source: string): number => Number(source.slice(source.lastIndexOf(":") + 1));
  return [
    ...(policy.severities === null
      ? []
      : [{ what: "severities", for: whom, line: plan.policy.severities[0]?.line ?? 1 }]),
    ...policy.rules.map(({ id, source }) => ({
      what: `trigger ${id}`,
      for: whom,
      line: source.line,
    })),
    ...(policy.escalation === null
      ? []
      : [{ what: "escalation", for: whom, line: lineIn(policy.escalation.source) }]),
    ...(policy.postmortem === null
      ? []
      : [{ what: "postmortem", for: whom, line: lineIn(policy.postmortem.source) }]),
  ];
}

/** Null where its sidecar accepts nothing, or it has nobody to hold for. */
export function publishedPolicy(version: Parts): PublishedPolicy | null {
  const { settings, plan, path, runbookId } = version;
  const team = settings.policyFor === "everybody" ? null : settings.owner;
  if (settings.accepted.length === 0 || team === undefined) return null;
  const accepts = (what: (typeof settings.accepted)[number]): boolean =>
    settings.accepted.includes(what);
  return {
    runbook: runbookId,
    team,
    severities:
      accepts("severities") || accepts("postmortem") ? severitiesOf(version, accepts) : null,
    rules: accepts("triggers")
      ? plan.policy.triggers.flatMap((trigger, index) => ruleOf(version, trigger, index) ?? [])
      : [],
    escalation: accepts("escalation") ? escalationOf(version) : null,
    postmortem: accepts("postmortem") ? formOf(plan, path) : null,
  };
}

/** “SEV1”, “Sev 1”, “P1” → SEV1. */
export function severityNamed(name: string): Severity | null {
  const number = /^\W*(?:sev(?:erity)?|p|s)[\s-]*([1-4])\b/i.exec(name)?.[1];
  const read = Severity.safeParse(`SEV${number ?? ""}`);
  return read.success ? read.data : null;
}

function severitiesOf(
  { settings, plan, path }: Parts,
  accepts: (what: "severities" | "postmortem") => boolean,
): PublishedPolicy["severities"] {
  const terms: Partial<Record<Severity, SeverityTerms>> = {};
  const termSources: TermSources = {};
  const state = (
    severity: Severity,
    lineOf: (term: string) => number,
    stated: SeverityTerms,
  ): void => {
    const said = Object.fromEntries(
      Object.entries(stated).filter(([, value]) => value !== undefined),
    ) as SeverityTerms;
    terms[severity] = { ...terms[severity], ...said };
    const sources = Object.keys(said).map((name) => [name, `${path}:${lineOf(name)}`]);
    termSources[severity] = { ...termSources[severity], ...Object.fromEntries(sources) };
  };
  for (const row of accepts("severities") ? plan.policy.severities : []) {
    const severity = severityNamed(row.name);
    if (severity === null) continue;
    const target = row.commander === null ? null : (targetOf(settings, row.commander) ?? null);
    state(severity, (term) => lineOfTerm(plan, row, term), {
      means: row.definition?.slice(0, 500),
      examples:
        row.examples.length === 0 ? undefined : row.examples.map((text) => text.slice(0, 200)),
      acknowledge: row.acknowledge ?? undefined,
      mitigate: row.mitigate ?? undefined,
      resolve: row.resolve ?? undefined,
      updateEvery: row.updateEvery ?? undefined,
      clockHours: row.calendar === "business" ? "business" : undefined,
      commander: target ?? undefined,
      commanderWhen: whenNamed(row.commander),
    });
  }
  const form = accepts("postmortem") ? postmortemForm(plan) : null;
  for (const deadline of form?.deadlines ?? []) {
    const severity = deadline.severity === null ? null : severityNamed(deadline.severity);
    if (severity !== null) state(severity, () => deadline.line, { postmortemWithin: deadline.iso });
  }
  for (const name of form?.optionalFor ?? []) {
    const severity = severityNamed(name);
    if (severity !== null) state(severity, () => form?.line ?? 1, { postmortemWithin: "none" });
  }
  if (Object.keys(terms).length === 0) return null;
  const policy: SeverityPolicy = { name: plan.title.slice(0, 120), severities: terms };
  return { policy, termSources, source: path };
}

const READ_AS: Readonly<Record<string, string>> = {
  means: "definition",
  clockHours: "acknowledge",
  commanderWhen: "commander",
};

/** The line on which a term of a severity stands: tables say different things about it. */
function lineOfTerm(plan: RunbookDocument, row: PolicySeverity, term: string): number {
  const source = row.sources[READ_AS[term] ?? term];
  return source === undefined ? row.line : lineOfByte(plan, source.range.startOffset, row.line);
}

/** Sections hold the whole document, so the line of any byte can be counted without its text. */
function lineOfByte({ sections }: RunbookDocument, byte: number, otherwise: number): number {
  const section = sections.find(({ range }) => range.startOffset <= byte && byte < range.endOffset);
  if (section === undefined) return otherwise;
  const before = Buffer.from(section.quote).subarray(0, byte - section.range.startOffset);
  return section.line + (before.toString("utf8").match(/\r\n|\r|\n/g)?.length ?? 0);
}

function whenNamed(commander: string | null): SeverityTerms["commanderWhen"] {
  if (commander === null) return undefined;
  if (/\bdefer/i.test(commander)) return "may defer";
  if (/business hours|backlog/i.test(commander)) return "business hours";
  return /immediate|at once/i.test(commander) ? "at once" : undefined;
}

/** A trigger whose number somebody has bound to a measurement. Without one a person judges it. */
function ruleOf(
  { settings, path, runbookId }: Parts,
  trigger: PolicyTrigger,
  index: number,
): PublishedPolicy["rules"][number] | null {
  const severity = severityNamed(trigger.severity);
  const phrases = [trigger.measure ?? "", trigger.text].map(even);
  const measure = Object.entries(settings.signals).find(([phrase]) =>
    phrases.includes(even(phrase)),
  )?.[1];
  if (severity === null || measure === undefined) return null;
  const body: Rule = {
    name: trigger.text.slice(0, 200),
    condition: conditionOf(trigger, measure),
    then: { declare: severity, autoResolve: false },
    // Before everything that is applied, in the order of the document.
    order: index - 1_000,
  };
  const id = `${runbookId}-${severity.toLowerCase()}-${measure}`.slice(0, 63);
  return { id, body, source: { file: path, line: trigger.line } };
}

const even = (text: string): string => text.toLowerCase().replace(/\s+/g, " ").trim();

function conditionOf(trigger: PolicyTrigger, measure: string): Condition {
  const { comparator, threshold, thresholdTo, unit, window } = trigger;
  const byBaseline = unit !== null && /baseline/i.test(unit);
  const between = comparator === "between" && thresholdTo !== null ? { upTo: thresholdTo } : {};
  const known = comparator === ">" || comparator === "<" || comparator === "<=" ? comparator : ">=";
  return {
    measure,
    // What is only named (“connection failures”) holds as soon as there is one.
    comparator: threshold === null ? ">" : known,
    threshold: threshold ?? 0,
    ...between,
    ...(unit === null ? {} : { unit: byBaseline ? "×" : unit.slice(0, 20) }),
    ...(byBaseline ? { baseline: "P1W" } : {}),
    sustained: window ?? "PT0S",
    gap: byBaseline ? "PT2H" : "PT2M",
  };
}

const USUAL_MINUTES = 5;

/** The path of the first plan that has one, when each of its roles is bound to somebody. */
function escalationOf({ settings, plan, path }: Parts): PublishedPolicy["escalation"] {
  const found = plan.plans.find((each) => each.escalation.length > 0);
  const [first] = found?.escalation ?? [];
  if (found === undefined || first === undefined) return null;
  const steps = found.escalation.map(({ role }, index) => {
    const target = targetOf(settings, role);
    // “Primary (5 min) → Secondary” gives each its own time; “after 15 min: Secondary” that of the one before.
    const stated = found.escalation[first.after === null ? index + 1 : index]?.after ?? null;
    const minutes =
      stated === null ? acknowledgeMinutes(plan, found.id) : durationMs(stated) / MINUTE;
    return target === undefined || target === null
      ? null
      : { notify: [target], timeoutMinutes: Math.min(Math.max(minutes, 0.5), 1_440) };
  });
  if (steps.some((step) => step === null)) return null;
  const body: EscalationPolicy = {
    name: found.title.slice(0, 120),
    steps: steps.filter((step) => step !== null),
    repeat: 1,
  };
  const starts = settings.starts.filter((rule) => (rule.plan ?? found.id) === found.id);
  const when = starts.map(({ kinds, severities, services }) => ({ kinds, severities, services }));
  return { body, source: `${path}:${first.line}`, when };
}

/** A path without times gives each level as long as the plan gives for acknowledging. */
function acknowledgeMinutes(document: RunbookDocument, planId: string): number {
  const plan = document.plans.find(({ id }) => id === planId);
  const step = plan?.phases
    .flatMap((phase) => phase.steps)
    .find(({ text, deadlines }) => /acknowledge/i.test(text) && deadlines.length > 0);
  const iso = step?.deadlines[0]?.iso;
  return iso === undefined ? USUAL_MINUTES : durationMs(iso) / MINUTE;
}

/** What a sidecar accepts and yet replaces nothing, with the reason; somebody counts on it. */
export function acceptedInVain(version: Parts): readonly string[] {
  const { settings } = version;
  if (settings.accepted.length === 0) return [];
  const policy = publishedPolicy(version);
  if (policy === null)
    return [
      "name the “owner” it is to hold for, or “policyFor: everybody”; until then nothing of it counts",
    ];
  const accepts = (what: (typeof settings.accepted)[number]): boolean =>
    settings.accepted.includes(what);
  return [
    ...(accepts("severities") && policy.severities === null
      ? ["the document has no severities that could be read"]
      : []),
    ...(accepts("triggers") && policy.rules.length === 0
      ? ["no trigger is bound to a measurement under “signals”"]
      : []),
    ...(accepts("escalation") && policy.escalation === null
      ? ["the escalation path counts once each of its roles is bound under “roles”"]
      : []),
    ...(accepts("postmortem") && policy.postmortem === null
      ? ["the document has no form of a postmortem"]
      : []),
  ];
}

const postmortemForm = (document: RunbookDocument): RunbookForm | null =>
  document.forms.find(({ title }) => /post[\s-]?(mortem|incident)/i.test(title)) ?? null;

function formOf(document: RunbookDocument, path: string): PublishedPolicy["postmortem"] {
  const form = postmortemForm(document);
  if (form === null) return null;
  return {
    source: `${path}:${form.line}`,
    sections: form.sections.map((section) => ({
      title: section.title,
      line: section.line,
      // A section without fields of its own asks for nothing but itself.
      asks: section.fields
        .filter((field) => !field.prefilled && even(field.label) !== even(section.title))
        .map(({ label }) => label),
    })),
  };
}
