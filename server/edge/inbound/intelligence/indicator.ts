/** One place where an indicator is put together: in the normal form that observables are compared in. */
import { type Instant } from "../../../base/instant.ts";
import { type Indicator } from "../../../domain/signal/indicator.ts";
import {
  type Observable,
  observable,
  type ObservableKind,
  observableOf,
} from "../../../domain/signal/observable.ts";
import { clip } from "../../../domain/signal/signal.ts";
import { type Reading, scalarText } from "../reading.ts";
import { titleOf } from "../telling.ts";

const SOURCE_MAX = 255;
const LABEL_MAX = 100;
const LABELS_MAX = 20;
const VALUE_MAX = 1_024;

export type ToldIndicator = {
  /** “any”: the form of the value says what it is. “other” is kept, and never matched. */
  readonly kind: ObservableKind | "any" | "other";
  readonly value: unknown;
  readonly source: string;
  readonly validFrom?: Instant | null;
  readonly validUntil?: Instant | null;
  readonly labels?: readonly unknown[];
};

/** Puts the indicator into the reading; false, and nothing, when the value is no such thing. */
export function tellIndicator(reading: Reading, index: number, told: ToldIndicator): boolean {
  const found = valueOf(told);
  if (found === null) return false;
  const labels = (told.labels ?? [])
    .map((label) => clip(titleOf(scalarText(label) ?? ""), LABEL_MAX))
    .filter((label) => label !== "(no title)");
  const indicator: Indicator = {
    ...found,
    source: clip(titleOf(told.source), SOURCE_MAX),
    validFrom: told.validFrom ?? null,
    validUntil: told.validUntil ?? null,
    labels: [...new Set(labels)].slice(0, LABELS_MAX),
  };
  reading.indicator(index, indicator);
  return true;
}

function valueOf({
  kind,
  value,
}: ToldIndicator): Observable | { type: "other"; value: string } | null {
  if (kind === "any") return observableOf(value);
  if (kind !== "other") return observable(kind, value);
  const text = scalarText(value)?.trim() ?? "";
  return text === "" ? null : { type: "other", value: clip(titleOf(text), VALUE_MAX) };
}
