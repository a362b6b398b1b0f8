/** The runs of an incident, and which of them its page shows. */
import type { Run } from "../../contract/run.ts";

export type RunSearch = {
  readonly run?: string | undefined;
  readonly step?: string | undefined;
};

/** What the runs of an incident are asked by. */
export const ofIncident = (incident: string) => ({ query: { incident, limit: 50 } });

/** The one that was chosen; else the one that goes on; else the newest. */
export const shownRun = (runs: readonly Run[], chosen?: string): Run | undefined =>
  runs.find(({ id }) => id === chosen) ?? runs.find(({ state }) => state === "running") ?? runs[0];
