/**
 * GitGuardian's custom webhook: what happens to an incident, from the leaked secret to its end. Notes and
 * assignments are told as such and raise nothing.
 * https://docs.gitguardian.com/platform/monitor-perimeter/notifiers-integrations/custom-webhook
 * Samples: golden/gitguardian.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { textAt, timeAt } from "../paths.ts";
import { isObject, type Json } from "../reading.ts";
import { isOfAnotherTime, signedByHmac } from "../signatures.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "../security/finding.ts";

const isHook = (body: Json): boolean =>
  /^(incident|new_occurrence|occurrence)_?\w*$/.test(textAt(body, "action") ?? "") &&
  isObject(body["incident"]) &&
  (body["source"] === "GitGuardian" || isObject(body["incident"]["detector"]));

export const gitGuardian: Adapter = {
  about: {
    id: "gitguardian",
    name: "GitGuardian",
    docs: "https://docs.gitguardian.com/platform/monitor-perimeter/notifiers-integrations/custom-webhook",
  },
  setUp: {
    steps: [
      "In GitGuardian open Settings, Integrations, Custom webhook, and add one with the URL {url} for incident events.",
      "Put its signature token into the environment and name it in the key's signedWith.",
    ],
    sample: "gitguardian.triggered.json",
  },
  severities: {
    critical: "critical",
    high: "error",
    medium: "warning",
    low: "info",
    info: "info",
    // Nobody has said yet how bad it is.
    unknown: "error",
  },
  resendsByContract: false,
  verify: (request, secret) =>
    secret !== "" &&
    !isOfAnotherTime(request.headers["timestamp"] ?? "", request.now) &&
    // The key is the instant that the header tells, and the token behind it.
    signedByHmac(request, `${request.headers["timestamp"] ?? ""}${secret}`, {
      header: "gitguardian-signature",
      prefix: "sha256=",
    }),
  recognise: recogniseObject(isHook),
  read: readObject("an event of an incident", (reading, body) => {
    if (!isHook(body)) return reading.refuse(0, "incident", "an object, beside action");
    const incident = body["incident"];
    const id = textAt(incident, "id");
    const action = textAt(body, "action") ?? "";
    if (id === null) return reading.refuse(0, "incident.id", "a number");
    if (/assigned|note|feedback|access|granted|invited/.test(action)) {
      return reading.find(0, "action", `“${action}” changes nothing about the leak: no alert`);
    }
    const what = textAt(incident, "detector.display_name", "detector.name") ?? "A secret";
    const status = textAt(incident, "status");
    const over = /^(resolved|ignored)$/i.test(status ?? "") || /_(resolved|ignored)$/.test(action);
    tellFinding(reading, 0, {
      uid: [id],
      title: `${what} was leaked`,
      description: textAt(body, "message"),
      severity: severityBy(gitGuardian.severities!, textAt(incident, "severity") ?? "unknown"),
      status: over && !/reopened|regression/.test(action) ? "resolved" : "open",
      firstSeenAt: timeAt(reading, 0, { incident, body }, "incident.date", "body.timestamp"),
      product: "GitGuardian",
      link: textAt(incident, "gitguardian_url", "share_url"),
      rule: textAt(incident, "detector.name"),
      category: textAt(incident, "detector.family"),
      resource: textAt(body, "occurrence.source.full_name", "occurrence.source.display_name"),
      user: textAt(body, "occurrence.author_name", "occurrence.author_info"),
      labels: {
        tool_status: status,
        validity: textAt(incident, "validity"),
        occurrences: textAt(incident, "occurrence_count"),
        action,
      },
    });
  }),
};
