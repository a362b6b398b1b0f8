/** What the engine's clock step does when a mark of a run or of a runbook's review fires. */
import type { Mark } from "../deadline/deadline.ts";
import type { DeadlineRow } from "../deadline/store.ts";
import type { Command } from "../incident/commands.ts";
import { lockOfClock, runMark } from "./clocks.ts";
import { reviewMark } from "./review.ts";

export const runbookMarks = {
  async run(command: Command, subject: string) {
    const carried = await lockOfClock(command, subject);
    if (carried === null) return null;
    return (row: DeadlineRow, mark: Mark): Promise<void> => runMark(command, carried, row, mark);
  },
  runbook: reviewMark,
};
