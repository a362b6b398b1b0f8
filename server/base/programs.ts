/**
 * Starting programs: never through a shell, with an environment of their own, a time limit that ends the
 * whole process group, and no more output kept than fits.
 */
import { spawn } from "node:child_process";

export type Program = {
  /** An absolute path, or a name that is looked up in the usual places. */
  readonly program: string;
  readonly args: readonly string[];
  readonly timeoutMs: number;
  /** What it is told beside PATH, HOME and LANG. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  /** Of each of its two outputs, in bytes; 64 KiB unless given. */
  readonly outputLimit?: number;
};

export type Ended =
  | {
      readonly kind: "ended";
      readonly exitCode: number;
      readonly stdout: string;
      readonly stderr: string;
      /** Standard output as it came. */
      readonly bytes: Buffer;
    }
  /** `started`: whether it may have done something. */
  | { readonly kind: "error"; readonly started: boolean; readonly because: string };

const USUAL = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const OUTPUT_LIMIT = 64 * 1024;

/** Promises never to reject. What the program leaves running in the background is ended with it. */
export function runProgram(asked: Program): Promise<Ended> {
  const { program, args, timeoutMs, environment = {}, directory } = asked;
  const limit = asked.outputLimit ?? OUTPUT_LIMIT;
  return new Promise((settle) => {
    const child = spawn(program, [...args], {
      shell: false,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: USUAL, HOME: "/nonexistent", LANG: "C.UTF-8", ...environment },
      ...(directory === undefined ? {} : { cwd: directory }),
    });
    const outputs = { stdout: keeper(limit), stderr: keeper(limit) };
    let late = false;
    const end = (): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // It is gone already.
      }
    };
    const timer = setTimeout(() => {
      late = true;
      end();
    }, timeoutMs);
    child.stdout.on("data", outputs.stdout.take);
    child.stderr.on("data", outputs.stderr.take);
    child.once("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const because = `${program} does not start (${error.code ?? error.message})`;
      settle({ kind: "error", started: child.pid !== undefined, because });
    });
    child.once("exit", () => end());
    child.once("close", (exitCode, signal) => {
      clearTimeout(timer);
      if (late) {
        const because = `${program} did not end within ${timeoutMs / 1_000} s and was ended`;
        return settle({ kind: "error", started: true, because });
      }
      const stdout = outputs.stdout.text();
      const stderr = outputs.stderr.text();
      if (exitCode !== null)
        return settle({ kind: "ended", exitCode, stdout, stderr, bytes: outputs.stdout.bytes() });
      settle({ kind: "error", started: true, because: `${program} was ended by ${signal}` });
    });
  });
}

function keeper(limit: number) {
  const chunks: Buffer[] = [];
  let size = 0;
  let cut = false;
  return {
    take(chunk: Buffer): void {
      const room = limit - size;
      cut ||= chunk.length > room;
      if (room <= 0) return;
      chunks.push(chunk.subarray(0, room));
      size += Math.min(chunk.length, room);
    },
    bytes: (): Buffer => Buffer.concat(chunks),
    text: (): string => Buffer.concat(chunks).toString("utf8") + (cut ? "…" : ""),
  };
}
