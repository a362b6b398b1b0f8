/**
 * PromQL instant query → numbers, by Prometheus's HTTP API (which Thanos, Mimir and VictoriaMetrics
 * speak too). Samples: golden/prometheus-query.*.json
 *
 * The query must yield the number itself, at all times: `errors / requests * 100`, not
 * `errors / requests > 0.1`, whose series vanish when all is well and so look like a gap.
 */
import { instant, type Instant } from "../../base/instant.ts";
import type { Reply } from "../../base/transport.ts";
import {
  QUERY_TIMEOUT_MS,
  type QueryDriver,
  type QueryNumber,
  type QueryReply,
} from "../../domain/signal/query.ts";
import { cleanText, clip, LABEL_NAME_MAX, LABEL_VALUE_MAX } from "../../domain/signal/signal.ts";
import { isObject } from "./reading.ts";

export const prometheusQuery: QueryDriver = {
  render({ server, query }, at) {
    const url = new URL(server);
    url.pathname = `${url.pathname.replace(/\/+$/, "")}/api/v1/query`;
    return {
      via: "http",
      method: "POST",
      url: url.href,
      headers: { "Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Tocsin" },
      body: new URLSearchParams({ query, time: (at / 1_000).toFixed(3) }).toString(),
      timeoutMs: QUERY_TIMEOUT_MS,
    };
  },
  read(reply) {
    if (reply.kind === "error") return failed(reply.because);
    if (reply.kind === "mail") return failed("a mail reply to an HTTP request");
    const body = parsed(reply.body);
    if (!isObject(body)) return failed(unreadable(reply));
    if (body["status"] === "success" && reply.status === 200) return numbersOf(body["data"]);
    const kind = typeof body["errorType"] === "string" ? `${body["errorType"]}: ` : "";
    const words = typeof body["error"] === "string" ? body["error"] : "no reason given";
    return failed(`the server answered ${reply.status}: ${kind}${words}`);
  },
};

const failed = (because: string): QueryReply => ({
  kind: "failed",
  because: clip(cleanText(because), 500),
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The transport cuts very long replies, which are no JSON then. */
const unreadable = ({ status }: Extract<Reply, { kind: "http" }>): string =>
  status === 200
    ? "the reply is no JSON, or has more series than fit into 256 KiB"
    : `the server answered ${status}`;

function numbersOf(data: unknown): QueryReply {
  const { resultType, result } = isObject(data) ? data : {};
  if (resultType === "scalar") return someOf([pointOf(result, {})]);
  if (resultType !== "vector" || !Array.isArray(result)) {
    return failed(`the query yields a ${String(resultType)}, not numbers at one instant`);
  }
  if (result.length === 0) return failed("the query yields no series");
  return someOf(
    result.map((series: unknown) => {
      if (!isObject(series)) return null;
      return pointOf(series["value"], labelsOf(series["metric"]));
    }),
  );
}

/** Without those that are no finite number: after a division by zero nothing is known. */
function someOf(points: readonly (QueryNumber | null)[]): QueryReply {
  const numbers = points.filter((point) => point !== null);
  return numbers.length > 0
    ? { kind: "numbers", numbers }
    : failed("the query yields no finite number");
}

function pointOf(pair: unknown, labels: Readonly<Record<string, string>>): QueryNumber | null {
  if (!Array.isArray(pair)) return null;
  const [seconds, text] = pair as readonly unknown[];
  if (typeof seconds !== "number" || typeof text !== "string") return null;
  const at = instantOf(seconds);
  const value = Number(text);
  return at === null || text === "" || !Number.isFinite(value) ? null : { labels, value, at };
}

function instantOf(seconds: number): Instant | null {
  const ms = Math.round(seconds * 1_000);
  return Number.isSafeInteger(ms) ? instant(ms) : null;
}

function labelsOf(metric: unknown): Readonly<Record<string, string>> {
  if (!isObject(metric)) return {};
  return Object.fromEntries(
    Object.entries(metric).map(([name, value]) => [
      clip(cleanText(name), LABEL_NAME_MAX),
      clip(cleanText(String(value)), LABEL_VALUE_MAX),
    ]),
  );
}
