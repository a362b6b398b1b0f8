/** What a source may publish: a document that is a runbook, for the teams that it is for. */
import type { RunbookDocument } from "../../../contract/runbook.ts";
import { Refusal } from "../../base/errors.ts";
import type { Entry } from "../config/config.ts";
import type { Command } from "../incident/commands.ts";
import type { ActionRegistry } from "./action.ts";
import { publish, withdraw } from "./publish.ts";
import { idOfPath } from "./path.ts";
import { NO_SIDECAR, readSidecar, sidecarPath } from "./sidecar.ts";
import { findRunbook, listOfSource } from "./versionStore.ts";

export type Found = {
  readonly source: Entry<"runbooks">;
  readonly path: string;
  readonly document: Buffer;
  readonly sidecar: string | null;
  readonly commit: string | null;
  readonly read: RunbookDocument;
};

/** Publishes one document. Pages that only tell something are left alone without a word. */
export async function publishFound(
  command: Command,
  actions: ActionRegistry,
  found: Found,
): Promise<void> {
  const { source, path, document, sidecar: text, commit, read } = found;
  const id = idOfPath(path);
  const isRunbook = read.plans.length + read.checklists.length > 0 || text !== null;
  if (id === null || (!isRunbook && read.findings.every(({ level }) => level !== "error"))) return;
  const sidecar =
    text === null ? NO_SIDECAR : (readSidecar(text, sidecarPath(path)).sidecar ?? NO_SIDECAR);
  const { teams } = source.body;
  const { owner } = sidecar;
  if (teams !== undefined && (owner === undefined || !teams.includes(owner)))
    throw new Refusal("runbook.source_foreign", { source: source.id, teams });
  if (teams !== undefined && sidecar.policyFor === "everybody")
    throw new Refusal("runbook.source_foreign", { source: source.id, teams });
  const before = await findRunbook(command.tx, id);
  const ours = before === null || before.digest === null || before.source.id === source.id;
  if (!ours) throw new Refusal("runbook.elsewhere", { id, from: before.source.id ?? "an upload" });
  const { type } = source.body;
  await publish(command, actions, {
    id,
    path,
    document,
    sidecar: text,
    read,
    source: { kind: type, id: source.id, path, commit },
    dryRun: false,
  });
}

/** What is no more in its source is taken out of use. */
export async function withdrawGone(
  command: Command,
  source: string,
  paths: readonly string[],
): Promise<void> {
  for (const row of await listOfSource(command.tx, source))
    if (row.digest !== null && !paths.includes(row.source.path)) await withdraw(command, row.id);
}
