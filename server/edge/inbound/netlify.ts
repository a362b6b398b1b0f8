/**
 * Netlify's notifications: a failed deploy is an alert until one of the same branch succeeds, and
 * every deploy is a change; a form that a visitor filled in is neither. Samples: golden/netlify.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { hmacSha256, sameBytes, sha256 } from "../../base/crypto.ts";
import { type ChangeStatus } from "../../domain/deployment/deployment.ts";
import { type Adapter, type SignedRequest } from "../../domain/signal/signal.ts";
import { changeTold } from "./changeTold.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { firstText, has, joinKey, recogniseObject, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** By the context of the deploy: a preview that fails hurts no user. */
const SEVERITIES = {
  production: "error",
  "branch-deploy": "warning",
  "deploy-preview": "info",
} satisfies Record<string, AlertSeverity>;

const STATUS: Readonly<Record<string, ChangeStatus>> = {
  error: "failed",
  // A person said no to the deploy of a stranger: nothing broke.
  rejected: "cancelled",
  pending_review: "told",
  deleted: "told",
  ready: "succeeded",
  current: "succeeded",
  new: "started",
  accepted: "started",
  enqueued: "started",
  building: "started",
  uploading: "started",
  uploaded: "started",
  preparing: "started",
  prepared: "started",
  processing: "started",
  processed: "started",
  retrying: "started",
};

export const netlify: Adapter = {
  about: {
    id: "netlify",
    name: "Netlify",
    docs: "https://docs.netlify.com/site-deploys/notifications/",
  },
  setUp: {
    steps: [
      "Site settings → Notifications → HTTP POST request: for “deploy failed”, “deploy succeeded” and “deploy started”, URL {url}.",
      "Put its JWS secret token into the environment and name it in the key's signedWith.",
    ],
    sample: "netlify.failed.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: isSigned,
  recognise: recogniseObject(
    (body) =>
      isForm(body) ||
      (has(body, "site_id", "state") &&
        (has(body, "build_id") || has(body, "deploy_url") || has(body, "deploy_ssl_url"))),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object, the deploy");
    if (isForm(body)) return readForm();
    const state = firstText(body["state"]) ?? "";
    const known = Object.hasOwn(STATUS, state) ? STATUS[state]! : null;
    // A build that its own settings ignore ends in the state of an error.
    const status = known === "failed" && body["skipped"] === true ? "cancelled" : known;
    if (status === null) return refusedWhole("state", Object.keys(STATUS).join(", "));
    const reading = new Reading();
    const name = firstText(body["name"], body["site_id"]) ?? "a site";
    const context = firstText(body["context"]) ?? "production";
    const branch = firstText(body["branch"]);
    const page = firstText(body["admin_url"]);
    const id = firstText(body["id"]);
    const link =
      page === null
        ? firstText(body["deploy_ssl_url"], body["ssl_url"], body["url"])
        : id === null
          ? page
          : `${page}/deploys/${id}`;
    reading.change(
      0,
      changeTold({
        kind: "deployment",
        dedupKey: joinKey("deploy", id ?? body["build_id"]),
        title: `${name}: deploy ${status === "told" ? state.replaceAll("_", " ") : status}`,
        status,
        service: name,
        environment: context,
        version: firstText(body["commit_ref"]),
        by: body["committer"],
        link,
        at:
          momentOf(body["published_at"]) ??
          momentOf(body["updated_at"]) ??
          momentOf(body["created_at"]),
        labels: { branch },
      }),
    );
    if (status !== "failed" && status !== "succeeded") return reading;
    tell(reading, 0, {
      status: status === "failed" ? "firing" : "resolved",
      title: status === "failed" ? `Deploy of ${name} failed` : `Deploy of ${name} succeeded`,
      severity: severityOf(context),
      dedupKey: joinKey("site", body["site_id"], context, branch),
      service: name,
      source: firstText(body["ssl_url"], body["url"]),
      link,
      startedAt: momentOf(body["created_at"]) ?? momentOf(body["updated_at"]),
      labels: { branch, context, commit: body["commit_ref"] },
      details: { error: body["error_message"], title: body["title"], commit: body["commit_url"] },
    });
    return reading;
  },
};

/** What a visitor of a site wrote. */
const isForm = (body: Json): boolean =>
  has(body, "ordered_human_fields") || has(body, "form_id", "form_name", "site_url");

function readForm(): Reading {
  const reading = new Reading();
  reading.find(0, "form_name", "a form that somebody filled in: no alert");
  return reading;
}

const severityOf = (context: string): AlertSeverity =>
  Object.hasOwn(SEVERITIES, context) ? SEVERITIES[context as keyof typeof SEVERITIES] : "warning";

/** A JSON web signature (HS256) whose claim is the hash of the body. */
function isSigned({ headers, rawBody }: SignedRequest, secret: string): boolean {
  const [head = "", claims = "", signature = "", ...more] = (
    headers["x-webhook-signature"] ?? ""
  ).split(".");
  if (secret === "" || more.length > 0 || signature === "") return false;
  if (claimOf(head, "alg") !== "HS256") return false;
  const expected = hmacSha256(secret, `${head}.${claims}`).toString("base64url");
  if (!sameBytes(Buffer.from(signature), Buffer.from(expected))) return false;
  return claimOf(claims, "sha256") === sha256(rawBody).toString("hex");
}

function claimOf(part: string, name: string): unknown {
  try {
    const claims: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return isObject(claims) ? (claims as Json)[name] : undefined;
  } catch {
    return undefined;
  }
}
