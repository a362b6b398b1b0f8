/** The sentences of the web: all of them go through the catalogue, and are there in every language. */
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseSync } from "vite";
import { expect, test } from "vitest";
import { Role } from "../contract/account.ts";
import { AcceptancePiece, IncidentRole, IncidentState } from "../contract/incident.ts";
import { AlertSeverity } from "../contract/signal.ts";
import { AlertGroupBy, AlertStatus } from "../contract/alert.ts";
import { CONFIG_KINDS } from "../contract/config.ts";
import { DeadlineKind } from "../contract/deadline.ts";
import { TimeKind } from "../contract/insights.ts";
import { ActionItemStatus, SECTION_TITLES } from "../contract/postmortem.ts";
import { RunState, StepState } from "../contract/run.ts";
import { DeadlineAnchor, DocumentKind } from "../contract/runbook.ts";
import { FoundKind } from "../contract/search.ts";
import { type RefusalCode, REFUSALS } from "../contract/refusals.ts";
import { SwapState } from "../contract/swap.ts";
import { HOLDS, MESSAGES, NO_PASSKEYS, ON_CALL, REASONS, TIMELINE } from "../contract/texts.ts";
import { ALLOWED, PIECE_HELP } from "../server/domain/incident/incident.ts";
import { STEP_ALLOWED } from "../server/domain/runbook/run.ts";
import { RULES } from "../server/domain/runbook/reading/codes.ts";
import { ledger } from "../contract/german/ledger.ts";
import { NEAR, RELATED } from "../contract/nearTexts.ts";
import { de } from "../web/words/de.ts";
import { door } from "../web/words/door.ts";
import { doorRefusalWords } from "../contract/german/doorRefusals.ts";
import { ELSEWHERE } from "../contract/german/refusals.ts";

const WEB = fileURLToPath(new URL("../web/", import.meta.url));
/** Attributes that people read or hear. */
const READ = new Set(
  "title aria-label placeholder label alt because what hint legend heading name".split(" "),
);
type Tree = { readonly type: string; readonly [field: string]: unknown };
const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && "type" in value;

/** What is typed or pressed is the same in every language. */
const isVerbatim = ({ openingElement: opening }: Tree): boolean =>
  isTree(opening) && ["code", "kbd"].includes(String((opening["name"] as Tree)["name"]));

function* within(tree: Tree): Generator<Tree> {
  yield tree;
  if (tree.type === "JSXElement" && isVerbatim(tree)) return;
  for (const value of Object.values(tree))
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value])
      if (isTree(each)) yield* within(each);
}

const hasWords = (text: unknown): boolean =>
  typeof text === "string" && /\p{L}{2}/u.test(text) && text.trim() !== "Tocsin";

/** What an expression may show: both ends of a choice, not what it depends on. */
function shown(tree: Tree): readonly Tree[] {
  if (tree.type === "ConditionalExpression")
    return [...shown(tree["consequent"] as Tree), ...shown(tree["alternate"] as Tree)];
  if (tree.type === "LogicalExpression") return shown(tree["right"] as Tree);
  return [tree];
}

const isSpoken = (tree: Tree): boolean =>
  (tree.type === "Literal" && hasWords(tree["value"])) ||
  (tree.type === "TemplateLiteral" &&
    (tree["quasis"] as Tree[]).some((part) =>
      hasWords((part["value"] as { cooked?: unknown }).cooked),
    ));

function untranslated(program: Tree): number {
  let count = 0;
  for (const tree of within(program)) {
    if (tree.type === "JSXText" && hasWords(tree["value"])) count += 1;
    if ((tree.type === "JSXElement" && !isVerbatim(tree)) || tree.type === "JSXFragment")
      for (const child of tree["children"] as Tree[])
        if (child.type === "JSXExpressionContainer")
          count += shown(child["expression"] as Tree).filter(isSpoken).length;
    if (tree.type !== "JSXAttribute") continue;
    const name = (tree["name"] as { name?: unknown }).name;
    const value = tree["value"] as Tree | null;
    if (!READ.has(String(name)) || value === null || name === "name") continue;
    const inner = value.type === "JSXExpressionContainer" ? (value["expression"] as Tree) : value;
    count += shown(inner).filter(isSpoken).length;
  }
  return count;
}

type Said = { readonly file: string; readonly text: unknown };

function saidIn(file: string, program: Tree): readonly Said[] {
  return [...within(program)].flatMap((tree) => {
    const callee = tree["callee"] as Tree | undefined;
    if (tree.type !== "CallExpression" || callee?.type !== "Identifier") return [];
    const [first, second, ...rest] = tree["arguments"] as Tree[];
    // “1 alert”, “3 alerts”: two sentences of one noun.
    if (callee["name"] === "counted" && second?.type === "Literal")
      return ["", "s"].map((end) => ({ file, text: `{count} ${String(second["value"])}${end}` }));
    if (!["t", "tParts", "later"].includes(String(callee["name"]))) return [];
    // The server's sentences come behind the language.
    const text = rest.length > 0 ? second : first;
    return text === undefined
      ? []
      : shown(text).map((each) => ({
          file,
          text: each.type === "Literal" ? each["value"] : null,
        }));
  });
}

const files = (await readdir(WEB, { recursive: true }))
  .filter((path) => /\.tsx?$/.test(path) && !path.startsWith("dist") && !path.includes(".test."))
  .filter((path) => path !== "kit/words.ts")
  .toSorted();
const programOf = async (directory: string, file: string) => {
  const { program } = parseSync(file, await readFile(`${directory}${file}`, "utf8"));
  return { file, program: program as unknown as Tree };
};
const programs = await Promise.all(files.map((file) => programOf(WEB, file)));
/** The pages that the server draws, whose German stands in contract/german/pages.ts. */
const APP = fileURLToPath(new URL("../server/app/", import.meta.url));
const drawing = await Promise.all(
  "acknowledgePage pageParts pages refusalPage signIn testPage web"
    .split(" ")
    .map((name) => programOf(APP, `${name}.ts`)),
);
/** What the server chooses and pages show: the sentences of the timeline and of who is on call, and words of the contract. */
const told: Said[] = [
  Object.values(TIMELINE),
  Object.values(ON_CALL),
  Object.values(MESSAGES),
  Object.values(REASONS),
  Object.values(HOLDS),
  Object.values(NO_PASSKEYS),
  Object.values(NEAR),
  Object.values(RELATED).flatMap((each) => (typeof each === "string" ? each : Object.values(each))),
  Object.keys(ledger),
  Object.values(RULES).map(({ says }) => says),
  Object.values(SECTION_TITLES),
  DeadlineAnchor,
  ["shift start", "shift end", "hours start", "hours end"],
  IncidentState,
  IncidentRole,
  Role,
  AcceptancePiece,
  AlertStatus,
  AlertSeverity,
  RunState,
  StepState,
  DeadlineKind,
  ActionItemStatus,
  DocumentKind,
  TimeKind,
  FoundKind,
  AlertGroupBy,
  "open draft published create update remove yes no held broken yours".split(" "),
  ["Audit", "false alarm", "duplicate", "week", "2 weeks", "month"],
  Object.keys(CONFIG_KINDS).map((kind) => `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`),
]
  .flatMap((choice) => ("options" in choice ? choice.options : choice))
  .map((text) => ({ file: "contract", text }));
/** Refusals that a page can meet stand in the catalogue by their code. */
const codes = Object.keys(REFUSALS).filter(
  (code) => !ELSEWHERE.some((noun) => code.startsWith(`${noun}.`)),
);
/** What is put in where a refusal of a page says `{said:…}`: verbs, states and reasons. */
const putIn: readonly string[] = [
  ...Object.keys(ALLOWED),
  ...Object.values(PIECE_HELP),
  ...Object.keys(STEP_ALLOWED),
  ...SwapState.options,
  ..."person schedule team policy running paused met breached withdrawn resumed".split(" "),
  ..."asked due unknown".split(" "),
  "under way",
  "it is acknowledged",
  "no higher severity is open",
  "a SEV{1} may not be deferred",
  "merged into INC-{1}",
  ...Object.keys(doorRefusalWords),
];
for (const text of [...codes, ...putIn]) told.push({ file: "contract", text });
const saidAll = [...programs, ...drawing].flatMap(({ file, program }) => saidIn(file, program));
const said = [...saidAll, ...told];

test("every sentence stands in the code as it stands in the catalogue, never made of parts", () => {
  expect(said.filter(({ text }) => typeof text !== "string")).toEqual([]);
});

test("German has every sentence, none that nobody says, and the same places in each", () => {
  const texts = new Set(said.map(({ text }) => String(text)));
  expect([...texts].filter((text) => de[text] === undefined)).toEqual([]);
  expect(Object.keys(de).filter((text) => !texts.has(text))).toEqual([]);
  const placesIn = (text: string): readonly string[] => {
    const plain = text.replaceAll("{said:", "{").replaceAll(/\{(\w+):[^}]*\}/g, "{$1}");
    return [...new Set(plain.match(/\{\w+\}/g))].toSorted();
  };
  const english = (key: string): string => REFUSALS[key as RefusalCode]?.[1] ?? key;
  const different = Object.entries(de).filter(
    ([key, german]) => placesIn(english(key)).join() !== placesIn(german).join(),
  );
  expect(different).toEqual([]);
});

test("no file says anything past the catalogue", () => {
  const counts = programs.map(({ file, program }) => [file, untranslated(program)] as const);
  expect(counts.filter(([, count]) => count > 0)).toEqual([]);
});

test("the door has its German words in its own catalogue, so that it loads no other", () => {
  const itself = /^(app\/SignedOut|account\/(SignIn|passkeys)|kit\/call)\.tsx?$/;
  const atDoor = said.filter(({ file }) => itself.test(file)).map(({ text }) => String(text));
  expect(atDoor.length).toBeGreaterThan(20);
  atDoor.push(...Object.values(NO_PASSKEYS));
  expect(atDoor.filter((text) => door[text] === undefined)).toEqual([]);
});

test("what a refusal at the door puts in stands in the server as the catalogue has it", async () => {
  const sources = ["app/passkeys.ts", "domain/account/password.ts"].map((file) =>
    readFile(new URL(`../server/${file}`, import.meta.url), "utf8"),
  );
  const source = (await Promise.all(sources)).join("");
  const pieces = Object.keys(doorRefusalWords).flatMap((text) => text.split(/\{\d\}/));
  expect(pieces.filter((piece) => !source.includes(piece))).toEqual([]);
});
