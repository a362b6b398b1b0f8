/** Better words of a run as a branch of the repository: a person asks, the engine makes and pushes it. */
import { runId } from "../../../contract/ids.ts";
import { Refusal } from "../../base/errors.ts";
import type { BranchAsked, Branched } from "../../base/gitBranch.ts";
import { SECOND } from "../../base/instant.ts";
import { allow, ENGINE_READER, markOf, may } from "../account/account.ts";
import type { Entry } from "../config/config.ts";
import { type Command, mustBePerson } from "../incident/commands.ts";
import { begin, lockCarried, recount } from "./carry.ts";
import { findFixBranch, type FixBranch, insertFixBranch, saveFixBranch } from "./fixBranchStore.ts";
import { editsOf, patched, refitted } from "./patch.ts";
import type { Carried } from "./run.ts";
import { listFixes } from "./runStore.ts";
import { findRunbook, findTexts } from "./versionStore.ts";

/** A source that takes branches, and where in it the document lies. */
export type Writable = {
  readonly source: Entry<"runbooks"> & { readonly body: { readonly type: "git" } };
  readonly path: string;
};

/** Null where the document is from elsewhere, or its source takes none. */
export async function writableSource(
  command: Pick<Command, "config" | "tx">,
  { run }: Pick<Carried, "run">,
): Promise<Writable | null> {
  const row = await findRunbook(command.tx, run.runbookId);
  const source = row === null ? null : command.config.get("runbooks", row.source.id ?? "");
  if (row === null || source === null || row.source.kind !== "git") return null;
  const { id, body } = source;
  if (body.type !== "git" || body.fixes === undefined) return null;
  return { source: { ...source, id, body }, path: row.source.path };
}

/** Records that somebody wants it, who must be allowed to publish what comes of it. */
export async function askFixBranch(command: Command, number: number): Promise<Carried> {
  const carried = await begin(command, number, false);
  const { run, version } = carried;
  const owner = version.settings.owner ?? null;
  if (owner !== null || !may(command.actor, "runbooks.publish", "any"))
    allow(command.actor, "runbooks.publish", owner);
  mustBePerson(command.actor);
  const id = runId(number);
  if (editsOf(version, await listFixes(command.tx, number)).length === 0)
    throw new Refusal("run.no_fixes", { id });
  const writable = await writableSource(command, carried);
  if (writable === null) throw new Refusal("run.no_fix_branch", { id, runbook: run.runbookId });
  const branchId = command.world.chance.id(command.now);
  const row: FixBranch = {
    id: branchId,
    runNumber: number,
    sourceId: writable.source.id,
    digest: version.digest,
    branch: `tocsin/fix-${run.runbookId.replace(/[^a-z0-9]+/g, "-").replace(/-+$/, "")}-${id.toLowerCase()}-${branchId.slice(-8)}`,
    state: "due",
    askedBy: markOf(command.actor),
    askedAt: command.now,
    dueAt: command.now,
    commit: null,
    because: null,
  };
  if (!(await insertFixBranch(command.tx, row))) throw new Refusal("run.fix_branch_busy", { id });
  await recount(command, run, "fix branch asked", { branch: row.branch });
  return carried;
}

/** What is to be pushed for a row; a text: why it cannot be. */
export async function plannedBranch(
  command: Command,
  row: FixBranch,
): Promise<(Omit<BranchAsked, "token"> & { readonly token: string | undefined }) | string> {
  const carried = await lockCarried(command, ENGINE_READER, row.runNumber);
  if (carried === null) return "its run is gone";
  const writable = await writableSource(command, carried);
  if (writable === null || writable.source.id !== row.sourceId)
    return "its source takes no branches any more";
  const { body } = writable.source;
  const { run, version } = carried;
  const texts = await findTexts(command.tx, run.runbookId, row.digest);
  const edits = editsOf({ digest: row.digest }, await listFixes(command.tx, row.runNumber));
  if (texts === null || edits.length === 0) return "its words are gone";
  const by = row.askedBy.kind === "person" ? row.askedBy.personId : "tocsin";
  const { hostname } = new URL(command.world.publicUrl);
  return {
    url: body.url,
    token: body.fixes?.token ?? body.token,
    base: body.branch,
    branch: row.branch,
    path: writable.path,
    rewrite: (bytes) =>
      bytes.equals(texts.document) ? patched(bytes, edits) : refitted(bytes, edits),
    message: messageOf(runId(row.runNumber), version.path, edits.length, row.digest),
    author: {
      name: command.config.get("people", by)?.body.name ?? by,
      email: `${by}@${hostname}`,
    },
    at: Math.floor(row.askedAt / SECOND),
  };
}

export const messageOf = (id: string, path: string, count: number, digest: string): string =>
  // A name may hold anything that a file system takes; here it is one line.
  `${path.replace(/\s+/g, " ")}: better words found in ${id}\n\n${count} place(s), proposed while it ran.\n\nRun: ${id}\nRunbook-digest: ${digest}\n`;

export async function settleFixBranch(
  command: Command,
  id: string,
  branched: Branched,
): Promise<void> {
  const { runNumber } = await findFixBranch(command.tx, id);
  const carried = await lockCarried(command, ENGINE_READER, runNumber);
  const row = await findFixBranch(command.tx, id);
  if (row.state !== "under way" || carried === null) return;
  const { branch } = row;
  if (branched.kind === "pushed") {
    const { commit } = branched;
    await saveFixBranch(command.tx, { ...row, state: "pushed", dueAt: null, commit });
    await recount(command, carried.run, "fix branch pushed", {
      branch,
      commit: commit.slice(0, 12),
    });
    return;
  }
  const { because } = branched;
  await saveFixBranch(command.tx, { ...row, state: "failed", dueAt: null, because });
  await recount(command, carried.run, "fix branch failed", { branch }, because);
}
