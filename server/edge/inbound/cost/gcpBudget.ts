/**
 * Google Cloud budgets: the JSON of a programmatic notification, alone or inside a Pub/Sub push. It
 * comes several times a day whatever the spending; without a threshold it says that all is well.
 * https://cloud.google.com/billing/docs/how-to/budgets-programmatic-notifications
 * Samples: golden/gcp-budget.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { numberAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, joinKey, recogniseObject, severityBy, tell } from "../telling.ts";
import { moneyText } from "./money.ts";

const DATA_MAX = 100_000;

/** The notification, and what Pub/Sub says beside it. */
type Notification = { readonly body: Json; readonly budget: Json; readonly attributes: unknown };

function notificationIn(body: Json): Notification | null {
  if (has(body, "budgetDisplayName", "costAmount"))
    return { body, budget: body, attributes: body["attributes"] };
  const message = isObject(body["message"]) ? body["message"] : body;
  const data = message["data"];
  if (typeof data !== "string" || data.length > DATA_MAX || !/^[A-Za-z0-9+/_-]+=*$/.test(data))
    return null;
  try {
    const budget: unknown = JSON.parse(Buffer.from(data, "base64").toString("utf8"));
    return isObject(budget) && has(budget, "budgetDisplayName", "costAmount")
      ? { body, budget, attributes: message["attributes"] }
      : null;
  } catch {
    return null;
  }
}

export const gcpBudget: Adapter = {
  about: {
    id: "gcp-budget",
    name: "Google Cloud budgets",
    docs: "https://cloud.google.com/billing/docs/how-to/budgets-programmatic-notifications",
  },
  setUp: {
    steps: [
      "Connect a Pub/Sub topic to the budget (Manage notifications).",
      "Give the topic a push subscription with the endpoint {url}.",
    ],
    sample: "gcp-budget.push.json",
  },
  // The share of the budget that has been passed.
  severities: { "100 % and more": "error", "80 % and more": "warning", "less than 80 %": "info" },
  resendsByContract: false,
  recognise: recogniseObject((body) => notificationIn(body) !== null),
  read: readObject(
    "a budget notification with budgetDisplayName and costAmount",
    (reading, body) => {
      const found = notificationIn(body);
      if (found === null)
        return reading.refuse(0, "budgetDisplayName", "a text, beside costAmount");
      const actual = numberAt(found.budget, "alertThresholdExceeded");
      const forecast = numberAt(found.budget, "forecastThresholdExceeded");
      if (actual !== null) tellBudget(reading, found, { kind: "actual", share: actual });
      if (forecast !== null) tellBudget(reading, found, { kind: "forecast", share: forecast });
      if (actual !== null || forecast !== null) return;
      tellBudget(reading, found, { kind: "actual", share: null });
      tellBudget(reading, found, { kind: "forecast", share: null });
    },
  ),
};

const bandOf = (share: number): string =>
  share >= 1 ? "100 % and more" : share >= 0.8 ? "80 % and more" : "less than 80 %";

function tellBudget(
  reading: Reading,
  { body, budget, attributes }: Notification,
  { kind, share }: { readonly kind: "actual" | "forecast"; readonly share: number | null },
): void {
  const name = textAt(budget, "budgetDisplayName") ?? "without a name";
  const currency = textAt(budget, "currencyCode");
  const [cost, limit] = [numberAt(budget, "costAmount"), numberAt(budget, "budgetAmount")];
  const account = textAt(attributes, "billingAccountId");
  const id = textAt(attributes, "budgetId");
  tell(reading, 0, {
    status: share === null ? "resolved" : "firing",
    title:
      share === null
        ? `Budget ${name}: ${kind} spending is below every threshold`
        : `Budget ${name}: ${kind === "actual" ? "" : "forecast of "}more than ${Math.round(share * 100)} % of ${moneyText(limit, currency)}`,
    severity: severityBy(gcpBudget.severities!, bandOf(share ?? 0)),
    dedupKey: joinKey("gcp-budget", account, id ?? name, kind),
    service: name,
    source: "Google Cloud Billing",
    link:
      account === null
        ? "https://console.cloud.google.com/billing"
        : `https://console.cloud.google.com/billing/${encodeURIComponent(account)}/budgets`,
    startedAt: timeAt(
      reading,
      0,
      { budget, body },
      "body.message.publishTime",
      "budget.costIntervalStart",
    ),
    labels: {
      product: "Google Cloud Billing",
      budget: name,
      account,
      kind,
      threshold: share,
      currency,
      amount_type: textAt(budget, "budgetAmountType"),
    },
    details: { cost: moneyText(cost, currency), budget: moneyText(limit, currency) },
  });
}
