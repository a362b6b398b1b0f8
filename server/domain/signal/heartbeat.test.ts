import { describe, expect, test } from "vitest";
import { Heartbeat } from "../../../contract/heartbeat.ts";
import { fromIso, type Instant, toIso } from "../../base/instant.ts";
import {
  alarmText,
  type Beat,
  begun,
  covers,
  keptBeat,
  owedBy,
  pinged,
  pulseOf,
  silent,
} from "./heartbeat.ts";

const at = (text: string): Instant => fromIso(`2026-11-26T${text}:00Z`)!;
const secret = `sha256:${"0".repeat(64)}`;
const body = (more: object) => Heartbeat.parse({ service: "till", secret, ...more });
const hourly = pulseOf("books", body({ every: "PT1H", grace: "PT10M" }));
const nightly = pulseOf("night", body({ cron: "30 2 * * *", timezone: "UTC" }));
const beat = begun(hourly, at("10:00"));
const up = pinged(beat, hourly, null, at("10:00"));
const always = { listened: () => true, since: at("00:00") };
const times = ({ expectedAt, dueAt }: Beat) =>
  [expectedAt, dueAt].map((one) => toIso(one).slice(11, 16));

describe("a heartbeat", () => {
  test("that was never heard rings as well", () => {
    const missed = silent(beat, hourly, at("11:10"), always);
    expect([missed.status, owedBy(missed)]).toEqual(["missed", "ring"]);
    expect(alarmText("Books", missed)).toBe("Books has never been heard");
  });
  test("does not ring before its grace is over", () =>
    expect(silent(up, hourly, at("11:09"), always)).toMatchObject({
      status: "up",
      attendAt: at("11:10"),
    }));
  test("rings once, however long it is silent", () => {
    const told = { ...silent(up, hourly, at("11:10"), always), told: "ring" } as const;
    expect(owedBy(silent(told, hourly, at("23:00"), always))).toBeNull();
  });
  test("that is heard again ends what rang", () => {
    const told = { ...silent(up, hourly, at("11:10"), always), told: "ring" } as const;
    const after = pinged(told, hourly, null, at("12:00"));
    expect([after.status, owedBy(after), ...times(after)]).toEqual(["up", "end", "13:00", "13:10"]);
  });
  test("that failed rings at once, and exit code 0 is well", () => {
    for (const word of ["fail", "3"]) {
      const failed = pinged(up, hourly, word, at("10:30"));
      expect([failed.status, owedBy(failed)]).toEqual(["failed", "ring"]);
    }
    expect(pinged(up, hourly, "0", at("10:30")).status).toBe("up");
  });
  test("that started has a grace to come to its end, and its start ends no alarm", () => {
    const started = pinged(up, hourly, "start", at("10:30"));
    expect(times(started)).toEqual(["11:00", "10:40"]);
    const hanging = silent(started, hourly, at("10:40"), always);
    expect(alarmText("Books", hanging)).toContain("has not come to its end");
    expect(pinged(hanging, hourly, "start", at("10:50")).status).toBe("missed");
  });
  test("a log line says nothing about it", () =>
    expect(times(pinged(up, hourly, "log", at("10:50")))).toEqual(times(up)));
  test("a sender whose clock is ahead is not asked twice for one turn", () => {
    const early = pinged(
      begun(nightly, at("00:00")),
      nightly,
      null,
      fromIso("2026-11-26T02:29:40Z")!,
    );
    expect(toIso(early.expectedAt)).toBe("2026-11-27T02:30:00.000Z");
  });
});

describe("what nobody could hear", () => {
  test("is excused, and waited for once more from when nodes listened again", () => {
    const deaf = { listened: () => false, since: at("11:20") };
    const after = silent(up, hourly, at("11:20"), deaf);
    expect([after.status, owedBy(after), ...times(after)]).toEqual(["up", null, "12:20", "12:30"]);
    expect(after.excusedExpectedAt).toBe(at("11:00"));
    expect(silent(after, hourly, at("12:30"), always).status).toBe("missed");
  });
  test("asks for the time around its turn, not for all the time before", () => {
    const asked: string[] = [];
    const listened = (from: Instant, to: Instant): boolean =>
      asked.push(`${toIso(from).slice(11, 16)}–${toIso(to).slice(11, 16)}`) > 0;
    silent(up, hourly, at("11:10"), { listened, since: at("00:00") });
    expect(asked).toEqual(["10:50–11:10"]);
  });
  for (const [promise, spans, isCovered] of [
    ["one node all the time", [["09:00", "12:00"]], true],
    [
      "a hole",
      [
        ["09:00", "10:20"],
        ["10:30", "12:00"],
      ],
      false,
    ],
    [
      "one node takes over from another",
      [
        ["10:10", "12:00"],
        ["09:00", "10:20"],
      ],
      true,
    ],
    ["nobody at the end", [["09:00", "10:59"]], false],
    ["nobody", [], false],
  ] as const)
    test(promise, () => {
      const read = spans.map(([since, until]) => ({ since: at(since), until: at(until) }));
      expect(covers(read, at("10:00"), at("11:00"))).toBe(isCovered);
    });
});

describe("a change of configuration", () => {
  const rang: Beat = { ...silent(up, hourly, at("11:10"), always), told: "ring" };
  test("of nothing leaves it as it is", () => expect(keptBeat(up, hourly, at("10:30"))).toBe(up));
  test("of its rhythm begins anew", () =>
    expect(times(keptBeat(up, pulseOf("books", body({ every: "PT2H" })), at("10:30"))!)).toEqual([
      "12:30",
      "12:35",
    ]));
  test("that takes it away ends first what rang, where it rang", () => {
    expect(keptBeat(up, null, at("10:30"))).toBeNull();
    const gone = keptBeat(rang, null, at("12:00"))!;
    expect([gone.status, gone.serviceId, owedBy(gone)]).toEqual(["gone", "till", "end"]);
    expect(keptBeat({ ...gone, told: "end" }, null, at("12:00"))).toBeNull();
  });
  test("that moves it to another service ends what rang on the first", () => {
    const elsewhere = pulseOf("books", body({ every: "PT1H", grace: "PT10M", service: "lamp" }));
    const gone = keptBeat(rang, elsewhere, at("12:00"))!;
    expect([gone.status, gone.serviceId]).toEqual(["gone", "till"]);
    const anew = keptBeat({ ...gone, told: "end" }, elsewhere, at("12:01"))!;
    expect([anew.status, anew.serviceId]).toEqual(["waiting", "lamp"]);
  });
});
