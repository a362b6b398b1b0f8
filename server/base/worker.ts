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

/** Threads that stay, for many small pieces of such work. */
export type Workers<Input, Result> = {
  run(input: Input): Promise<Work<Result>>;
  /** Ends the threads, and with them whatever is still under way. */
  close(): Promise<void>;
};

type Job<Input, Result> = {
  readonly input: Input;
  readonly settle: (work: Work<Result>) => void;
};

/** A tree of a document is young and gone soon: with room for it an eighth of the time is saved (bench/runbooks.ts). */
const YOUNG_MB = 96;

/** What a thread of `openWorkers` posts once it can take work. */
export const READY = "ready";

/**
 * Up to `size` threads of a module that posts READY and then answers each message with one. A thread
 * that takes too long with a piece is ended, and another begins with the next. They are started when
 * there is work, and do not keep the process alive.
 */
export function openWorkers<Input, Result>(
  module: URL,
  size: number,
  limits: WorkLimits,
): Workers<Input, Result> {
  const waiting: Job<Input, Result>[] = [];
  const threads = new Set<Worker>();
  const idle: ((job: Job<Input, Result>) => void)[] = [];
  let closed = false;

  const start = (): void => {
    const worker = new Worker(module, {
      resourceLimits: {
        maxOldGenerationSizeMb: limits.memoryMb,
        maxYoungGenerationSizeMb: YOUNG_MB,
      },
    });
    let current: Job<Input, Result> | null = null;
    let timer: NodeJS.Timeout | undefined;
    threads.add(worker);
    const settle = (work: Work<Result>): void => {
      clearTimeout(timer);
      const job = current;
      current = null;
      worker.unref();
      job?.settle(work);
    };
    const take = (job: Job<Input, Result>): void => {
      current = job;
      worker.ref();
      timer = setTimeout(() => end(), limits.timeoutMs);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage(job.input);
    };
    const next = (): void => {
      const job = waiting.shift();
      if (job === undefined) idle.push(take);
      else take(job);
    };
    const end = (): void => {
      if (!threads.delete(worker)) return;
      const at = idle.indexOf(take);
      if (at >= 0) idle.splice(at, 1);
      settle({ kind: "ended" });
      void worker.terminate();
      if (closed) for (const job of waiting.splice(0)) job.settle({ kind: "ended" });
      else if (waiting.length > 0) start();
    };
    worker.on("message", (message: unknown) => {
      if (message !== READY) settle({ kind: "done", result: message as Result });
      next();
    });
    worker.on("error", end);
    worker.on("exit", end);
  };

  return {
    run(input) {
      if (closed) return Promise.resolve({ kind: "ended" });
      return new Promise((settle) => {
        const job = { input, settle };
        const take = idle.pop();
        if (take !== undefined) return take(job);
        waiting.push(job);
        if (threads.size < size) start();
      });
    },
    async close() {
      closed = true;
      for (const job of waiting.splice(0)) job.settle({ kind: "ended" });
      await Promise.all([...threads].map((worker) => worker.terminate()));
    },
  };
}
