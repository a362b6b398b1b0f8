/**
 * Azure budgets by an action group: the older “AIP Budget Notification”, and cost alerts in the common
 * alert schema.
 * https://learn.microsoft.com/en-us/azure/azure-monitor/alerts/alerts-payload-samples
 * Samples: golden/azure-budget.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { BY_ACTION_GROUP } from "../authorization.ts";
import { readObject } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { type Json, type Reading } from "../reading.ts";
import { joinKey, recogniseObject, severityBy, tell } from "../telling.ts";
import { amountOf, moneyText } from "./money.ts";

const isOlder = (body: Json): boolean => body["schemaId"] === "AIP Budget Notification";
const isCommon = (body: Json): boolean =>
  body["schemaId"] === "azureMonitorCommonAlertSchema" &&
  textAt(body, "data.essentials.monitoringService") === "CostAlerts";

export const azureBudget: Adapter = {
  about: {
    id: "azure-budget",
    name: "Azure budgets",
    docs: "https://learn.microsoft.com/en-us/azure/azure-monitor/alerts/alerts-payload-samples",
  },
  setUp: {
    steps: [
      "Make an action group with an action of the type Webhook to {url}; the common alert schema may be on or off.",
      "Choose the action group in the alert conditions of the budget.",
      BY_ACTION_GROUP,
    ],
    sample: "azure-budget.common.json",
  },
  severities: {
    "Actual, over the budget": "error",
    "Actual, over the threshold": "warning",
    "Forecasted, over the budget": "warning",
    "Forecasted, over the threshold": "info",
  },
  resendsByContract: false,
  tokensOf: "Microsoft Entra",
  recognise: recogniseObject((body) => isOlder(body) || isCommon(body)),
  read: readObject("a budget notification of Azure", (reading, body) => {
    const data = isOlder(body) ? dig(body, "data") : dig(body, "data.alertContext.AlertData");
    const name = textAt(data, "BudgetName");
    if (!isOlder(body) && !isCommon(body)) {
      return reading.refuse(
        0,
        "schemaId",
        "“AIP Budget Notification”, or the common schema of CostAlerts",
      );
    }
    if (name === null) return reading.refuse(0, "data.BudgetName", "a text");
    readBudget(reading, body, data, name);
  }),
};

function readBudget(reading: Reading, body: Json, data: unknown, name: string): void {
  const kind = textAt(data, "ThresholdType") ?? "Actual";
  const unit = textAt(data, "Unit");
  const spent = amountOf(
    textAt(
      data,
      kind === "Forecasted" ? "ForecastedTotalForPeriod" : "SpentAmount",
      "SpendingAmount",
      "SpentAmount",
    ),
  );
  const limit = amountOf(textAt(data, "Budget", "BudgetThreshold"));
  const threshold = amountOf(textAt(data, "NotificationThresholdAmount"));
  const scope =
    textAt(data, "SubscriptionId") ??
    uuidIn(textAt(data, "Scope")) ??
    uuidIn(textAt(body, "data.essentials.alertId")) ??
    textAt(data, "Scope");
  const group = textAt(data, "ResourceGroup");
  const over = spent !== null && limit !== null && spent > limit;
  const ended = textAt(body, "data.essentials.monitorCondition") === "Resolved";
  tell(reading, 0, {
    status: ended ? "resolved" : "firing",
    title: `Budget ${name}: ${kind.toLowerCase()} ${moneyText(spent, unit)}, the threshold is ${thresholdText(threshold, limit, unit)}`,
    severity: severityBy(
      azureBudget.severities!,
      `${kind}, over the ${over ? "budget" : "threshold"}`,
    ),
    dedupKey: joinKey("azure-budget", scope, group, name, kind, threshold),
    service: group ?? name,
    source: "Azure Cost Management",
    link: linkOf(textAt(data, "BudgetId")),
    // When the period of the budget began says nothing of when the threshold was passed.
    startedAt: timeAt(reading, 0, body, "data.essentials.firedDateTime"),
    labels: {
      product: "Azure Cost Management",
      budget: name,
      budget_type: textAt(data, "BudgetType"),
      kind,
      subscription: textAt(data, "SubscriptionName") ?? scope,
      resource_group: group,
      creator: textAt(data, "BudgetCreator"),
    },
    details: {
      description: textAt(body, "data.essentials.description"),
      spent: moneyText(spent, unit),
      budget: moneyText(limit, unit),
      alertId: textAt(body, "data.essentials.alertId"),
    },
  });
}

/** Older notifications give the threshold as a sum, or as a share: 0.8 of a budget of hundreds is no sum. */
const thresholdText = (threshold: number | null, limit: number | null, unit: string | null) =>
  threshold !== null && limit !== null && threshold > 0 && threshold <= 2 && limit > threshold * 50
    ? `${Math.round(threshold * 100)} % of ${moneyText(limit, unit)}`
    : moneyText(threshold, unit);

/** The subscription in the path of a resource. */
const uuidIn = (path: string | null): string | undefined =>
  path?.split("/").find((part) => /^[0-9a-f-]{36}$/i.test(part));

/** The portal opens any resource by its id. */
const linkOf = (budgetId: string | null): string =>
  budgetId === null || !budgetId.startsWith("/")
    ? "https://portal.azure.com/#view/Microsoft_Azure_CostManagement/Menu/~/budgets"
    : `https://portal.azure.com/#resource${encodeURI(budgetId)}`;
