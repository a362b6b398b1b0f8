/** What actions of runbooks find in a simulation: databases that answer and programs that end, as told. */
import type { Ways } from "../server/app/hands.ts";
import type { FoundFile } from "../server/base/repository.ts";
import type { Ended } from "../server/base/programs.ts";

export type Outside = {
  readonly ways: Ways;
  /** Every program that was started, with its arguments. */
  readonly started: string[];
  /** Every statement that was asked. */
  readonly asked: string[];
  /** What sources of runbooks hold. */
  readonly files: FoundFile[];
  /** What statements like this yield, in turn; the last answer stays. */
  answers(
    pattern: RegExp,
    ...rows: readonly (readonly Readonly<Record<string, unknown>>[])[]
  ): void;
  /** The next program or statement like this never answers: its node will have died. */
  hangs(pattern: RegExp): void;
  /** How programs of this name end from now on. */
  ends(program: string, exitCode: number): void;
};

export function simOutside(): Outside {
  const started: string[] = [];
  const asked: string[] = [];
  const files: FoundFile[] = [];
  const tables: { pattern: RegExp; left: (readonly Readonly<Record<string, unknown>>[])[] }[] = [];
  const codes = new Map<string, number>();
  const hanging: RegExp[] = [];
  const isHanging = (what: string): boolean => {
    const at = hanging.findIndex((pattern) => pattern.test(what));
    if (at >= 0) hanging.splice(at, 1);
    return at >= 0;
  };
  const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
  return {
    started,
    asked,
    files,
    hangs: (pattern) => void hanging.push(pattern),
    answers: (pattern, ...rows) => void tables.unshift({ pattern, left: [...rows] }),
    ends: (program, exitCode) => void codes.set(program, exitCode),
    ways: {
      async look({ statement }) {
        asked.push(statement);
        if (isHanging(statement)) return never();
        const table = tables.find(({ pattern }) => pattern.test(statement));
        const [first = []] = table?.left ?? [];
        if (table !== undefined && table.left.length > 1) table.left.shift();
        return { kind: "rows", rows: first, more: false };
      },
      // A simulation reaches no repository.
      push: async () => ({ kind: "failure", because: "there is no repository" }),
      fetch: async () => ({ kind: "files", commit: null, files: [...files] }),
      async start({ program, args }): Promise<Ended> {
        started.push([program, ...args].join(" "));
        if (isHanging(program)) return never();
        return {
          kind: "ended",
          exitCode: codes.get(program) ?? 0,
          stdout: "",
          stderr: "",
          bytes: Buffer.alloc(0),
        };
      },
    },
  };
}
