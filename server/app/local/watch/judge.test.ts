import { describe, expect, test } from "vitest";
import { addMs, type Instant, instant, MINUTE } from "../../../base/instant.ts";
import {
  concluded,
  FRESH,
  resumed,
  sending,
  settled,
  type WatchState,
  wasWell,
  wentWrong,
} from "./judge.ts";

const START = instant(1_800_000_000_000);
const at = (minutes: number): Instant => addMs(START, minutes * MINUTE);
const watching = {
  server: "https://tocsin.example",
  patience: { heartbeat: 2 * MINUTE, "round trip": 20 * MINUTE },
  ways: 2,
  startedAt: START,
};
const look = (state: WatchState, minutes: number, startedAt = START): WatchState =>
  concluded(state, { ...watching, startedAt }, at(minutes));
const bothWell = (state: WatchState, minutes: number): WatchState =>
  wasWell(wasWell(state, "heartbeat", at(minutes)), "round trip", at(minutes));
const subjects = ({ unsent }: WatchState) =>
  unsent.map(({ kind, way, subject }) => `${kind} ${way} ${subject.split(" ").slice(3).join(" ")}`);
/** Everything that is due is sent, and taken. */
const sent = (state: WatchState, minutes: number): WatchState =>
  state.unsent.reduce((so, { key }) => settled(sending(so, key), key, "taken", at(minutes)), state);

describe("an outage", () => {
  const well = bothWell(FRESH, 1);
  const down = look(wentWrong(well, "heartbeat", "refused"), 3.1);
  test("begins when the heartbeat has been silent for longer than is patient", () => {
    expect(look(well, 3)).toEqual(well);
    expect(subjects(down)).toEqual(["page 0 does not answer", "page 1 does not answer"]);
    expect(down.unsent[0]?.lines[0]).toContain("refused");
  });
  test("begins when pages do not come through although the heartbeat does", () => {
    const deaf = look(wasWell(well, "heartbeat", at(21)), 21.1);
    expect(deaf.outage?.lines).toEqual(["round trip"]);
  });
  test("pages once, however long it lasts and whatever fails besides", () => {
    const told = sent(down, 3.2);
    const later = look(look(told, 60), 600);
    expect([later.unsent, later.outage?.lines]).toEqual([[], ["heartbeat", "round trip"]]);
  });
  test("ends when all that failed is well, and tells those who were told", () => {
    const told = settled(sending(down, down.unsent[0]!.key), down.unsent[0]!.key, "taken", at(3.2));
    expect(look(told, 5).outage).not.toBeNull();
    expect(subjects(look(wasWell(told, "heartbeat", at(6)), 6.1))).toEqual([
      "notice 0 is well again",
    ]);
  });
  test("that ends before anybody could be told is told to nobody", () =>
    expect(look(bothWell(down, 4), 4.1)).toMatchObject({ outage: null, unsent: [] }));
  test("does not end because the watcher was started anew", () => {
    const again = look(resumed(sent(down, 3.2)), 30, at(30));
    expect([again.outage?.id, again.unsent]).toEqual([down.outage?.id, []]);
  });
});

describe("a watcher that ends", () => {
  const down = look(bothWell(FRESH, 1), 4);
  test("in the middle of a page sends it again, marked as what may be its second copy", () => {
    const [first] = down.unsent;
    const again = resumed(sending(down, first!.key));
    expect(again.unsent[0]).toMatchObject({ key: first!.key, mayRepeat: true, isSending: false });
    expect(again.unsent[1]?.mayRepeat).toBe(false);
  });
  test("and was away itself takes nobody for dead", () =>
    expect(look(bothWell(FRESH, 1), 600, at(599)).outage).toBeNull());
});

test("what is not taken is tried again later, what is unknown says so", () => {
  const down = look(bothWell(FRESH, 1), 4);
  const [first, second] = down.unsent;
  const after = settled(
    settled(down, first!.key, "not taken", at(4)),
    second!.key,
    "unknown",
    at(4),
  );
  expect(after.unsent).toMatchObject([
    { dueAt: at(4.5), mayRepeat: false },
    { dueAt: at(4.5), mayRepeat: true },
  ]);
});

test("a line that is not watched is never silent", () => {
  const alone = { ...watching, patience: { heartbeat: 2 * MINUTE, "round trip": null } };
  expect(concluded(wasWell(FRESH, "heartbeat", at(500)), alone, at(501)).outage).toBeNull();
});
