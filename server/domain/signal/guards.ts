/**
 * What an expression asks first, where that is plain equality: most rules are about one label or one
 * service, and an expression costs a hundred times what comparing two texts does. Only the questions that
 * stand at its very beginning, joined by &&, may be asked without it: the expression would have stopped
 * at the first “no” among them, whatever follows.
 */
const TEXTS = ["title", "severity", "source", "service", "team", "key"] as const;
type TextName = (typeof TEXTS)[number];

/** What an alert says, as far as plain equality asks for it. */
export type PlainFacts = Readonly<Record<TextName, string | null>> & {
  readonly labels: Readonly<Record<string, string>>;
};

export type Field =
  | { readonly kind: "label"; readonly name: string }
  | { readonly kind: "text"; readonly name: TextName };

/** `value` null: the label must be there, as `has(labels.x)` asks. */
export type Guard = { readonly field: Field; readonly value: string | null };

/** A node of the parsed expression, as far as it is looked at here. */
export type Node = { readonly op: string; readonly args: unknown };

/** The questions at the beginning of an expression, in their order. */
export function guardsOf(root: Node): readonly Guard[] {
  const guards: Guard[] = [];
  for (const question of questionsOf(root)) {
    const guard = guardOf(question);
    if (guard === null) break;
    guards.push(guard);
  }
  return guards;
}

/** `a && b && c` from left to right. */
function* questionsOf(node: Node): Generator<Node> {
  if (node.op !== "&&") return yield node;
  const [left, right] = node.args as [Node, Node];
  yield* questionsOf(left);
  yield* questionsOf(right);
}

function guardOf({ op, args }: Node): Guard | null {
  if (op === "call") {
    const [name, [of]] = args as [string, readonly Node[]];
    const field = name === "has" && of !== undefined ? fieldOf(of) : null;
    return field?.kind === "label" ? { field, value: null } : null;
  }
  if (op !== "==") return null;
  const [left, right] = args as [Node, Node];
  const field = fieldOf(left) ?? fieldOf(right);
  const value = textOf(left) ?? textOf(right);
  return field === null || value === null ? null : { field, value };
}

const textOf = ({ op, args }: Node): string | null =>
  op === "value" && typeof args === "string" ? args : null;

function fieldOf({ op, args }: Node): Field | null {
  if (op === "id") {
    const name = TEXTS.find((text) => text === args);
    return name === undefined ? null : { kind: "text", name };
  }
  if (op !== "." && op !== "[]") return null;
  const [of, name] = args as [Node, string | Node];
  if (of.op !== "id" || of.args !== "labels") return null;
  const label = typeof name === "string" ? name : textOf(name);
  return label === null ? null : { kind: "label", name: label };
}

/** The text that the alert has there; null for a label that it has not. */
export function fieldText(facts: PlainFacts, { kind, name }: Field): string | null {
  if (kind === "text") return facts[name] ?? "";
  return Object.hasOwn(facts.labels, name) ? facts.labels[name]! : null;
}

/** False when the expression is surely false; otherwise it has to be asked. */
export function mayMatch(guards: readonly Guard[], facts: PlainFacts): boolean {
  for (const { field, value } of guards) {
    const text = fieldText(facts, field);
    // To compare with a label that is not there is a failure, which the expression must report.
    if (text === null) return value !== null;
    if (value !== null && text !== value) return false;
  }
  return true;
}
