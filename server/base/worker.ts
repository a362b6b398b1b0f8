/** Pure work over untrusted input, in a thread of its own that is ended when it takes too much. */
import { Worker } from "node:worker_threads";

export type WorkLimits = { readonly timeoutMs: number; readonly memoryMb: number };

export type Work<Result> =
  | { readonly kind: "done"; readonly result: Result }
  /** It took too long, too much memory or stack, or broke. */
  | { readonly kind: "ended" };

/**
 * Runs a module that reads `workerData` and posts one message back, the result. Whatever the input
 * does to it, this thread goes on answering.
 */
export function inWorker<Result>(
  module: URL,
  input: unknown,
  limits: WorkLimits,
): Promise<Work<Result>> {
  return new Promise((settle) => {
    const worker = new Worker(module, {
      workerData: input,
      resourceLimits: { maxOldGenerationSizeMb: limits.memoryMb },
    });
    const finish = (work: Work<Result>): void => {
      clearTimeout(timer);
      settle(work);
      void worker.terminate();
    };
    const timer = setTimeout(() => finish({ kind: "ended" }), limits.timeoutMs);
    worker.once("message", (result: Result) => finish({ kind: "done", result }));
    worker.once("error", () => finish({ kind: "ended" }));
    worker.once("exit", () => finish({ kind: "ended" }));
  });
}
