/**
 * The contract as the web app needs it, made when the app is built: of a route its method and path, and of all else that a
 * call makes only what somebody uses. What is meant is seen by its form, not by a name. decisions/0074
 */
import type { Plugin } from "vite";

/** As the parser gives it; only what is looked at here. */
type Node = { readonly type: string; readonly start: number; readonly end: number } & {
  readonly [part: string]: unknown;
};
type Edit = Pick<Node, "start" | "end"> & { readonly text: string };

const KEPT = ["method", "path"];

export function lightContract(directory: string): Plugin {
  return {
    name: "light-contract",
    enforce: "post",
    transform(code, id) {
      if (!id.startsWith(directory) || !id.endsWith(".ts")) return null;
      return { code: lightened(code, this.parse(code)), map: null };
    },
  };
}

/** Each constant that a call makes is made by a function of its own, without effect: nobody needs what nobody names. */
export function lightened(code: string, program: object): string {
  const calls = partsOf(program as Node, "body")
    .map((statement) => (statement["declaration"] ?? statement) as Node)
    .flatMap((statement) => partsOf(statement, "declarations"))
    .map(({ init }) => init as Node | null)
    .filter((init) => init?.type === "CallExpression") as Node[];
  const edits = calls.map((call): Edit => {
    const routes = partsOf(call, "arguments").filter(isRoute);
    const lean = routes.map((given) => leanRoute(code, given));
    const text = edited(code, call.start, call.end, lean);
    return { start: call.start, end: call.end, text: `/* @__PURE__ */ (() => ${text})()` };
  });
  return edited(code, 0, code.length, edits);
}

const partsOf = (node: Node, name: string): readonly Node[] =>
  (node[name] as readonly Node[] | undefined) ?? [];

const nameOf = (property: Node): unknown =>
  (property["key"] as { name?: string } | undefined)?.name;

const isRoute = (given: Node): boolean => {
  const parts = given.type === "ObjectExpression" ? partsOf(given, "properties") : [];
  return (
    KEPT.every((name) => parts.some((part) => nameOf(part) === name)) &&
    parts.every(({ type }) => type === "Property")
  );
};

function leanRoute(code: string, given: Node): Edit {
  const kept = partsOf(given, "properties").filter((part) => KEPT.includes(String(nameOf(part))));
  const text = `{ ${kept.map(({ start, end }) => code.slice(start, end)).join(", ")} }`;
  return { start: given.start, end: given.end, text };
}

/** The code between two places, with what is put in their place. */
function edited(code: string, from: number, to: number, edits: readonly Edit[]): string {
  let text = "";
  let at = from;
  for (const edit of edits) {
    text += code.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return text + code.slice(at, to);
}
