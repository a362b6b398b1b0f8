/**
 * Gatus' custom alerting. Its body is a template without a default: what the set-up below says, the names
 * of its placeholders, and the sentence of its examples are read.
 * https://github.com/TwiN/gatus#configuring-custom-alerts Samples: golden/gatus.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "../authorization.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { firstText, joinKey, recogniseObject, tell } from "../telling.ts";

const SEVERITIES = { TRIGGERED: "critical", RESOLVED: "info" } satisfies Record<
  string,
  AlertSeverity
>;

const STATE = /^(triggered|resolved)$/i;
/** “TRIGGERED: shop - till - it does not answer”, as its examples for chats have it. */
const SENTENCE =
  /^(?:Gatus: *)?(TRIGGERED|RESOLVED): ([^\n]{1,200}?) - ([^\n]{1,200}?) - ([^\n]{1,1000})$/;

type Seen = {
  readonly state: string;
  readonly name: string;
  readonly group: string | null;
  readonly url: string | null;
  readonly description: string | null;
  readonly errors: string | null;
};

function seenIn(body: Json): Seen | null {
  const state = firstText(body["alert_triggered_or_resolved"], body["state"], body["status"]);
  const name = firstText(body["endpoint_name"], body["endpoint"]);
  if (state !== null && name !== null && STATE.test(state)) {
    return {
      state,
      name,
      group: firstText(body["endpoint_group"], body["group"]),
      url: firstText(body["endpoint_url"], body["url"]),
      description: firstText(body["alert_description"], body["description"]),
      errors: firstText(body["result_errors"], body["errors"]),
    };
  }
  const [, word, group = null, said, description = null] =
    SENTENCE.exec(firstText(body["text"], body["message"], body["content"]) ?? "") ?? [];
  return word === undefined || said === undefined
    ? null
    : { state: word, name: said, group, url: null, description, errors: null };
}

const isSure = (body: Json): boolean =>
  firstText(body["tool"])?.toLowerCase() === "gatus" ||
  firstText(body["alert_triggered_or_resolved"]) !== null ||
  firstText(body["endpoint_name"], body["endpoint_group"]) !== null;

export const gatus: Adapter = {
  about: {
    id: "gatus",
    name: "Gatus",
    docs: "https://github.com/TwiN/gatus#configuring-custom-alerts",
  },
  setUp: {
    steps: [
      "In config.yaml below alerting.custom: url {url}, method POST, headers with Content-Type application/json.",
      'body: {"tool":"gatus","endpoint_name":"[ENDPOINT_NAME]","endpoint_group":"[ENDPOINT_GROUP]","endpoint_url":"[ENDPOINT_URL]","alert_description":"[ALERT_DESCRIPTION]","alert_triggered_or_resolved":"[ALERT_TRIGGERED_OR_RESOLVED]"}',
      "Give the endpoints an alert of type custom with send-on-resolved: true.",
      BY_HEADER,
    ],
    sample: "gatus.triggered.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject((body) => (seenIn(body) === null ? 0 : isSure(body) ? 1 : 0.6)),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object with endpoint_name");
    const seen = seenIn(body);
    if (seen === null)
      return refusedWhole("alert_triggered_or_resolved", "TRIGGERED or RESOLVED, and an endpoint");
    const over = /^resolved$/i.test(seen.state);
    const name = seen.group === null ? seen.name : `${seen.group}/${seen.name}`;
    const reading = new Reading();
    const why = seen.description === null ? "" : `: ${seen.description}`;
    tell(reading, 0, {
      status: over ? "resolved" : "firing",
      title: over ? `${name} is healthy again` : `${name} is not healthy${why}`,
      severity: SEVERITIES[over ? "RESOLVED" : "TRIGGERED"],
      dedupKey: joinKey("endpoint", seen.group, seen.name),
      service: seen.name,
      source: seen.url,
      link: seen.url !== null && /^https?:\/\//i.test(seen.url) ? seen.url : null,
      labels: { group: seen.group, state: seen.state },
      details: { description: seen.description, errors: seen.errors },
    });
    return reading;
  },
};
