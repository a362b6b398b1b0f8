/**
 * Healthchecks: its webhook with the body $JSON, or a template of its placeholders.
 * https://healthchecks.io/docs/configuring_notifications/ Samples: golden/healthchecks.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "./authorization.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { firstText, has, joinKey, recogniseObject, severityBy, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** The states of a check. */
const SEVERITIES = {
  down: "error",
  up: "info",
  grace: "info",
  new: "info",
  paused: "info",
  started: "info",
} satisfies Record<string, AlertSeverity>;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const healthchecks: Adapter = {
  about: {
    id: "healthchecks",
    name: "Healthchecks",
    docs: "https://healthchecks.io/docs/configuring_notifications/",
  },
  setUp: {
    steps: [
      "Integrations → Webhook: for “down” and for “up” method POST, URL {url}, request body $JSON, header Content-Type: application/json.",
      BY_HEADER,
    ],
    sample: "healthchecks.down.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject(isCheck),
  read({ body: given }) {
    if (!isObject(given)) return refusedWhole("body", "one JSON object, $JSON");
    const body = ofTemplate(given);
    const state = firstText(body["status"])?.toLowerCase() ?? "";
    if (!Object.hasOwn(SEVERITIES, state))
      return refusedWhole("status", "down, up, grace, new, paused or started");
    const name = firstText(body["name"], body["slug"]) ?? "A check";
    const reading = new Reading();
    if (state !== "down" && state !== "up") {
      reading.find(0, "status", `${state} is neither down nor up: no alert`);
      return reading;
    }
    const update = firstText(body["update_url"], body["ping_url"]);
    const id = firstText(body["uuid"], body["code"], body["unique_key"], idIn(update));
    tell(reading, 0, {
      status: state === "up" ? "resolved" : "firing",
      title: `${name} is ${state}`,
      severity: severityBy(SEVERITIES, "down"),
      dedupKey: joinKey("check", id ?? body["slug"] ?? name),
      service: firstText(body["slug"], name),
      source: name,
      link: linkOf(body, id),
      startedAt: momentOf(body["now"]) ?? momentOf(body["last_ping"]),
      labels: { tags: body["tags"], schedule: firstText(body["schedule"], body["timeout"]) },
      details: {
        description: body["desc"],
        lastPing: body["last_ping"],
        grace: body["grace"],
        pings: body["n_pings"],
      },
    });
    return reading;
  },
};

/** Templates name the check as their author likes. */
const ofTemplate = (body: Json): Json => ({
  ...body,
  name: firstText(body["name"], body["check_name"], body["check"]),
  code: firstText(body["code"], body["check_id"], body["check_uuid"], body["id"]),
});

function isCheck(given: Json): boolean {
  const body = ofTemplate(given);
  if (firstText(body["name"]) === null || !/^(up|down)$/i.test(firstText(body["status"]) ?? ""))
    return false;
  if (has(body, "n_pings") && (has(body, "last_ping") || has(body, "grace"))) return true;
  return (
    UUID.test(firstText(body["code"]) ?? "") &&
    (has(body, "tags") || has(body, "now") || has(body, "check"))
  );
}

const idIn = (url: string | null): string | null =>
  /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(url ?? "")?.[0] ?? null;

/** The check's page stands on the host of its API; the host that is pinged may be another one. */
function linkOf(body: Json, id: string | null): string | null {
  const update = URL.parse(firstText(body["update_url"]) ?? "");
  if (id === null || !UUID.test(id)) return null;
  if (update !== null && /^https?:$/.test(update.protocol))
    return `${update.origin}/checks/${id}/details/`;
  const ping = URL.parse(firstText(body["ping_url"]) ?? "");
  return ping === null || ping.host === "hc-ping.com"
    ? `https://healthchecks.io/checks/${id}/details/`
    : null;
}
