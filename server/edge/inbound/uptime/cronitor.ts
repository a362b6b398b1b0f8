/** Cronitor's webhook: jobs, checks and heartbeats. Samples: golden/cronitor.*.json */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { firstText, has, joinKey, recogniseObject, type Status, tell } from "../telling.ts";
import { momentOf } from "../times.ts";

/** Nothing ranks its alerts. */
const SEVERITIES = { ALERT: "error", RECOVERY: "info" } satisfies Record<string, AlertSeverity>;

export const cronitor: Adapter = {
  about: {
    id: "cronitor",
    name: "Cronitor",
    docs: "https://cronitor.io/docs/using-webhooks",
  },
  setUp: {
    steps: ["Settings → Integrations → Webhooks: add {url}, and choose it in a notification list."],
    sample: "cronitor.alert.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject(
    (body) =>
      typeof body["monitor"] === "string" &&
      has(body, "id", "rule", "description") &&
      (!has(body, "type") || /^(ALERT|RECOVERY)$/i.test(firstText(body["type"]) ?? "")),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a webhook");
    const name = firstText(body["monitor"]);
    if (name === null) return refusedWhole("monitor", "the name of a monitor");
    const reading = new Reading();
    const description = firstText(body["description"]);
    const environment = firstText(body["environment"]);
    tell(reading, 0, {
      status: statusOf(body, description ?? ""),
      title: `${name}: ${description?.split("\n", 1)[0] ?? firstText(body["rule"]) ?? "alert"}`,
      severity: SEVERITIES.ALERT,
      // One rule at a time fails in the eyes of its page: a recovery names none of them.
      dedupKey: joinKey("monitor", firstText(body["id"]) ?? name, environment),
      service: name,
      source: firstText(body["group"]),
      link: firstText(body["issue_url"], body["monitor_url"]),
      startedAt: momentOf(body["timestamp"]) ?? momentOf(body["stamp"]),
      labels: { rule: body["rule"], environment, group: body["group"] },
      details: { description },
    });
    return reading;
  },
};

/** Older messages tell the end by their words alone. */
function statusOf(body: Json, description: string): Status {
  const type = firstText(body["type"]);
  if (type !== null) return /^RECOVERY$/i.test(type) ? "resolved" : "firing";
  return /\b(recovered|passing|is healthy|back up)\b/i.test(description) ? "resolved" : "firing";
}
