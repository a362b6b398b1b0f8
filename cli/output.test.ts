import { describe, expect, test } from "vitest";
import { idMeant, incidentIdFrom, table, wrapped } from "./output.ts";
import { localized, localTime, spanText, typedInstant } from "./time.ts";

describe("tables", () => {
  const rows = [
    [
      "INC-1",
      { text: "SEV1", style: "red" as const },
      "checkout",
      "Nobody can pay by card since noon",
    ],
    ["INC-12", "SEV4", "a-service-with-a-very-long-name-indeed", "Typo"],
  ];
  const headings = ["ID", "SEV", "SERVICE", "TITLE"];
  test("stand in columns, with nothing after the last", () => {
    expect(table(headings, rows, Number.POSITIVE_INFINITY)).toEqual([
      "ID      SEV   SERVICE                                 TITLE",
      "INC-1   SEV1  checkout                                Nobody can pay by card since noon",
      "INC-12  SEV4  a-service-with-a-very-long-name-indeed  Typo",
    ]);
  });
  for (const width of [80, 60, 40])
    test(`are no wider than ${width} columns, and say with “…” what was cut`, () => {
      const lines = table(headings, rows, width);
      for (const line of lines) expect([...line].length).toBeLessThanOrEqual(width);
      expect(lines.join("\n")).toContain("…");
    });
});

describe("long lines", () => {
  test("go on under the text of their last column", () => {
    expect(wrapped("MISSING  plan  No plan is documented for cart.", 32)).toEqual([
      "MISSING  plan  No plan is",
      "               documented for",
      "               cart.",
    ]);
  });
  test("stay as they are where a program reads, and in tables of Markdown", () => {
    expect(wrapped("a b", Number.POSITIVE_INFINITY)).toEqual(["a b"]);
    expect(wrapped("| a | b |", 5)).toEqual(["| a | b |"]);
  });
});

describe("ids", () => {
  for (const typed of ["INC-12", "inc-12", "12", " 12 "])
    test(`“${typed}” names INC-12`, () => expect(incidentIdFrom(typed)).toBe("INC-12"));
  for (const typed of ["", "INC-", "INC-0", "AI-1", "12a"])
    test(`“${typed}” names no incident`, () =>
      expect(() => incidentIdFrom(typed)).toThrow("is no incident id such as INC-12 or 12"));

  const latest = async () => [
    { id: "01a1fe01-5f00-7000-86f6-14ec47cb1a2b" },
    { id: "01a1fe01-5f00-7000-86f6-22ec47cb1a2b" },
  ];
  test("the end of an id names it when no other ends so", async () => {
    expect(await idMeant("page", "14ec47cb1a2b", latest)).toBe((await latest())[0]?.id);
    await expect(idMeant("page", "47cb1a2b", latest)).rejects.toThrow("names more than one page");
    await expect(idMeant("page", "ffffff", latest)).rejects.toThrow("names no page");
  });
});

describe("times", () => {
  const now = Date.UTC(2026, 10, 21, 12);
  for (const [typed, iso] of [
    ["+30m", "2026-11-21T12:30:00.000Z"],
    ["+2d", "2026-11-23T12:00:00.000Z"],
    ["2026-12-24T03:00:00+01:00", "2026-12-24T02:00:00.000Z"],
    ["2026-12-24T03:00Z", "2026-12-24T03:00:00.000Z"],
  ] as const)
    test(`“${typed}” is ${iso}`, () => expect(typedInstant(typed, now)).toBe(iso));
  test("a time without a zone is local, and is shown as it was typed", () => {
    expect(localTime(typedInstant("2026-12-24 03:00", now))).toBe("2026-12-24 03:00");
    expect(localTime(typedInstant("23:15", now)).slice(11)).toBe("23:15");
    expect(localTime(typedInstant("2026-12-24", now))).toBe("2026-12-24 00:00");
  });
  for (const typed of ["", "soon", "+2y", "25:00", "2026-13-01"])
    test(`“${typed}” is refused`, () =>
      expect(() => typedInstant(typed, now)).toThrow("is no time such as"));
  test("instants in sentences of the server are shown in local time", () => {
    const local = localTime("2026-11-21T12:00:00.000Z");
    expect(localized("Last at 2026-11-21T12:00:00.000Z.")).toBe(`Last at ${local}.`);
  });
  for (const [ms, text] of [
    [59_000, "under a minute"],
    [-180_000, "3 min"],
    [7_500_000, "2 h 5 min"],
    [3_600_000 * 50, "2 d 2 h"],
    [3_600_000 * 72, "3 d"],
  ] as const)
    test(`${ms} ms is ${text}`, () => expect(spanText(ms)).toBe(text));
});
