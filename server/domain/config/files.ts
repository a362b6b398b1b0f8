/**
 * Configuration as YAML: strict reading with the line of everything, and writing that reads back
 * the same. Pure: files are given and returned as texts.
 */
import type { Document, Node } from "yaml";
import { z } from "zod";
import { CONFIG_KINDS, type ConfigBody, ConfigKind } from "../../../contract/config.ts";
import {
  type ConfigFinding,
  ConfigMarker,
  type DesiredObject,
} from "../../../contract/configuration.ts";
import { expectationsOf, pathText } from "../../../contract/expected.ts";
import { Slug } from "../../../contract/ids.ts";
import { whenNeeded } from "../../base/whenNeeded.ts";
import { readBody } from "./body.ts";
import { type AnyEntry, KINDS } from "./config.ts";
import { sameBody } from "./difference.ts";
import { type SourceFile, withTableFile } from "./tableFiles.ts";

const yaml = whenNeeded("yaml");

const MARKER_FILE = "tocsin.yaml";

export const isYaml = (path: string): boolean => /\.ya?ml$/.test(path);

export type { SourceFile } from "./tableFiles.ts";

export type FilesResult = {
  readonly set: string;
  readonly sample: boolean;
  /** What the sound files hold, sample keys already hashed. */
  readonly objects: readonly DesiredObject[];
  readonly findings: readonly ConfigFinding[];
  /** The line of each field, by its path: "services.checkout.tier". */
  readonly lines: ReadonlyMap<string, number>;
};

/**
 * Reads all files of a directory. `fallbackSet` names their set where no tocsin.yaml does. Every
 * finding of every file is returned; nothing may be applied while there is one.
 */
export function readFiles(files: readonly SourceFile[], fallbackSet: string): FilesResult {
  const findings: ConfigFinding[] = [];
  const lines = new Map<string, number>();
  const objects: DesiredObject[] = [];
  const places = new Map<string, string>();
  const marker = readMarker(files, fallbackSet, findings);
  for (const file of files) {
    if (file.path === MARKER_FILE || !isYaml(file.path)) continue;
    for (const stated of objectsOf(file, findings, lines)) {
      const object = withTableFile(stated, files, findings);
      if (object === null) continue;
      const path = `${object.kind}.${object.id}`;
      const first = places.get(path);
      if (first !== undefined)
        findings.push({ source: object.source, path, message: `stands already in ${first}` });
      places.set(path, first ?? `${object.source.file}:${object.source.line}`);
      const body = readObject(object, marker.sample, findings, lines);
      if (body !== null) objects.push({ ...object, body });
    }
  }
  return { ...marker, objects, findings, lines };
}

function readMarker(
  files: readonly SourceFile[],
  fallbackSet: string,
  findings: ConfigFinding[],
): ConfigMarker {
  const file = files.find(({ path }) => path === MARKER_FILE);
  if (file === undefined) return { set: fallbackSet, sample: false };
  const tree = readTree(file, findings);
  const read = ConfigMarker.safeParse(tree?.value ?? {});
  if (read.success) return read.data;
  for (const { path, expected } of expectationsOf(ConfigMarker, read.error)) {
    const line = tree?.lines.get(pathText(path)) ?? 1;
    findings.push({ source: { file: file.path, line }, path: pathText(path), message: expected });
  }
  return { set: fallbackSet, sample: false };
}

function objectsOf(
  file: SourceFile,
  findings: ConfigFinding[],
  lines: Map<string, number>,
): readonly DesiredObject[] {
  const tree = readTree(file, findings);
  if (tree === null || tree.value === null) return [];
  for (const [path, line] of tree.lines) if (!lines.has(path)) lines.set(path, line);
  const find = (path: string, message: string): void => {
    findings.push({ source: { file: file.path, line: tree.lines.get(path) ?? 1 }, path, message });
  };
  if (!isMapping(tree.value))
    return (find("", `expected a mapping with some of: ${KINDS.join(", ")}`), []);
  const objects: DesiredObject[] = [];
  for (const [word, group] of Object.entries(tree.value)) {
    const kind = ConfigKind.safeParse(word);
    if (!kind.success) find(word, `unknown kind; known: ${KINDS.join(", ")}`);
    else if (group === null) continue;
    else if (!isMapping(group)) find(word, "expected a mapping from ids to objects");
    else {
      for (const [id, body] of Object.entries(group)) {
        const path = `${word}.${id}`;
        if (!Slug.safeParse(id).success) find(path, `expected as id ${NAME}`);
        else
          objects.push({
            kind: kind.data,
            id,
            body,
            source: { file: file.path, line: tree.lines.get(path) ?? 1 },
          });
      }
    }
  }
  return objects;
}

const NAME = "lower-case letters, digits, “-”, “.” or “_”, at most 63";

function readObject(
  object: DesiredObject,
  sample: boolean,
  findings: ConfigFinding[],
  lines: ReadonlyMap<string, number>,
): ConfigBody | null {
  const { body, problems } = readBody(object.kind, object.body, sample);
  for (const { path, expected } of problems ?? []) {
    const full = [object.kind, object.id, ...path];
    const source = {
      file: object.source.file,
      line: nearestLine(full, lines) ?? object.source.line,
    };
    findings.push({ source, path: pathText(full), message: expected });
  }
  return body;
}

/** The line of a path, or where it is absent that of what it should stand in. */
function nearestLine(
  path: readonly (string | number)[],
  lines: ReadonlyMap<string, number>,
): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const line = lines.get(pathText(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return undefined;
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export type Tree = { readonly value: unknown; readonly lines: ReadonlyMap<string, number> };

/** What the parser would say in words for whoever programs it. */
const FAULTS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "the same key stands here twice",
  MULTIPLE_DOCS: "a second document begins here; give each a file of its own",
};

/** One document as plain values with the line of each; null when it is not YAML as we accept it. */
export function readTree(file: SourceFile, findings: ConfigFinding[]): Tree | null {
  const { LineCounter, parseDocument } = yaml();
  const counter = new LineCounter();
  const document = parseDocument(file.text, {
    version: "1.2",
    schema: "core",
    strict: true,
    uniqueKeys: true,
    merge: false,
    prettyErrors: false,
    lineCounter: counter,
  });
  const lineAt = (offset: number): number => Math.max(1, counter.linePos(offset).line);
  const faults = [...document.errors, ...document.warnings];
  for (const { code, message, pos } of faults) {
    findings.push({
      source: { file: file.path, line: lineAt(pos[0]) },
      path: "YAML",
      message: FAULTS[code] ?? message,
    });
  }
  if (faults.some(({ code }) => code !== "DUPLICATE_KEY")) return null;
  return plainTree(file.path, document, lineAt, findings);
}

function plainTree(
  file: string,
  document: Document.Parsed,
  lineAt: (offset: number) => number,
  findings: ConfigFinding[],
): Tree {
  const { isAlias, isMap, isScalar, isSeq } = yaml();
  const lines = new Map<string, number>();
  const lineOf = (node: unknown): number => lineAt((node as Node | null)?.range?.[0] ?? 0);
  const refuse = (node: unknown, path: string, message: string): null => {
    findings.push({ source: { file, line: lineOf(node) }, path, message });
    return null;
  };
  const plain = (node: unknown, path: readonly string[]): unknown => {
    const place = pathText(path);
    if (!lines.has(place)) lines.set(place, lineOf(node));
    if (isAlias(node)) return refuse(node, place, "aliases are not accepted: write it out");
    if (isScalar(node)) return node.value;
    if (isSeq(node)) return node.items.map((item, index) => plain(item, [...path, String(index)]));
    if (!isMap(node)) return null;
    const pairs = node.items.flatMap(({ key, value }): [string, unknown][] => {
      const name = isScalar(key) ? (key.source ?? String(key.value)) : null;
      if (name === null || name === "__proto__")
        return (refuse(key, place, "expected a plain word as key"), []);
      lines.set(pathText([...path, name]), lineOf(key));
      return [[name, plain(value, [...path, name])]];
    });
    return Object.fromEntries(pairs);
  };
  return { value: plain(document.contents, []), lines };
}

/** The YAML of one object as it stands in a file of its kind. */
export function objectText(kind: ConfigKind, id: string, body: ConfigBody): string {
  return yamlOf({ [kind]: { [id]: withoutDefaults(kind, body) } });
}

/** One file per kind and the marker; {@link readFiles} reads the same objects back. */
export function writeFiles(
  set: string,
  entries: readonly AnyEntry[],
): Readonly<Record<string, string>> {
  const files: [string, string][] = [[MARKER_FILE, yamlOf({ set })]];
  for (const kind of KINDS) {
    const own = entries.filter((entry) => entry.kind === kind);
    if (own.length === 0) continue;
    const objects = own.map(({ id, body }) => [id, withoutDefaults(kind, body)] as const);
    files.push([`${kind}.yaml`, yamlOf({ [kind]: Object.fromEntries(objects) })]);
  }
  return Object.fromEntries(files);
}

const yamlOf = (value: unknown): string =>
  yaml().stringify(value, {
    version: "1.2",
    schema: "core",
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });

/** The body in the order of its shape, without what the shape would fill in by itself. */
function withoutDefaults(kind: ConfigKind, body: ConfigBody): unknown {
  const shape = CONFIG_KINDS[kind];
  return leaner(shape, shape.parse(body), (candidate) => candidate);
}

/** Takes every field away whose absence reads back the same; `whole` puts a part in its place. */
function leaner(shape: z.ZodType, part: unknown, whole: (part: unknown) => unknown): unknown {
  if (typeof part !== "object" || part === null) return part;
  if (Array.isArray(part)) {
    return part.map((item, index) =>
      leaner(shape, item, (inner) => whole(part.with(index, inner))),
    );
  }
  const full = shape.parse(whole(part));
  let kept = part as Record<string, unknown>;
  for (const name of Object.keys(part)) {
    const { [name]: value, ...rest } = kept;
    const read = shape.safeParse(whole(rest));
    if (read.success && sameBody(read.data, full)) kept = rest;
    else {
      const base = kept;
      kept = {
        ...base,
        [name]: leaner(shape, value, (inner) => whole({ ...base, [name]: inner })),
      };
    }
  }
  return kept;
}
