/**
 * Whose body is this, and what does it say? An envelope is opened, a list that is no tool's own form
 * is divided, every adapter is asked, and the surest one reads. What nobody knows is read by the
 * generic adapter, so that it becomes an alert and not nothing.
 */
import { type Adapter, type AdapterInput, type ReadResult } from "../../domain/signal/signal.ts";
import { genericJson } from "./genericJson.ts";
import { unwrap } from "./envelope.ts";
import { Reading, refusedWhole } from "./reading.ts";
import { ITEMS_MAX } from "./strictShape.ts";

/** One adapter's reading of a part of the body. */
export type ReadPart = { readonly adapter: Adapter; readonly result: ReadResult };

/** The adapter that is surest of the body; null when nobody knows it. */
export function recognise(adapters: Iterable<Adapter>, input: AdapterInput): Adapter | null {
  let [best, sure] = [null as Adapter | null, 0];
  for (const adapter of adapters) {
    const score = adapter.recognise?.(input) ?? 0;
    if (score > sure) [best, sure] = [adapter, score];
  }
  return best;
}

/**
 * Reads a body whose tool is named, or recognised where it is not. Indexes count the items of the
 * whole body.
 */
export function readBody(
  adapters: ReadonlyMap<string, Adapter>,
  named: Adapter | null,
  input: AdapterInput,
): readonly ReadPart[] {
  const parts: ReadPart[] = [];
  let offset = 0;
  for (const inner of unwrap(input)) {
    for (const part of readInner(adapters, named, inner)) {
      parts.push(offset === 0 ? part : { ...part, result: moved(part.result, offset) });
      offset += itemCount(part.result);
    }
  }
  return parts;
}

function readInner(
  adapters: ReadonlyMap<string, Adapter>,
  named: Adapter | null,
  input: AdapterInput,
): readonly ReadPart[] {
  if (named !== null && !isDivided(named, input)) {
    return [partBy(named, input)];
  }
  const whole = named ?? recognise(adapters.values(), input);
  if (!Array.isArray(input.body) || (named === null && whole !== null)) {
    return [partBy(whole ?? genericJson, input)];
  }
  if (input.body.length === 0 || input.body.length > ITEMS_MAX * 10) {
    const result = refusedWhole("body", `1 to ${ITEMS_MAX * 10} items`);
    return [{ adapter: named ?? genericJson, result }];
  }
  return input.body.map((body: unknown) => {
    const item = { ...input, body };
    return partBy(named ?? recognise(adapters.values(), item) ?? genericJson, item);
  });
}

/** What a fault of ours says, so that it is seen and looked for. */
export const FAULT = "could not read it, which is a fault of Tocsin: read by what it looks like";

/** No adapter may throw; should one do so, a fault of ours must not cost anybody an alert. */
function partBy(adapter: Adapter, input: AdapterInput): ReadPart {
  try {
    return { adapter, result: adapter.read(input) };
  } catch {
    const result = genericJson.read(input);
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
    all.signals.push(...result.signals);
    all.refused.push(...result.refused);
    all.findings.push(...result.findings);
    all.changes.push(...(result.changes ?? []));
    all.indicators.push(...(result.indicators ?? []));
  }
  return all;
}
