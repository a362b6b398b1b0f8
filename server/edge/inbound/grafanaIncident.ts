/**
 * Grafana Incident's outgoing webhook: an incident with whatever happened to it, which is not named by any
 * alert of Grafana. Its page is told without the address of the server that has it.
 * https://grafana.com/docs/grafana-cloud/incident/integrations/configure-outgoing-webhooks
 * How it is signed: https://github.com/grafana/incident-go/blob/main/webhook.go
 * Samples: golden/grafana.incident.json, golden/grafana.incident-over.json
 */
import { sha256 } from "../../base/crypto.ts";
import { type SignedRequest } from "../../domain/signal/signal.ts";
import { isObject, type Json, type Reading } from "./reading.ts";
import { SEVERITY_WORDS } from "./severityWords.ts";
import { isOfNow, signedByHmac } from "./signatures.ts";
import { at, firstText, joinKey, listOf, severityBy, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** Whether the body tells of an incident, and not of alerts. */
export const isIncident = (body: Json): boolean =>
  isObject(body["incident"]) &&
  body["incident"]["incidentID"] !== undefined &&
  body["incident"]["title"] !== undefined;

/** An incident that is kept as “active” fires until it is resolved; a drill wakes nobody by its severity. */
export function readIncident(reading: Reading, body: Json): void {
  const incident = isObject(body["incident"]) ? body["incident"] : {};
  const id = firstText(incident["incidentID"]);
  if (id === null) return reading.refuse(0, "incident.incidentID", "the identity of an incident");
  const over = /^(resolved|closed)$/i.test(firstText(incident["status"]) ?? "");
  const drill = incident["isDrill"] === true;
  const word = firstText(incident["severity"], incident["severityLabel"]);
  const page = firstText(incident["overviewURL"]) ?? "";
  const labels = listOf(incident["labels"]).slice(0, 50);
  const named = Object.fromEntries(
    labels.map((one, index) => [
      firstText(at(one, "key")) ?? `label ${index + 1}`,
      at(one, "label") ?? at(one, "value"),
    ]),
  );
  tell(reading, 0, {
    status: over ? "resolved" : "firing",
    title: `${drill ? "Drill: " : ""}${firstText(incident["title"]) ?? `Incident ${id}`}`,
    severity: drill ? "info" : severityBy(SEVERITY_WORDS, word),
    dedupKey: joinKey("incident", id),
    service: named["service"] ?? named["service_name"],
    source: "Grafana Incident",
    link: /^https?:/i.test(page) ? page : null,
    startedAt: momentOf(incident["incidentStart"]) ?? momentOf(incident["createdTime"]),
    endsAt: over ? (momentOf(incident["incidentEnd"]) ?? momentOf(incident["closedTime"])) : null,
    labels: { ...named, event: body["event"], severity: word, status: incident["status"] },
    details: { summary: incident["summary"], page, kind: incident["incidentType"] },
  });
}

const HEADER = "gi-signature";

/**
 * Whether the header “gi-signature: t=SECONDS,v1=HEX” is this secret's: the hex HMAC-SHA256 of the body's SHA-256 in base64, of
 * that time and of the word “v1”, with a colon between each. One that is older than five minutes proves nothing.
 */
export function signedAsIncident(request: SignedRequest, secret: string): boolean {
  const { headers, rawBody, now } = request;
  const [, at = ""] = /(?:^|,)\s*t=(\d{1,12})\s*(?:,|$)/.exec(headers[HEADER] ?? "") ?? [];
  if (!isOfNow(at, now)) return false;
  const signed = Buffer.from(`${sha256(rawBody).toString("base64")}:${at}:v1`);
  return signedByHmac({ ...request, rawBody: signed }, secret, { header: HEADER, prefix: "v1=" });
}
