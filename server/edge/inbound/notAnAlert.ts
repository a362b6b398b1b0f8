/**
 * What people send by mistake, or to see what happens: exports, rules, logs and programs. They are
 * recognised so that they are told apart from what nobody knows, and raise nothing.
 * Samples: golden/not-an-alert.*
 */
import { type Adapter } from "../../domain/signal/signal.ts";
import { dig } from "./paths.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";

const HEAD_MAX = 8_192;

/** What it is, in the words of the finding. Texts are known by their beginning. */
const TEXTS: readonly (readonly [form: RegExp, what: string])[] = [
  [
    /^(?=[^\n]*\bBilledCost\b)[^\n]*\bChargePeriodStart\b/,
    "a FOCUS export of billing rows: data for cost reports",
  ],
  [
    /^[^\n]*\bMeterCategory\b[^\n]*\bcostinbillingcurrency\b/i,
    "an Azure export of billing rows: data for cost reports",
  ],
  [
    /^[^\n]*\bResourceId\b[^\n]*\b(PreTaxCost|UsageQuantity|BlendedCost)\b/i,
    "an export of billing rows: data for cost reports",
  ],
  [/^[^\n]*\blineItem\/UsageAccountId\b/, "an AWS cost and usage report: data for cost reports"],
  [
    /(^|\n)logsource:[\s\S]*\ndetection:|(^|\n)detection:[\s\S]*\nlogsource:/,
    "a Sigma rule: it says what to look for, not that something was found",
  ],
  [
    /^(#[^\n]*\n)*\s*\[\d{4}-\d\d-\d\d[T ][\d:,.+]+\] \{[\w.]+:\d+\} [A-Z]+ - /,
    "lines of an Airflow log: let a callback tell what failed",
  ],
  [/^BEGIN:VCALENDAR/, "a calendar: import it as an on-call schedule"],
  [
    /^(#[^\n]*\n)*\s*(import \w|from \w+ import |def \w+\(|for \w+ in |\w+ = (\{\}|\[\])\n)/,
    "a program, not what it sends",
  ],
];

/** A call of an AWS API, as CloudTrail records it. */
const isCall = (one: unknown): boolean =>
  isObject(one) &&
  ["eventVersion", "eventSource", "eventName", "userIdentity"].every((name) =>
    Object.hasOwn(one, name),
  );

const OBJECTS: readonly (readonly [is: (body: Json) => boolean, what: string])[] = [
  [
    (body) => dig(body, "QueryExecution.QueryExecutionId") !== undefined,
    "the record of an Athena query: what it cost is data, who should know is a budget's alert",
  ],
  [
    (body) => Array.isArray(body["skus"]) && dig(body, "skus.0.skuId") !== undefined,
    "a price list of Google Cloud: data for cost reports",
  ],
  [
    (body) =>
      isCall(body) ||
      (Array.isArray(body["Records"]) && body["Records"].length > 0 && isCall(body["Records"][0])),
    "a record of CloudTrail: let an EventBridge rule choose the calls that matter",
  ],
  [
    (body) =>
      Object.hasOwn(body, "condition") &&
      Object.hasOwn(body, "folderUID") &&
      Array.isArray(body["data"]),
    "a rule of Grafana: it says what to look for, not that something was found",
  ],
  [
    (body) => Object.hasOwn(body, "InsightArn") && Object.hasOwn(body, "GroupByAttribute"),
    "a saved search of Security Hub (an insight): its findings come by themselves",
  ],
];

const whatIs = (body: unknown): string | null => {
  if (typeof body === "string") {
    const head = body.slice(0, HEAD_MAX);
    return TEXTS.find(([form]) => form.test(head))?.[1] ?? null;
  }
  return isObject(body) ? (OBJECTS.find(([is]) => is(body))?.[1] ?? null) : null;
};

export const notAnAlert: Adapter = {
  about: { id: "not-an-alert", name: "Data that is no message", docs: "docs/intake.md" },
  setUp: {
    steps: [
      "Nothing has to be set up: exports, rules and logs that come to {url} are told apart, and raise nothing.",
    ],
    sample: "not-an-alert.sigma.yml",
  },
  resendsByContract: false,
  recognise: ({ body }) => (whatIs(body) === null ? 0 : 0.7),
  read({ body }) {
    const what = whatIs(body);
    if (what === null) return refusedWhole("body", "an export, a rule or a log that is known");
    const reading = new Reading();
    reading.find(0, "body", `${what}; no alert`);
    return reading;
  },
};
