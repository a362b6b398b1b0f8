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
import { authorizedBy } from "../authorization.ts";
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

/** Types that take back what another gave, whoever did either. */
const ENDS: Readonly<Record<string, string>> = {
  "security.attack.end": "security.attack.start",
  "user.account.unlock": "user.account.lock",
  "user.account.unlock_by_admin": "user.account.lock",
  "user.session.impersonation.end": "user.session.impersonation.initiate",
  "user.session.impersonation.revoke": "user.session.impersonation.grant",
  "user.account.privilege.revoke": "user.account.privilege.grant",
  "group.privilege.revoke": "group.privilege.grant",
  "user.mfa.factor.activate": "user.mfa.factor.deactivate",
  "user.mfa.factor.unsuspend": "user.mfa.factor.suspend",
  "user.lifecycle.unsuspend": "user.lifecycle.suspend",
  "system.api_token.revoke": "system.api_token.create",
  "policy.lifecycle.activate": "policy.lifecycle.deactivate",
  "zone.activate": "zone.deactivate",
};
const PAIRED: ReadonlySet<string> = new Set(Object.values(ENDS));

/** People who sign in and out, as they should. */
const ORDINARY = /^(user\.session\.(start|end)|user\.authentication\.|policy\.evaluate_sign_on)/;
const isOrdinary = (event: Json, type: string): boolean =>
  ORDINARY.test(type) &&
  /^(SUCCESS|ALLOW)$/.test(textAt(event, "outcome.result") ?? "") &&
  /^(INFO|DEBUG)$/.test(textAt(event, "severity") ?? "");

export const okta: Adapter = {
  about: {
    id: "okta",
    name: "Okta",
    docs: "https://developer.okta.com/docs/concepts/event-hooks/",
  },
  setUp: {
    steps: [
      "In the Admin Console open Workflow, Event Hooks, and create one with the URL {url}.",
      "Where it shall prove itself, let its authentication field be Authorization with a secret of yours, put that into the environment and name it in the key's signedWith.",
      "Choose the events that should reach you, such as security.threat.detected, then press Verify: Tocsin answers it.",
    ],
    sample: "okta.event-hook.json",
  },
  severities: { ERROR: "error", WARN: "warning", INFO: "info", DEBUG: "info", ...TYPES },
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject((body) => eventsOf(body) !== null),
  challenge(headers) {
    const asked = headers["x-okta-verification-challenge"] ?? "";
    return asked === "" ? null : { verification: asked };
  },
  read: readItems("an event hook of Okta, or an event of its System Log", eventsOf, readEvent),
};

/** system.org.rate_limit.warning → System org rate limit warning. */
const inWords = (type: string): string => {
  const words = type.replaceAll(/[._]/g, " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
};

function readEvent(reading: Reading, index: number, event: Json): void {
  const told = textAt(event, "eventType", "eventtype");
  if (told === null) return reading.refuse(index, "eventType", "a text");
  if (isOrdinary(event, told))
    return reading.find(index, "eventType", `“${told.slice(0, 60)}” is ordinary work: no alert`);
  const type = Object.hasOwn(ENDS, told) ? ENDS[told]! : told;
  const actor = textAt(event, "actor.alternateId", "actor.displayName", "actor.id");
  const target = listAt(event, "target")[0];
  const outcome = textAt(event, "outcome.result");
  const message = textAt(event, "displayMessage", "displaymessage") ?? inWords(told);
  tellFinding(reading, index, {
    uid: PAIRED.has(type)
      ? [type, textAt(target, "id") ?? textAt(event, "actor.id", "client.ipAddress")]
      : [type, textAt(event, "actor.id", "actor.alternateId"), textAt(target, "id")],
    title: `${message}${actor === null ? "" : ` by ${actor}`}${outcome === "FAILURE" ? " (failed)" : ""}`,
    description: textAt(event, "outcome.reason"),
    severity: severityBy(
      okta.severities!,
      Object.hasOwn(TYPES, type) ? type : dig(event, "severity"),
    ),
    status: type === told ? "open" : "resolved",
    firstSeenAt: timeAt(reading, index, event, "published"),
    product: "Okta",
    rule: told,
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
