/**
 * HetrixTools: uptime, resource-usage and blacklist notifications by webhook.
 * https://docs.hetrixtools.com/webhook-notifications/
 * https://docs.hetrixtools.com/blacklist-monitoring-webhook-notifications/
 * Samples: golden/hetrixtools.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { authorizedBy } from "../authorization.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { firstText, has, joinKey, tell } from "../telling.ts";
import { momentOf } from "../times.ts";

const SEVERITIES = {
  offline: "critical",
  online: "info",
  "resource usage": "warning",
  blacklisted: "error",
} satisfies Record<string, AlertSeverity>;

export const hetrixTools: Adapter = {
  about: {
    id: "hetrixtools",
    name: "HetrixTools",
    docs: "https://docs.hetrixtools.com/webhook-notifications/",
  },
  setUp: {
    steps: [
      "Contact lists → edit: webhook URL {url}; choose the list in the monitors.",
      "The authentication token beside the URL is a secret of yours: put it into the environment and name it in the key's signedWith.",
    ],
    sample: "hetrixtools.offline.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: ({ body }) => (listedIn(body) !== null || (isObject(body) && isOfOne(body)) ? 1 : 0),
  read({ body }) {
    const listed = listedIn(body);
    if (listed !== null) return readBlacklists(listed);
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

const isOfOne = (body: Json): boolean =>
  has(body, "monitor_id", "monitor_name") &&
  (has(body, "monitor_status") || has(body, "resource_usage")) &&
  (has(body, "monitor_target") || has(body, "monitor_type") || has(body, "timestamp"));

/** What blacklist monitors tell: an address or a domain each, and who lists it now. */
const listedIn = (body: unknown): readonly Json[] | null => {
  const items = Array.isArray(body) ? (body as readonly unknown[]) : [body];
  const isListed = (one: unknown): one is Json =>
    isObject(one) && has(one, "monitor", "blacklisted_before", "blacklisted_now");
  return items.length > 0 && items.every(isListed) ? items : null;
};

function readBlacklists(items: readonly Json[]): Reading {
  const reading = new Reading();
  items.forEach((item, index) => {
    const monitor = firstText(item["monitor"]);
    const times = firstText(item["blacklisted_now"]);
    if (monitor === null) return reading.refuse(index, "monitor", "an address or a domain");
    if (times === null || !/^\d{1,5}$/.test(times))
      return reading.refuse(index, "blacklisted_now", "a number of blacklists");
    // Older ones spell it so.
    const label = firstText(item["label"], item["lebel"]);
    const links = isObject(item["links"]) ? item["links"] : {};
    tell(reading, index, {
      status: times === "0" ? "resolved" : "firing",
      title:
        times === "0"
          ? `${monitor} is on no blacklist`
          : `${monitor} is on ${times} ${times === "1" ? "blacklist" : "blacklists"}`,
      severity: SEVERITIES.blacklisted,
      dedupKey: joinKey("blacklist", monitor),
      service: label ?? monitor,
      source: monitor,
      link: links["report_link"],
      startedAt: null,
      labels: { label, before: item["blacklisted_before"] },
      details: { listedBy: item["blacklisted_on"] },
    });
  });
  return reading;
}
