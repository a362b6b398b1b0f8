/**
 * Vercel: deployments as its webhooks tell them.
 * https://vercel.com/docs/webhooks/webhooks-api Samples: golden/vercel.*.json
 */
import { createHmac } from "node:crypto";
import { type ChangeStatus } from "../../../domain/deployment/deployment.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { textAt, timeAt } from "../paths.ts";
import { isObject } from "../reading.ts";
import { readObject } from "../items.ts";
import { showsSecret } from "../signatures.ts";
import { recogniseObject } from "../telling.ts";
import { tellChange } from "./change.ts";

const STATUS: Readonly<Record<string, ChangeStatus>> = {
  created: "started",
  succeeded: "succeeded",
  ready: "succeeded",
  promoted: "succeeded",
  rollback: "succeeded",
  error: "failed",
  canceled: "cancelled",
};

export const vercel: Adapter = {
  about: { id: "vercel", name: "Vercel", docs: "https://vercel.com/docs/webhooks/webhooks-api" },
  setUp: {
    steps: [
      "Team settings → Webhooks → Create: events of deployments, endpoint {url}.",
      "Put the secret that is shown then into the environment and name it in the key's signedWith.",
    ],
    sample: "vercel.error.json",
  },
  resendsByContract: false,
  // SHA-1 is what Vercel signs with.
  verify: ({ rawBody, headers }, secret) =>
    secret !== "" &&
    showsSecret(
      headers["x-vercel-signature"],
      createHmac("sha1", secret).update(rawBody).digest("hex"),
    ),
  recognise: recogniseObject(
    (body) =>
      /^deployment[.-]/.test(textAt(body, "type") ?? "") &&
      isObject(body["payload"]) &&
      (isObject(body["payload"]["deployment"]) || textAt(body, "payload.deploymentId") !== null),
  ),
  read: readObject("one JSON object of a webhook", (reading, body) => {
    // “deployment-error” is how the first version spelt it.
    const event = (textAt(body, "type") ?? "").replace(/^deployment[.-]?/, "");
    const status = event === "" ? "started" : STATUS[event];
    if (status === undefined)
      return reading.find(0, "type", `“${event.slice(0, 40)}” changes nothing that runs`);
    const id = textAt(body, "payload.deployment.id", "payload.deploymentId");
    if (id === null) return reading.refuse(0, "payload.deployment.id", "an identity");
    const name = textAt(body, "payload.deployment.name", "payload.name");
    const target = textAt(body, "payload.target") ?? "preview";
    tellChange(reading, 0, {
      kind: "deployment",
      key: ["vercel", id],
      title: `${name ?? "A project"} to ${target}`,
      status,
      service: name,
      environment: target,
      version: textAt(
        body,
        "payload.deployment.meta.githubCommitSha",
        "payload.deployment.meta.gitlabCommitSha",
        "payload.deployment.meta.bitbucketCommitSha",
      ),
      by: textAt(body, "payload.deployment.meta.githubCommitAuthorLogin", "payload.user.username"),
      link: textAt(body, "payload.links.deployment", "payload.deployment.inspectorUrl"),
      at: timeAt(reading, 0, body, "createdAt"),
      labels: {
        project: textAt(body, "payload.project.id", "payload.projectId"),
        url: textAt(body, "payload.deployment.url", "payload.url"),
      },
    });
  }),
};
