/**
 * A virtual node with the production's own engine loop, on a clock of its own that may be wrong. It does
 * one thing whenever it is allowed to, a step of a tick at a time, so that the steps of several nodes
 * stand in any order. A step that has nothing to do is not played: that would be most of the time.
 */
import { addMs, type Instant, SECOND } from "../server/base/instant.ts";
import { type Engine, startEngine, type Step } from "../server/engine/engine.ts";
import type { Ways } from "../server/app/hands.ts";
import type { StormLimits } from "../server/domain/alert/spool.ts";
import { type Line, lineOf } from "./line.ts";
import { type VirtualNode, virtualNode } from "../server/app/local/virtual/node.ts";
import type { VirtualTransport } from "../server/app/local/virtual/transport.ts";

export type Station = {
  readonly name: string;
  readonly node: VirtualNode;
  readonly line: Line;
  /** How far its clock is ahead of the truth. */
  skewMs: number;
  isAlive: boolean;
  /** When it last took which step, on its clock. */
  readonly tookAt: Map<string, Instant>;
  /** It stands still, with the instant it has read, as a paused machine does. */
  stalledUntil: Instant | null;
  /** What it waits for: leave for its next step, or the end of its sleep. */
  waits:
    | { readonly for: "leave"; readonly step: string; readonly go: () => void }
    | { readonly for: "time"; readonly until: Instant; readonly go: () => void }
    | null;
  nudge(): void;
  /** Its hand-over of this message is the last thing it does. */
  diesSending: "before" | "after" | null;
  kill(): void;
  close(): Promise<void>;
};

export type StationOptions = {
  readonly name: string;
  readonly seed: string;
  readonly url: string;
  readonly skewMs: number;
  readonly now: () => Instant;
  readonly send: VirtualTransport["send"];
  /** Whether a step has something to do on a clock that shows this. */
  readonly isDue: (station: Station, step: string, at: Instant) => boolean;
  /** Looks again at what is due. */
  readonly refresh: () => Promise<void>;
  /** When anything is due next. */
  readonly nextDueAt: (station: Station) => Instant | null;
  readonly onNudge: (from: Station) => void;
  /** What actions of runbooks reach, and from when on it storms. */
  readonly ways: Ways;
  readonly storm: StormLimits;
  readonly onFault: (message: string) => void;
  readonly onDeath: () => void;
};

/** Beyond it a node stops ticking and says so. */
const EXPECTED = /^this node's clock is too far/;

export function openStation(options: StationOptions): Station {
  const { name, now } = options;
  let engine: Engine | null = null;
  let mayFailUntil: Instant | null = null;
  // The node looks at its clock already while it is put together.
  let skewMs = (): number => options.skewMs;
  const shown = (): Instant => addMs(now(), skewMs());
  const isExpected = (message: string): boolean =>
    EXPECTED.test(message) || station.line.isCut() || (mayFailUntil ?? -1) >= now();

  const sleep = (ms: number, until: AbortSignal): Promise<void> =>
    new Promise((wake) => {
      const go = (): void => {
        until.removeEventListener("abort", go);
        station.waits = null;
        wake();
      };
      if (until.aborted) return wake();
      until.addEventListener("abort", go);
      station.waits = { for: "time", until: addMs(now(), ms), go };
    });

  const leaveFor = (step: string): Promise<void> =>
    new Promise((leave) => {
      const go = (): void => {
        station.waits = null;
        leave();
      };
      station.waits = { for: "leave", step, go };
    });

  const send: VirtualTransport["send"] = async (outbound) => {
    const dies = station.diesSending;
    if (dies === "before") station.kill();
    const reply = await (dies === "before"
      ? new Promise<never>(() => undefined)
      : options.send(outbound));
    if (dies === "after") station.kill();
    return station.isAlive ? reply : new Promise<never>(() => undefined);
  };

  const node = virtualNode({
    seed: options.seed,
    url: options.url,
    clock: { now: shown, sleep },
    transport: { send },
    nudge: () => void (station.isAlive && options.onNudge(station)),
    alter: (steps) => steps.map(patient),
    ways: options.ways,
    storm: options.storm,
    onFault: (message) => void (isExpected(message) || options.onFault(`${name}: ${message}`)),
  });

  /** A step that waits for leave; what is due is said by the lookout. */
  function patient(step: Step): Step {
    return {
      name: step.name,
      async run(at) {
        if (!options.isDue(station, step.name, at)) return { done: 0, nextAt: null };
        await leaveFor(step.name);
        if (!options.isDue(station, step.name, at)) return { done: 0, nextAt: null };
        station.tookAt.set(step.name, at);
        try {
          return await step.run(at);
        } finally {
          await options.refresh();
        }
      },
    };
  }

  /** Tells the loop when something is due, for the steps that were not played. */
  const lookout: Step = {
    name: "lookout",
    run: async () => ({ done: 0, nextAt: options.nextDueAt(station) }),
  };

  const station: Station = {
    name,
    node,
    line: lineOf(node.world.db.pool, options.onFault),
    skewMs: options.skewMs,
    isAlive: true,
    tookAt: new Map(),
    stalledUntil: null,
    waits: null,
    diesSending: null,
    nudge: () => engine?.nudge(),
    kill() {
      if (!station.isAlive) return;
      station.isAlive = false;
      node.kill();
      station.line.cut();
      options.onDeath();
    },
    close: () => node.close(),
  };
  skewMs = () => station.skewMs;
  const mend = station.line.mend;
  Object.assign(station.line, {
    mend() {
      // What had failed on the cut line is still being told.
      mayFailUntil = addMs(now(), 2 * SECOND);
      mend();
    },
  });
  const quietly = { latenessMs: () => undefined, ticked: () => undefined, failed: () => undefined };
  engine = startEngine(node.world, [...node.steps, lookout], quietly, () => station.skewMs);
  return station;
}
