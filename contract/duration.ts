/** Lengths of time that are the same everywhere: weeks or smaller units, no months. */
import { DurationText } from "./ids.ts";

export const FixedDuration = DurationText.refine(
  (text) => !/^P[^T]*[YM]/.test(text),
  "a duration of weeks or smaller units",
);
export const PositiveDuration = FixedDuration.refine(
  (text) => /[1-9]/.test(text),
  "a duration longer than zero",
);
