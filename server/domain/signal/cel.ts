/**
 * Conditions over one alert, written in CEL. The only file that names the CEL library, so that what
 * an expression may do is decided here: it reads the alert, it says yes or no, and it always ends
 * soon.
 *
 * Offered: title, severity, source, service, team, runbook, key (text, empty when unknown), tier (1–4),
 * labels (text by name), details (whatever the tool sent); has, size, int, double, string;
 * contains, startsWith, endsWith, lowerAscii, upperAscii, trim, re; exists, exists_one, all,
 * filter.
 */
import { type ASTNode, Environment, EvaluationError } from "@marcbachmann/cel-js";
import { RE2JS } from "re2js";
import { AlertSeverity } from "../../../contract/signal.ts";
import { type Guard, guardsOf } from "./guards.ts";

/**
 * What a rule may ask about. An unknown name is an empty text; an unknown tier fails the question.
 */
export type AlertFacts = {
  readonly title: string;
  readonly severity: AlertSeverity;
  /** What the tool says it watches or runs on. */
  readonly source: string | null;
  readonly service: string | null;
  /** 1 matters most, 4 least. */
  readonly tier: number | null;
  readonly team: string | null;
  /** The service's runbook, as the catalogue has it. */
  readonly runbook?: string | null;
  /** The intake key through which it came. */
  readonly key: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Whatever JSON the tool sent beside the labels. */
  readonly details: unknown;
};

/** Facts made ready once for many expressions; comes from {@link prepare}. */
export type PreparedFacts = {
  readonly context: Readonly<Record<string, unknown>>;
  /** How much there is to look at, counted at the first loop that asks. */
  readonly reach: () => number;
};

/** A failed evaluation does not match; the failure says why, without any value of the alert. */
export type Evaluation = { readonly matches: boolean; readonly failure: string | null };

export type Compiled = {
  readonly source: string;
  /** What can be asked without it, to save asking it. */
  readonly guards: readonly Guard[];
  /** Those are all that it asks: what they answer is its answer. */
  readonly isPlain: boolean;
  /** Never throws. */
  readonly evaluate: (facts: PreparedFacts) => Evaluation;
};

export type Position = { readonly line: number; readonly column: number };
export type CompileError = { readonly error: string; readonly position: Position };

const MAX_LENGTH = 4_000;
const MAX_PATTERN_LENGTH = 500;
/** Upper bound of node visits: nodes × (values in the alert) ^ (loops inside each other). */
const MAX_VISITS = 1_000_000;
/**
 * Characters × pattern instructions per evaluation; the worst pattern measured takes 5 ns for one.
 */
const MAX_PATTERN_WORK = 20_000_000;
/** A long text costs like many values, because each look at it may read all of it. */
const CHARACTERS_PER_VALUE = 16;

const LOOPS = new Set(["exists", "exists_one", "all", "filter"]);
const FUNCTIONS = new Set(["has", "size", "int", "double", "string"]);
const TEXT_METHODS = ["contains", "startsWith", "endsWith", "lowerAscii", "upperAscii", "trim"];
const METHODS = new Set([...TEXT_METHODS, "re", "size", ...LOOPS]);
/** What a loop may run over: nothing here can make a list longer than the alert's own. */
const RANGE_OPS = new Set(["id", ".", "[]", "list", "map", "value", "rcall"]);
const INSTEAD: Readonly<Record<string, string>> = {
  matches: '“matches” can hang on some texts; write .re("…") instead, which always ends',
  map: "“map” is not offered; use exists, all or filter",
  bind: "“cel.bind” is not offered; write the expression out",
};

const LIMITS = {
  maxAstNodes: 500,
  maxDepth: 24,
  maxListElements: 200,
  maxMapEntries: 50,
  maxCallArguments: 8,
};

const BODY = new Environment({ limits: LIMITS }).registerVariable("body", "dyn");
const BASE = new Environment({ limits: LIMITS })
  .registerVariable("title", "string")
  .registerVariable("severity", "string")
  .registerVariable("source", "string")
  .registerVariable("service", "string")
  .registerVariable("tier", "int")
  .registerVariable("team", "string")
  .registerVariable("runbook", "string")
  .registerVariable("key", "string")
  .registerVariable("labels", "map<string, string>")
  .registerVariable("details", "dyn");

/**
 * Compiles an expression, or says what is wrong with it and where. Refused before it ever runs:
 * unknown names, a result that cannot be yes or no, `matches`, an invalid pattern, and whatever is
 * too large.
 */
export function compileExpression(source: string): Compiled | CompileError {
  const parsed = parse(BASE, source);
  if ("error" in parsed) return parsed;
  if (parsed.type !== "bool" && parsed.type !== "dyn") {
    return wrong(source, 0, `gives a value of type ${parsed.type}; it must say true or false`);
  }
  const run = (facts: PreparedFacts): unknown => parsed.run(facts.context, facts.reach);
  const { guards, isAll } = guardsOf(parsed.ast);
  return { source, guards, isPlain: isAll, evaluate: (facts) => answer(run, facts) };
}

/** What an expression over a body gives: text, a number, yes or no; null when it fails or gives none. */
export type CompiledValue = { readonly evaluate: (body: unknown) => string | null };

/** The same for an expression over `body`, whatever a tool sends, that gives a value. */
export function compileValue(source: string): CompiledValue | CompileError {
  const parsed = parse(BODY, source);
  if ("error" in parsed) return parsed;
  return {
    evaluate(body) {
      try {
        const value = parsed.run({ body }, () => reachOf([body]));
        if (typeof value === "string") return value;
        const plain = ["number", "bigint", "boolean"].includes(typeof value);
        return plain ? String(value) : null;
      } catch {
        return null;
      }
    },
  };
}

type Parsed = {
  readonly ast: ASTNode;
  readonly type: string;
  readonly run: (context: Readonly<Record<string, unknown>>, reach: () => number) => unknown;
};

function parse(environment: Environment, source: string): Parsed | CompileError {
  if (source.length > MAX_LENGTH) {
    return wrong(source, MAX_LENGTH, `longer than ${MAX_LENGTH} characters`);
  }
  try {
    const budget = { left: 0 };
    const patterns = new Map<string, RE2JS>();
    const parsed = environment
      .clone()
      .registerFunction("string.re(string): bool", matcher(patterns, budget), { async: false })
      .parse(source);
    const inspected = inspect(parsed.ast, patterns);
    if ("problem" in inspected) return wrong(source, inspected.at, inspected.problem);
    const checked = parsed.check();
    if (!checked.valid) return wrong(source, offsetOf(checked.error), summaryOf(checked.error));
    return {
      ast: parsed.ast,
      type: checked.type ?? "dyn",
      run(context, reach) {
        if (inspected.loops > 0) boundVisits(inspected, reach());
        budget.left = MAX_PATTERN_WORK;
        return parsed(context);
      },
    };
  } catch (error) {
    return wrong(source, offsetOf(error), summaryOf(error));
  }
}

/** The facts in the form in which expressions read them; shared by all rules of one decision. */
export function prepare(facts: AlertFacts): PreparedFacts {
  const context: Record<string, unknown> = {
    title: facts.title,
    severity: facts.severity,
    source: facts.source ?? "",
    service: facts.service ?? "",
    team: facts.team ?? "",
    runbook: facts.runbook ?? "",
    key: facts.key ?? "",
    labels: facts.labels,
    details: facts.details,
  };
  if (facts.tier !== null) context["tier"] = BigInt(facts.tier);
  let reach: number | null = null;
  return { context, reach: () => (reach ??= reachOf([facts.labels, facts.details, facts.title])) };
}

/**
 * A rule about a label that the alert does not have fails. Nobody reads where in the library that was, and writing
 * down its frames took most of the time of such a rule.
 */
function answer(run: (facts: PreparedFacts) => unknown, facts: PreparedFacts): Evaluation {
  const frames = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    const value = run(facts);
    if (typeof value === "boolean") return { matches: value, failure: null };
    const found = value === null ? "null" : Array.isArray(value) ? "list" : typeof value;
    return { matches: false, failure: `gave a value of type ${found} instead of true or false` };
  } catch (error) {
    return { matches: false, failure: failureOf(error) };
  } finally {
    Error.stackTraceLimit = frames;
  }
}

type Inspected = { readonly nodes: number; readonly loops: number };
type Problem = { readonly problem: string; readonly at: number };
type Visit = { readonly node: ASTNode; readonly loops: number; readonly inRange: boolean };

/**
 * Walks the whole expression once: refuses what is not offered, compiles patterns, counts loops.
 */
function inspect(root: ASTNode, patterns: Map<string, RE2JS>): Inspected | Problem {
  const open: Visit[] = [{ node: root, loops: 0, inRange: false }];
  let nodes = 0;
  let loops = 0;
  for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
    const { node } = visit;
    nodes += 1;
    loops = Math.max(loops, visit.loops);
    const problem = refusedCall(node) ?? refusedRange(visit) ?? refusedSeverity(node);
    if (problem !== null) return { problem, at: node.pos };
    if (node.op === "rcall" && node.args[0] === "re") {
      const fault = learnPattern(node.args[2][0], patterns);
      if (fault !== null) return { problem: fault, at: node.pos };
    }
    open.push(...next(visit).reverse()); // so that the first fault in the text is the one named
  }
  return { nodes, loops };
}

function next({ node, loops, inRange }: Visit): Visit[] {
  if (node.op === "rcall" && LOOPS.has(node.args[0])) {
    const [, range, inner] = node.args;
    const inside = inner.map((child) => ({ node: child, loops: loops + 1, inRange: false }));
    return [{ node: range, loops, inRange: true }, ...inside];
  }
  // Comparing two values of the alert, or searching one in the other, reads through them: a loop.
  const reads = loops > 0 && comparesTwoValues(node) ? loops + 1 : loops;
  return children(node).map((child) => ({ node: child, loops: reads, inRange }));
}

function comparesTwoValues(node: ASTNode): boolean {
  if (node.op === "in") return node.args[1].op !== "list";
  if (node.op !== "==" && node.op !== "!=") return false;
  return node.args[0].op !== "value" && node.args[1].op !== "value";
}

function children(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case "value":
    case "id":
      return [];
    case ".":
    case ".?":
      return [node.args[0]];
    case "call":
      return node.args[1];
    case "rcall":
      return [node.args[1], ...node.args[2]];
    case "map":
      return node.args.flat();
    case "!_":
    case "-_":
      return [node.args];
    default:
      return node.args;
  }
}

function refusedCall(node: ASTNode): string | null {
  if (node.op === "id" && node.args === "cel") return INSTEAD["bind"]!;
  if (node.op !== "call" && node.op !== "rcall") return null;
  const name = node.args[0];
  const offered = node.op === "call" ? FUNCTIONS : METHODS;
  if (offered.has(name)) return null;
  if (Object.hasOwn(INSTEAD, name)) return INSTEAD[name]!;
  const call = node.op === "call" ? `${name}(…)` : `.${name}(…)`;
  return `there is no ${call} here; offered: ${[...offered].join(", ")}`;
}

function refusedRange({ node, inRange }: Visit): string | null {
  if (!inRange) return null;
  const kept = node.op === "rcall" ? node.args[0] === "filter" : RANGE_OPS.has(node.op);
  return kept ? null : "a loop runs over labels, a field of details, a list or a filter of one";
}

/** A misspelt severity would compile and never match. */
function refusedSeverity(node: ASTNode): string | null {
  if (node.op !== "==" && node.op !== "!=" && node.op !== "in") return null;
  const [left, right] = node.args;
  const isSeverity = (side: ASTNode): boolean => side.op === "id" && side.args === "severity";
  const other = isSeverity(left) ? right : isSeverity(right) ? left : null;
  if (other === null) return null;
  for (const literal of other.op === "list" ? other.args : [other]) {
    if (literal.op !== "value" || typeof literal.args !== "string") continue;
    if (!AlertSeverity.safeParse(literal.args).success) {
      const known = AlertSeverity.options.join(", ");
      return `no alert has the severity “${literal.args}”; it is ${known}`;
    }
  }
  return null;
}

/**
 * A pattern is a literal: compiled here once, and never a text that an alert brings along. Costly
 * to run is not a fault: the budget of an evaluation sees to that.
 */
function learnPattern(node: ASTNode | undefined, patterns: Map<string, RE2JS>): string | null {
  if (node?.op !== "value" || typeof node.args !== "string") {
    return "the pattern of .re(…) must be a text written in the rule";
  }
  if (node.args.length > MAX_PATTERN_LENGTH) {
    return `the pattern of .re(…) is longer than ${MAX_PATTERN_LENGTH} characters`;
  }
  try {
    patterns.set(node.args, RE2JS.compile(node.args));
    return null;
  } catch (error) {
    const reason = summaryOf(error).replace(/^error parsing regexp: /, "");
    return `the pattern of .re(…) is not valid: ${reason}`;
  }
}

/** `.re`: true when the pattern is found anywhere in the text, in time linear in the text. */
function matcher(patterns: ReadonlyMap<string, RE2JS>, budget: { left: number }) {
  return (text: string, pattern: string): boolean => {
    const compiled = patterns.get(pattern);
    if (compiled === undefined) throw new Error("the pattern of .re(…) was not compiled");
    budget.left -= text.length * compiled.programSize();
    if (budget.left < 0)
      throw new Error("the alert's texts are too long for the pattern of .re(…)");
    return compiled.test(text);
  };
}

function boundVisits({ nodes, loops }: Inspected, reach: number): void {
  // A list written in the rule has at most as many elements as the rule has nodes.
  if (nodes * Math.max(reach, nodes) ** loops <= MAX_VISITS) return;
  throw new Error("the alert is too large for the loops of this expression");
}

/** How many values an alert holds, long texts counting for several. */
function reachOf(roots: readonly unknown[]): number {
  const open: unknown[] = [...roots];
  let values = 0;
  while (open.length > 0) {
    const value = open.pop();
    values += 1;
    if (typeof value === "string") values += Math.floor(value.length / CHARACTERS_PER_VALUE);
    else if (typeof value === "object" && value !== null) {
      for (const inner of Object.values(value)) open.push(inner);
    }
  }
  return values;
}

function wrong(source: string, offset: number, error: string): CompileError {
  const before = source.slice(0, offset).split("\n");
  return { error, position: { line: before.length, column: (before.at(-1) ?? "").length + 1 } };
}

/**
 * The library's errors carry a drawing of the source in their message; `summary` is the sentence.
 */
function summaryOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "summary" in error)
    return String(error.summary);
  return error instanceof Error ? error.message : String(error);
}

/**
 * Why an evaluation failed. A computed key is a value of the alert, and those stay out of records.
 */
function failureOf(error: unknown): string {
  const isMissing = error instanceof EvaluationError && error.code === "no_such_key";
  return isMissing && error.node?.op !== "." ? "No such key" : summaryOf(error);
}

function offsetOf(error: unknown): number {
  if (typeof error !== "object" || error === null || !("range" in error)) return 0;
  return (error.range as { start: number } | undefined)?.start ?? 0;
}
