/** The golden samples, read and varied for the tests of this folder. */
import { readdirSync, readFileSync } from "node:fs";
import { bodyOf } from "../body.ts";
import { fromIso, type Instant } from "../../../base/instant.ts";
import { type Adapter, type ReadResult, type Signal } from "../../../domain/signal/signal.ts";

/** The instant of a text that the test itself wrote. */
export function instantOf(iso: string): Instant {
  const at = fromIso(iso);
  if (at === null) throw new RangeError(`not an instant: ${iso}`);
  return at;
}

/** The moment at which every test of this folder takes place. */
export const NOW = instantOf("2026-11-21T10:00:00Z");

/** A fresh copy of a golden sample, read as the intake reads what it is sent. */
export function golden(name: string): unknown {
  const read = bodyOf(readFileSync(new URL(name, import.meta.url), "utf8"));
  if (read.kind !== "body") throw new Error(`${name} is ${read.kind}`);
  return read.body;
}

/** The names of all samples. */
export const goldenNames = (): string[] =>
  readdirSync(new URL(".", import.meta.url))
    .filter((name) => !/\.ts$|\.expected\.json$/.test(name))
    .toSorted();

/** The sample with the place at a path such as `alerts.0.labels` changed; undefined removes it. */
export function changed(sample: unknown, path: string, value: unknown): unknown {
  const [name = "", ...rest] = path.split(".");
  const copy = structuredClone(sample) as Record<string, unknown>;
  if (rest.length > 0) copy[name] = changed(copy[name], rest.join("."), value);
  else if (value === undefined) delete copy[name];
  else copy[name] = value;
  return copy;
}

/** What an adapter makes of a body at NOW. */
export const readAt = (
  adapter: Adapter,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): ReadResult => adapter.read({ body, headers, now: NOW });

/** The only signal of a body. */
export function onlySignal(result: ReadResult): Signal {
  const first = result.signals[0];
  if (first === undefined || result.signals.length > 1 || result.refused.length > 0) {
    throw new Error(`not exactly one signal: ${JSON.stringify(result)}`);
  }
  return first.signal;
}

/** Refusals as “index field”, in order. */
export const refusedFields = (result: Pick<ReadResult, "refused">): string[] =>
  result.refused.map(({ index, field }) => `${index} ${field}`);
