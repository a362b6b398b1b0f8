/** ElastAlert 2: its HTTP POST alerter. Samples: golden/elastalert.*.json */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter, fingerprint } from "../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "./authorization.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import {
  at,
  firstText,
  has,
  joinKey,
  recogniseObject,
  severityBy,
  type Status,
  tell,
} from "./telling.ts";
import { momentOf } from "./times.ts";

/** A rule has no severity unless the payload names one. */
const SEVERITIES = {
  critical: "critical",
  high: "error",
  medium: "warning",
  low: "info",
  "without one": "warning",
} satisfies Record<string, AlertSeverity>;

export const elastAlert: Adapter = {
  about: {
    id: "elastalert",
    name: "ElastAlert 2",
    docs: "https://elastalert2.readthedocs.io/en/latest/alerts.html#http-post",
  },
  setUp: {
    steps: [
      'In the rule: alert: post, http_post_url: "{url}", http_post_static_payload with alert_uid (the rule\'s name), title, message and, where it has one, severity.',
      "http_post_all_values: true adds the fields of the match, which stay readable as details.",
      BY_HEADER,
    ],
    sample: "elastalert.match.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject((body) => {
    if (has(body, "num_hits", "num_matches") || has(body, "rule_name", "num_hits")) return 1;
    // What its simplest set-up posts; too little to be sure, and nobody else that is known posts less.
    return Object.keys(body).length === 1 && typeof body["message"] === "string" ? 0.2 : 0;
  }),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of the HTTP POST alerter");
    const title = firstText(
      body["title"],
      body["rule_name"],
      body["alert_subject"],
      body["alert_uid"],
      body["message"],
      at(body, "rule", "name"),
    );
    if (title === null) return refusedWhole("message", "a text (or rule_name, title)");
    const reading = new Reading();
    const rule = firstText(body["alert_uid"], body["rule_name"], at(body, "rule", "name"));
    const severity = firstText(body["severity"], body["level"], body["priority"]);
    tell(reading, 0, {
      status: stateOf(body),
      title,
      severity: severity === null ? SEVERITIES["without one"] : severityBy(SEVERITIES, severity),
      dedupKey:
        rule === null
          ? fingerprint({ title })
          : joinKey("rule", rule, body["query_key"] ?? body["key"]),
      service: firstText(
        body["service"],
        at(body, "service", "name"),
        at(body, "kubernetes", "labels", "app"),
        body["_index"],
      ),
      source: firstText(
        body["host"],
        at(body, "host", "name"),
        at(body, "beat", "name"),
        body["hostname"],
      ),
      link: firstText(
        body["kibana_discover_url"],
        body["kibana_link"],
        body["link_to_upstream_details"],
        body["url"],
      ),
      startedAt:
        momentOf(body["@timestamp"]) ?? momentOf(body["timestamp"]) ?? momentOf(body["match_time"]),
      labels: {
        rule,
        hits: body["num_hits"],
        matches: body["num_matches"],
        index: body["_index"],
        severity,
      },
      details: body,
    });
    return reading;
  },
};

const stateOf = (body: Json): Status =>
  /^(ok|resolved)$/i.test(firstText(body["state"]) ?? "") ? "resolved" : "firing";
