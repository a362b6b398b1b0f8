/**
 * Azure Monitor: the common alert schema, and the schemas of before (metric alerts, classic metric
 * alerts, activity log, log alerts).
 * https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema
 * https://learn.microsoft.com/azure/azure-monitor/alerts/activity-log-alerts-webhook
 * https://learn.microsoft.com/azure/service-health/service-health-notifications-properties
 * Samples: golden/azure-monitor.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { BY_ACTION_GROUP } from "./authorization.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import {
  at,
  firstText,
  has,
  joinKey,
  listOf,
  recogniseObject,
  severityBy,
  type Status,
  tell,
} from "./telling.ts";
import { momentOf } from "./times.ts";

const SEVERITIES = {
  Sev0: "critical",
  Sev1: "error",
  Sev2: "warning",
  Sev3: "info",
  Sev4: "info",
  Critical: "critical",
  Error: "error",
  Warning: "warning",
  Informational: "info",
  Verbose: "info",
} satisfies Record<string, AlertSeverity>;

const COMMON = "azureMonitorCommonAlertSchema";
const SCHEMAS =
  /^(AzureMonitorMetricAlert|Microsoft\.Insights\/(activityLogs|LogAlert|metricAlerts)|Microsoft\.AlertsManagement\/.*)$/i;

export const azureMonitor: Adapter = {
  about: {
    id: "azure-monitor",
    name: "Azure Monitor",
    docs: "https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema",
  },
  setUp: {
    steps: [
      "In an action group add an action of type “Webhook” with the URI {url}.",
      "Enable the common alert schema for it, and let the alert rules use the action group.",
      BY_ACTION_GROUP,
    ],
    sample: "azure-monitor.common.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  tokensOf: "Microsoft Entra",
  recognise: recogniseObject((body) => {
    const schema = firstText(body["schemaId"]);
    const essentials = at(body, "data", "essentials");
    // Budgets come in the same schema, and are no matter of monitoring.
    if (at(essentials, "monitoringService") === "CostAlerts") return false;
    if (schema === COMMON) return true;
    if (schema === null && isObject(essentials)) return has(essentials, "alertRule", "severity");
    return (schema !== null && SCHEMAS.test(schema)) || isClassic(body) || isLogAlert(body);
  }),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of an action group");
    const reading = new Reading();
    const data = isObject(body["data"]) ? body["data"] : body;
    if (isObject(data["essentials"])) readCommon(reading, data["essentials"], data);
    else if (isObject(at(data, "context", "activityLog"))) readActivity(reading, data);
    else if (isObject(data["context"])) readContext(reading, data, data["context"]);
    else if (has(data, "AlertRuleName")) readLogAlert(reading, data);
    else {
      reading.refuse(0, "data.essentials", "an object, as the common alert schema has it");
    }
    return reading;
  },
};

const isClassic = (body: Json): boolean =>
  typeof body["status"] === "string" &&
  isObject(body["context"]) &&
  has(body["context"], "conditionType", "resourceId");

/** Log alerts before the common schema came without a schema around them. */
const isLogAlert = (body: Json): boolean =>
  has(body, "AlertRuleName") &&
  (has(body, "SubscriptionId") || has(body, "WorkspaceId")) &&
  (has(body, "SearchQuery") || has(body, "LinkToSearchResults") || has(body, "ResultCount"));

/** Maintenance ends by being complete or called off; what is written after an incident is of one that is over. */
const isPast = (stage: string | null): boolean =>
  /^(resolved|complete|cancell?ed|rca)$/i.test(stage ?? "");

const statusOf = (word: unknown): Status =>
  /^(resolved|deactivated|closed)$/i.test(firstText(word) ?? "") ? "resolved" : "firing";

function readCommon(reading: Reading, essentials: Json, data: Json): void {
  const service = firstText(essentials["monitoringService"]);
  if (service === "ServiceHealth") return readServiceHealth(reading, essentials, data);
  if (service === "Resource Health" && isObject(data["alertContext"]))
    return readResourceHealth(reading, data["alertContext"], essentials);
  const targets = listOf(essentials["alertTargetIDs"]);
  const target = firstText(...targets);
  const alertId = firstText(essentials["alertId"]);
  const rule = firstText(essentials["alertRule"]);
  if (rule === null && alertId === null) {
    return reading.refuse(0, "data.essentials.alertRule", "the name of an alert rule");
  }
  const configured = firstText(...listOf(essentials["configurationItems"]));
  tell(reading, 0, {
    status: statusOf(essentials["monitorCondition"]),
    title: rule ?? "Azure Monitor alert",
    severity: severityBy(SEVERITIES, essentials["severity"] ?? "Sev3"),
    dedupKey: alertId ?? joinKey(rule, target),
    service: lastOf(configured ?? target),
    source: target,
    link: firstText(essentials["investigationLink"]) ?? (alertId === null ? null : pageOf(alertId)),
    startedAt: momentOf(essentials["firedDateTime"]),
    endsAt: momentOf(essentials["resolvedDateTime"]),
    labels: {
      signalType: essentials["signalType"],
      monitoringService: essentials["monitoringService"],
      resource: lastOf(target),
      severity: essentials["severity"],
      ...(isObject(data["customProperties"]) ? data["customProperties"] : {}),
    },
    details: { description: essentials["description"], context: data["alertContext"], targets },
  });
}

/**
 * What happens to Azure itself. Each update fires anew as an alert of its own, and none is ever resolved
 * as an alert: the event behind it has the identity, and tells its end.
 */
function readServiceHealth(reading: Reading, essentials: Json, data: Json): void {
  const context = isObject(data["alertContext"]) ? data["alertContext"] : {};
  const properties = isObject(context["properties"]) ? context["properties"] : {};
  const target = firstText(...listOf(essentials["alertTargetIDs"]));
  const alertId = firstText(essentials["alertId"]);
  const tracking = firstText(properties["trackingId"]);
  const rule = firstText(essentials["alertRule"]);
  const over =
    statusOf(essentials["monitorCondition"]) === "resolved" ||
    isPast(firstText(properties["stage"], context["status"]));
  tell(reading, 0, {
    status: over ? "resolved" : "firing",
    title: firstText(properties["title"], rule) ?? "Azure service health",
    severity: severityBy(SEVERITIES, levelOf(context) ?? essentials["severity"] ?? "Sev4"),
    dedupKey:
      tracking === null
        ? (alertId ?? joinKey(rule, target))
        : joinKey("activity", tracking, target),
    service: firstText(properties["service"]) ?? lastOf(target),
    source: target,
    link: firstText(essentials["investigationLink"]) ?? (alertId === null ? null : pageOf(alertId)),
    startedAt:
      momentOf(properties["impactStartTime"]) ??
      momentOf(context["eventTimestamp"]) ??
      momentOf(essentials["firedDateTime"]),
    labels: {
      rule,
      monitoringService: essentials["monitoringService"],
      region: properties["region"],
      type: properties["incidentType"],
      stage: firstText(properties["stage"], context["status"]),
    },
    details: { communication: properties["communication"], context },
  });
}

/** Whatever the activity log tells fires as Sev4: its level says how bad it is, as a word or a number. */
const LEVELS = [null, "Critical", "Error", "Warning", "Informational"];
const levelOf = (log: Json): string | null => {
  const level = firstText(log["level"]);
  return level === null || !/^\d$/.test(level) ? level : (LEVELS[Number(level)] ?? null);
};

/**
 * What Azure says of one resource's health. Each change fires anew and is never resolved as an alert:
 * the resource has the identity, and being available again is the end.
 */
function readResourceHealth(reading: Reading, log: Json, essentials: Json): void {
  const properties = isObject(log["properties"]) ? log["properties"] : {};
  const resource = firstText(log["resourceId"], ...listOf(essentials["alertTargetIDs"]));
  const alertId = firstText(essentials["alertId"]);
  const health = firstText(properties["currentHealthStatus"]);
  const over = health?.toLowerCase() === "available" || statusOf(log["status"]) === "resolved";
  const about = firstText(properties["title"]);
  const name = lastOf(resource) ?? firstText(essentials["alertRule"]) ?? "An Azure resource";
  const state = `${name} is ${health?.toLowerCase() ?? (over ? "available" : "not healthy")}`;
  tell(reading, 0, {
    status: over ? "resolved" : "firing",
    title: about === null ? state : `${state}: ${about}`,
    severity: severityBy(SEVERITIES, levelOf(log) ?? essentials["severity"] ?? "Sev4"),
    dedupKey:
      resource === null
        ? (alertId ?? joinKey("health", log["correlationId"]))
        : joinKey("health", resource.toLowerCase()),
    service: lastOf(resource),
    source: resource,
    link: firstText(essentials["investigationLink"]) ?? (alertId === null ? null : pageOf(alertId)),
    startedAt:
      momentOf(log["eventTimestamp"]) ??
      momentOf(log["submissionTimestamp"]) ??
      momentOf(essentials["firedDateTime"]),
    labels: {
      rule: essentials["alertRule"],
      monitoringService: "Resource Health",
      health,
      was: properties["previousHealthStatus"],
      cause: properties["cause"],
      type: properties["type"],
    },
    details: { description: essentials["description"], context: log },
  });
}

/** Metric alerts before the common schema, classic ones included. */
function readContext(reading: Reading, data: Json, context: Json): void {
  const id = firstText(context["id"]);
  const name = firstText(context["name"]);
  if (name === null) return reading.refuse(0, "context.name", "the name of an alert rule");
  const word = firstText(context["severity"]);
  tell(reading, 0, {
    status: statusOf(data["status"]),
    title: name,
    // Classic rules have none.
    severity:
      word === null ? "warning" : severityBy(SEVERITIES, /^\d$/.test(word) ? `Sev${word}` : word),
    dedupKey: joinKey(id ?? name, context["resourceId"]),
    service: context["resourceName"],
    source: context["resourceId"],
    link: context["portalLink"],
    startedAt: momentOf(context["timestamp"]),
    labels: {
      resourceGroup: context["resourceGroupName"],
      resourceType: context["resourceType"],
      region: context["resourceRegion"],
      ...(isObject(data["properties"]) ? data["properties"] : {}),
    },
    details: { description: context["description"], condition: context["condition"] },
  });
}

function readActivity(reading: Reading, data: Json): void {
  const log = at(data, "context", "activityLog") as Json;
  if (log["eventSource"] === "ResourceHealth") return readResourceHealth(reading, log, {});
  const resource = firstText(log["resourceId"]);
  const properties = isObject(log["properties"]) ? log["properties"] : {};
  const stage = firstText(properties["stage"], log["status"]);
  tell(reading, 0, {
    status:
      log["eventSource"] === "ServiceHealth" &&
      (isPast(stage) || stage?.toLowerCase() === "succeeded")
        ? "resolved"
        : "firing",
    title: firstText(properties["title"], log["operationName"]) ?? "Azure activity log event",
    severity: severityBy(SEVERITIES, levelOf(log) ?? "Informational"),
    dedupKey: joinKey(
      "activity",
      firstText(properties["trackingId"], log["correlationId"]),
      resource,
    ),
    service: firstText(properties["service"]) ?? lastOf(resource),
    source: resource,
    startedAt: momentOf(log["eventTimestamp"]) ?? momentOf(log["submissionTimestamp"]),
    labels: {
      operation: log["operationName"],
      status: log["status"],
      caller: log["caller"],
      region: properties["region"],
    },
    details: log,
  });
}

function readLogAlert(reading: Reading, data: Json): void {
  const name = firstText(data["AlertRuleName"]) ?? "Azure log alert";
  const severity = firstText(data["Severity"]) ?? "Warning";
  tell(reading, 0, {
    status: "firing",
    title: name,
    severity: severityBy(SEVERITIES, /^\d$/.test(severity) ? `Sev${severity}` : severity),
    dedupKey: joinKey(
      data["SubscriptionId"],
      firstText(data["WorkspaceId"], data["ApplicationId"]),
      name,
    ),
    service: firstText(...listOf(data["AffectedConfigurationItems"])),
    source: firstText(data["WorkspaceId"], data["ApplicationId"]),
    link: firstText(data["LinkToFilteredSearchResultsUI"], data["LinkToSearchResults"]),
    startedAt: momentOf(data["SearchIntervalEndtimeUtc"]),
    labels: { results: data["ResultCount"], alertType: data["AlertType"] },
    details: data,
  });
}

const lastOf = (path: string | null): string | null =>
  path === null ? null : (path.split("/").findLast((part) => part !== "") ?? null);

const pageOf = (alertId: string): string =>
  `https://portal.azure.com/#blade/Microsoft_Azure_Monitoring/AlertDetailsTemplateBlade/alertId/${encodeURIComponent(alertId.toWellFormed())}`;
