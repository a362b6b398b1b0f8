import { afterEach, expect, test } from "vitest";
import type { OnCallReason } from "../../contract/schedule.ts";
import { speak } from "../kit/words.ts";
import { shifts } from "../words/shifts.ts";
import { reasonText } from "./reasonText.ts";

afterEach(() => speak("en", {}));

const nameOf = (id: string): string => ({ ann: "Ann Ox", bo: "Bo Li" })[id] ?? id;
const reason: OnCallReason = {
  kind: "layer holds",
  verdict: "wins",
  layer: "ann",
  zone: "Europe/Berlin",
  person: "ann",
  override: null,
  replaces: null,
  startsAt: "2026-11-23T08:00:00.000Z",
  endsAt: "2026-11-30T08:00:00.000Z",
  because: null,
  text: "As an earlier node says it.",
  sentences: [
    {
      template: "Layer “{layer}”: {person} has the shift from {from} to {to} ({zone}).",
      params: { layer: "ann", person: ["ann", "bo"], from: "09:00", to: "10:00", zone: "UTC" },
    },
    {
      template: "The clocks skip {wall}, so the {edge} is at {shown}.",
      params: { wall: "02:30", edge: "shift start", shown: "03:30" },
    },
  ],
};

test("a reason names people where people stand, and nowhere else", () => {
  expect(reasonText(reason, nameOf)).toBe(
    "Layer “ann”: Ann Ox and Bo Li has the shift from 09:00 to 10:00 (UTC). " +
      "The clocks skip 02:30, so the shift start is at 03:30.",
  );
});

test("a reason is German for a German reader", () => {
  speak("de", { ...shifts, "{others} and {last}": "{others} und {last}" });
  expect(reasonText(reason, nameOf)).toBe(
    "Ebene „ann“: Die Schicht von 09:00 bis 10:00 hat Ann Ox und Bo Li (UTC). " +
      "Die Uhren überspringen 02:30, darum Schichtbeginn um 03:30.",
  );
});

test("an answer without its sentences is shown as its text", () => {
  const { sentences: _, ...before } = reason;
  expect(reasonText(before, nameOf)).toBe("As an earlier node says it.");
});
