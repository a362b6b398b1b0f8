/**
 * Google Cloud budgets: the JSON of a programmatic notification, alone or inside a Pub/Sub push. It
 * comes several times a day whatever the spending; without a threshold it says that all is well.
 * https://cloud.google.com/billing/docs/how-to/budgets-programmatic-notifications
 * Samples: golden/gcp-budget.*.json
 */
import { type Adapter, type Envelope } from "../../../domain/signal/signal.ts";
import { BY_GOOGLE } from "../authorization.ts";
import { readObject } from "../items.ts";
import { numberAt, textAt } from "../paths.ts";
import { type Json, type Reading } from "../reading.ts";
import { has, joinKey, recogniseObject, severityBy, tell } from "../telling.ts";
import { moneyText } from "./money.ts";

/** The notification, and what Pub/Sub says beside it where it came by push. */
type Notification = { readonly budget: Json; readonly envelope: Envelope | undefined };

const isBudget = (body: Json): boolean => has(body, "budgetDisplayName", "costAmount");

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
      BY_GOOGLE,
    ],
    sample: "gcp-budget.push.json",
  },
  // The share of the budget that has been passed.
  severities: { "100 % and more": "error", "80 % and more": "warning", "less than 80 %": "info" },
  resendsByContract: false,
  tokensOf: "Google",
  recognise: recogniseObject(isBudget),
  read: readObject(
    "a budget notification with budgetDisplayName and costAmount",
    (reading, budget, { envelope }) => {
      if (!isBudget(budget))
        return reading.refuse(0, "budgetDisplayName", "a text, beside costAmount");
      const found = { budget, envelope };
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
  { budget, envelope }: Notification,
  { kind, share }: { readonly kind: "actual" | "forecast"; readonly share: number | null },
): void {
  const name = textAt(budget, "budgetDisplayName") ?? "without a name";
  const currency = textAt(budget, "currencyCode");
  const [cost, limit] = [numberAt(budget, "costAmount"), numberAt(budget, "budgetAmount")];
  const attributes = envelope?.attributes ?? budget["attributes"];
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
    // When the period began says nothing of when the threshold was passed.
    startedAt: envelope?.at ?? null,
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
