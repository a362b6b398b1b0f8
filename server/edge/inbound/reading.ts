/**
 * What all adapters need while they read an item: a place for what they found, and the same reading
 * of times, links and labels. An adapter that is in doubt keeps the signal and adds a finding.
 */
import {
  clip,
  cleanText,
  httpLink,
  LABEL_NAME_MAX,
  LABEL_VALUE_MAX,
  type ReadResult,
  type ReadSignal,
  type Signal,
  type SignalFinding,
  type SignalProblem,
} from "../../domain/signal/signal.ts";
import { type AlertSeverity } from "../../../contract/signal.ts";
import { fromIso, type Instant } from "../../base/instant.ts";
import { type Change } from "../../domain/deployment/deployment.ts";
import { type Indicator } from "../../domain/signal/indicator.ts";

export type Json = Readonly<Record<string, unknown>>;

/** A ReadResult that is still being written. */
export class Reading implements ReadResult {
  readonly signals: ReadSignal[] = [];
  readonly refused: SignalProblem[] = [];
  readonly findings: SignalFinding[] = [];
  readonly changes: { index: number; change: Change }[] = [];
  readonly indicators: { index: number; indicator: Indicator }[] = [];

  /** `told`: how bad the tool calls it, where the signal itself may not say so. */
  accept(index: number, signal: Signal, told?: AlertSeverity): void {
    this.signals.push({ index, signal, ...(told !== undefined && { told }) });
  }
  change(index: number, change: Change): void {
    this.changes.push({ index, change });
  }
  indicator(index: number, indicator: Indicator): void {
    this.indicators.push({ index, indicator });
  }
  refuse(index: number, field: string, expected: string): void {
    this.refused.push({ index, field, expected });
  }
  find(index: number, field: string, finding: string): void {
    this.findings.push({ index, field, finding });
  }
}

/** The answer to a body that cannot be divided into items. */
export function refusedWhole(field: string, expected: string): ReadResult {
  return { signals: [], refused: [{ index: 0, field, expected }], findings: [] };
}

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isFilled = (value: unknown): value is string =>
  typeof value === "string" && value.trim() !== "";

/** A text of at least one character, cleaned; null for everything else. */
export const filled = (value: unknown): string | null =>
  isFilled(value) ? cleanText(value) : null;

/** What a lone value says as text; null when it says nothing or is nested. */
export function scalarText(value: unknown): string | null {
  if (typeof value === "string") return value === "" ? null : cleanText(value);
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

/** Go writes an absent time as the first second of the year 1. */
const GO_ZERO_TIME = "0001-01-01T00:00:00";

/** An instant; null when there is none, or Go's zero time; "unreadable" for everything else. */
export function readTime(value: unknown): Instant | null | "unreadable" {
  if (value === undefined || value === null || value === "") return null;
  if (typeof value !== "string") return "unreadable";
  if (value.startsWith(GO_ZERO_TIME)) return null;
  return fromIso(value) ?? "unreadable";
}

/** The same for times that are only told to people: an unreadable one is left out with a finding. */
export function toldTime(
  reading: Reading,
  index: number,
  field: string,
  value: unknown,
): Instant | null {
  const at = readTime(value);
  if (at !== "unreadable") return at;
  reading.find(index, field, "not an ISO 8601 time with a zone or offset: left out");
  return null;
}

/** A link that may be shown; any other value than an http(s) address is left out with a finding. */
export function safeLink(
  reading: Reading,
  index: number,
  field: string,
  value: unknown,
): string | null {
  if (value === undefined || value === null || value === "") return null;
  const link = typeof value === "string" ? httpLink(value) : null;
  if (link === null) reading.find(index, field, "not an http or https address: left out");
  return link;
}

/** Sets a label even when a tool names it __proto__, where an assignment would do nothing. */
export function setLabel(labels: Record<string, string>, name: string, value: string): void {
  if (name === "__proto__") {
    const property = { value, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(labels, name, property);
  } else labels[name] = value;
}

/** Labels under their limits, and the whole of what did not fit. */
export type LabelBox = {
  readonly labels: Record<string, string>;
  /** Null until something does not fit. */
  overflow: Record<string, string> | null;
};

/**
 * Puts cleaned text under a cleaned name. What is too long is cut in the labels, kept whole in the
 * overflow (which belongs into the details), and told by a finding: nothing is lost.
 */
export function putLabel(
  reading: Reading,
  index: number,
  box: LabelBox,
  label: readonly [name: string, value: string],
): void {
  const [name, value] = label;
  const shortName = clip(name, LABEL_NAME_MAX);
  const shortValue = clip(value, LABEL_VALUE_MAX);
  setLabel(box.labels, shortName, shortValue);
  if (shortName === name && shortValue === value) return;
  box.overflow ??= {};
  setLabel(box.overflow, name, value);
  reading.find(index, shortName, "too long for a label: cut there, whole in the details");
}
