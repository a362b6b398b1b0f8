/** OpenStatus: monitors by webhook. Samples: golden/openstatus.*.json */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "../authorization.ts";
import { isObject, Reading, refusedWhole } from "../reading.ts";
import { firstText, has, joinKey, recogniseObject, tell } from "../telling.ts";
import { momentOf } from "../times.ts";

const SEVERITIES = {
  error: "critical",
  degraded: "warning",
  recovered: "info",
} satisfies Record<string, AlertSeverity>;

export const openStatus: Adapter = {
  about: {
    id: "openstatus",
    name: "OpenStatus",
    docs: "https://docs.openstatus.dev/alerting/providers/webhook",
  },
  setUp: {
    steps: ["Notifications → New → Webhook: URL {url}; choose it in the monitors.", BY_HEADER],
    sample: "openstatus.error.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject(
    (body) =>
      isObject(body["monitor"]) &&
      has(body, "cronTimestamp") &&
      has(SEVERITIES, firstText(body["status"]) ?? ""),
  ),
  read({ body }) {
    const monitor = isObject(body) ? body["monitor"] : null;
    if (!isObject(body) || !isObject(monitor)) return refusedWhole("monitor", "an object");
    const state = firstText(body["status"]) ?? "";
    const id = firstText(monitor["id"], monitor["url"]);
    if (!Object.hasOwn(SEVERITIES, state))
      return refusedWhole("status", "error, degraded or recovered");
    if (id === null) return refusedWhole("monitor.id", "the identity of a monitor");
    const reading = new Reading();
    const name = firstText(monitor["name"], monitor["url"]) ?? id;
    const code = firstText(body["statusCode"]);
    const reason = firstText(body["errorMessage"]) ?? (code === null ? null : `HTTP ${code}`);
    tell(reading, 0, {
      status: state === "recovered" ? "resolved" : "firing",
      title: `${name}: ${state}${reason === null ? "" : ` (${reason})`}`,
      severity: SEVERITIES[state as keyof typeof SEVERITIES],
      dedupKey: joinKey("monitor", id),
      service: name,
      source: monitor["url"],
      link: monitor["url"],
      startedAt: momentOf(body["cronTimestamp"]),
      labels: { state, code },
      details: { latency: body["latency"], message: body["errorMessage"] },
    });
    return reading;
  },
};
