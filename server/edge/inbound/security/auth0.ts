/**
 * Auth0's log streams: events of sign-in by their short types. What protects against attacks and weakens
 * the tenant is told; ordinary sign-ins are told as such and raise nothing.
 * https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes Samples: golden/auth0.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { isObject, type Json } from "../reading.ts";
import { authorizedBy } from "../authorization.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "./finding.ts";

/** An entry of the stream, or of the log's API: the same without its wrapper. */
const entryOf = (body: Json): unknown =>
  Object.hasOwn(body, "log_id") && isObject(body["data"]) ? body["data"] : body;
const isEntry = (body: Json): boolean => {
  const entry = entryOf(body);
  return (
    isObject(entry) &&
    typeof entry["type"] === "string" &&
    typeof entry["date"] === "string" &&
    (Object.hasOwn(body, "log_id") || has(entry, "tenant_name") || has(entry, "_id", "client_id"))
  );
};

/** Types that end what another one told. */
const ENDS: Readonly<Record<string, string>> = {
  con: "coff",
  ublkdu: "limit_wc",
  directory_sync_completed: "directory_sync_failed",
};

/** Short types that are worth an alert, in words. */
const SAYS: Readonly<Record<string, string>> = {
  limit_wc: "An account was blocked after too many failed sign-ins",
  limit_mu: "An address was blocked after too many failed sign-ins",
  limit_sul: "A user was blocked after too many sign-ins",
  limit_delegation: "Too many calls for delegation",
  limit_ui: "Too many calls of userinfo",
  pwd_leak: "Somebody signed in with a leaked password",
  signup_pwd_leak: "Somebody signed up with a leaked password",
  reset_pwd_leak: "Somebody reset to a leaked password",
  pla: "A sign-in was assessed as a robot's",
  sensitive: "The management API changed something sensitive",
  gd_send_sms_failure: "A second factor could not be sent",
  gd_otp_rate_limit_exceed: "Too many second factors were tried",
  gd_recovery_rate_limit_exceed: "Too many recovery codes were tried",
  api_limit: "The rate limit of the API was reached",
  api_limit_warning: "The rate limit of the API is nearly reached",
  actions_execution_failed: "An action of a sign-in failed",
  coff: "A connector to a directory is offline",
  fn: "A message could not be sent",
  directory_sync_failed: "A directory could not be synchronised",
  kms_key_management_failure: "A key of the tenant could not be managed",
  custom_domain_verification_failed: "A domain of your own could not be verified",
  gd_auth_rejected: "A user rejected a second factor",
  gd_send_pn_failure: "A second factor could not be sent",
  gd_send_voice_failure: "A second factor could not be sent",
  ferrt: "A refresh token that was used before came again",
  depnote: "Something that the tenant uses will be taken away",
  fapi: "A call of the management API failed",
};

export const auth0: Adapter = {
  about: {
    id: "auth0",
    name: "Auth0",
    docs: "https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes",
  },
  setUp: {
    steps: [
      "In Auth0 open Monitoring, Streams, and make a Custom Webhook with the payload URL {url}, the content format JSON Array and a token of yours.",
      "Put that token into the environment and name it in the key's signedWith.",
    ],
    sample: "auth0.leak.json",
  },
  severities: {
    pwd_leak: "error",
    limit_sul: "warning",
    limit_wc: "warning",
    limit_mu: "warning",
    limit_delegation: "warning",
    limit_ui: "warning",
    signup_pwd_leak: "info",
    reset_pwd_leak: "info",
    pla: "info",
    sensitive: "info",
    gd_otp_rate_limit_exceed: "warning",
    gd_recovery_rate_limit_exceed: "warning",
    gd_send_sms_failure: "warning",
    api_limit: "warning",
    api_limit_warning: "info",
    actions_execution_failed: "warning",
    // Nobody of that directory can sign in.
    coff: "error",
    fn: "warning",
    directory_sync_failed: "warning",
    kms_key_management_failure: "error",
    custom_domain_verification_failed: "warning",
    gd_auth_rejected: "warning",
    gd_send_pn_failure: "warning",
    gd_send_voice_failure: "warning",
    ferrt: "warning",
    depnote: "info",
    fapi: "info",
  },
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject(isEntry),
  read: readObject("an entry of Auth0's log", (reading, body) => {
    if (!isEntry(body)) return reading.refuse(0, "data.type", "a text, beside date");
    const entry = entryOf(body);
    const told = textAt(entry, "type") ?? "";
    const type = Object.hasOwn(ENDS, told) ? ENDS[told]! : told;
    const said = Object.hasOwn(SAYS, type) ? SAYS[type]! : null;
    if (said === null)
      return reading.find(0, "data.type", `“${type.slice(0, 40)}” is ordinary work: no alert`);
    const user = textAt(entry, "user_name", "user_id", "details.request.auth.user.email");
    const connector = textAt(entry, "connection", "connection_id");
    tellFinding(reading, 0, {
      uid: [
        type,
        textAt(entry, "tenant_name"),
        /^(coff|directory_sync_failed)$/.test(type) ? connector : user,
        // Who lifts a block sits elsewhere than who earned it.
        type === "limit_wc" ? null : textAt(entry, "ip"),
      ],
      title: `${said}${user === null ? "" : `: ${user}`}`,
      description: textAt(entry, "description"),
      severity: severityBy(auth0.severities!, type),
      status: type === told ? "open" : "resolved",
      firstSeenAt: timeAt(reading, 0, entry, "date"),
      product: "Auth0",
      rule: type,
      category: textAt(entry, "strategy", "connection"),
      resource: type === "coff" ? connector : textAt(entry, "client_name", "client_id"),
      user,
      account: textAt(entry, "tenant_name"),
      sourceIp: textAt(entry, "ip"),
      labels: { client: textAt(entry, "client_name"), connection: textAt(entry, "connection") },
      details: {
        id: textAt(body, "log_id") ?? textAt(entry, "log_id", "_id"),
        agent: dig(entry, "user_agent"),
      },
    });
  }),
};
