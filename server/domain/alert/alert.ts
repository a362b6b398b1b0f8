/**
 * Alerts: a lasting condition on a service. Firing → acknowledged → resolved. A signal opens one, counts
 * up on it, acknowledges or closes it; the decision says which rule spoke and what it led to.
 */
import type { AlertSeverity } from "../../../contract/signal.ts";
import type { Severity } from "../../../contract/ids.ts";
import type { Instant } from "../../base/instant.ts";
import type { Signal } from "../signal/signal.ts";
import type { Hold } from "./hold.ts";

/** The decision as columns of the alert and of its signals. */
export type DecisionColumns = {
  readonly ruleId: string | null;
  readonly ruleFile: string | null;
  readonly ruleLine: number | null;
  readonly outcome: "declare" | "record";
  readonly because: string;
  readonly declareSeverity: Severity | null;
  readonly autoResolve: boolean;
};

/** One signal on its way into the store. */
export type Intake = {
  readonly keyId: string;
  readonly adapter: string;
  /** The tool repeats it until it ends. */
  readonly resends: boolean;
  /** Of a tool that repeats: stands for its wording, by which the next repeat is recognised. */
  readonly mark?: string | undefined;
  readonly serviceId: string;
  readonly signal: Signal & { readonly dedupKey: string };
  readonly decision: DecisionColumns;
  /** The incident of which it is one more when it is new and declares: nothing is left to the engine then. */
  readonly joins?: number | undefined;
  /** An end that waited while its alert went ahead of it: it means an earlier time and touches nothing. */
  readonly overtaken?: boolean | undefined;
  /** Signals that came in one request share its raw body. */
  readonly raw: Buffer;
  readonly receivedAt: Instant;
};

export type AlertRow = {
  readonly id: string;
  readonly keyId: string;
  readonly dedupKey: string;
  readonly serviceId: string;
  readonly title: string;
  readonly severity: AlertSeverity;
  readonly status: "firing" | "acknowledged" | "resolved";
  readonly source: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly details: unknown;
  readonly link: string | null;
  readonly adapter: string;
  readonly startedAt: Instant;
  readonly firstReceivedAt: Instant;
  readonly lastReceivedAt: Instant;
  readonly count: number;
  readonly ruleId: string | null;
  readonly ruleFile: string | null;
  readonly ruleLine: number | null;
  readonly outcome: "declare" | "record";
  readonly because: string;
  readonly declareSeverity: Severity | null;
  readonly autoResolve: boolean;
  readonly incidentNumber: number | null;
  /** Why it waits, or waited until it was over; null: nothing has ever held it. */
  readonly hold: Hold | null;
  readonly closedAt: Instant | null;
  readonly closedBecause: string | null;
};

/** Where a decision stands written: file and line, or the defaults. */
export function decisionSource(
  row: Pick<AlertRow, "ruleId" | "ruleFile" | "ruleLine">,
): string | null {
  if (row.ruleId === null) return null;
  return row.ruleFile === null ? "defaults or API" : `${row.ruleFile}:${row.ruleLine ?? 1}`;
}

/**
 * All signals of one alert in one flush, folded: an upsert cannot touch a row twice. The last one's words
 * count, and the strictest decision: a worse moment a second ago still has to wake somebody.
 */
export type Folded = {
  /** See {@link alertKey}. */
  readonly key: string;
  readonly last: Intake;
  readonly decision: DecisionColumns;
  readonly count: number;
  readonly members: readonly number[];
};

/** What names an alert, and what a signal does to it. */
export type Keyed = {
  readonly keyId: string;
  readonly overtaken?: boolean | undefined;
  readonly signal: { readonly dedupKey: string; readonly action: Signal["action"] };
};

/** One text for the identity of an alert; neither part can hold the NUL between them and be stored. */
export const alertKeyOf = (keyId: string, dedupKey: string): string => `${keyId}\u0000${dedupKey}`;
export const alertKey = (item: Keyed): string => alertKeyOf(item.keyId, item.signal.dedupKey);

/**
 * Splits a queue into what one flush may take and what must wait for the next: a flush does one thing, the
 * one that the first signal it may take asks for, and what waits makes all later signals of its key wait, so that
 * trigger and resolve keep their order. So does what is being written, of which `isBusy` tells. Positions refer to `items`.
 */
export function takeFlush(
  items: readonly Keyed[],
  most: number,
  isBusy: (position: number) => boolean = () => false,
): { readonly taken: readonly number[]; readonly left: readonly number[] } {
  const kindOf = ({ signal, overtaken }: Keyed): string =>
    overtaken === true ? `overtaken ${signal.action}` : signal.action;
  let kind: string | null = null;
  const waiting = new Set<string>();
  const taken: number[] = [];
  const left: number[] = [];
  items.forEach((item, position) => {
    const mayGo =
      taken.length < most &&
      !isBusy(position) &&
      (kind === null || kindOf(item) === kind) &&
      (waiting.size === 0 || !waiting.has(alertKey(item)));
    if (mayGo) {
      kind ??= kindOf(item);
      taken.push(position);
      return;
    }
    waiting.add(alertKey(item));
    left.push(position);
  });
  return { taken, left };
}

/** Halves of characters beyond U+FFFF, which texts compare otherwise than their bytes do. */
const SURROGATE = /[\ud800-\udfff]/;

/**
 * Folds by key and sorts the keys by their bytes: two nodes that lock rows in different orders would deadlock. `keys` are
 * those of the items: to put one together and to look it up costs as much as several other things that an alert needs.
 */
export function fold(
  items: readonly Intake[],
  keys: readonly string[] = items.map(alertKey),
): readonly Folded[] {
  type Growing = {
    key: string;
    last: Intake;
    decision: DecisionColumns;
    count: number;
    members: number[];
  };
  const byKey = new Map<string, Growing>();
  items.forEach((item, position) => {
    const { decision } = item;
    const key = keys[position]!;
    const found = byKey.get(key);
    if (found === undefined) {
      byKey.set(key, { key, last: item, decision, count: 1, members: [position] });
    } else {
      found.last = item;
      if (isStricter(decision, found.decision)) found.decision = decision;
      found.count += 1;
      found.members.push(position);
    }
  });
  const different = [...byKey.keys()];
  const isPlain = !different.some((key) => SURROGATE.test(key));
  return different
    .sort(isPlain ? undefined : (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((key) => byKey.get(key)!);
}

/** Declares where the other only records, or declares a higher severity; the store compares likewise. */
function isStricter(decision: DecisionColumns, than: DecisionColumns): boolean {
  if (decision.outcome !== "declare") return false;
  if (than.outcome !== "declare") return true;
  return (decision.declareSeverity ?? "") < (than.declareSeverity ?? "");
}
