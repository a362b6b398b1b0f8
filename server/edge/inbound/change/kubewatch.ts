/**
 * kubewatch's webhook: objects that were created, updated or deleted are changes; crashing pods and
 * nodes in trouble are alerts. https://github.com/robusta-dev/kubewatch/blob/master/pkg/handlers/webhook/webhook.go
 * Samples: golden/kubewatch.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { hmacSha256, sameBytes } from "../../../base/crypto.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { readObject } from "../items.ts";
import { firstText, has, joinKey, recogniseObject, type Status, tell } from "../telling.ts";
import { momentOf } from "../times.ts";
import { tellChange } from "./change.ts";

/** The kinds that tell of trouble. */
const SEVERITIES = {
  NodeNotReady: "error",
  NodeRebooted: "warning",
  Backoff: "warning",
} satisfies Record<string, AlertSeverity>;

const ALERTS: Readonly<Record<string, readonly [Status, keyof typeof SEVERITIES, string]>> = {
  NodeNotReady: ["firing", "NodeNotReady", "is not ready"],
  NodeReady: ["resolved", "NodeNotReady", "is ready again"],
  NodeRebooted: ["firing", "NodeRebooted", "was rebooted"],
  Backoff: ["firing", "Backoff", "keeps crashing"],
};

const WORKLOAD = /^(deployment|stateful ?set|daemon ?set|rollout)$/i;

export const kubewatch: Adapter = {
  about: {
    id: "kubewatch",
    name: "kubewatch",
    docs: "https://github.com/robusta-dev/kubewatch",
  },
  setUp: {
    steps: [
      "In .kubewatch.yaml: handler: { webhook: { url: {url} } }.",
      "Releases with an HMAC key sign in X-KubeWatch-Signature: put the key, as it stands there in base64, into the environment and name it in the key's signedWith.",
    ],
    sample: "kubewatch.updated.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify({ rawBody, headers }, secret) {
    const key = Buffer.from(secret, "base64");
    const expected = Buffer.from(hmacSha256(key, rawBody).toString("hex"));
    return (
      key.length > 0 && sameBytes(Buffer.from(headers["x-kubewatch-signature"] ?? ""), expected)
    );
  },
  recognise: recogniseObject(
    ({ eventmeta }) => isObject(eventmeta) && has(eventmeta, "kind", "name", "reason"),
  ),
  read: readObject("one JSON object with eventmeta, text and time", (reading, body) => {
    const { eventmeta } = body;
    if (!isObject(eventmeta)) return reading.refuse(0, "eventmeta", "an object");
    const kind = firstText(eventmeta["kind"]);
    const name = firstText(eventmeta["name"]);
    if (kind === null) return reading.refuse(0, "eventmeta.kind", "the kind of an object");
    if (name === null) return reading.refuse(0, "eventmeta.name", "the name of an object");
    if (Object.hasOwn(ALERTS, kind)) readTrouble(reading, body, eventmeta, { kind, name });
    else readChange(reading, body, eventmeta, { kind, name });
  }),
};

type Named = { readonly kind: string; readonly name: string };

/** An object is named “namespace/name” in some releases, beside its namespace. */
const inNamespace = (meta: Json, name: string): string => {
  const namespace = firstText(meta["namespace"]);
  return namespace === null || name.startsWith(`${namespace}/`) ? name : `${namespace}/${name}`;
};

function readTrouble(reading: Reading, body: Json, meta: Json, { kind, name }: Named): void {
  const [status, of, says] = ALERTS[kind]!;
  tell(reading, 0, {
    status,
    title: `${of === "Backoff" ? "Pod" : "Node"} ${inNamespace(meta, name)} ${says}`,
    severity: SEVERITIES[of],
    dedupKey: joinKey("kubewatch", of, firstText(meta["namespace"]), name),
    service: of === "Backoff" ? name.replace(/(-[a-f0-9]{7,10})?-[a-z0-9]{5}$/, "") : name,
    source: "kubewatch",
    startedAt: momentOf(body["time"]),
    labels: { kind, namespace: meta["namespace"], name },
    details: { text: body["text"], reason: meta["reason"] },
  });
}

function readChange(reading: Reading, body: Json, meta: Json, { kind, name }: Named): void {
  const verb = firstText(meta["reason"])?.toLowerCase() ?? "updated";
  const full = inNamespace(meta, name);
  tellChange(reading, 0, {
    kind: WORKLOAD.test(kind) ? "deployment" : "configuration",
    key: ["kubewatch", kind, full, verb, firstText(body["time"])],
    title: `${kind} ${full} was ${verb}`,
    status: "told",
    service: full.slice(full.lastIndexOf("/") + 1),
    environment: meta["namespace"],
    by: "kubewatch",
    at: momentOf(body["time"]),
    labels: { kind, namespace: meta["namespace"], reason: verb },
  });
}
