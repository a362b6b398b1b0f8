/**
 * Bitbucket Cloud: the status that a build gives a commit, a change of kind pipeline. What else it tells of a
 * repository changes nothing that runs; of Bitbucket's own server that is all.
 * https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/ Samples: golden/bitbucket.*.json
 */
import { type ChangeStatus } from "../../../domain/deployment/deployment.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { textAt, timeAt } from "../paths.ts";
import { isObject, type Json } from "../reading.ts";
import { signedByHmac } from "../signatures.ts";
import { has, recogniseObject } from "../telling.ts";
import { shortVersion, tellChange } from "./change.ts";

const STATUS: Readonly<Record<string, ChangeStatus>> = {
  INPROGRESS: "started",
  SUCCESSFUL: "succeeded",
  FAILED: "failed",
  STOPPED: "cancelled",
};

const OTHERS = ["push", "pullrequest", "issue", "fork", "comment", "changes"];

/** Whatever Bitbucket Cloud tells beside builds, and the events of its server by their key. */
const isOther = (body: Json): boolean =>
  (isObject(body["actor"]) &&
    isObject(body["repository"]) &&
    has(body["repository"], "full_name", "links") &&
    OTHERS.some((name) => isObject(body[name])) &&
    !has(body, "sender")) ||
  (/^(repo|pr|mirror):[a-z_:]+$/.test(textAt(body, "eventKey") ?? "") && has(body, "actor"));

const isBuild = (body: Json): boolean =>
  isObject(body["commit_status"]) &&
  has(body["commit_status"], "state") &&
  (has(body["commit_status"], "key") || isObject(body["commit_status"]["commit"])) &&
  isObject(body["repository"]);

export const bitbucket: Adapter = {
  about: {
    id: "bitbucket",
    name: "Bitbucket",
    docs: "https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/",
  },
  setUp: {
    steps: [
      "Repository settings → Webhooks → Add webhook: URL {url}, a secret, triggers “Build status created” and “Build status updated”.",
      "Put the secret into the environment and name it in the key's signedWith.",
    ],
    sample: "bitbucket.build.json",
  },
  resendsByContract: false,
  verify: (request, secret) =>
    signedByHmac(request, secret, { header: "x-hub-signature", prefix: "sha256=" }),
  recognise: recogniseObject((body) => (isBuild(body) ? 1 : isOther(body) ? 0.9 : 0)),
  read: readObject("one JSON object of a webhook", (reading, body) => {
    const build = body["commit_status"];
    if (!isObject(build) && !isOther(body))
      return reading.refuse(0, "commit_status", "an object, as the event of a build has it");
    if (!isObject(build)) {
      const what = textAt(body, "eventKey") ?? OTHERS.find((name) => isObject(body[name])) ?? "it";
      return reading.find(0, "body", `${what.slice(0, 80)} changes nothing that runs: no change`);
    }
    const state = textAt(build, "state");
    if (state === null)
      return reading.refuse(0, "commit_status.state", "INPROGRESS, SUCCESSFUL, FAILED or STOPPED");
    const full = textAt(body, "repository.full_name");
    const repository = textAt(body, "repository.name") ?? full;
    const branch = textAt(build, "refname")?.replace(/^refs\/heads\//, "") ?? null;
    const commit =
      textAt(build, "commit.hash") ??
      /\/commit\/([\da-f]{7,64})/i.exec(textAt(build, "links.commit.href") ?? "")?.[1] ??
      null;
    const key = textAt(build, "key");
    const name = textAt(build, "name") ?? key ?? "A build";
    // Bitbucket's own pipelines have the branch in their name.
    const where = branch === null || name.includes(branch) ? "" : ` on ${branch}`;
    tellChange(reading, 0, {
      kind: "pipeline",
      key: ["bitbucket", full, commit, key ?? name],
      title: `${name}${where} of ${repository ?? "a repository"}`,
      status: STATUS[state] ?? "told",
      service: repository,
      version: shortVersion(commit),
      by: textAt(body, "actor.display_name", "actor.nickname"),
      link: textAt(build, "url"),
      at: timeAt(reading, 0, build, "updated_on", "created_on"),
      labels: {
        repository: full,
        branch,
        state,
        description: textAt(build, "description"),
      },
    });
  }),
};
