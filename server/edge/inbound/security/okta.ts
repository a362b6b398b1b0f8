/**
 * Okta: event hooks and single events of the System Log. The one-time verification of a hook is answered
 * where requests are routed.
 * https://developer.okta.com/docs/concepts/event-hooks/ Samples: golden/okta.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { showsSecret } from "../signatures.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "./finding.ts";

const isEvent = (one: unknown): boolean =>
  isObject(one) &&
  // Some stores of logs write every name in small letters.
  typeof (one["eventType"] ?? one["eventtype"]) === "string" &&
  typeof one["published"] === "string" &&
  (isObject(one["actor"]) || typeof one["displayMessage"] === "string");

function eventsOf(body: Json): readonly unknown[] | null {
  if (isEvent(body)) return [body];
  const list = dig(body, "data.events") ?? body["events"];
  return Array.isArray(list) && list.length > 0 && list.every(isEvent) ? list : null;
}

/** Events that mean an attack or a gift of power whatever severity Okta logs them with. */
const TYPES: Readonly<Record<string, AlertSeverity>> = {
  "security.threat.detected": "error",
  "security.attack.start": "error",
  "security.breached_credential.detected": "error",
  "user.account.report_suspicious_activity_by_enduser": "error",
  "user.session.impersonation.initiate": "warning",
  "user.session.impersonation.grant": "warning",
  "user.account.privilege.grant": "warning",
  "group.privilege.grant": "warning",
  "user.mfa.factor.deactivate": "warning",
  "user.mfa.attempt_bypass": "warning",
  "system.api_token.create": "warning",
  "policy.lifecycle.deactivate": "warning",
  "zone.deactivate": "warning",
};

export const okta: Adapter = {
  about: {
    id: "okta",
    name: "Okta",
    docs: "https://developer.okta.com/docs/concepts/event-hooks/",
  },
  setUp: {
    steps: [
      "In the Admin Console open Workflow, Event Hooks, and create one with the URL {url}.",
      "Where it shall prove itself, let its authentication field be Authorization with a secret of yours, and name that in the key's signedWith.",
      "Choose the events that should reach you, such as security.threat.detected, then press Verify: Tocsin answers it.",
    ],
    sample: "okta.event-hook.json",
  },
  severities: { ERROR: "error", WARN: "warning", INFO: "info", DEBUG: "info", ...TYPES },
  resendsByContract: false,
  verify: ({ headers }, secret) => showsSecret(headers["authorization"], secret),
  recognise: recogniseObject((body) => eventsOf(body) !== null),
  challenge(headers) {
    const asked = headers["x-okta-verification-challenge"] ?? "";
    return asked === "" ? null : { verification: asked };
  },
  read: readItems("an event hook of Okta, or an event of its System Log", eventsOf, readEvent),
};

function readEvent(reading: Reading, index: number, event: Json): void {
  const type = textAt(event, "eventType", "eventtype");
  if (type === null) return reading.refuse(index, "eventType", "a text");
  const actor = textAt(event, "actor.alternateId", "actor.displayName", "actor.id");
  const target = listAt(event, "target")[0];
  const outcome = textAt(event, "outcome.result");
  const message = textAt(event, "displayMessage", "displaymessage") ?? type;
  tellFinding(reading, index, {
    uid: [type, textAt(event, "actor.id", "actor.alternateId"), textAt(target, "id")],
    title: `${message}${actor === null ? "" : ` by ${actor}`}${outcome === "FAILURE" ? " (failed)" : ""}`,
    description: textAt(event, "outcome.reason"),
    severity: severityBy(
      okta.severities!,
      Object.hasOwn(TYPES, type) ? type : dig(event, "severity"),
    ),
    status: type === "security.attack.end" ? "resolved" : "open",
    firstSeenAt: timeAt(reading, index, event, "published"),
    product: "Okta",
    rule: type,
    category: type.split(".").slice(0, 2).join("."),
    resource: textAt(target, "displayName", "alternateId"),
    user: actor,
    sourceIp: textAt(event, "client.ipAddress"),
    labels: {
      outcome,
      target_type: textAt(target, "type"),
      country: textAt(event, "client.geographicalContext.country"),
      tool_severity: textAt(event, "severity"),
    },
    details: {
      uuid: textAt(event, "uuid"),
      userAgent: textAt(event, "client.userAgent.rawUserAgent"),
      debug: dig(event, "debugContext.debugData") ?? dig(event, "debugcontext.debugData"),
    },
  });
}
