import { describe, expect, test } from "vitest";
import type { TimelineEntry } from "../../contract/incident.ts";
import { filtered, timelineRows } from "./timelineView.ts";

const START = Date.UTC(2026, 9, 24, 2);
const reader = {
  now: START,
  me: "mara",
  person: (id: string) => ({ mara: "Mara", priya: "Priya" })[id] ?? id,
};
let count = 0;
const entry = (kind: string, minutes: number, text: string, change = {}): TimelineEntry => ({
  id: `0199c0de-0000-7000-8000-00000000000${count++}`,
  at: new Date(START + minutes * 60_000).toISOString(),
  kind,
  actor: { kind: "engine", id: null },
  text,
  params: {},
  ...change,
});

const entries = [
  entry("paged", 0, "Paged priya, mara (step 1, round 1).", {
    params: { people: ["priya", "mara"], step: 1, round: 1 },
  }),
  entry("status update", 9, "Status update to customers. Cards fail.", {
    params: { audiences: ["customers"] },
    actor: { kind: "person", id: "mara" },
  }),
  entry("note", 10, "It was the flag.", { actor: { kind: "person", id: "priya" } }),
  entry("a kind of tomorrow", 11, "Something new."),
];

describe("the timeline for reading", () => {
  const rows = timelineRows(entries, reader);
  test("people are called by their names, and you are told apart", () => {
    expect(rows[0]).toMatchObject({ sentence: "Paged Priya and Mara (step 1, round 1)" });
    expect(rows[2]).toMatchObject({ author: "Mara, you", mine: true });
  });
  test("what a person wrote stands apart from what Tocsin says", () => {
    expect(rows[2]).toMatchObject({
      sentence: "Status update to customers",
      words: "Cards fail.",
      boxed: true,
    });
    expect(rows[3]).toMatchObject({ sentence: null, words: "It was the flag." });
  });
  test("a silence of five minutes is a row of its own", () => {
    expect(rows[1]).toMatchObject({ kind: "silence", text: "9 min without an entry" });
  });
  test("a kind that this page does not know yet is shown as it is", () => {
    expect(rows[4]).toMatchObject({ sentence: "Something new." });
  });
  test("filters by kind and by words", () => {
    expect(filtered(rows, "all", "")).toHaveLength(5);
    expect(filtered(rows, "pages", "")).toHaveLength(1);
    expect(filtered(rows, "all", "FLAG")).toMatchObject([{ words: "It was the flag." }]);
  });
});
