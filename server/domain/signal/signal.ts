/**
 * A signal: one message from a tool, before any rule. Here stand its shape, its limits and the pure
 * rules that every way in obeys, so that two tools which mean the same say the same.
 */
import { hash } from "node:crypto";
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Instant } from "../../base/instant.ts";
import { type Change } from "../deployment/deployment.ts";
import { type Indicator } from "./indicator.ts";

export type SignalAction = "trigger" | "acknowledge" | "resolve";

export type Signal = {
  readonly action: SignalAction;
  /** The tool's own identity of the condition; null: it gave none, and the intake makes one. */
  readonly dedupKey: string | null;
  /** At most 1024 characters. Empty only on acknowledge and resolve, where tools may send none. */
  readonly title: string;
  /** Null on acknowledge and resolve. */
  readonly severity: AlertSeverity | null;
  readonly source: string | null;
  /** Flat text to match and route by. What a tool nests is prefixed: `annotation.summary`. */
  readonly labels: Readonly<Record<string, string>>;
  /** What people read beyond the labels, as JSON; null when the labels say it all. */
  readonly details: unknown;
  /** An http or https address; any other is dropped with a finding. */
  readonly link: string | null;
  readonly startedAt: Instant | null;
  /** The tool's own expiry: silence until then means that the condition is over. */
  readonly endsAt: Instant | null;
  /** What is ill by the tool's own words: a hint that counts where the catalogue knows the name. */
  readonly service?: string | null;
};

/** Why an item could not become a signal; `expected` completes “this field must be …”. */
export type SignalProblem = {
  readonly index: number;
  readonly field: string;
  readonly expected: string;
};

/** Something that was left out or cut, while the signal itself was accepted. */
export type SignalFinding = {
  readonly index: number;
  readonly field: string;
  readonly finding: string;
};

/** One signal of a body, and how bad the tool calls it, which on an end the signal does not hold. */
export type ReadSignal = {
  readonly index: number;
  readonly signal: Signal;
  readonly told?: AlertSeverity;
};

/**
 * Every item of a body stands, by its index, either in `refused` (perhaps with several problems) or
 * in `signals`, `changes` and `indicators` (a rollout may be a change and an alert), or has a finding
 * that says why it is none of them. A body refused as a whole is one refusal of item 0.
 */
export type ReadResult = {
  readonly signals: readonly ReadSignal[];
  readonly refused: readonly SignalProblem[];
  readonly findings: readonly SignalFinding[];
  readonly changes?: readonly { readonly index: number; readonly change: Change }[];
  readonly indicators?: readonly { readonly index: number; readonly indicator: Indicator }[];
};

/** What a message came wrapped in, once it is unwrapped: a topic of a queue, for example. */
export type Envelope = {
  readonly topic: string;
  readonly subject: string | null;
  readonly id: string | null;
  readonly at: Instant | null;
  /** What the queue tells beside the message. */
  readonly attributes: Readonly<Record<string, string>>;
};

export type AdapterInput = {
  /** JSON, or the text itself where it is none (CSV, CEF, the lines of a log). */
  readonly body: unknown;
  /** Header names are lower case, as Node gives them. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly now: Instant;
  readonly envelope?: Envelope;
};

/** A request whose sender is to be proved. */
export type SignedRequest = Omit<AdapterInput, "body"> & { readonly rawBody: Buffer };

/** What a set-up page says, beside the address, which it knows itself. */
export type SetUp = {
  /** Sentences in their order; `{url}` stands for the address with the key in it. */
  readonly steps: readonly string[];
  /** The name of a golden sample, which “send a sample” sends. */
  readonly sample: string;
};

/** One protocol, pure: a parsed request in, signals out. It never throws, whatever the body is. */
export type Adapter = {
  /** `docs` is the vendor's page that the reading follows. */
  readonly about: { readonly id: string; readonly name: string; readonly docs: string };
  readonly setUp: SetUp;
  /** The tool's own words for how bad it is, shown on its page and used by its reading. */
  readonly severities?: Readonly<Record<string, AlertSeverity>>;
  /** Its own senders write its form by hand: what is not that is a mistake, and never read in another way. */
  readonly isStrict?: true;
  /** Whether the sender repeats a firing condition until it ends: a lost repeat is harmless. */
  readonly resendsByContract: boolean;
  /**
   * How sure it is that the body is this tool's: 1 where a field is the tool's own, less where
   * others wrap the same form, 0 otherwise. Cheap: every body that names no tool asks all of them.
   */
  recognise?(input: AdapterInput): number;
  /** Proves the sender by the secret that both know; without it the header Authorization has to show that. */
  verify?(request: SignedRequest, secret: string): boolean;
  /** Whose tokens its requests can carry, as its steps say. */
  readonly tokensOf?: string;
  /**
   * Of a tool that repeats: the marks of the items by their index, without reading what they say; null for
   * an item, or for the whole body, that must be read. Two items with the same text and key are the same signal
   * but for the end.
   */
  marks?(body: Buffer): readonly (Mark | null)[] | null;
  /** The answer to a GET by which the tool asks once whether an address is ours; null without its header. */
  challenge?(headers: AdapterInput["headers"]): { readonly verification: string } | null;
  read(input: AdapterInput): ReadResult;
};

/**
 * Stands for the wording of an item, all of it but its end: what repeats has the same text, which is the SHA-256 of the
 * wording with a character for each byte.
 */
export type Mark = { readonly text: string; readonly endsAt: Instant };

/** One number that a tool measured, to be judged over time. */
export type Measurement = {
  readonly measure: string;
  readonly value: number;
  readonly at: Instant;
  readonly labels: Readonly<Record<string, string>>;
  readonly service: string | null;
};

export const TITLE_MAX = 1_024;
export const DEDUP_KEY_MAX = 255;
export const LABEL_NAME_MAX = 255;
export const LABEL_VALUE_MAX = 1_024;
const LINK_MAX = 8_192;
/** Deeper JSON is cut here: both JSON.stringify and PostgreSQL have a stack that ends. */
const DETAILS_DEPTH_MAX = 64;

/**
 * The text with NUL and lone surrogates shown as U+FFFD. PostgreSQL refuses both, and one such byte
 * would fail the whole flush that the signal shares with strangers.
 */
export function cleanText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes("\0") ? wellFormed.replaceAll("\0", "\ufffd") : wellFormed;
}

/** A cleaned copy of any JSON: texts and names by {@link cleanText}, nesting cut at 64 levels. */
export function cleanJson(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return cleanText(value);
  // JSON.parse reads 1e999 as Infinity, which JSON.stringify would turn into null.
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "boolean") return value;
  if (typeof value !== "object" || value === null) return null;
  if (depth >= DETAILS_DEPTH_MAX) return "… nested too deeply to be kept";
  if (Array.isArray(value)) return value.map((item) => cleanJson(item, depth + 1));
  // fromEntries defines properties, so that a key named __proto__ stays an ordinary key.
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [cleanText(name), cleanJson(inner, depth + 1)]),
  );
}

/** How many characters (code points, as PostgreSQL counts them) the text has. */
export function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Whether the text has at most `max` characters; counts only where its length does not tell. */
export const fits = (text: string, max: number): boolean =>
  text.length <= max || (text.length <= 2 * max && characters(text) <= max);

/** The text, or its first characters and an ellipsis, `max` characters at most. */
export function clip(text: string, max: number): string {
  if (fits(text, max)) return text;
  return `${Array.from(text.slice(0, 2 * max))
    .slice(0, max - 1)
    .join("")}…`;
}

/**
 * The identity of a condition whose tool has none: SHA-256 over its labels sorted by name, so that
 * the order in which a tool writes them does not matter. Hashes in one call: createHash took
 * twice as long, and this runs once for every alert that Prometheus sends.
 */
export function fingerprint(labels: Readonly<Record<string, string>>): string {
  const pairs: string[] = [];
  for (const name of Object.keys(labels).sort()) pairs.push(name, labels[name]!);
  return hash("sha256", JSON.stringify(pairs), "hex");
}

const SERVICE_LABELS = [
  "service",
  "service_name",
  "app",
  "application",
  "job",
  // PagerDuty's events have the first where their sender put it, and the second as a field.
  "custom_details.service",
  "component",
];

/** What is ill by the signal's own words: what the tool calls it, or a label that tools use for it. */
export const hintOf = (signal: Signal): string | null =>
  signal.service ??
  SERVICE_LABELS.map((name) => signal.labels[name]).find((value) => value !== undefined) ??
  null;

/** The address in its normal form when a browser may safely follow it (http, https), else null. */
export function httpLink(text: string): string | null {
  if (text.length > LINK_MAX || !/^https?:\/\//i.test(text)) return null;
  const href = URL.parse(text)?.href;
  return href !== undefined && href.length <= LINK_MAX ? href : null;
}
