/**
 * AWS Budgets: a letter in prose with `Name: value` lines, by SNS or mail.
 * https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
 * Samples: golden/aws-budgets.*.txt
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { Reading, refusedWhole } from "../reading.ts";
import { joinKey, severityBy, tell } from "../telling.ts";
import { momentOf } from "../times.ts";
import { amountOf } from "./money.ts";

const LETTER = /AWS Budget Notification|^Budget Name:/m;
const TEXT_MAX = 64 * 1_024;
const MONTHS =
  "January February March April May June July August September October November December".split(
    " ",
  );

export const awsBudgets: Adapter = {
  about: {
    id: "aws-budgets",
    name: "AWS Budgets",
    docs: "https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html",
  },
  setUp: {
    steps: [
      "Let the budget's alerts publish to an SNS topic whose policy allows budgets.amazonaws.com.",
      "Add an HTTPS subscription to {url} to the topic.",
    ],
    sample: "aws-budgets.actual.txt",
  },
  severities: {
    "ACTUAL, over the budget": "error",
    "ACTUAL, over the threshold": "warning",
    "FORECASTED, over the budget": "warning",
    "FORECASTED, over the threshold": "info",
  },
  resendsByContract: false,
  recognise: ({ body }) =>
    typeof body === "string" && LETTER.test(body.slice(0, TEXT_MAX)) ? 1 : 0,
  read({ body, envelope, now }) {
    if (typeof body !== "string")
      return refusedWhole("body", "the text of an AWS Budgets notification");
    const reading = new Reading();
    const text = body.slice(0, TEXT_MAX);
    const fields = fieldsOf(text);
    const name = fields.get("budget name");
    if (name === undefined) {
      reading.refuse(0, "Budget Name", "a line “Budget Name: …”");
      return reading;
    }
    const type = (fields.get("alert type") ?? "ACTUAL").toUpperCase();
    const spent =
      fields.get(`${type.toLowerCase()} amount`) ??
      fields.get("actual amount") ??
      fields.get("forecasted amount");
    const budgeted = fields.get("budgeted amount");
    const threshold = fields.get("alert threshold");
    const over = (amountOf(spent) ?? 0) > (amountOf(budgeted) ?? Infinity);
    const account = fields.get("account") ?? /AWS Account[ :]+(\S+)/.exec(text)?.[1] ?? null;
    tell(reading, 0, {
      status: "firing",
      title: `Budget ${name}: ${type.toLowerCase()} ${spent ?? "spending"} ${threshold === undefined ? "is over its threshold" : threshold.replace(/^>\s*/, "is more than ").replace(/^<\s*/, "is less than ")}`,
      severity: severityBy(
        awsBudgets.severities!,
        `${type}, over the ${over ? "budget" : "threshold"}`,
      ),
      dedupKey: joinKey("aws-budgets", account, name, type, threshold),
      service: name,
      source: "AWS Budgets",
      link:
        /https:\/\/console\.aws\.amazon\.com\/\S+/.exec(text)?.[0] ??
        "https://console.aws.amazon.com/billing/home#/budgets",
      startedAt: envelope?.at ?? dateOf(text) ?? now,
      labels: {
        product: "AWS Budgets",
        account,
        budget: name,
        budget_type: fields.get("budget type"),
        alert_type: type,
        threshold,
        budgeted,
        spent,
      },
      details: { text: text.slice(0, 4_000) },
    });
    return reading;
  },
};

/** The `Name: value` lines, by their name in lower case. */
function fieldsOf(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [, name = "", value = ""] of text.matchAll(
    /^[ \t]*([A-Z][A-Za-z ]{2,40}):[ \t]*(\S[^\r\n]*)$/gm,
  )) {
    if (!fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), value.trim());
  }
  return fields;
}

/** “AWS Budget Notification November 01, 2026”. */
function dateOf(text: string) {
  const [, month = "", day = "", year] =
    /Notification\s+([A-Z][a-z]+) (\d{1,2}), (\d{4})/.exec(text) ?? [];
  const number = MONTHS.indexOf(month) + 1;
  return number === 0 ? null : momentOf(`${year}-${number}-${day} 00:00:00`);
}
