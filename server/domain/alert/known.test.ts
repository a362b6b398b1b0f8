/** What is known of open alerts, beside the same told with maps of objects. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { instant } from "../../base/instant.ts";
import { type Known, KnownAlerts } from "./known.ts";

const KEYS = ["one", "two"];
/** Few, so that wordings meet, and alike in their first bytes, so that they stand in a line. */
const markOf = (n: number): string => "abcd" + String.fromCharCode(n & 255, n >> 8).repeat(14);
const writtenOf = (alert: number, mark: number, time = 0) => ({
  key: `key ${alert}`,
  keyId: KEYS[alert % 2]!,
  alertId: `id ${alert}`,
  mark: markOf(mark),
  expiresAt: instant(time),
});

type Model = {
  readonly marks: string[];
  readonly alertId: string;
  readonly keyId: string;
  until: number;
  readonly known: Known;
};

const alert = fc.nat(7);
const step = fc.oneof(
  fc.record({ kind: fc.constant("learn"), alert, mark: fc.nat(9), time: fc.nat(99) }),
  fc.record({ kind: fc.constant("reopen"), alert, mark: fc.nat(9), time: fc.nat(99) }),
  fc.record({ kind: fc.constantFrom("forget", "forget all", "owe", "write", "fail"), alert }),
);

test("whatever is learnt, forgotten, owed and written, it knows what maps of objects know", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const alerts = new KnownAlerts();
      const model = new Map<string, Model>();
      const owed = new Map<string, number>();
      let reopened = 0;
      const forget = (key: string): void => {
        alerts.forget(key);
        model.delete(key);
      };
      for (const each of steps) {
        const key = `key ${each.alert}`;
        const before = model.get(key);
        if ("mark" in each) {
          const alertId =
            each.kind === "reopen" ? `id ${++reopened} again` : (before?.alertId ?? key);
          const written = { ...writtenOf(each.alert, each.mark, each.time), alertId };
          alerts.learn("basis", written);
          const marks = before?.alertId === alertId ? before.marks : [];
          for (const other of model.values()) {
            const at = other.keyId === written.keyId ? other.marks.indexOf(written.mark) : -1;
            if (at >= 0 && other.marks !== marks) other.marks[at] = "taken over";
          }
          if (!marks.includes(written.mark)) marks.push(written.mark);
          const known = alerts.find(written.keyId, written.mark)!;
          const { keyId } = written;
          model.set(key, { marks: marks.slice(-4), alertId, keyId, until: each.time, known });
        } else if (each.kind === "forget") forget(key);
        else if (each.kind === "forget all") {
          alerts.forgetAll();
          model.clear();
        } else if (each.kind === "owe" && before !== undefined) {
          alerts.owe(before.known, 1, instant(1), instant(each.alert));
          owed.set(before.alertId, (owed.get(before.alertId) ?? 0) + 1);
        } else if (alerts.owes()) {
          const rows = alerts.takeOwed(3);
          if (each.kind === "fail") alerts.oweAgain(rows);
          else {
            alerts.store(rows);
            for (const { id, count } of rows) owed.set(id, owed.get(id)! - count);
            for (const { known, expiresAt } of rows)
              for (const told of model.values())
                if (told.known === known) told.until = Math.max(told.until, expiresAt);
          }
        }
        for (const keyId of KEYS)
          for (let mark = 0; mark < 10; mark++) {
            const told = [...model.values()].find(
              (one) => one.keyId === keyId && one.marks.includes(markOf(mark)),
            );
            const found = alerts.find(keyId, markOf(mark));
            expect(found === null ? null : alerts.alertIdOf(found)).toBe(told?.alertId ?? null);
            if (found !== null) expect(alerts.storedUntil(found)).toBe(told!.until);
          }
        for (const { known } of model.values()) expect(alerts.holds(known, "basis")).toBe(true);
      }
      while (alerts.owes())
        for (const { id, count } of alerts.takeOwed(3)) owed.set(id, owed.get(id)! - count);
      expect([...owed.values()].filter((count) => count !== 0)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("what was forgotten does not hold, though its place has another alert by now", () => {
  const alerts = new KnownAlerts();
  alerts.learn("basis", writtenOf(1, 1));
  const first = alerts.find("two", markOf(1))!;
  alerts.forget("key 1");
  alerts.learn("basis", writtenOf(3, 1));
  expect(alerts.holds(first, "basis")).toBe(false);
  const second = alerts.find("two", markOf(1))!;
  expect(alerts.holds(second, "basis")).toBe(true);
  alerts.learn("another", writtenOf(5, 5));
  expect(alerts.holds(second, "basis")).toBe(false);
});

test("a wording does not count on a basis that it was not judged by", () => {
  const alerts = new KnownAlerts();
  alerts.learn("basis", writtenOf(1, 1));
  alerts.learn("basis", writtenOf(1, 2));
  const before = alerts.find("two", markOf(1))!;
  alerts.owe(before, 3, instant(1), instant(2));
  alerts.learn("another", writtenOf(1, 2));
  expect(alerts.find("two", markOf(1))).toBe(null);
  expect(alerts.holds(before, "another")).toBe(false);
  expect(alerts.holds(alerts.find("two", markOf(2))!, "another")).toBe(true);
  expect(alerts.takeOwed(9)).toMatchObject([{ id: "id 1", count: 3 }]);
});

test("thousands are found while they come and go", () => {
  const alerts = new KnownAlerts();
  for (let n = 0; n < 20_000; n++) {
    alerts.learn("basis", writtenOf(n, n));
    if (n >= 5_000) alerts.forget(`key ${n - 5_000}`);
  }
  for (let n = 0; n < 20_000; n += 7) {
    const found = alerts.find(KEYS[n % 2]!, markOf(n));
    expect(found === null ? null : alerts.keyOf(found)).toBe(n < 15_000 ? null : `key ${n}`);
  }
});
