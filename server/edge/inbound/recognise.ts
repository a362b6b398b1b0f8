/**
 * Whose body is this, and what does it say? An envelope is opened, every adapter is asked, and the
 * surest one reads; where none is sure, a list is divided and a carrier looked into. What nobody knows is
 * read by the generic adapter, so that it becomes an alert and not nothing.
 */
import { type Adapter, type AdapterInput, type ReadResult } from "../../domain/signal/signal.ts";
import { convertedIfNeeded, convertible } from "../../base/convertible.ts";
import { carriedIn, insideEvent } from "./carrier.ts";
import { genericJson, isMeantAsJson, readByNames, saysWhat } from "./genericJson.ts";
import { unwrap } from "./envelope.ts";
import { ownJson } from "./ownJson.ts";
import { isObject, Reading, refusedWhole } from "./reading.ts";
import { ITEMS_MAX } from "./strictShape.ts";

/** One adapter's reading of a part of the body. */
export type ReadPart = { readonly adapter: Adapter; readonly result: ReadResult };

/** The adapter that is surest of the body; null when nobody knows it. */
export function recognise(adapters: Iterable<Adapter>, input: AdapterInput): Adapter | null {
  return surest(adapters, input).adapter;
}

type Surest = { readonly adapter: Adapter | null; readonly sure: number };

function surest(adapters: Iterable<Adapter>, input: AdapterInput): Surest {
  let [adapter, sure] = [null as Adapter | null, 0];
  for (const one of adapters) {
    const score = one.recognise?.(input) ?? 0;
    if (score > sure) [adapter, sure] = [one, score];
  }
  return { adapter, sure };
}

/** As sure as this an adapter knows what it reads, and not only what brought it. */
const KNOWN = 0.5;
const LIST_MAX = ITEMS_MAX * 10;
const LOOKS_MAX = 3_000;

/**
 * Reads a body whose tool is named, or recognised where it is not. Indexes count the items of the
 * whole body.
 */
export function readBody(
  adapters: ReadonlyMap<string, Adapter>,
  named: Adapter | null,
  input: AdapterInput,
): readonly ReadPart[] {
  const read = convertedIfNeeded(input.body, (body) => {
    const readers = { adapters, named, looks: LOOKS_MAX };
    return unwrap({ ...input, body }).flatMap((inner) => readInner(readers, inner));
  });
  const parts: ReadPart[] = [];
  let offset = 0;
  for (const part of read) {
    parts.push(offset === 0 ? part : { ...part, result: moved(part.result, offset) });
    offset += itemCount(part.result);
  }
  return parts;
}

type Readers = {
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly named: Adapter | null;
  /** How often a carrier may still be looked into: a hostile body has them in each other. */
  looks: number;
};

function readInner(readers: Readers, input: AdapterInput): readonly ReadPart[] {
  return readKnown(readers, input, 0) ?? readAnyhow(readers, input);
}

/** Where somebody knows the body, a part of its list, or what it carries; null when nobody does. */
function readKnown(
  readers: Readers,
  input: AdapterInput,
  depth: number,
): readonly ReadPart[] | null {
  const { adapters, named } = readers;
  const event = named === null && depth < DEPTH_MAX ? insideEvent(input) : null;
  const within = event === null ? null : someKnown(readers, unwrap(event), depth + 1);
  if (within !== null && !isCompleted(input.body, within)) return within;
  const { adapter, sure } =
    named === null ? surest(adapters.values(), input) : askedOf(named, input);
  if (sure >= KNOWN && adapter !== null) return [partBy(adapter, input)];
  const { body } = input;
  if (!Array.isArray(body)) return carried(readers, input, depth);
  if (depth >= DEPTH_MAX || body.length === 0 || body.length > LIST_MAX) return null;
  if (depth > 0) readers.looks -= body.length;
  if (readers.looks < 0) return null;
  const items = body.flatMap((one: unknown) => unwrap({ ...input, body: one }));
  return someKnown(readers, items, depth + 1);
}

/** Events of CloudEvents and Event Grid say around our own shape what it leaves out: whoever knows them reads both. */
const isCompleted = (event: unknown, within: readonly ReadPart[]): boolean =>
  isObject(event) &&
  event["detail"] === undefined &&
  within.every(({ adapter }) => adapter === ownJson);

/** One that has no way to tell is taken at its name. */
const askedOf = (adapter: Adapter, input: AdapterInput): Surest => ({
  adapter,
  sure: adapter.recognise?.(input) ?? 1,
});

/** All of the messages, where one of them is known; the others as they look. */
function someKnown(
  readers: Readers,
  inner: readonly AdapterInput[],
  depth: number,
): readonly ReadPart[] | null {
  const known = inner.map((one) => readKnown(readers, one, depth));
  return known.every((one) => one === null)
    ? null
    : known.flatMap((one, at) => one ?? readAnyhow(readers, inner[at]!));
}

/** How deep one carrier may stand in another. */
const DEPTH_MAX = 4;

/** What a carrier brought, where it is known. */
function carried(readers: Readers, input: AdapterInput, depth: number): readonly ReadPart[] | null {
  if (depth >= DEPTH_MAX) return null;
  for (const open of carriedIn(input)) {
    const inner = open()?.flatMap((one) => unwrap(one)) ?? [];
    if (inner.length === 0) continue;
    readers.looks -= inner.length;
    if (readers.looks < 0) return null;
    const parts = someKnown(readers, inner, depth + 1);
    if (parts !== null) return parts;
  }
  return null;
}

/**
 * By the adapter that is named; what is no body of its tool, as templates are, by whoever knows it, or by the
 * usual names of fields where one of them says what is wrong (decisions/0119).
 */
function readNamed(readers: Readers, named: Adapter, input: AdapterInput): readonly ReadPart[] {
  const part = partBy(named, input);
  if (holds(part) || named.isStrict === true || (named.recognise?.(input) ?? 1) > 0) return [part];
  const others = readKnown({ ...readers, named: null }, input, 0) ?? [];
  if (others.some(holds)) return others.map((other) => foundWith(other, named, other.adapter));
  const { body, envelope } = input;
  // A template whose message broke its JSON still woke somebody.
  if (typeof body === "string" && isMeantAsJson(body))
    return [foundWith(partBy(genericJson, input), named, null)];
  if (!isObject(body) || !saysWhat(body)) return [part];
  const reading = new Reading();
  readByNames(reading, body, envelope);
  return [foundWith({ adapter: genericJson, result: reading }, named, null)];
}

const holds = ({ result: { signals, changes = [], indicators = [] } }: ReadPart): boolean =>
  signals.length + changes.length + indicators.length > 0;

function foundWith({ adapter, result }: ReadPart, named: Adapter, as: Adapter | null): ReadPart {
  const read = as === null ? "by the usual names of fields" : `as one of ${as.about.name}`;
  const finding = `no body that ${named.about.name} is known to send: read ${read}`;
  return {
    adapter,
    result: { ...result, findings: [{ index: 0, field: "body", finding }, ...result.findings] },
  };
}

/** By the adapter that is named, or that is surest of little, or by the usual names of fields. */
function readAnyhow(readers: Readers, input: AdapterInput): readonly ReadPart[] {
  const { adapters, named } = readers;
  const { body } = input;
  if (named !== null && !isDivided(named, input)) return readNamed(readers, named, input);
  if (!Array.isArray(body)) {
    return [partBy(recognise(adapters.values(), input) ?? genericJson, input)];
  }
  if (body.length === 0 || body.length > LIST_MAX) {
    const result = refusedWhole("body", `1 to ${LIST_MAX} items`);
    return [{ adapter: named ?? genericJson, result }];
  }
  return body
    .flatMap((one: unknown) => unwrap({ ...input, body: one }))
    .map((item) => partBy(named ?? recognise(adapters.values(), item) ?? genericJson, item));
}

/** What a fault of ours says, so that it is seen and looked for. */
export const FAULT = "could not read it, which is a fault of Tocsin: read by what it looks like";

/** No adapter may throw; should one do so, a fault of ours must not cost anybody an alert. */
function partBy(adapter: Adapter, input: AdapterInput): ReadPart {
  try {
    const result = convertedIfNeeded(input.body, (body) => adapter.read({ ...input, body }));
    return { adapter, result };
  } catch {
    const result = genericJson.read({ ...input, body: convertible(input.body) });
    const fault = { index: 0, field: "body", finding: `the adapter ${adapter.about.id} ${FAULT}` };
    return { adapter: genericJson, result: { ...result, findings: [fault, ...result.findings] } };
  }
}

/** A list whose elements are this tool's bodies, where the list itself is not. */
function isDivided(adapter: Adapter, input: AdapterInput): boolean {
  const { body } = input;
  if (!Array.isArray(body) || body.length === 0 || adapter.recognise === undefined) return false;
  if (adapter.recognise(input) > 0) return false;
  return adapter.recognise({ ...input, body: body[0] }) > 0;
}

function itemCount(result: ReadResult): number {
  const { signals, refused, findings, changes = [], indicators = [] } = result;
  let last = 0;
  for (const list of [signals, refused, findings, changes, indicators]) {
    for (const { index } of list) last = Math.max(last, index);
  }
  return last + 1;
}

function moved(result: ReadResult, offset: number): ReadResult {
  const by = <T extends { readonly index: number }>(list: readonly T[] | undefined): T[] =>
    (list ?? []).map((item) => ({ ...item, index: item.index + offset }));
  return {
    signals: by(result.signals),
    refused: by(result.refused),
    findings: by(result.findings),
    changes: by(result.changes),
    indicators: by(result.indicators),
  };
}

/** All parts as one result. */
export function joined(parts: readonly ReadPart[]): Required<ReadResult> {
  const all = new Reading();
  for (const { result } of parts) {
    // One by one: a call takes no hundred thousand arguments.
    for (const one of result.signals) all.signals.push(one);
    for (const one of result.refused) all.refused.push(one);
    for (const one of result.findings) all.findings.push(one);
    for (const one of result.changes ?? []) all.changes.push(one);
    for (const one of result.indicators ?? []) all.indicators.push(one);
  }
  return all;
}
