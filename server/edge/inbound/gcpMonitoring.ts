/** Google Cloud Monitoring's webhook, and the same by Pub/Sub. Samples: golden/gcp-monitoring.*.json */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { authorizedBy, BY_GOOGLE, BY_PASSWORD } from "./authorization.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { at, firstText, has, joinKey, recogniseObject, severityBy, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** The severities of a policy; one without is taken for an error, as it was made to wake somebody. */
const SEVERITIES = {
  Critical: "critical",
  Error: "error",
  Warning: "warning",
  "No severity": "error",
} satisfies Record<string, AlertSeverity>;

export const gcpMonitoring: Adapter = {
  about: {
    id: "gcp-monitoring",
    name: "Google Cloud Monitoring",
    docs: "https://cloud.google.com/monitoring/support/notification-options#webhooks",
  },
  setUp: {
    steps: [
      "Alerting → Edit notification channels → Webhooks: add {url}.",
      "Choose the channel in the alerting policies, and let them notify on closure.",
      BY_PASSWORD,
      "Or choose a channel of the type Pub/Sub, and give its topic a push subscription with the endpoint {url}.",
      BY_GOOGLE,
    ],
    sample: "gcp-monitoring.open.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  tokensOf: "Google",
  recognise: recogniseObject(
    (body) =>
      isErrorGroup(body) ||
      (isObject(body["incident"]) &&
        has(body["incident"], "incident_id", "state") &&
        (has(body["incident"], "policy_name") || has(body["incident"], "condition_name"))),
  ),
  read({ body }) {
    if (isObject(body) && isErrorGroup(body)) return readErrorGroup(body);
    const incident = isObject(body) ? body["incident"] : null;
    if (!isObject(incident)) return refusedWhole("incident", "an object, as the webhook has it");
    const reading = new Reading();
    const state = (firstText(incident["state"]) ?? "").toLowerCase();
    if (state !== "open" && state !== "closed") {
      reading.refuse(0, "incident.state", "open or closed");
      return reading;
    }
    const isTest = isObject(body) && body["version"] === "test";
    if (isTest) reading.find(0, "version", "a test of the channel");
    const resource = isObject(incident["resource"]) ? incident["resource"] : {};
    const labels = isObject(resource["labels"]) ? resource["labels"] : {};
    const policy = firstText(incident["policy_name"]);
    // Tests of the channel name the policy by its path.
    const named = policy?.includes("/") === false ? policy : null;
    const condition = firstText(
      incident["condition_name"],
      at(incident, "condition", "displayName"),
    );
    tell(reading, 0, {
      status: state === "closed" ? "resolved" : "firing",
      title:
        firstText(
          at(incident, "documentation", "subject"),
          incident["summary"],
          named !== null && condition !== null ? `${named}: ${condition}` : null,
          condition,
          policy,
        ) ?? "Cloud Monitoring incident",
      severity: isTest ? "info" : severityOf(incident),
      dedupKey:
        firstText(incident["incident_id"]) ?? joinKey(policy, condition, incident["resource_name"]),
      service: serviceOf(incident, labels),
      source: firstText(incident["scoping_project_id"]),
      link: incident["url"],
      startedAt: momentOf(incident["started_at"]),
      endsAt: state === "closed" ? momentOf(incident["ended_at"]) : null,
      labels: {
        ...labels,
        ...(isObject(incident["policy_user_labels"]) ? incident["policy_user_labels"] : {}),
        policy,
        condition,
        resource: resource["type"],
        metric: at(incident, "metric", "type"),
      },
      details: {
        summary: incident["summary"],
        documentation: incident["documentation"],
        observed: incident["observed_value"],
        threshold: incident["threshold_value"],
      },
    });
    return reading;
  },
};

/** Error Reporting tells by the same channels; nothing tells that a group of errors is over. */
const isErrorGroup = (body: Json): boolean =>
  isObject(body["group_info"]) && isObject(body["exception_info"]) && has(body, "subject");

function readErrorGroup(body: Json): Reading {
  const reading = new Reading();
  const project = firstText(at(body, "group_info", "project_id"));
  const kind = firstText(at(body, "exception_info", "type"));
  const message = firstText(at(body, "exception_info", "message"));
  const what = [kind, message].filter((one) => one !== null).join(": ");
  const service = firstText(at(body, "event_info", "service"));
  // The page of the group is what stays the same when it is reopened.
  const page = firstText(at(body, "group_info", "detail_link"));
  tell(reading, 0, {
    status: "firing",
    title: what === "" ? (firstText(body["subject"]) ?? "An error") : what,
    severity: "error",
    dedupKey: joinKey("error", page?.split("?")[0] ?? joinKey(project, service, what)),
    service,
    source: project,
    link: page,
    labels: { project, exception: kind, version: at(body, "event_info", "version") },
    details: { subject: body["subject"], event: body["event_info"] },
  });
  return reading;
}

function severityOf(incident: Json): AlertSeverity {
  const word = firstText(
    incident["severity"],
    at(incident, "policy_user_labels", "severity"),
    at(incident, "metadata", "user_labels", "severity"),
    at(incident, "metadata", "system_labels", "severity"),
  );
  return word === null ? "error" : severityBy(SEVERITIES, word);
}

/** What names a service among the labels of a resource, before its display name and its project. */
const SERVICE_LABELS = [
  "service_name",
  "service",
  "module_id",
  "job",
  "container_name",
  "function_name",
  "cluster_name",
];

const serviceOf = (incident: Json, labels: Json): string | null =>
  firstText(
    ...["service", "app"].map((name) => at(incident, "policy_user_labels", name)),
    ...SERVICE_LABELS.map((name) => (labels[name] === "default" ? null : labels[name])),
    incident["resource_display_name"],
    incident["resource_name"],
    incident["scoping_project_id"],
  );
