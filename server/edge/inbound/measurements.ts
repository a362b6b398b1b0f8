/**
 * Numbers over time, POST /v1/measurements: what rules with a sustained condition judge.
 * Sample: golden/measurements.json
 */
import { z } from "zod";
import { addMs, type Instant, MINUTE } from "../../base/instant.ts";
import { type Measurement, type SignalProblem } from "../../domain/signal/signal.ts";
import { isFieldProblem, itemsOf, Labels, problemsOf, text, Time } from "./strictShape.ts";

/** A sender's clock may be this far ahead; beyond, its samples would hide newer ones. */
const AHEAD_MAX_MS = 5 * MINUTE;

const RawMeasurement = z.strictObject(
  {
    measure: text(200),
    value: z.number("a finite number"),
    at: Time.optional(),
    labels: Labels.default({}),
    service: text(63).optional(),
  },
  { error: (issue) => (issue.code === "invalid_type" ? "an object" : undefined) },
);

const FIELDS = Object.keys(RawMeasurement.shape);

export type MeasurementsRead = {
  readonly measurements: readonly { readonly index: number; readonly measurement: Measurement }[];
  readonly refused: readonly SignalProblem[];
};

/** Every item by its index in exactly one of the two lists; a body refused as a whole is item 0. */
export function readMeasurements(input: {
  readonly body: unknown;
  readonly now: Instant;
}): MeasurementsRead {
  const items = itemsOf(input.body, "measurements");
  if (isFieldProblem(items)) return { measurements: [], refused: [{ index: 0, ...items }] };
  const measurements: { index: number; measurement: Measurement }[] = [];
  const refused: SignalProblem[] = [];
  items.forEach((raw, index) => {
    const parsed = RawMeasurement.safeParse(raw);
    if (!parsed.success) {
      for (const problem of problemsOf(parsed.error, FIELDS)) refused.push({ index, ...problem });
      return;
    }
    const { measure, value, at = input.now, labels, service = null } = parsed.data;
    if (at > addMs(input.now, AHEAD_MAX_MS)) {
      refused.push({ index, field: "at", expected: "at most 5 minutes in the future" });
    } else measurements.push({ index, measurement: { measure, value, at, labels, service } });
  });
  return { measurements, refused };
}
