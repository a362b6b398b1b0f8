/**
 * The inner normal form of everything that detects: a small OCSF Detection Finding (class 2004). Every
 * security adapter maps its tool to it, so that rules, routing and the matching of indicators meet the
 * same labels whatever sensor spoke. https://schema.ocsf.io/classes/detection_finding
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Instant } from "../../../base/instant.ts";
import {
  type Observable,
  observable,
  type ObservableKind,
  observableOf,
} from "../../../domain/signal/observable.ts";
import { fingerprint } from "../../../domain/signal/signal.ts";
import { dig } from "../paths.ts";
import { isObject, type Json, type Reading, scalarText } from "../reading.ts";
import { tell } from "../telling.ts";

export type Finding = {
  /** The product's own identity of the finding; without one, what makes two findings the same. */
  readonly uid: readonly unknown[];
  readonly title: string;
  readonly description?: unknown;
  readonly severity: AlertSeverity;
  /** “in progress” in the tool is still open here: who works on it there is nobody we paged. */
  readonly status: "open" | "resolved";
  readonly firstSeenAt: Instant | null;
  readonly product: string;
  readonly link?: unknown;
  readonly rule?: unknown;
  readonly category?: unknown;
  /** What is attacked or ill; where nothing better is known it is the hint at the service. */
  readonly resource?: unknown;
  readonly host?: unknown;
  readonly service?: unknown;
  readonly user?: unknown;
  readonly account?: unknown;
  readonly region?: unknown;
  readonly sourceIp?: unknown;
  readonly destinationIp?: unknown;
  readonly tactics?: unknown;
  readonly techniques?: unknown;
  /** Values by kind, or “any” where only the form tells what a value is. */
  readonly observables?: readonly (readonly [kind: ObservableKind | "any", value: unknown])[];
  /** Further labels of this tool. */
  readonly labels?: Json;
  /** What people read: short facts, not the whole event, which is kept sealed with the signal. */
  readonly details?: Json;
};

const OBSERVABLES_MAX = 100;

/** Writes a finding as the signal that everything after the adapter understands. */
export function tellFinding(reading: Reading, index: number, finding: Finding): void {
  const observables = observablesOf(finding);
  const details = saying({
    description: finding.description,
    ...finding.details,
    observables: observables.length === 0 ? null : observables,
  });
  tell(reading, index, {
    status: finding.status === "open" ? "firing" : "resolved",
    title: finding.title,
    severity: finding.severity,
    // One without any identity is what it says of whom; an empty key would make all of them one.
    dedupKey: keyText(finding.uid) || fingerprint({ title: finding.title, by: finding.product }),
    service: finding.service ?? finding.resource ?? finding.host,
    source: finding.product,
    link: finding.link,
    startedAt: finding.firstSeenAt,
    labels: {
      product: finding.product,
      rule: finding.rule,
      category: listText(finding.category),
      host: finding.host,
      user: finding.user,
      resource: finding.resource,
      account: finding.account,
      region: finding.region,
      source_ip: finding.sourceIp,
      destination_ip: finding.destinationIp,
      tactic: listText(finding.tactics),
      technique: listText(finding.techniques),
      ...finding.labels,
    },
    ...(Object.keys(details).length > 0 && { details }),
  });
}

/** The parts of an identity that there are, in one text. */
const keyText = (parts: readonly unknown[]): string =>
  parts
    .map((part) => scalarText(part) ?? "")
    .filter((part) => part !== "")
    .join(" ");

/** The fields that say something. */
export const saying = (details: Json): Json =>
  Object.fromEntries(
    Object.entries(details).filter(
      ([, value]) =>
        value !== undefined &&
        value !== null &&
        value !== "" &&
        !(Array.isArray(value) && value.length === 0),
    ),
  );

/** The texts of a list as one text; a lone text stays as it is. */
export function listText(value: unknown): string | null {
  if (!Array.isArray(value)) return scalarText(value);
  const texts = value.map(scalarText).filter((text) => text !== null && text !== "");
  return texts.length === 0 ? null : [...new Set(texts)].slice(0, 20).join(", ");
}

/** The values of a name in a list of objects, the first of the names that an object has. */
export const namesIn = (list: unknown, ...names: readonly string[]): readonly unknown[] =>
  (Array.isArray(list) ? list : [list]).flatMap((item: unknown) => {
    if (!isObject(item)) return scalarText(item) ?? [];
    return names.map((name) => dig(item, name)).find((found) => scalarText(found) !== null) ?? [];
  });

function observablesOf(finding: Finding): readonly Observable[] {
  const found = new Map<string, Observable>();
  const all = [
    ["ip", finding.sourceIp] as const,
    ["ip", finding.destinationIp] as const,
    ...(finding.observables ?? []),
  ];
  for (const [kind, raw] of all) {
    for (const value of Array.isArray(raw) ? raw.slice(0, OBSERVABLES_MAX) : [raw]) {
      if (found.size >= OBSERVABLES_MAX) break;
      const seen = kind === "any" ? observableOf(value) : observable(kind, value);
      if (seen !== null) found.set(`${seen.type} ${seen.value}`, seen);
    }
  }
  return [...found.values()];
}
