/**
 * CircleCI: finished workflows and jobs, each a change of kind pipeline.
 * https://circleci.com/docs/webhooks-reference/ Samples: golden/circleci.*.json
 */
import { type ChangeStatus } from "../../../domain/deployment/deployment.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { textAt, timeAt } from "../paths.ts";
import { isObject } from "../reading.ts";
import { readObject } from "../items.ts";
import { signedByHmac } from "../signatures.ts";
import { recogniseObject } from "../telling.ts";
import { tellChange } from "./change.ts";

const STATUS: Readonly<Record<string, ChangeStatus>> = {
  success: "succeeded",
  failed: "failed",
  error: "failed",
  canceled: "cancelled",
  unauthorized: "failed",
};

export const circleCi: Adapter = {
  about: {
    id: "circleci",
    name: "CircleCI",
    docs: "https://circleci.com/docs/webhooks-reference/",
  },
  setUp: {
    steps: [
      "Project settings → Webhooks → Add webhook: receiver URL {url}, event “Workflow completed”, a secret token.",
      "Put the token into the environment and name it in the key's signedWith.",
    ],
    sample: "circleci.workflow.json",
  },
  resendsByContract: false,
  verify: (request, secret) =>
    signedByHmac(request, secret, { header: "circleci-signature", prefix: "v1=" }),
  recognise: recogniseObject(
    (body) =>
      /^(workflow|job)-completed$/.test(textAt(body, "type") ?? "") &&
      isObject(body["workflow"]) &&
      isObject(body["project"]),
  ),
  read: readObject("one JSON object of a webhook", (reading, body) => {
    const isJob = textAt(body, "type") === "job-completed";
    const one = isJob ? body["job"] : body["workflow"];
    const id = textAt(one, "id");
    if (id === null) return reading.refuse(0, isJob ? "job.id" : "workflow.id", "an identity");
    const project = textAt(body, "project.name", "project.slug");
    const branch = textAt(
      body,
      "pipeline.vcs.branch",
      "pipeline.vcs.tag",
      "pipeline.trigger_parameters.git.branch",
    );
    tellChange(reading, 0, {
      kind: "pipeline",
      key: ["circleci", textAt(body, "project.slug"), isJob ? "job" : "workflow", id],
      title: `${textAt(one, "name") ?? "A workflow"} on ${branch ?? "a branch"} of ${project ?? "a project"}`,
      status: STATUS[textAt(one, "status") ?? ""] ?? "told",
      service: project,
      version: textAt(
        body,
        "pipeline.vcs.revision",
        "pipeline.trigger_parameters.git.checkout_sha",
      ),
      by: textAt(
        body,
        "pipeline.vcs.commit.author.name",
        "pipeline.trigger_parameters.gitlab.user_username",
      ),
      link: textAt(body, "workflow.url"),
      at: timeAt(reading, 0, one, "stopped_at") ?? timeAt(reading, 0, body, "happened_at"),
      labels: { project: textAt(body, "project.slug"), branch, status: textAt(one, "status") },
    });
  }),
};
