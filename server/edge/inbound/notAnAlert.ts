/**
 * What people send by mistake, or to see what happens: exports, prices, records of queries, rules, logs and
 * programs. They are recognised so that they are told apart from what nobody knows, and raise nothing.
 * Samples: golden/not-an-alert.*
 */
import { type Adapter } from "../../domain/signal/signal.ts";
import { dig, textAt } from "./paths.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { has } from "./telling.ts";

const HEAD_MAX = 8_192;
const COST = ": data for cost reports";
const RULE = ": it says what to look for, not that something was found";

/** What it is, in the words of the finding. Texts are known by their beginning. */
const TEXTS: readonly (readonly [form: RegExp, what: string])[] = [
  [
    /(^|\n)logsource:[\s\S]*\n(detection|filter):|(^|\n)(detection|filter):[\s\S]*\nlogsource:/,
    `a Sigma rule${RULE}`,
  ],
  [/(^|\n)correlation:[^\n]*\n[\s\S]*\n +rules:/, `a Sigma rule that correlates others${RULE}`],
  [/(^|\n)(private |global )*rule \w+[^{\n]*\n?\{[\s\S]*\n\s*condition\s*:/, `a YARA rule${RULE}`],
  [
    /^(#[^\n]*\n|\s)*(alert|drop|reject|pass|block) [a-z0-9]+ [^\n]{1,400}\([^\n]*\bsid: ?\d/,
    `a rule of Suricata or Snort${RULE}`,
  ],
  [/(^|\n)- (rule|macro): [^\n]*\n[\s\S]*\n +condition:/, `a rule of Falco${RULE}`],
  [/(^|\n)\[rule\]\n[\s\S]*\n(risk_score|rule_id) = /, `a rule of Elastic Security${RULE}`],
  [/^\s*(<!--[\s\S]*?-->\s*)*<group name="[\s\S]*<rule id="/, `a rule of Wazuh${RULE}`],
  [/(^|\n)groups:\s*\n[\s\S]*\n +(- )?(alert|record): /, `a rule of Prometheus${RULE}`],
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

/**
 * Rows of costs by the names of their columns, whatever the spelling: `lineItem/UsageAccountId` and
 * `line_item_usage_account_id` are the same, and a translated heading has the name in brackets.
 */
const ROWS: readonly (readonly [columns: readonly string[], what: string])[] = [
  [["billedcost", "chargeperiodstart"], `a FOCUS export of billing rows${COST}`],
  [["lineitemusageaccountid"], `an AWS cost and usage report${COST}`],
  [["payeraccountid", "blendedcost"], `an AWS export of billing rows${COST}`],
  [["metercategory", "costinbillingcurrency"], `an Azure export of billing rows${COST}`],
  [["metercategory", "pretaxcost"], `an Azure export of billing rows${COST}`],
  [["metercategory", "meterid"], `an Azure export of billing rows${COST}`],
  [["resourceid", "pretaxcost"], `an export of billing rows${COST}`],
  [["resourceid", "usagequantity"], `an export of billing rows${COST}`],
  [["resourceid", "blendedcost"], `an export of billing rows${COST}`],
  [["lineitemtenantid", "costmycost"], `an Oracle cost report${COST}`],
  [["billingaccountid", "skudescription"], `a Google Cloud export of billing rows${COST}`],
  [["billingaccountid", "usagestarttime"], `a Google Cloud export of billing rows${COST}`],
  [["warehousename", "creditsused"], `a record of what Snowflake used${COST}`],
  [["skuname", "usagequantity", "workspaceid"], `a record of what Databricks used${COST}`],
  [["marketpricehourly"], `a price list of OpenCost${COST}`],
];

const plain = (names: string): string => names.toLowerCase().replaceAll(/[^a-z0-9,;\t]/g, "");

function rowOf(names: string): string | null {
  if (!/[,;\t].*[,;\t]/.test(names)) return null;
  const found = plain(names);
  return ROWS.find(([columns]) => columns.every((column) => found.includes(column)))?.[1] ?? null;
}

/** A call of an AWS API, as CloudTrail records it. */
const isCall = (one: unknown): boolean =>
  isObject(one) && has(one, "eventVersion", "eventSource", "eventName", "userIdentity");

const listOf = (body: Json, path: string): Json | null => {
  const first = dig(body, `${path}.0`);
  return isObject(first) ? first : null;
};
const hasIn = (one: Json | null, ...names: readonly string[]): boolean =>
  one !== null && has(one, ...names);

const QUERY = "a record of a query: what it cost is data, who should know is a budget's alert";
const PRICES = `a price list${COST}`;

const OBJECTS: readonly (readonly [is: (body: Json) => boolean, what: string])[] = [
  [
    (body) => dig(body, "QueryExecution.QueryExecutionId") !== undefined,
    "the record of an Athena query: what it cost is data, who should know is a budget's alert",
  ],
  [
    (body) =>
      has(body, "QueryExecutionId", "Query", "Status") ||
      hasIn(listOf(body, "QueryExecutions"), "QueryExecutionId") ||
      dig(body, "ResultSet.ResultSetMetadata") !== undefined ||
      /^bigquery#(job|queryResponse|getQueryResultsResponse)$/.test(textAt(body, "kind") ?? "") ||
      has(body, "QUERY_ID", "QUERY_TEXT") ||
      has(body, "query_id", "query_text") ||
      (has(body, "statement_id", "status") && has(body, "manifest")),
    QUERY,
  ],
  [
    (body) => Array.isArray(body["skus"]) && dig(body, "skus.0.skuId") !== undefined,
    "a price list of Google Cloud: data for cost reports",
  ],
  [
    (body) =>
      has(body, "skuId", "pricingInfo") ||
      hasIn(listOf(body, "services"), "serviceId", "businessEntityName") ||
      has(body, "formatVersion", "offerCode") ||
      hasIn(listOf(body, "Items"), "retailPrice"),
    PRICES,
  ],
  [
    (body) =>
      Array.isArray(body["ResultsByTime"]) ||
      Array.isArray(body["ForecastResultsByTime"]) ||
      isAllocation(body),
    `an answer about costs${COST}`,
  ],
  [
    (body) => has(body, "BudgetName", "TimeUnit") || hasIn(listOf(body, "Budgets"), "BudgetName"),
    "a budget as it was set: its notifications come by themselves",
  ],
  [
    (body) => isCall(body) || (Array.isArray(body["Records"]) && isCall(dig(body, "Records.0"))),
    "a record of CloudTrail: let an EventBridge rule choose the calls that matter",
  ],
  [
    (body) => has(body, "condition", "folderUID") && Array.isArray(body["data"]),
    `a rule of Grafana${RULE}`,
  ],
  [
    (body) => has(body, "rule_id", "risk_score", "interval", "language"),
    `a rule of Elastic Security${RULE}`,
  ],
  [
    (body) =>
      has(body, "InsightArn", "GroupByAttribute") ||
      hasIn(listOf(body, "Insights"), "InsightArn") ||
      dig(body, "InsightResults.InsightArn") !== undefined,
    "a saved search of Security Hub (an insight): its findings come by themselves",
  ],
  [
    (body) =>
      body["kind"] === "storage#object" ||
      isObject(dig(body, "Records.0.s3.object")) ||
      (textAt(body, "eventType", "type")?.startsWith("Microsoft.Storage.Blob") === true &&
        isObject(body["data"])),
    "word that a file was stored: what the file says was not sent",
  ],
  [
    (body) => has(body, "renderer_type", "sections"),
    "a page of Great Expectations' documents: send the validation result itself",
  ],
];

/** What OpenCost and Kubecost say of clusters and namespaces, by name. */
function isAllocation(body: Json): boolean {
  const sets = body["data"];
  const [first] = Array.isArray(sets) ? (sets as readonly unknown[]) : [];
  const [one] = isObject(first) ? Object.values(first) : [];
  return isObject(one) && has(one, "cpuCost", "ramCost", "totalCost");
}

/** What says so much of itself is no bare row, but perhaps somebody's alert about one. */
const TELLING = /^(title|message|text|summary|severity|alert|description)$/i;

function whatIs(body: unknown): string | null {
  if (typeof body === "string") {
    const head = body.slice(0, HEAD_MAX);
    const [names = ""] = head.split("\n", 1);
    return rowOf(names) ?? TEXTS.find(([form]) => form.test(head))?.[1] ?? null;
  }
  if (!isObject(body)) return null;
  const what = OBJECTS.find(([is]) => is(body))?.[1];
  if (what !== undefined) return what;
  const names = Object.keys(body);
  if (names.length > 400 || names.some((name) => TELLING.test(name))) return null;
  return rowOf(names.join(","));
}

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
