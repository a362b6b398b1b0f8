/** Publishing: a document and its sidecar become the version that new runs are pinned to. */
import type { PublishFinding } from "../../../contract/published.ts";
import type { RunbookDocument } from "../../../contract/runbook.ts";
import type { Sidecar } from "../../../contract/sidecar.ts";
import { sha256 } from "../../base/crypto.ts";
import { addDuration } from "../../base/duration.ts";
import { Refusal } from "../../base/errors.ts";
import { record } from "../../base/ledger.ts";
import { actorRef, allow, markOf } from "../account/account.ts";
import type { Command } from "../incident/commands.ts";
import type { ActionRegistry } from "./action.ts";
import { bind, type Bound } from "./binding.ts";
import { checkSidecar } from "./check.ts";
import { answeredBy, NO_SIDECAR, readSidecar, sidecarPath } from "./sidecar.ts";
import type { PublishedPolicy } from "../../../contract/policy.ts";
import { savePublished } from "../config/store.ts";
import { acceptedInVain, publishedPolicy } from "./policySource.ts";
import { namedNow } from "./freshness.ts";
import { rememberNamed } from "./freshnessStore.ts";
import { saveSchedules } from "./scheduleStore.ts";
import { digestOf, type RunbookRow, type SourceMark, type Version } from "./version.ts";
import {
  findVersion,
  insertVersion,
  lockRunbook,
  nextVersionNumber,
  saveRunbook,
} from "./versionStore.ts";
import { startReviewClock } from "./review.ts";
import { firstRuns } from "./schedule.ts";

export type Publication = {
  readonly id: string;
  readonly path: string;
  readonly document: Buffer;
  readonly sidecar: string | null;
  /** What the reader made of the document. */
  readonly read: RunbookDocument;
  readonly source: SourceMark;
  readonly dryRun: boolean;
};

/** What would be published, before anything is written. */
export type Judged = {
  readonly sidecar: Sidecar;
  readonly bindings: readonly Bound[];
  readonly findings: readonly PublishFinding[];
  readonly digest: string;
  readonly sidecarSha256: string | null;
  readonly actions: readonly string[];
};

export type Published = {
  readonly row: RunbookRow;
  readonly version: Version;
  readonly changed: boolean;
  readonly findings: readonly PublishFinding[];
};

/** Joins document and sidecar and says what is wrong. Pure but for the configuration it is given. */
export function judge(
  config: Command["config"],
  registry: ActionRegistry,
  publication: Pick<Publication, "path" | "sidecar" | "read">,
): Judged {
  const { path, sidecar: text, read } = publication;
  const file = sidecarPath(path);
  const parsed = text === null ? null : readSidecar(text, file);
  const sidecar = parsed?.sidecar ?? NO_SIDECAR;
  const lineOf = parsed?.lineOf ?? (() => 1);
  const bindings = bind(read, sidecar, registry, lineOf);
  const answered = answeredBy(sidecar);
  const ofDocument = read.findings
    .filter(({ code }) => !answered.includes(code))
    .map(({ code, level, line, message, said }) => ({
      code,
      level,
      line,
      message,
      ...(said !== undefined && { said }),
      file: path,
    }));
  const ofSidecar =
    parsed?.sidecar === null
      ? parsed.findings
      : checkSidecar({
          config,
          document: read,
          sidecar,
          bindings,
          actions: registry,
          file,
          lineOf,
        });
  const inVain = acceptedInVain({ settings: sidecar, plan: read, path, runbookId: "" }).map(
    (message): PublishFinding => ({
      code: "sidecar",
      level: "warning",
      file,
      line: lineOf("accepted"),
      message: `accepted: ${message}`,
    }),
  );
  const actions = [...new Set(bindings.map((bound) => bound.binding.action))].toSorted();
  const sidecarSha256 = text === null ? null : sha256(Buffer.from(text)).toString("hex");
  return {
    sidecar,
    bindings,
    findings: [...ofDocument, ...ofSidecar, ...inVain],
    actions,
    sidecarSha256,
    digest: digestOf({ documentSha256: read.sha256, sidecarSha256, actions, parser: read.parser }),
  };
}

/**
 * Publishes, or does nothing where this very version is in use. Whoever publishes needs the right in the
 * team that owns it, and in the team that owned it before.
 */
export async function publish(
  command: Command,
  registry: ActionRegistry,
  publication: Publication,
): Promise<Published> {
  const { tx, config, actor, now } = command;
  const judged = judge(config, registry, publication);
  const { id, path, read, source, dryRun } = publication;
  const owner = judged.sidecar.owner ?? null;
  allow(actor, "runbooks.publish", owner);
  const before = await lockRunbook(tx, id);
  if (before !== null) allow(actor, "runbooks.publish", before.ownerTeam);
  // What changes everybody's policy needs a right that counts for everybody.
  if (judged.sidecar.policyFor === "everybody" && judged.sidecar.accepted.length > 0)
    allow(actor, "runbooks.publish", null);
  const errors = judged.findings.filter(({ level }) => level === "error");
  if (errors.length > 0 && !dryRun) throw refusalOver(errors);
  const found = await findVersion(tx, id, judged.digest);
  const version: Version = found ?? {
    runbookId: id,
    digest: judged.digest,
    number: await nextVersionNumber(tx, id),
    path,
    documentSha256: read.sha256,
    sidecarSha256: judged.sidecarSha256,
    parser: read.parser,
    actions: judged.actions,
    plan: read,
    settings: judged.sidecar,
    bindings: judged.bindings,
    publishedAt: now,
    publishedBy: markOf(actor),
  };
  const row: RunbookRow = {
    id,
    title: read.title,
    ownerTeam: owner,
    digest: judged.digest,
    source,
    reviewDueAt: before?.reviewDueAt ?? addDuration(now, judged.sidecar.reviewEvery),
  };
  const changed = !dryRun && before?.digest !== judged.digest;
  if (dryRun) return { row, version, changed, findings: judged.findings };
  await saveRunbook(tx, row, now);
  if (found === null)
    await insertVersion(tx, version, {
      document: publication.document,
      sidecar: publication.sidecar,
    });
  if (before === null || before.digest === null) await startReviewClock(command, row, version);
  if (changed) await takeIntoUse(command, row, version);
  return { row, version, changed, findings: judged.findings };
}

/** Everything that follows from another version being in use. */
async function takeIntoUse(command: Command, row: RunbookRow, version: Version): Promise<void> {
  const { tx, world, actor, now } = command;
  await saveSchedules(tx, row.id, firstRuns(version, now));
  await rememberNamed(tx, row.id, await namedNow(tx, command.config, version), now);
  await takePolicy(command, row.id, publishedPolicy(version));
  await record(tx, world, {
    stream: `runbook:${row.id}`,
    at: now,
    actorRef: actorRef(actor),
    action: "runbook published",
    objectRef: `runbook:${version.digest}`,
    payload: { id: row.id, path: version.path, number: version.number, source: row.source },
  });
}

/** Configuration gets a new version only where a policy comes, changes or goes. */
async function takePolicy(
  { tx, config, now }: Command,
  id: string,
  policy: PublishedPolicy | null,
): Promise<void> {
  const before = config.published.find(({ runbook }) => runbook === id) ?? null;
  if (JSON.stringify(before) === JSON.stringify(policy)) return;
  await savePublished(tx, id, policy, now);
}

/** Takes a runbook out of use. Runs go on with the version they are pinned to. */
export async function withdraw(command: Command, id: string): Promise<void> {
  const { tx, world, actor, now } = command;
  const row = await lockRunbook(tx, id);
  if (row === null || row.digest === null) throw new Refusal("runbook.not_found", { id });
  allow(actor, "runbooks.publish", row.ownerTeam);
  await saveRunbook(tx, { ...row, digest: null }, now);
  await saveSchedules(tx, id, []);
  await takePolicy(command, id, null);
  await record(tx, world, {
    stream: `runbook:${id}`,
    at: now,
    actorRef: actorRef(actor),
    action: "runbook withdrawn",
    objectRef: `runbook:${row.digest}`,
    payload: { id },
  });
}

const refusalOver = (errors: readonly PublishFinding[]): Refusal =>
  new Refusal("runbook.findings", {
    count: errors.length,
    findings: errors.map(({ file, line, code, message }) => `${file}:${line}: ${code}: ${message}`),
  });
