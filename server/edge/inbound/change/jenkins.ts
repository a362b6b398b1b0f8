/**
 * Jenkins: builds as its notification plugin posts them. A build is a change of kind pipeline.
 * Samples: golden/jenkins.*.json
 */
import { type ChangeStatus } from "../../../domain/deployment/deployment.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { readObject } from "../items.ts";
import { textAt } from "../paths.ts";
import { firstText, has, recogniseObject } from "../telling.ts";
import { momentOf } from "../times.ts";
import { shortVersion, tellChange } from "./change.ts";

const STATUS: Readonly<Record<string, ChangeStatus>> = {
  SUCCESS: "succeeded",
  UNSTABLE: "failed",
  FAILURE: "failed",
  ABORTED: "cancelled",
  NOT_BUILT: "cancelled",
};

export const jenkins: Adapter = {
  about: { id: "jenkins", name: "Jenkins", docs: "https://plugins.jenkins.io/notification/" },
  setUp: {
    steps: [
      "Install the Notification plugin.",
      "Job → Configure → Job notifications: format JSON, protocol HTTP, event “All events” or “Job finalized”, URL {url}.",
    ],
    sample: "jenkins.finalized.json",
  },
  resendsByContract: false,
  recognise: recogniseObject(
    ({ name, build }) =>
      typeof name === "string" &&
      isObject(build) &&
      has(build, "number", "phase") &&
      (has(build, "full_url") || has(build, "url")),
  ),
  read: readObject("one JSON object of the notification plugin", (reading, body) => {
    const { build } = body;
    if (!isObject(build)) return reading.refuse(0, "build", "an object");
    const name = firstText(body["name"], body["display_name"]);
    if (name === null) return reading.refuse(0, "name", "the name of a job");
    readBuild(reading, build, name);
  }),
};

function readBuild(reading: Reading, build: Json, name: string): void {
  const phase = firstText(build["phase"])?.toUpperCase() ?? "";
  const result = firstText(build["status"])?.toUpperCase() ?? "";
  const number = firstText(build["number"]);
  // While a build runs, its status is that of the build before.
  const over = /^(COMPLETED|FINALIZED|FINISHED)$/.test(phase);
  const status = over ? (STATUS[result] ?? "told") : "started";
  tellChange(reading, 0, {
    kind: "pipeline",
    key: ["jenkins", name, number],
    title: `${name} #${number ?? "?"}: ${over ? result.toLowerCase() || "done" : phase.toLowerCase()}`,
    status,
    service: name,
    environment: textAt(
      build,
      "parameters.ENVIRONMENT",
      "parameters.environment",
      "parameters.ENV",
    ),
    version: shortVersion(textAt(build, "scm.commit", "parameters.VERSION", "parameters.version")),
    by: firstText(...culprits(build)),
    link: build["full_url"],
    at: momentOf(build["timestamp"]),
    labels: {
      branch: textAt(build, "scm.branch"),
      repository: textAt(build, "scm.url"),
      phase,
      node: build["node_name"],
    },
  });
}

const culprits = (build: Json): readonly unknown[] => {
  const list = isObject(build["scm"]) ? build["scm"]["culprits"] : null;
  return Array.isArray(list) ? list : [];
};
