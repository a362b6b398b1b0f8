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

export type Guard = {
  readonly field: Field;
  /** Null: the label must be there, as `has(labels.x)` asks. */
  readonly value: string | null;
  /** How the question fails where the label is not there; null where it is answered all the same. */
  readonly failure: string | null;
};

/** A node of the parsed expression, as far as it is looked at here. */
export type Node = { readonly op: string; readonly args: unknown };

export type Guards = {
  /** The questions at the beginning of an expression, in their order. */
  readonly guards: readonly Guard[];
  /** The expression asks nothing else. */
  readonly isAll: boolean;
};

export function guardsOf(root: Node): Guards {
  const guards: Guard[] = [];
  for (const question of questionsOf(root)) {
    const guard = guardOf(question);
    if (guard === null) return { guards, isAll: false };
    guards.push(guard);
  }
  return { guards, isAll: true };
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
    return field?.kind === "label" ? { field, value: null, failure: null } : null;
  }
  if (op !== "==") return null;
  const [left, right] = args as [Node, Node];
  const side = fieldOf(left) === null ? right : left;
  const field = fieldOf(side);
  const value = textOf(left) ?? textOf(right);
  return field === null || value === null
    ? null
    : { field, value, failure: failureOf(field, side) };
}

/** In the words of the expression itself: a computed name stays out of them. */
const failureOf = ({ kind, name }: Field, { op }: Node): string | null =>
  kind === "text" ? null : op === "." ? `No such key: ${name}` : "No such key";

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

/**
 * False when the expression is surely false; otherwise it has to be asked. To compare with a label that is not
 * there is a failure, which the expression must report unless another of its questions says “no”.
 */
export const mayMatch = (guards: readonly Guard[], facts: PlainFacts): boolean =>
  guards.every((guard) => answerTo(guard, facts) !== false);

/** What an expression that asks nothing else gives: a “no” counts for more than a failure, the last of which is told. */
export function answerOfAll(
  guards: readonly Guard[],
  facts: PlainFacts,
): { readonly matches: boolean; readonly failure: string | null } {
  let failure: string | null = null;
  for (const guard of guards) {
    const answer = answerTo(guard, facts);
    if (answer === false) return { matches: false, failure: null };
    if (answer === null) ({ failure } = guard);
  }
  return { matches: failure === null, failure };
}

/** Null: it fails. */
function answerTo({ field, value }: Guard, facts: PlainFacts): boolean | null {
  const text = fieldText(facts, field);
  if (value === null) return text !== null;
  return text === null ? null : text === value;
}
