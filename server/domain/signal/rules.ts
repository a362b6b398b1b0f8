/**
 * What becomes of an alert: the first rule that matches decides, or the first one within it that does;
 * where none matches, that too is a decision with a record. Pure: rules are compiled once per configuration, then asked per alert.
 */
import type { Severity } from "../../../contract/ids.ts";
import type { Rule } from "../../../contract/signal.ts";
import {
  type AlertFacts,
  type Compiled,
  compileExpression,
  type PreparedFacts,
  prepare,
} from "./cel.ts";
import { answerOfAll, type Field, fieldText, type Guard, mayMatch } from "./guards.ts";

export type RuleSource = { readonly file: string; readonly line: number };

/** A rule as configuration holds it. */
export type RuleEntry = {
  readonly id: string;
  readonly body: Rule;
  readonly source: RuleSource | null;
};

/** Why a rule cannot decide anything; such a rule is left out of the set. */
export type RuleFinding = {
  readonly ruleId: string;
  readonly source: RuleSource | null;
  readonly text: string;
};

export type Outcome =
  | { readonly kind: "declare"; readonly severity: Severity; readonly autoResolve: boolean }
  | { readonly kind: "record" };

/** A rule that could not be evaluated on this alert, and so did not match it. */
export type DecisionNote = { readonly ruleId: string; readonly failure: string };

/** What was decided about one alert, by which rule and why: stored as it stands. */
export type Decision = {
  readonly ruleId: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly outcome: Outcome;
  readonly because: "rule matched" | "no rule matched";
  /** The rules asked before the decision that failed. */
  readonly notes: readonly DecisionNote[];
};

export type CompiledRule = {
  readonly entry: RuleEntry;
  readonly position: number;
  readonly services: ReadonlySet<string> | null;
  readonly keys: ReadonlySet<string> | null;
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly when: Compiled | null;
  /** Asked when this one matches; where none of them does, it decides itself. */
  readonly inner: readonly CompiledRule[];
};

/** Compiled rules, indexed so that a rule naming other services or keys is never looked at. */
export type RuleSet = {
  readonly findings: readonly RuleFinding[];
  /** Those that stand within no other, in their order. */
  readonly roots: readonly CompiledRule[];
  readonly byService: ReadonlyMap<string, readonly CompiledRule[]>;
  /** Rules that name no service but keys. */
  readonly byKey: ReadonlyMap<string, readonly CompiledRule[]>;
  readonly everywhere: readonly CompiledRule[];
  /** The rest of them: rules that begin by asking for a value of one field. */
  readonly byField: readonly FieldRules[];
};

type FieldRules = {
  readonly field: Field;
  readonly byValue: Map<string, CompiledRule[]>;
  /** Those that have to be asked, or to fail, where the alert has no such label. */
  readonly whenMissing: CompiledRule[];
};

/** The rules that ask about alerts. */
export const alertRulesFrom = <R extends { readonly body: Rule }>(entries: readonly R[]): R[] =>
  entries.filter((entry) => entry.body.condition === undefined);

/** The rules that ask about numbers over time. */
export const measurementRulesFrom = <R extends { readonly body: Rule }>(
  entries: readonly R[],
): R[] => entries.filter((entry) => entry.body.condition !== undefined);

/**
 * Compiles the alert rules among the entries; measurement rules are passed over. A rule whose
 * expression is refused becomes a finding and never matches, so the others still decide.
 */
export function compileRules(entries: readonly RuleEntry[]): RuleSet {
  const findings: RuleFinding[] = [];
  const asked = alertRulesFrom(entries).toSorted(inOrder);
  const within = Map.groupBy(asked, ({ body }) => body.within ?? null);
  const placed = new Set<string>();
  let position = 0;
  const compile = (entry: RuleEntry): CompiledRule[] => {
    const { body } = entry;
    placed.add(entry.id);
    const inner = (within.get(entry.id) ?? []).flatMap(compile);
    const when = body.when === undefined ? null : compileExpression(body.when);
    if (when !== null && "error" in when) {
      const { line, column } = when.position;
      const text = `rule “${entry.id}”: when, line ${line}, column ${column}: ${when.error}`;
      findings.push({ ruleId: entry.id, source: entry.source, text });
      return [];
    }
    return [
      {
        entry,
        position: position++,
        services: body.services === undefined ? null : new Set(body.services),
        keys: body.keys === undefined ? null : new Set(body.keys),
        labels: Object.entries(body.labels ?? {}),
        when,
        inner,
      },
    ];
  };
  const roots = (within.get(null) ?? []).flatMap(compile);
  for (const { id, source, body } of asked) {
    // Rules within each other, or within one that asks about numbers, would never be asked.
    const text = `rule “${id}”: within: expected a rule about alerts that stands not within itself, found “${body.within}”`;
    if (!placed.has(id)) findings.push({ ruleId: id, source, text });
  }
  return { findings, roots, ...indexed(roots) };
}

function indexed(
  roots: readonly CompiledRule[],
): Pick<RuleSet, "byService" | "byKey" | "everywhere" | "byField"> {
  const byService = new Map<string, CompiledRule[]>();
  const byKey = new Map<string, CompiledRule[]>();
  const everywhere: CompiledRule[] = [];
  const byField = new Map<string, FieldRules>();
  for (const rule of roots) {
    if (rule.services !== null) addTo(byService, rule.services, rule);
    else if (rule.keys !== null) addTo(byKey, rule.keys, rule);
    else if (!addToField(byField, rule)) everywhere.push(rule);
  }
  return { byService, byKey, everywhere, byField: [...byField.values()] };
}

/** False when the rule does not begin with such a question. */
function addToField(byField: Map<string, FieldRules>, rule: CompiledRule): boolean {
  const [label] = rule.labels;
  const first: Pick<Guard, "field" | "value"> | undefined =
    label === undefined
      ? rule.when?.guards[0]
      : { field: { kind: "label", name: label[0] }, value: label[1] };
  if (first === undefined || first.value === null) return false;
  const { field, value } = first;
  const name = `${field.kind} ${field.name}`;
  const rules: FieldRules = byField.get(name) ?? { field, byValue: new Map(), whenMissing: [] };
  byField.set(name, rules);
  addTo(rules.byValue, new Set([value]), rule);
  if (label === undefined) rules.whenMissing.push(rule);
  return true;
}

/**
 * Decides about one alert. Always ends in a decision: without a matching rule it is recorded only.
 */
export function decide(rules: RuleSet, facts: AlertFacts): Decision {
  const notes: DecisionNote[] = [];
  let prepared: PreparedFacts | null = null;
  const ask = (rule: CompiledRule): string | null =>
    whyNot(rule, facts, () => (prepared ??= prepare(facts)), notes);
  const found = firstOf(candidates(rules, facts), ask);
  if (found !== null) return decided(found.entry, notes);
  const outcome = { kind: "record" } as const;
  return { ruleId: null, file: null, line: null, outcome, because: "no rule matched", notes };
}

/** The first that matches, or the first within it that does, however deep. Each list is in order, and so are all together. */
function firstOf(
  lists: readonly (readonly CompiledRule[])[],
  ask: (rule: CompiledRule) => string | null,
): CompiledRule | null {
  // Asked for every alert that comes: nothing is made for each rule that is looked at.
  const next = lists.length > 1 ? lists.map(() => 0) : [0];
  for (;;) {
    let first = -1;
    let rule: CompiledRule | undefined;
    for (let list = 0; list < lists.length; list += 1) {
      const head = lists[list]?.[next[list] ?? 0];
      if (head === undefined || (rule !== undefined && head.position > rule.position)) continue;
      first = list;
      rule = head;
    }
    if (rule === undefined) return null;
    next[first] = (next[first] ?? 0) + 1;
    if (ask(rule) === null)
      return (rule.inner.length > 0 ? firstOf([rule.inner], ask) : null) ?? rule;
  }
}

const NOT_TRUE = "when is not true";

/** Why a rule does not match the alert; null when it does. */
function whyNot(
  { entry, services, keys, labels, when }: CompiledRule,
  facts: AlertFacts,
  prepared: () => PreparedFacts,
  notes: DecisionNote[],
): string | null {
  if (services !== null && (facts.service === null || !services.has(facts.service)))
    return "another service";
  if (keys !== null && (facts.key === null || !keys.has(facts.key))) return "another key";
  for (const [name, value] of labels)
    if (!Object.hasOwn(facts.labels, name) || facts.labels[name] !== value)
      return `label ${name} is not ${value}`;
  if (when === null) return null;
  if (!when.isPlain && !mayMatch(when.guards, facts)) return NOT_TRUE;
  const { matches, failure } = when.isPlain
    ? answerOfAll(when.guards, facts)
    : when.evaluate(prepared());
  if (matches) return null;
  if (failure === null) return NOT_TRUE;
  notes.push({ ruleId: entry.id, failure });
  return `when could not be asked: ${failure}`;
}

/** One rule that was looked at; `depth` counts the rules that it stands within. */
export type Look = {
  readonly rule: RuleEntry;
  readonly depth: number;
  /** Null: it matches. */
  readonly whyNot: string | null;
};

/** Every rule that is looked at on the way to a decision, in the order of asking. */
export function explain(rules: RuleSet, facts: AlertFacts): readonly Look[] {
  const prepared = prepare(facts);
  const looks: Look[] = [];
  const walk = (level: readonly CompiledRule[], depth: number): void => {
    for (const rule of level) {
      const reason = whyNot(rule, facts, () => prepared, []);
      looks.push({ rule: rule.entry, depth, whyNot: reason });
      if (reason === null) return walk(rule.inner, depth + 1);
    }
  };
  walk(rules.roots, 0);
  return looks;
}

/** What a rule's expression said of an alert that is its business. */
export type Said = { readonly rule: RuleEntry; readonly failure: string | null };

/** Every rule whose expression has a say about the alert, also those that another one comes before. */
export function explainAll(rules: RuleSet, facts: AlertFacts): readonly Said[] {
  const prepared = prepare(facts);
  const said: Said[] = [];
  const walk = (level: readonly CompiledRule[]): void => {
    for (const rule of level) {
      const notes: DecisionNote[] = [];
      const reason = whyNot(rule, facts, () => prepared, notes);
      const [note] = notes;
      if (note !== undefined) said.push({ rule: rule.entry, failure: note.failure });
      else if (reason === null || reason === NOT_TRUE)
        said.push({ rule: rule.entry, failure: null });
      if (reason === null) walk(rule.inner);
    }
  };
  walk(rules.roots);
  return said;
}

function decided(entry: RuleEntry, notes: readonly DecisionNote[]): Decision {
  const outcome = outcomeOf(entry.body);
  const [file, line] = [entry.source?.file ?? null, entry.source?.line ?? null];
  return { ruleId: entry.id, file, line, outcome, because: "rule matched", notes };
}

/** What a rule leads to when it matches. */
export const outcomeOf = ({ then }: Rule): Outcome =>
  "declare" in then
    ? { kind: "declare", severity: then.declare, autoResolve: then.autoResolve }
    : { kind: "record" };

/** The rules that may concern an alert, in lists that are in order. */
function candidates(rules: RuleSet, facts: AlertFacts): readonly (readonly CompiledRule[])[] {
  const found: (readonly CompiledRule[])[] = rules.everywhere.length > 0 ? [rules.everywhere] : [];
  for (const { field, byValue, whenMissing } of rules.byField) {
    const text = fieldText(facts, field);
    const list = text === null ? whenMissing : byValue.get(text);
    if (list !== undefined && list.length > 0) found.push(list);
  }
  const ofService = facts.service === null ? undefined : rules.byService.get(facts.service);
  const ofKey = facts.key === null ? undefined : rules.byKey.get(facts.key);
  if (ofService !== undefined) found.push(ofService);
  if (ofKey !== undefined) found.push(ofKey);
  return found;
}

function addTo(
  index: Map<string, CompiledRule[]>,
  names: ReadonlySet<string>,
  rule: CompiledRule,
): void {
  for (const name of names) {
    const list = index.get(name);
    if (list === undefined) index.set(name, [rule]);
    else list.push(rule);
  }
}

/** By order; equals as they stand in their files; rules from no file after those, by id. */
export function inOrder(a: RuleEntry, b: RuleEntry): number {
  return (
    a.body.order - b.body.order ||
    Number(a.source === null) - Number(b.source === null) ||
    compareText(a.source?.file ?? "", b.source?.file ?? "") ||
    (a.source?.line ?? 0) - (b.source?.line ?? 0) ||
    compareText(a.id, b.id)
  );
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
