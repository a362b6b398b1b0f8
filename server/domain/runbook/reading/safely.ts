/**
 * Reads documents of others in threads that are stopped when one takes too long: a few kilobytes of
 * crafted Markdown can keep any parser busy for hours.
 */
import type { RunbookDocument } from "../../../../contract/runbook.ts";
import { SECOND } from "../../../base/instant.ts";
import { openWorkers, type WorkLimits, type Workers } from "../../../base/worker.ts";
import { refused, tooLarge } from "./refused.ts";

/** What a thread is given. */
export type Unread = { readonly path: string; readonly bytes: Uint8Array };

export type RunbookReader = {
  /** Always answers: what could not be read comes back with the finding that says why. */
  read(path: string, bytes: Uint8Array): Promise<RunbookDocument>;
  close(): Promise<void>;
};

const LIMITS: WorkLimits = { timeoutMs: 4 * SECOND, memoryMb: 512 };
const THREADS = 2;

export function openReader(limits: WorkLimits = LIMITS): RunbookReader {
  const module = new URL("readWorker.ts", import.meta.url);
  const workers: Workers<Unread, RunbookDocument> = openWorkers(module, THREADS, limits);
  return {
    async read(path, bytes) {
      // Told at once, without handing a megabyte to a thread.
      const large = tooLarge(path, bytes);
      if (large !== null) return large;
      const work = await workers.run({ path, bytes });
      if (work.kind === "done") return work.result;
      return refused(path, bytes, "E004", 1, { seconds: limits.timeoutMs / SECOND });
    },
    close: () => workers.close(),
  };
}
