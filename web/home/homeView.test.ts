import { describe, expect, test } from "vitest";
import type { Overview } from "../../contract/overview.ts";
import { burnSentence, headline, lane, waits } from "./homeView.ts";

const START = Date.UTC(2026, 9, 24, 2);
const iso = (hours: number): string => new Date(START + hours * 3_600_000).toISOString();
const about = { title: "Cards fail", severity: "SEV1", state: "declared" } as const;
const overview = {
  burning: [
    {
      id: "INC-1",
      severity: "SEV1",
      title: "Cards fail",
      offeredCommander: null,
      declaredAt: iso(0),
    },
  ],
  pages: [{ ...about, id: "p", incident: "INC-1", pagedAt: iso(1) }],
  tasks: [
    { ...about, id: "t2", incident: "INC-1", task: "Count", dueAt: null },
    { ...about, id: "t1", incident: "INC-1", task: "Freeze", dueAt: iso(0.5) },
  ],
  actionItems: [],
  postmortems: [],
} as unknown as Overview;

describe("what burns, in one sentence", () => {
  for (const [severities, text] of [
    [[], "Nothing burns."],
    [["SEV1"], "One SEV1 burns."],
    [["SEV3", "SEV1", "SEV3"], "One SEV1 and two SEV3 burn."],
    [["SEV1", "SEV2", "SEV4"], "One SEV1, one SEV2 and one SEV4 burn."],
  ] as const)
    test(text, () => expect(burnSentence(severities.map((severity) => ({ severity })))).toBe(text));
});

test("the headline counts what waits for you", () => {
  expect(headline(overview)).toBe("One SEV1 burns. Three things wait for you.");
});

test("a page waits before all else, then what is due first, then what has no due time", () => {
  expect(waits(overview, "mara").map(({ id }) => id)).toEqual(["page p", "task t1", "task t2"]);
});

test("a command that is offered waits for whom it is offered to", () => {
  const offered = {
    ...overview,
    burning: overview.burning.map((each) => ({ ...each, offeredCommander: "mara" })),
  };
  expect(waits(offered, "mara").some(({ kind }) => kind === "offer")).toBe(true);
  expect(waits(offered, "noor").some(({ kind }) => kind === "offer")).toBe(false);
});

test("a lane holds what touches its hours", () => {
  const spans = [
    { startsAt: iso(-3), endsAt: iso(6), person: "mara" },
    { startsAt: iso(6), endsAt: iso(30), person: null },
    { startsAt: iso(30), endsAt: iso(40), person: "ines" },
  ];
  expect(lane(spans, START, 12 * 3_600_000)).toMatchObject([
    { left: 0, width: 50, isNow: true },
    { left: 50, width: 50, isNow: false },
  ]);
});
