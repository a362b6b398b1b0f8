/** The one rule of the wall clock, held against what Intl shows around every jump there was. */
import { describe, expect, test } from "vitest";
import { fromIso, MINUTE, toIso } from "../../base/instant.ts";
import { wallReader } from "./reference.ts";
import { firstInstantAt, jumpsBetween, readingOf } from "./wallclock.ts";

const FROM = fromIso("1970-01-01T00:00Z")!;
const TO = fromIso("2037-12-31T00:00Z")!;

describe("every jump of every zone since 1970", () => {
  const wallOf = (ms: number): Temporal.PlainDateTime =>
    Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO("UTC").toPlainDateTime();

  test("a reading near it is reached exactly when the wall first shows it or more", () => {
    const wrong: string[] = [];
    let checked = 0;
    for (const zone of Intl.supportedValuesOf("timeZone")) {
      const read = wallReader(zone);
      for (const jump of jumpsBetween(zone, FROM, TO)) {
        const before = read(jump.at - MINUTE) + MINUTE;
        const after = read(jump.at);
        if (after - before !== jump.byMs) wrong.push(`${zone} jump ${toIso(jump.at)}`);
        const [low, high] = before < after ? [before, after] : [after, before];
        for (const wall of [low - MINUTE, low, low + MINUTE, high - MINUTE, high, high + MINUTE]) {
          // Up to `before` the wall ran up to the jump; what it had not shown then comes after it.
          const want = wall < before ? wall - before : Math.max(0, wall - after);
          const reading = readingOf(wallOf(wall), zone);
          const kind = wall < low || wall >= high ? "once" : jump.byMs > 0 ? "skipped" : "doubled";
          checked++;
          if (firstInstantAt(wallOf(wall), zone) - jump.at !== want || reading.kind !== kind) {
            wrong.push(`${zone} ${wallOf(wall).toString()} ${reading.kind}`);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(100_000);
  });
});
