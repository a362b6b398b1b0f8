/**
 * A gate before every statement of a node: closed, each waits until it is let through. It remembers what went through,
 * and which tables that touched.
 */
import type pg from "pg";

export type Gate = {
  /** From now on every statement waits. */
  close(): void;
  /** Nothing waits any more. */
  open(): void;
  /** Lets the first of those that wait through. */
  let(): void;
  waiting(): number;
  /** How many were let through and are not answered. */
  underWay(): number;
  /** The statements that went through since it was closed, in their order. */
  passed(): readonly string[];
  /** How often PostgreSQL ended a statement because two waited for each other. */
  deadlocks(): number;
  /** The server's process behind the node's only connection. */
  pid(): number;
};

const DEADLOCK = "40P01";

export function gateOf(pool: pg.Pool): Gate {
  let isClosed = false;
  let queue: (() => void)[] = [];
  let underWay = 0;
  let pid = 0;
  let deadlocks = 0;
  const passed: string[] = [];

  const arrive = (): Promise<void> =>
    isClosed ? new Promise((go) => queue.push(go)) : Promise.resolve();

  function watch(client: pg.PoolClient): void {
    pid = (client as unknown as { processID: number }).processID;
    const direct = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    const ask = async (args: unknown[]): Promise<unknown> => {
      await arrive();
      if (!isClosed) return direct(...args);
      underWay += 1;
      passed.push(textOf(args[0]));
      try {
        return await direct(...args.filter((each) => typeof each !== "function"));
      } catch (error) {
        if ((error as { code?: unknown }).code === DEADLOCK) deadlocks += 1;
        throw error;
      } finally {
        underWay -= 1;
      }
    };
    const query = (...args: unknown[]): Promise<unknown> => {
      const tell = args.at(-1);
      if (typeof tell !== "function") return ask(args);
      // The pool's own way to ask hears by its callback alone.
      const asking = ask(args.slice(0, -1));
      return asking.then(
        (result) => (tell as (error: null, result: unknown) => void)(null, result),
        (error: unknown) => (tell as (error: unknown) => void)(error),
      );
    };
    Object.assign(client, { query });
  }
  pool.on("connect", watch);

  return {
    close: () => void (isClosed = true),
    open() {
      isClosed = false;
      const all = queue;
      queue = [];
      for (const go of all) go();
    },
    let: () => queue.shift()?.(),
    waiting: () => queue.length,
    underWay: () => underWay,
    passed: () => passed,
    deadlocks: () => deadlocks,
    pid: () => pid,
  };
}

const textOf = (query: unknown): string =>
  (typeof query === "string" ? query : ((query as { text?: string }).text ?? ""))
    .replace(/\s+/g, " ")
    .trim();

export type Touch = { conflictsWith(other: Touch): boolean };
type Tables = Touch & {
  readonly read: ReadonlySet<string>;
  readonly written: ReadonlySet<string>;
  readonly appended: ReadonlySet<string>;
};

/** Rows are added to them, and nobody who adds looks at the others. */
const APPENDED =
  "ledger_pending ledger_payload timeline_entry signal signal_batch notification_attempt".split(
    " ",
  );
const NAMES = {
  inserted: /\binsert into (?:only )?"?(\w+)"?/gi,
  changed: /\b(?:update|delete from) (?:only )?"?(\w+)"?(?= (?:\w+ )?set\b| |$)/gi,
  read: /\b(?:from|join) "?(\w+)"?/gi,
};

/** What each statement touches; a commit touches whatever its transaction wrote. */
export function touches(statements: readonly string[]): readonly Touch[] {
  let sinceBegin: Tables[] = [];
  return statements.map((text) => {
    if (/^(begin|start transaction)/i.test(text)) {
      sinceBegin = [];
      return tables(new Set(), new Set(), new Set());
    }
    if (/^commit/i.test(text)) {
      const all = (of: (each: Tables) => ReadonlySet<string>): Set<string> =>
        new Set(sinceBegin.flatMap((each) => [...of(each)]));
      return tables(
        new Set(),
        all((each) => each.written),
        all((each) => each.appended),
      );
    }
    const touch = touchOf(text);
    sinceBegin.push(touch);
    return touch;
  });
}

function touchOf(text: string): Tables {
  const found = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name]) => name!);
  const inserted = found(NAMES.inserted);
  const appended = inserted.filter((name) => APPENDED.includes(name));
  const written = [...inserted.filter((name) => !APPENDED.includes(name)), ...found(NAMES.changed)];
  const read = found(NAMES.read);
  // A lock is a write to whoever wants the row as well.
  if (/\bfor (no key )?update\b/i.test(text)) written.push(...read);
  if (/advisory/i.test(text)) written.push("advisory lock");
  return tables(new Set(read), new Set(written), new Set(appended));
}

function tables(
  read: ReadonlySet<string>,
  written: ReadonlySet<string>,
  appended: ReadonlySet<string>,
): Tables {
  const meets = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
    [...a].some((name) => b.has(name));
  return {
    read,
    written,
    appended,
    conflictsWith(touch) {
      const other = touch as Tables;
      return (
        meets(written, other.written) ||
        meets(written, other.read) ||
        meets(read, other.written) ||
        meets(appended, other.read) ||
        meets(read, other.appended) ||
        meets(appended, other.written) ||
        meets(written, other.appended)
      );
    },
  };
}
