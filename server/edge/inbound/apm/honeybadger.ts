/**
 * Honeybadger: errors, outages, check-ins and alarms by webhook. A deploy is a change.
 * https://docs.honeybadger.io/guides/integrations/payloads/v2/
 * Samples: golden/honeybadger.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { authorizedBy } from "../authorization.ts";
import { changeTold } from "../changeTold.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { showsSecret } from "../signatures.ts";
import { at, firstText, joinKey, recogniseObject, type Status, tell } from "../telling.ts";
import { momentOf } from "../times.ts";

/** Nothing ranks them but what happened. */
const EVENTS: Readonly<Record<string, readonly [Status, AlertSeverity, about: string]>> = {
  occurred: ["firing", "error", "fault"],
  rate_exceeded: ["firing", "error", "fault"],
  unresolved: ["firing", "error", "fault"],
  resolved: ["resolved", "error", "fault"],
  down: ["firing", "critical", "site"],
  up: ["resolved", "critical", "site"],
  cert_will_expire: ["firing", "warning", "certificate"],
  check_in_missing: ["firing", "error", "check_in"],
  check_in_reporting: ["resolved", "error", "check_in"],
  alarm_alert: ["firing", "error", "alarm"],
  alarm_ok: ["resolved", "error", "alarm"],
  volume_spike: ["firing", "warning", "volume"],
};

const OTHER = /^(assigned|commented|deployed)$/;

export const honeybadger: Adapter = {
  about: {
    id: "honeybadger",
    name: "Honeybadger",
    docs: "https://docs.honeybadger.io/guides/integrations/webhook/",
  },
  setUp: {
    steps: [
      "Project settings → Alerts & integrations → Webhook: URL {url}, for errors, resolved errors, outages, check-ins and alarms.",
      "Put the project's Honeybadger-Token, or a bearer token that you give the webhook, into the environment and name it in the key's signedWith.",
    ],
    sample: "honeybadger.down.json",
  },
  severities: Object.fromEntries(
    Object.entries(EVENTS).map(([event, [, severity]]) => [event, severity]),
  ),
  resendsByContract: false,
  verify: (request, secret) =>
    showsSecret(request.headers["honeybadger-token"], secret) || authorizedBy(request, secret),
  recognise: recogniseObject((body) => {
    const event = firstText(body["event"]) ?? "";
    return (
      (Object.hasOwn(EVENTS, event) || OTHER.test(event)) &&
      typeof body["message"] === "string" &&
      ["fault", "site", "outage", "check_in", "alarm", "deploy", "project"].some((name) =>
        isObject(body[name]),
      )
    );
  }),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a webhook");
    const event = firstText(body["event"]) ?? "";
    const reading = new Reading();
    if (event === "deployed" && isObject(body["deploy"])) readDeploy(reading, body, body["deploy"]);
    else if (OTHER.test(event))
      reading.find(0, "event", `${event} changes nothing about an error: no alert`);
    else if (!Object.hasOwn(EVENTS, event))
      return refusedWhole("event", Object.keys(EVENTS).join(", "));
    else readEvent(reading, body, event);
    return reading;
  },
};

function readEvent(reading: Reading, body: Json, event: string): void {
  const [status, severity, about] = EVENTS[event]!;
  const subject = isObject(body[about]) ? body[about] : isObject(body["site"]) ? body["site"] : {};
  const project = firstText(at(body, "project", "name"));
  const kind = firstText(subject["klass"]);
  const message = firstText(body["message"]);
  const title =
    kind === null
      ? (message ?? `Honeybadger: ${event}`)
      : [kind, firstText(subject["message"], message)].filter((part) => part !== null).join(": ");
  // Whoever opens the address of a check-in reports it as alive.
  const url = about === "check_in" ? null : firstText(subject["url"]);
  const name = firstText(subject["name"], subject["slug"], url);
  tell(reading, 0, {
    status,
    title,
    severity,
    dedupKey: joinKey(
      about,
      firstText(subject["id"], subject["uuid"], name, at(body, "project", "id")) ?? title,
    ),
    service: firstText(project, name, subject["component"]),
    source: firstText(url, at(body, "notice", "request", "url"), project),
    link: firstText(
      subject["details_url"],
      url,
      at(body, "links", "html"),
      at(body, "notice", "url"),
    ),
    // When a site, a check-in or an alarm was set up says nothing of its trouble.
    startedAt:
      momentOf(at(body, "outage", "down_at")) ??
      (about === "fault" ? momentOf(subject["created_at"]) : null) ??
      momentOf(subject["state_changed_at"]) ??
      (event === "check_in_missing"
        ? (momentOf(subject["missed_at"]) ?? momentOf(subject["expected_at"]))
        : null),
    endsAt: status === "resolved" ? momentOf(at(body, "outage", "up_at")) : null,
    labels: {
      event,
      project,
      environment: subject["environment"],
      component: subject["component"],
      occurrences: subject["notices_count"],
    },
    details: { message, outage: body["outage"], subject },
  });
}

function readDeploy(reading: Reading, body: Json, deploy: Json): void {
  const project = firstText(at(body, "project", "name"));
  const revision = firstText(deploy["revision"]);
  reading.change(
    0,
    changeTold({
      kind: "deployment",
      dedupKey: joinKey("deploy", firstText(deploy["id"]) ?? `${project ?? ""} ${revision ?? ""}`),
      title: `Deployed ${revision ?? "a revision"} of ${project ?? "a project"}`,
      status: "succeeded",
      service: project,
      environment: deploy["environment"],
      version: revision,
      by: deploy["local_username"],
      link: deploy["url"],
      at: momentOf(deploy["created_at"]),
      labels: { repository: deploy["repository"] },
    }),
  );
}
