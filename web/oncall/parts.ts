/** What belongs to being on call besides the calendar: each a page with its own question. Pure. */
import { later } from "../kit/words.ts";

export const PARTS = {
  load: [later("Load"), later("What does being on call cost whom?")],
  drills: [later("Drills"), later("Do pages reach people?")],
  notes: [later("Shift notes"), later("What has to be known at the handoff?")],
} as const;
export type Part = keyof typeof PARTS;

export type PartSearch = {
  readonly days?: number | undefined;
  readonly schedule?: string | undefined;
};
