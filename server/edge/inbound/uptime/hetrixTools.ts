/** HetrixTools: uptime and resource-usage notifications by webhook. Samples: golden/hetrixtools.*.json */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { isObject, Reading, refusedWhole } from "../reading.ts";
import { firstText, has, joinKey, recogniseObject, tell } from "../telling.ts";
import { momentOf } from "../times.ts";

const SEVERITIES = {
  offline: "critical",
  online: "info",
  "resource usage": "warning",
} satisfies Record<string, AlertSeverity>;

export const hetrixTools: Adapter = {
  about: {
    id: "hetrixtools",
    name: "HetrixTools",
    docs: "https://docs.hetrixtools.com/webhook-notifications/",
  },
  setUp: {
    steps: ["Contact lists → edit: webhook URL {url}; choose the list in the monitors."],
    sample: "hetrixtools.offline.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject(
    (body) =>
      has(body, "monitor_id", "monitor_name") &&
      (has(body, "monitor_status") || has(body, "resource_usage")) &&
      (has(body, "monitor_target") || has(body, "monitor_type") || has(body, "timestamp")),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a webhook");
    const id = firstText(body["monitor_id"]);
    if (id === null) return refusedWhole("monitor_id", "the identity of a monitor");
    const usage = isObject(body["resource_usage"]) ? body["resource_usage"] : null;
    const state = firstText(body["monitor_status"])?.toLowerCase() ?? null;
    if (usage === null && (state === null || !Object.hasOwn(SEVERITIES, state)))
      return refusedWhole("monitor_status", "online or offline");
    const reading = new Reading();
    const name = firstText(body["monitor_name"]) ?? `monitor ${id}`;
    const errors = isObject(body["monitor_errors"]) ? Object.values(body["monitor_errors"]) : [];
    const reason = firstText(errors[0]);
    const resource = firstText(usage?.["resource_type"]) ?? "a resource";
    tell(reading, 0, {
      status: state === "online" ? "resolved" : "firing",
      title:
        usage === null
          ? `${name} is ${state}${reason === null ? "" : `: ${reason}`}`
          : `${name} uses ${firstText(usage["current_usage"]) ?? "too much"} of ${resource}`,
      severity: usage === null ? SEVERITIES.offline : SEVERITIES["resource usage"],
      dedupKey: usage === null ? joinKey("monitor", id) : joinKey("usage", id, resource),
      service: name,
      source: body["monitor_target"],
      link: firstText(body["monitor_target"])?.startsWith("http") ? body["monitor_target"] : null,
      startedAt: momentOf(body["timestamp"]),
      labels: { type: body["monitor_type"], category: body["monitor_category"] },
      details: { errors: body["monitor_errors"], usage },
    });
    return reading;
  },
};
