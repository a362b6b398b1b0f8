/**
 * Flux: what its notification controller posts to a provider of type “generic” (or “generic-hmac”). What
 * fails to reconcile is an alert until it reconciles again; a revision that was applied is a change.
 * https://fluxcd.io/flux/components/notification/events/ Samples: golden/flux.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { readObject } from "../items.ts";
import { signedByHmac } from "../signatures.ts";
import { joinKey, recogniseObject, severityBy, tell } from "../telling.ts";
import { shortVersion, tellChange } from "./change.ts";

const SEVERITIES = { error: "error", info: "info" } satisfies Record<string, AlertSeverity>;

/** Reasons that end what failed before: all else that is told as “info” is on its way. */
const WELL = /Succeeded|Passed|NewArtifact|ArtifactUpToDate|^info$/;

export const flux: Adapter = {
  about: {
    id: "flux",
    name: "Flux",
    docs: "https://fluxcd.io/flux/components/notification/events/",
  },
  setUp: {
    steps: [
      "Create a Provider of type generic-hmac with the address {url}, and a secret with a token.",
      "Create an Alert with this provider, eventSeverity: info, and the Kustomizations and HelmReleases as eventSources.",
      "Put the token into the environment and name it in the key's signedWith.",
    ],
    sample: "flux.failed.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: (request, secret) =>
    signedByHmac(request, secret, { header: "x-signature", prefix: "sha256=" }),
  recognise: recogniseObject(isFlux),
  read: readObject("one JSON object of an event", (reading, body) => {
    const about = body["involvedObject"];
    const name = textAt(about, "name");
    if (name === null) return reading.refuse(0, "involvedObject.name", "the name of an object");
    const object: Told = {
      kind: textAt(about, "kind") ?? "Object",
      name,
      namespace: textAt(about, "namespace"),
      reason: textAt(body, "reason") ?? "Event",
    };
    readState(reading, body, object);
    readRevision(reading, body, object);
  }),
};

type Told = {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | null;
  readonly reason: string;
};

/** An event of Kubernetes itself has a type where this has a severity. */
export function isFlux(body: Json): boolean {
  const about = body["involvedObject"];
  return (
    isObject(about) &&
    typeof body["severity"] === "string" &&
    typeof body["reason"] === "string" &&
    (textAt(about, "apiVersion")?.includes(".toolkit.fluxcd.io/") === true ||
      /^(kustomize|helm|source|image-\w+)-controller$/.test(
        textAt(body, "reportingController") ?? "",
      ))
  );
}

const isFailed = (body: Json): boolean => textAt(body, "severity") === "error";

function readState(reading: Reading, body: Json, { kind, name, namespace, reason }: Told): void {
  const failed = isFailed(body);
  if (!failed && !WELL.test(reason))
    return reading.find(0, "reason", `${reason} neither fails nor ends a failure: no alert`);
  const message = textAt(body, "message");
  tell(reading, 0, {
    status: failed ? "firing" : "resolved",
    title: `${kind} ${namespace === null ? "" : `${namespace}/`}${name}: ${reason}`,
    severity: severityBy(SEVERITIES, dig(body, "severity")),
    dedupKey: joinKey("flux", namespace, kind, name),
    service: name,
    source: textAt(body, "reportingController"),
    startedAt: timeAt(reading, 0, body, "timestamp"),
    labels: { kind, namespace, reason, revision: revisionOf(body) },
    details: { message, metadata: body["metadata"] },
  });
}

/** The controller's own prefix stands before it, unless somebody left it away. */
function revisionOf(body: Json): string | null {
  const metadata = isObject(body["metadata"]) ? body["metadata"] : {};
  const name = Object.keys(metadata).find((one) => /(^|\/)revision$/.test(one));
  return name === undefined ? null : textAt({ revision: metadata[name] }, "revision");
}

function readRevision(reading: Reading, body: Json, told: Told): void {
  const revision = revisionOf(body);
  if (revision === null || !/^(Kustomization|HelmRelease)$/.test(told.kind)) return;
  // main@sha1:279484c0… and, before Flux 2, main/279484c0….
  const version = /[:/]([0-9a-f]{40,64})$/.exec(revision)?.[1] ?? revision;
  tellChange(reading, 0, {
    kind: "deployment",
    key: ["flux", told.namespace, told.kind, told.name, revision],
    title: `${told.kind} ${told.name} to ${shortVersion(version)}`,
    status: isFailed(body) ? "failed" : WELL.test(told.reason) ? "succeeded" : "started",
    service: told.name,
    environment: told.namespace,
    version,
    by: "flux",
    at: timeAt(reading, 0, body, "timestamp"),
    labels: { kind: told.kind, namespace: told.namespace, reason: told.reason },
  });
}
