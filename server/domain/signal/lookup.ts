/**
 * Tables that are asked over HTTP: an address in which labels are filled in, and which values of the answer become
 * labels. Pure: what to ask, and what an answer says.
 */
import { durationMs } from "../../base/duration.ts";
import type { HttpOutbound, Reply } from "../../base/transport.ts";
import type { Entry, Snapshot } from "../config/config.ts";

type Labels = Readonly<Record<string, string>>;

/** One question; the same address of the same table is the same question. */
export type Question = {
  readonly table: string;
  readonly url: string;
  readonly token: string | null;
  readonly take: Labels;
  readonly timeoutMs: number;
  readonly keepMs: number;
};

/** What is known of a question: its labels, null where there is nothing to know, undefined where nobody asked. */
export type KnownAnswers = (question: Question) => Labels | null | undefined;

export const questionName = ({ table, url }: Pick<Question, "table" | "url">): string =>
  `${table} ${url}`;

/** A label must not climb out of the path that the file gives. */
const CLIMBS = /\/\.{1,2}(?:[/?#]|$)/;

/** The question of a table for these values; null when there is nothing to ask over HTTP. */
export function questionOf(
  { id, body }: Entry<"tables">,
  valueOf: (name: string) => string | undefined,
): Question | null {
  if (body.url === undefined) return null;
  const url = body.url.replaceAll(/\{([^{}]+)\}/g, (_, name: string) =>
    encodeURIComponent(valueOf(name) ?? ""),
  );
  if (CLIMBS.test(url)) return null;
  return {
    table: id,
    url,
    token: body.token ?? null,
    take: body.take,
    timeoutMs: Math.min(durationMs(body.timeout ?? "PT1S"), MOST_TIMEOUT_MS),
    keepMs: durationMs(body.keep ?? "PT10M"),
  };
}
/** Whoever sends an alert waits so long at most. */
const MOST_TIMEOUT_MS = 3_000;

export const asksOverHttp = (config: Snapshot): boolean =>
  config.all("tables").some(({ body }) => body.url !== undefined);

export const lookupRequest = (question: Question, token: string | null): HttpOutbound => ({
  via: "http",
  method: "GET",
  url: question.url,
  headers: {
    accept: "application/json",
    ...(token !== null && { authorization: `Bearer ${token}` }),
  },
  body: null,
  timeoutMs: question.timeoutMs,
});

export type Answer =
  | { readonly kind: "labels"; readonly labels: Labels }
  | { readonly kind: "nothing" }
  | { readonly kind: "failed"; readonly because: string };

const VALUE_MAX = 1_024;

/** 404 and 204 say that there is nothing to know; everything else but JSON with 200 is a failure. */
export function readAnswer({ take }: Pick<Question, "take">, reply: Reply): Answer {
  if (reply.kind === "error") return { kind: "failed", because: reply.because };
  if (reply.kind !== "http") return { kind: "failed", because: "no answer over HTTP" };
  if (reply.status === 404 || reply.status === 204) return { kind: "nothing" };
  if (reply.status !== 200) return { kind: "failed", because: `status ${reply.status}` };
  let body: unknown;
  try {
    body = JSON.parse(reply.body);
  } catch {
    return { kind: "failed", because: "the answer is not JSON" };
  }
  const labels = Object.entries(take).flatMap(([label, path]) => {
    const value = valueAt(body, path);
    return value === null ? [] : [[label, value.slice(0, VALUE_MAX)] as const];
  });
  return labels.length === 0
    ? { kind: "nothing" }
    : { kind: "labels", labels: Object.fromEntries(labels) };
}

/** “owner.team” or “hosts.0.rack”; null for what is not there, or is no text, number or truth value. */
function valueAt(body: unknown, path: string): string | null {
  let value = body;
  for (const part of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return null;
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  if (typeof value === "string") return value === "" ? null : value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}
