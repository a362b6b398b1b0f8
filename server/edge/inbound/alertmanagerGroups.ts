/**
 * What Alertmanager answers to GET /api/v2/alerts and /api/v2/alerts/groups, and Prometheus to GET
 * /api/v1/alerts, handed on by scripts and mirrors: alerts that burn now, each with its state.
 * https://prometheus.io/docs/prometheus/latest/querying/api/#alerts
 * https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 * Samples: golden/alertmanager-groups.*.json
 */
import { type Adapter } from "../../domain/signal/signal.ts";
import { readAlertParts } from "./alertmanagerAlert.ts";
import { isObject, type Json, Reading, refusedWhole, toldTime } from "./reading.ts";
import { at, firstText, has, listOf, tell } from "./telling.ts";
import { SEVERITY_WORDS } from "./severityWords.ts";

export const alertmanagerGroups: Adapter = {
  about: {
    id: "alertmanager-groups",
    name: "Alertmanager's own answers",
    docs: "https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml",
  },
  setUp: {
    steps: [
      "Post what GET /api/v2/alerts or /api/v2/alerts/groups of an Alertmanager answers to {url}. A webhook tells more: it tells ends too.",
    ],
    sample: "alertmanager-groups.groups.json",
  },
  severities: SEVERITY_WORDS,
  resendsByContract: false,
  recognise({ body }) {
    const items = itemsOf(body);
    if (items === null) return 0;
    // An answer that says what it is may have nothing to tell.
    if (items.length === 0) return Number(isObject(body) && isObject(body["data"]));
    return Number(
      items.slice(0, 20).every((item) => isObject(item) && (isGroup(item) || isAlert(item))),
    );
  },
  read({ body }) {
    const items = itemsOf(body);
    if (items === null || (items.length === 0 && Array.isArray(body)))
      return refusedWhole("body", "a list of alerts or of groups");
    const reading = new Reading();
    const seen = new Set<string>();
    let index = 0;
    for (const item of items) {
      for (const alert of isObject(item) && isGroup(item) ? listOf(item["alerts"]) : [item]) {
        readOne(reading, index, alert, seen);
        index++;
      }
    }
    if (index === 0) reading.find(0, "alerts", "none in any group: no alert");
    return reading;
  },
};

/** Below `data` in the answers of version 1, and in those of Prometheus. */
function itemsOf(body: unknown): readonly unknown[] | null {
  if (Array.isArray(body)) return body;
  if (!isObject(body) || body["status"] !== "success") return null;
  const { data } = body;
  const list = isObject(data) ? data["alerts"] : data;
  return Array.isArray(list) ? list : null;
}

const isGroup = (item: Json): boolean =>
  Array.isArray(item["alerts"]) && has(item, "receiver", "labels");
const isAlert = (item: Json): boolean =>
  isObject(item["labels"]) &&
  (isObject(item["status"]) ? has(item["status"], "state") : has(item, "activeAt", "state"));

/** An alert stands in the groups of each of its receivers. */
function readOne(reading: Reading, index: number, raw: unknown, seen: Set<string>): void {
  if (!isObject(raw)) return reading.refuse(index, "alert", "an object with labels and status");
  const parts = readAlertParts(reading, index, raw);
  if (parts === null) return;
  const state = firstText(at(raw, "status", "state"), raw["state"]) ?? "active";
  if (seen.has(parts.dedupKey)) {
    return reading.find(index, "receivers", "told already, for another receiver");
  }
  seen.add(parts.dedupKey);
  if (state === "suppressed") {
    const by = (name: string): boolean => listOf(at(raw, "status", name)).length > 0;
    const why = by("silencedBy") ? "silenced" : by("mutedBy") ? "muted" : "inhibited";
    return reading.find(index, "status.state", `${why} there: no alert`);
  }
  if (state === "pending")
    return reading.find(index, "state", "pending is no condition yet: no alert");
  const since = has(raw, "startsAt") ? "startsAt" : "activeAt";
  tell(reading, index, {
    status: "firing",
    title: parts.title,
    severity: parts.severity,
    dedupKey: parts.dedupKey,
    service: firstText(parts.labels["service"], parts.labels["app"], parts.labels["job"]),
    source: parts.source,
    link: raw["generatorURL"],
    startedAt: toldTime(reading, index, since, raw[since]),
    labels: parts.labels,
    details: { receivers: raw["receivers"], value: raw["value"], ...parts.overflow },
  });
}
