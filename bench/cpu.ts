/** What processes cost: on a machine that others use as well, time on the wall says little. */
import { readdir, readFile } from "node:fs/promises";

/** The kernel counts in hundredths of a second. */
const TICKS_PER_SECOND = 100;

type Process = { readonly parent: number; readonly ticks: number };

async function processes(): Promise<ReadonlyMap<number, Process>> {
  const found = new Map<number, Process>();
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => null);
    if (stat === null) continue;
    // Behind the program's name, which may hold anything: state, parent, …, own and ended children's time.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
    found.set(Number(name), { parent: Number(fields[1]), ticks });
  }
  return found;
}

/** Seconds of processor time that these processes and all below them have used so far. */
export async function cpuSeconds(roots: readonly number[]): Promise<number> {
  const all = await processes();
  const isBelow = (pid: number): boolean => {
    for (let at = pid; at > 1; at = all.get(at)?.parent ?? 0) if (roots.includes(at)) return true;
    return false;
  };
  let ticks = 0;
  for (const [pid, process] of all) if (isBelow(pid)) ticks += process.ticks;
  return ticks / TICKS_PER_SECOND;
}
