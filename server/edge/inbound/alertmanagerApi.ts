/**
 * POST /api/v2/alerts of Alertmanager, as Prometheus, vmalert and others send it.
 * Samples: golden/alertmanager-api.*.json
 */
import { addMs, type Instant, MINUTE } from "../../base/instant.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { alertMarks } from "./alertmanagerMarks.ts";
import { readAlertParts } from "./alertmanagerAlert.ts";
import { isObject, type Json, Reading, readTime, refusedWhole, safeLink } from "./reading.ts";
import { has } from "./telling.ts";
import { SEVERITY_WORDS } from "./severityWords.ts";

/**
 * How long an alert without endsAt burns when nobody repeats it: the default of resolve_timeout in
 * Alertmanager's own configuration (global.resolve_timeout: 5m).
 */
const RESOLVE_TIMEOUT_MS = 5 * MINUTE;

const AN_ALERT = "an object with labels, annotations, startsAt, endsAt and generatorURL";
const A_TIME = "an RFC 3339 time such as 2026-11-21T10:00:00Z, or absent";

/**
 * Each alert stands for itself: a bad one is refused by its index and the others are taken, as
 * Alertmanager does. An end that is not after `now` resolves.
 */
export const alertmanagerApi: Adapter = {
  about: {
    id: "alertmanager-api",
    name: "Prometheus, by the API of Alertmanager",
    docs: "https://prometheus.io/docs/alerting/latest/alerts_api/",
  },
  setUp: {
    steps: [
      "In prometheus.yml, under alerting, name Tocsin as an Alertmanager: alertmanagers, with its address and port as static target, and its scheme.",
      "Give it authorization: credentials: the secret of the intake key. Prometheus then posts to /api/v2/alerts by itself.",
    ],
    sample: "alertmanager-api.firing.json",
  },
  severities: SEVERITY_WORDS,
  resendsByContract: true,
  recognise({ body }) {
    if (!Array.isArray(body) || body.length === 0) return 0;
    return Number(body.slice(0, 20).every((item) => isObject(item) && isAlert(item)));
  },
  marks: alertMarks,
  read({ body, now }) {
    if (!Array.isArray(body)) {
      return refusedWhole("body", "a JSON array of alerts, as for POST /api/v2/alerts");
    }
    const reading = new Reading();
    for (let index = 0; index < body.length; index++) readOne(reading, index, body[index], now);
    return reading;
  },
};

/** Labels say it all; a state of its own is what Alertmanager answers with, not what it is sent. */
const isAlert = (item: Json): boolean =>
  isObject(item["labels"]) &&
  !isObject(item["status"]) &&
  (has(item, "startsAt") ||
    has(item, "annotations", "generatorURL") ||
    isBare(item["labels"], item));

/** Nothing but labels is enough, where a name is one of them and nothing else stands beside. */
const isBare = (labels: Json, item: Json): boolean =>
  has(labels, "alertname") && Object.keys(item).every((name) => FIELDS.has(name));
const FIELDS = new Set(["labels", "annotations", "startsAt", "endsAt", "generatorURL"]);

function readOne(reading: Reading, index: number, raw: unknown, now: Instant): void {
  if (!isObject(raw)) return reading.refuse(index, "alert", AN_ALERT);
  // GET /api/v2/alerts/groups answers with groups that have labels of their own: each would pass
  // for one alert, and the alerts inside would be lost in silence.
  if (raw["alerts"] !== undefined) {
    return reading.refuse(index, "alerts", "absent: post the alerts themselves, not groups");
  }
  const startsAt = readTime(raw["startsAt"]);
  if (startsAt === "unreadable") return reading.refuse(index, "startsAt", A_TIME);
  const givenEnd = readTime(raw["endsAt"]);
  if (givenEnd === "unreadable") return reading.refuse(index, "endsAt", A_TIME);
  const endsAt = givenEnd ?? addMs(now, RESOLVE_TIMEOUT_MS);
  if (startsAt !== null && startsAt > endsAt) {
    const end = givenEnd === null ? "five minutes from now, as endsAt is absent" : "endsAt";
    return reading.refuse(index, "startsAt", `not after ${end}`);
  }
  const parts = readAlertParts(reading, index, raw);
  if (parts === null) return;
  const over = endsAt <= now;
  reading.accept(
    index,
    {
      action: over ? "resolve" : "trigger",
      dedupKey: parts.dedupKey,
      title: parts.title,
      severity: over ? null : parts.severity,
      source: parts.source,
      labels: parts.labels,
      details: parts.overflow,
      link: safeLink(reading, index, "generatorURL", raw["generatorURL"]),
      startedAt: startsAt,
      endsAt,
    },
    parts.severity,
  );
}
