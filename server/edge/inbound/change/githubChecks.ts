/**
 * What GitHub tells of a commit beside its workflow runs: jobs, check runs and suites of any app, and the
 * statuses that other tools set. A job of GitHub's own is a check run with the same number: they are one.
 */
import { type ChangeStatus } from "../../../domain/deployment/deployment.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { type Json, type Reading } from "../reading.ts";
import { repositoryOf } from "./githubAlerts.ts";
import { shortVersion, tellChange } from "./change.ts";

const STATUS: Readonly<Record<string, ChangeStatus>> = {
  success: "succeeded",
  neutral: "succeeded",
  failure: "failed",
  error: "failed",
  timed_out: "failed",
  startup_failure: "failed",
  cancelled: "cancelled",
  skipped: "cancelled",
  stale: "cancelled",
};

/** How it ended; without an end it runs, or waits for somebody. */
export const statusOf = (conclusion: string | null): ChangeStatus =>
  conclusion === null || conclusion === "pending" ? "started" : (STATUS[conclusion] ?? "told");

/** The name of the repository alone. */
export const nameOf = (body: Json): string | null =>
  textAt(body, "repository.name") ?? repositoryOf(body)?.split("/")[1] ?? null;

type Check = {
  readonly key: readonly [kind: string, ...id: (string | null)[]];
  readonly what: string | null;
  readonly branch: string | null;
  readonly version: string | null;
  readonly conclusion: string | null;
};

function tellCheck(reading: Reading, body: Json, one: unknown, check: Check): void {
  const repository = repositoryOf(body);
  const where = check.branch ?? shortVersion(check.version) ?? "a commit";
  tellChange(reading, 0, {
    kind: "pipeline",
    key: ["github", repository, ...check.key],
    title: `${check.what ?? "A check"} on ${where} of ${nameOf(body) ?? repository ?? "a repository"}`,
    status: statusOf(check.conclusion),
    service: nameOf(body),
    version: check.version,
    by: textAt(body, "sender.login"),
    link: textAt(one, "html_url", "target_url", "details_url"),
    at: timeAt(reading, 0, one, "completed_at", "updated_at", "started_at", "created_at"),
    labels: {
      repository,
      branch: check.branch,
      conclusion: check.conclusion,
      app: textAt(one, "app.name"),
      workflow: textAt(one, "workflow_name"),
    },
  });
}

export function readJob(reading: Reading, body: Json, event: "workflow_job" | "check_run"): void {
  const one = body[event];
  const id = textAt(one, "id");
  if (id === null) return reading.refuse(0, `${event}.id`, "a number");
  tellCheck(reading, body, one, {
    key: ["job", id],
    what: textAt(one, "name"),
    branch: textAt(one, "head_branch", "check_suite.head_branch"),
    version: textAt(one, "head_sha"),
    conclusion: textAt(one, "conclusion"),
  });
}

export function readSuite(reading: Reading, body: Json): void {
  const suite = body["check_suite"];
  const id = textAt(suite, "id");
  if (id === null) return reading.refuse(0, "check_suite.id", "a number");
  const app = textAt(suite, "app.name");
  tellCheck(reading, body, suite, {
    key: ["suite", id],
    what: app === null ? "Checks" : `Checks of ${app}`,
    branch: textAt(suite, "head_branch"),
    version: textAt(suite, "head_sha"),
    conclusion: textAt(suite, "conclusion"),
  });
}

/** One context of one commit: what is told of it later replaces this. */
export function readStatus(reading: Reading, body: Json): void {
  const version = textAt(body, "sha");
  if (version === null) return reading.refuse(0, "sha", "the hash of a commit");
  tellCheck(reading, body, body, {
    key: ["status", version, textAt(body, "context")],
    what: textAt(body, "context"),
    branch: textAt(dig(body, "branches.0"), "name"),
    version,
    conclusion: textAt(body, "state"),
  });
}
