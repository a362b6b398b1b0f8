import { describe, expect, test } from "vitest";
import type { Calendar } from "../../../contract/deadline.ts";
import { SECTION_KEYS } from "../../../contract/postmortem.ts";
import { fromIso, type Instant, toIso } from "../../base/instant.ts";
import { startDeadline } from "../deadline/deadline.ts";
import {
  type ActionItem,
  actionItemClock,
  changedItem,
  defaultDueAt,
  type Draft,
  isOver,
  isOverdue,
  isStale,
  meetingAt,
  type Section,
  sectionsAsRead,
} from "./postmortem.ts";

const at = (text: string): Instant => fromIso(text)!;

const berlin: Calendar = {
  timezone: "Europe/Berlin",
  hours: { mon: "09:00-17:00", tue: "09:00-17:00", wed: "11:00-17:00", fri: "09:00-09:30" },
  holidays: [{ date: "2026-11-24", name: "A free Tuesday" }],
};

describe("the review meeting", () => {
  for (const [promise, due, calendar, zone, meeting] of [
    [
      "at 10:00 on the working day after it is due",
      "2026-11-22T12:00:00Z",
      berlin,
      "UTC",
      "2026-11-23T09:00:00.000Z",
    ],
    ["not on a holiday", "2026-11-23T12:00:00Z", berlin, "UTC", "2026-11-25T10:00:00.000Z"],
    [
      "when the calendar opens, if that is later",
      "2026-11-24T12:00:00Z",
      berlin,
      "UTC",
      "2026-11-25T10:00:00.000Z",
    ],
    [
      "when it opens, if it is closed at 10:00",
      "2026-11-26T12:00:00Z",
      berlin,
      "UTC",
      "2026-11-27T08:00:00.000Z",
    ],
    [
      "the day counts where the calendar is",
      "2026-11-22T23:30:00Z",
      berlin,
      "UTC",
      "2026-11-25T10:00:00.000Z",
    ],
    [
      "without a calendar at 10:00 in the commander's zone",
      "2026-11-23T12:00:00Z",
      null,
      "America/New_York",
      "2026-11-24T15:00:00.000Z",
    ],
    [
      "without a calendar not on a weekend",
      "2026-11-20T12:00:00Z",
      null,
      "Asia/Tokyo",
      "2026-11-23T01:00:00.000Z",
    ],
    [
      "a calendar that never opens is none",
      "2026-11-20T12:00:00Z",
      { ...berlin, hours: {} },
      "UTC",
      "2026-11-23T10:00:00.000Z",
    ],
    [
      "at 10:00 where a team works around the clock",
      "2026-11-23T12:00:00Z",
      { ...berlin, hours: { wed: "00:00-24:00" } },
      "UTC",
      "2026-11-25T09:00:00.000Z",
    ],
  ] as const) {
    test(promise, () => {
      expect(toIso(meetingAt(at(due), calendar, zone))).toBe(meeting);
    });
  }
});

describe("sections as they are read", () => {
  const draft = Object.fromEntries(SECTION_KEYS.map((key) => [key, `fact ${key}`])) as Draft;
  const stored = SECTION_KEYS.map((key): Section => ({
    key,
    body: `stored ${key}`,
    version: 1,
    updatedBy: { kind: "engine" },
  }));
  const edited = stored.map((section) =>
    section.key === "lessons"
      ? { ...section, version: 2, updatedBy: { kind: "person" as const, personId: "ann" } }
      : section,
  );
  const bodies = (state: "draft" | "published", sections: readonly Section[]) =>
    Object.fromEntries(sectionsAsRead({ state }, sections, draft).map((s) => [s.key, s.body]));

  test("what nobody edited follows the facts, what somebody wrote stays", () => {
    const read = bodies("draft", edited);
    expect(read["impact"]).toBe("fact impact");
    expect(read["lessons"]).toBe("stored lessons");
    expect(Object.keys(read)).toEqual(SECTION_KEYS);
  });

  test("publishing keeps the words, but action items always are as they stand", () => {
    const read = bodies("published", edited);
    expect(read["impact"]).toBe("stored impact");
    expect(read["action-items"]).toBe("fact action-items");
  });
});

test("a postmortem is stale once the incident was resolved again", () => {
  const draftedAt = at("2026-11-21T12:00:00Z");
  expect(isStale({ draftedAt }, { resolvedAt: draftedAt })).toBe(false);
  expect(isStale({ draftedAt }, { resolvedAt: at("2026-11-21T12:00:01Z") })).toBe(true);
  expect(isStale({ draftedAt }, { resolvedAt: null })).toBe(false);
});

for (const [state, over] of [
  ["declared", false],
  ["mitigated", false],
  ["resolved", true],
  ["closed", true],
  ["cancelled", false],
] as const) {
  test(`an incident that is ${state} is ${over ? "" : "not "}to be looked back on`, () => {
    expect(isOver({ state })).toBe(over);
  });
}

describe("action items", () => {
  const createdAt = at("2026-11-21T12:00:00Z");
  const item: ActionItem = {
    number: 1,
    incidentNumber: 7,
    priority: "P1",
    title: "Add a canary",
    ownerId: "ann",
    dueAt: at("2026-12-21T12:00:00Z"),
    status: "open",
    doneAt: null,
    createdAt,
    note: null,
  };
  const later = at("2027-01-01T00:00:00Z");

  for (const [priority, due] of [
    ["P0", "2026-11-28T12:00:00.000Z"],
    ["P1", "2026-12-21T12:00:00.000Z"],
    ["P2", "2027-02-19T12:00:00.000Z"],
  ] as const) {
    test(`${priority} is due by its priority unless said otherwise`, () => {
      expect(toIso(defaultDueAt(priority, createdAt))).toBe(due);
    });
  }

  for (const dueAt of [
    item.dueAt,
    at("2026-12-02T03:04:05.678Z"),
    at("2026-11-21T12:00:00.001Z"),
  ]) {
    test(`its clock ends exactly when it is due: ${toIso(dueAt)}`, () => {
      const clock = startDeadline(actionItemClock({ ...item, dueAt }), createdAt, null, "UTC");
      expect(toIso(clock.dueAt)).toBe(toIso(dueAt));
    });
  }

  for (const [status, overdue] of [
    ["open", true],
    ["in progress", true],
    ["done", false],
    ["dropped", false],
  ] as const) {
    test(`one that is ${status} ${overdue ? "can" : "cannot"} be overdue`, () => {
      expect(isOverdue({ ...item, status }, later)).toBe(overdue);
      expect(isOverdue({ ...item, status }, item.dueAt)).toBe(false);
    });
  }

  test("finishing notes when, saying so again keeps it, taking it up again clears it", () => {
    const done = changedItem(item, { status: "done" }, later);
    expect(done.doneAt).toBe(later);
    expect(changedItem(done, { note: "x" }, at("2027-02-01T00:00:00Z")).doneAt).toBe(later);
    expect(changedItem(done, { status: "open" }, later).doneAt).toBeNull();
  });
});
