/** Pingdom: uptime and transaction checks by webhook. Samples: golden/pingdom.*.json */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, Reading, refusedWhole } from "./reading.ts";
import {
  at,
  firstText,
  has,
  joinKey,
  listOf,
  recogniseObject,
  severityBy,
  tagsOf,
  tell,
} from "./telling.ts";
import { momentOf } from "./times.ts";

/** The importance of the check. */
const SEVERITIES = { HIGH: "critical", LOW: "warning" } satisfies Record<string, AlertSeverity>;

const STATE = /^(DOWN|UP|FAILING|SUCCESS|UNKNOWN|UNCONFIRMED_DOWN|PAUSED)$/i;

export const pingdom: Adapter = {
  about: {
    id: "pingdom",
    name: "Pingdom",
    docs: "https://www.pingdom.com/resources/webhooks/",
  },
  setUp: {
    steps: [
      "Integrations → Add integration → Webhook: URL {url}.",
      "Choose the integration in the settings of the checks.",
    ],
    sample: "pingdom.down.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject(
    (body) =>
      has(body, "check_id", "current_state") &&
      (has(body, "check_name") || has(body, "check_type")),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a webhook");
    const id = firstText(body["check_id"]);
    const state = firstText(body["current_state"]);
    if (id === null) return refusedWhole("check_id", "the identity of a check");
    if (state === null || !STATE.test(state))
      return refusedWhole("current_state", "DOWN, UP, FAILING or SUCCESS");
    const reading = new Reading();
    const over = /^(UP|SUCCESS|PAUSED)$/i.test(state);
    const name = firstText(body["check_name"]) ?? `check ${id}`;
    const tags = listOf(body["tags"])
      .map((one) => firstText(one, at(one, "name")) ?? "")
      .filter((tag) => tag !== "");
    tell(reading, 0, {
      status: over ? "resolved" : "firing",
      title: `${name} is ${state.toUpperCase()}`,
      severity: severityBy(SEVERITIES, body["importance_level"] ?? "HIGH"),
      dedupKey: joinKey("check", id),
      service: tagsOf(tags)["service"] ?? name,
      source: firstText(at(body, "check_params", "hostname"), at(body, "check_params", "url")),
      link: `https://my.pingdom.com/app/reports/${/^TRANSACTION$/i.test(firstText(body["check_type"]) ?? "") ? "transactions" : "uptime"}#check=${encodeURIComponent(id.toWellFormed())}`,
      startedAt:
        momentOf(body["state_changed_timestamp"]) ?? momentOf(body["state_changed_utc_time"]),
      labels: {
        type: body["check_type"],
        previous: body["previous_state"],
        tags: tags.join(","),
        url: at(body, "check_params", "full_url"),
      },
      details: {
        description: firstText(body["long_description"], body["description"]),
        probes: [body["first_probe"], body["second_probe"]],
      },
    });
    return reading;
  },
};
