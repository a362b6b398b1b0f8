/**
 * The line between a virtual node and its store. Weather cuts it: for a while, or for good in the middle
 * of a transaction, as `kill -9` does. It also hears the order in which rows are locked, because nodes
 * that are stepped one at a time never meet in a deadlock.
 */
import type pg from "pg";

export type Line = {
  /** Nothing goes through from now on, until {@link Line.mend}. */
  cut(): void;
  mend(): void;
  /** Cut before its next statement but so many, and says so; a commit may still reach the store unanswered. */
  burn(statements: number, commits: boolean, burned: () => void): void;
  isCut(): boolean;
  /** How often it was cut so far. */
  cuts(): number;
  /** How many statements were asked so far. */
  asked(): number;
};

const lost = (): Error =>
  Object.assign(new Error("the line to the store is cut"), { code: "ECONNRESET" });

/** Puts a line under every connection that the pool opens. */
export function lineOf(pool: pg.Pool, onFault: (fault: string) => void): Line {
  let isCut = false;
  let cuts = 0;
  let fuse: { left: number; readonly commits: boolean; readonly burned: () => void } | null = null;
  let asked = 0;

  function cut(): void {
    isCut = true;
    cuts += 1;
  }

  pool.on("connect", (client) => {
    const direct = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    const locks = lockOrder(onFault);
    let within = false;
    const query = (...args: unknown[]): Promise<unknown> => {
      const asking = ask(args);
      const tell = args.at(-1);
      if (typeof tell !== "function") return asking;
      // The pool's own way to ask hears of a failure by its callback alone.
      return asking.catch((error: unknown) => {
        (tell as (error: unknown) => void)(error);
      });
    };
    const ask = async (args: unknown[]): Promise<unknown> => {
      const text = textOf(args[0]);
      asked += 1;
      if (fuse !== null && !isCut && --fuse.left < 0) {
        cut();
        if (fuse.commits && text === "commit") await direct("commit");
        fuse.burned();
      }
      if (isCut) {
        // The store takes back what a lost connection had begun; here it is told so, to do it at once.
        if (within) await direct("rollback").catch(() => undefined);
        within = false;
        throw lost();
      }
      if (/^(begin|start transaction)/.test(text)) within = true;
      if (/^(commit|rollback)/.test(text)) within = false;
      locks(text, valuesOf(args));
      return direct(...args);
    };
    Object.assign(client, { query });
  });

  return {
    cut,
    mend() {
      isCut = false;
      fuse = null;
    },
    burn: (left, commits, burned) => void (fuse = { left, commits, burned }),
    isCut: () => isCut,
    cuts: () => cuts,
    asked: () => asked,
  };
}

const textOf = (query: unknown): string =>
  (typeof query === "string" ? query : ((query as { text?: string }).text ?? "")).trim();

function valuesOf([query, values]: readonly unknown[]): readonly unknown[] {
  const own = (query as { values?: readonly unknown[] }).values;
  return own ?? (Array.isArray(values) ? values : []);
}

/** What belongs to incidents and is locked by their numbers or names, with the place of that parameter. */
const BELONGS = [
  /from escalation_run where incident_number = (?:any\()?\$(\d+).*for update/s,
  /from deadline where subject = (?:any\()?\$(\d+).*for update/s,
  /^update notification set state = 'dropped'.*where incident_number = \$(\d+)/s,
  /from alert_open\s+where incident_number = \$(\d+).*for update/s,
] as const;
const INCIDENTS = /from incident i where i\.number = (?:any\()?\$(\d+).*for update/s;

/**
 * The incident is locked before everything that belongs to it, whoever does it. What locks several
 * incidents by a search, and what it has inserted itself, is not followed.
 */
function lockOrder(onFault: (fault: string) => void) {
  let locked = new Set<string>();
  let early = new Map<string, string>();
  return (text: string, values: readonly unknown[]): void => {
    if (/^(begin|commit|rollback)/.test(text)) {
      locked = new Set();
      early = new Map();
      return;
    }
    const valuesAt = (found: RegExpExecArray | null): readonly string[] =>
      found === null
        ? []
        : [values[Number(found[1]) - 1]].flat().map((value) => String(value).replace(/^INC-/, ""));
    if (text.startsWith("insert into incident (number"))
      for (const number of [values[0]].flat()) locked.add(String(number));
    for (const incident of valuesAt(INCIDENTS.exec(text))) {
      const before = early.get(incident);
      if (before !== undefined && !locked.has(incident))
        onFault(`incident ${incident} is locked after “${before}”`);
      locked.add(incident);
    }
    for (const pattern of BELONGS) {
      for (const owner of valuesAt(pattern.exec(text)))
        if (!locked.has(owner) && !early.has(owner))
          early.set(owner, text.replace(/\s+/g, " ").slice(0, 60));
    }
  };
}
