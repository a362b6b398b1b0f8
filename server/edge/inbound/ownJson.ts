/**
 * Tocsin's own JSON, POST /v1/signals: for scripts and for tools that can be told what to send.
 * Samples: golden/own-json.*.json
 */
import { z } from "zod";
import { AlertSeverity } from "../../../contract/signal.ts";
import { type Instant } from "../../base/instant.ts";
import {
  type Adapter,
  cleanJson,
  DEDUP_KEY_MAX,
  fingerprint,
  type Signal,
  type SignalAction,
  TITLE_MAX,
} from "../../domain/signal/signal.ts";
import { Reading, refusedWhole, safeLink } from "./reading.ts";
import {
  type FieldProblem,
  isFieldProblem,
  itemsOf,
  Labels,
  problemsOf,
  text,
  Time,
} from "./strictShape.ts";
import { OWN_WORDS } from "./severityWords.ts";

const ACTION_OF_STATUS = {
  firing: "trigger",
  acknowledged: "acknowledge",
  resolved: "resolve",
} as const satisfies Record<string, SignalAction>;

const SEVERITY = "critical, error, warning or info";
const SOURCE_MAX = 1_024;

/** Go sends a time that nobody set as the first of year 1. */
const set = (at: Instant | undefined): Instant | null => (at === undefined || at <= 0 ? null : at);

const OwnSignal = z
  .strictObject(
    {
      title: text(TITLE_MAX).optional(),
      severity: z.enum(AlertSeverity.options, SEVERITY).optional(),
      status: z
        .enum(["firing", "acknowledged", "resolved"], "firing, acknowledged or resolved")
        .default("firing"),
      dedupKey: text(DEDUP_KEY_MAX).optional(),
      source: text(SOURCE_MAX).optional(),
      labels: Labels.default({}),
      details: z.unknown().optional(),
      link: z.string("an http or https address").optional(),
      startedAt: Time.optional(),
      endsAt: Time.optional(),
    },
    { error: (issue) => (issue.code === "invalid_type" ? "an object" : undefined) },
  )
  .superRefine((own, context) => {
    const missing = (field: string, expected: string): void =>
      context.addIssue({ code: "custom", path: [field], message: expected });
    if (own.status === "firing") {
      if (own.title === undefined) missing("title", `a text of 1 to ${TITLE_MAX} characters`);
      if (own.severity === undefined) missing("severity", SEVERITY);
    } else if (own.dedupKey === undefined && own.title === undefined) {
      missing("dedupKey", "present, or else title, source and labels as they were sent first");
    }
    const [start, end] = [set(own.startedAt), set(own.endsAt)];
    if (start !== null && end !== null && start > end) {
      missing("endsAt", "not before startedAt");
    }
  });

const FIELDS = Object.keys(OwnSignal.shape);

/**
 * Strict: an unknown field is refused, because in one's own script it is a misspelt one. Without a
 * dedupKey the same title, source and labels mean the same condition, so that a repeat does not
 * open a second alert and a resolve finds the first.
 */
export const ownJson: Adapter = {
  about: { id: "tocsin", name: "Tocsin's own JSON", docs: "docs/intake.md" },
  setUp: {
    steps: [
      "Post one signal, or several below signals, to {url}; or to /v1/signals with the secret of the intake key as bearer token.",
      "A signal has a title and a severity; dedupKey, status, service, source, labels, details, link and startedAt are welcome. docs/intake.md has an example.",
    ],
    sample: "own-json.list.json",
  },
  severities: OWN_WORDS,
  isStrict: true,
  resendsByContract: false,
  recognise({ body }) {
    const items = itemsOf(body, "signals");
    if (isFieldProblem(items) || items.length === 0) return 0;
    // Other tools write titles and severities too: only what is ours from end to end is ours.
    return items.slice(0, 20).every((item) => OwnSignal.safeParse(item).success) ? 0.9 : 0;
  },
  read({ body }) {
    const items = itemsOf(body, "signals");
    if (isFieldProblem(items)) return refusedWhole(items.field, items.expected);
    const reading = new Reading();
    items.forEach((raw, index) => {
      const own = readOwn(reading, index, raw);
      if (own.kind === "signal") reading.accept(index, own.signal);
      else for (const { field, expected } of own.problems) reading.refuse(index, field, expected);
    });
    return reading;
  },
};

export type OwnRead =
  | { readonly kind: "signal"; readonly signal: Signal; readonly keyGiven: boolean }
  | { readonly kind: "refused"; readonly problems: readonly FieldProblem[] };

/** One signal of our own shape, also as the data of an envelope. Findings go to `reading`. */
export function readOwn(reading: Reading, index: number, raw: unknown): OwnRead {
  const parsed = OwnSignal.safeParse(raw);
  if (!parsed.success) return { kind: "refused", problems: problemsOf(parsed.error, FIELDS) };
  const own = parsed.data;
  const action = ACTION_OF_STATUS[own.status];
  const title = own.title ?? "";
  const source = own.source ?? null;
  const signal: Signal = {
    action,
    dedupKey: own.dedupKey ?? fingerprintOf(title, source, own.labels),
    title,
    severity: action === "trigger" ? (own.severity ?? null) : null,
    source,
    labels: own.labels,
    details: own.details === undefined ? null : cleanJson(own.details),
    link: safeLink(reading, index, "link", own.link),
    startedAt: set(own.startedAt),
    endsAt: set(own.endsAt),
  };
  return { kind: "signal", signal, keyGiven: own.dedupKey !== undefined };
}

/** Title and source stand apart from the labels: a label may be called “title”. */
function fingerprintOf(
  title: string,
  source: string | null,
  labels: Readonly<Record<string, string>>,
): string {
  const prefixed = Object.entries(labels).map(([name, value]) => [`label ${name}`, value]);
  return fingerprint({ title, source: source ?? "", ...Object.fromEntries(prefixed) });
}
