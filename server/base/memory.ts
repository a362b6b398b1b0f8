/**
 * Memory that is given back. What a start leaves behind is given back once, in the first quiet moment: code that ran once, and the room for
 * what is young, which grew while everything was loaded. It stops the process for some tenths of a second, so it
 * is not done later, when somebody may wait.
 */
import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { sleepReal } from "./clock.ts";

const LOOK_EVERY_MS = 1_000;
const LOOKS = 10;
/** Below this share of a second the process is at rest. */
const AT_REST = 0.1;

/**
 * Collections that run because nothing else does may move as much as there is, so that the holes go that a flood
 * left between what stays; by itself V8 moves twelve megabytes in each of two. A flag that it does not know it only names.
 */
export function compactWhenIdle(): void {
  setFlagsFromString("--compaction-max-evacuated-bytes-mb-for-reduce-memory=64");
  setFlagsFromString("--memory-reducer-gc-count=3");
}

/** Waits for a quiet second among the first ten; says whether there was one. */
export async function tidyAfterStart(until: AbortSignal): Promise<boolean> {
  for (let look = 0; look < LOOKS; look++) {
    const before = performance.eventLoopUtilization();
    await sleepReal(LOOK_EVERY_MS, until);
    if (until.aborted) return false;
    if (performance.eventLoopUtilization(before).utilization > AT_REST) continue;
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as (how: object) => void;
    // The usual collection keeps that room; the last one before memory runs out does not.
    collect({ execution: "sync", flavor: "last-resort", type: "major" });
    return true;
  }
  return false;
}
