import { expect, test } from "vitest";
import type { Notification } from "../../contract/page.ts";
import { pageView } from "./pagesView.ts";

const AT = "2026-11-26T10:00:00.500Z";
const page: Notification = {
  id: "01a21a65-ae9b-7003-84b6-ecc8537f64e5",
  kind: "page",
  urgency: "high",
  subject: "INC-1",
  occasion: "round 1 step 1",
  incident: "INC-1",
  person: "mara",
  channel: "mail",
  state: "accepted",
  inFlight: false,
  mayRepeat: false,
  acceptedAt: AT,
  decidedAt: AT,
  dueAt: AT,
  nextTryAt: null,
  handedOverAt: AT,
  receiptAt: AT,
  acknowledgedAt: null,
  because: null,
  title: "[SEV1] INC-1 Database down",
};
const incident = { acknowledgedBy: null, state: "declared" } as const;

test("what was handed over was due, also before the line looks at the clock again", () => {
  const before = Date.parse("2026-11-26T10:00:00Z");
  const passed = Array.from({ length: 5 }, () => "passed");
  expect(pageView(page, incident, before).stations).toEqual([...passed, "open"]);
  const later = { ...page, state: "pending", handedOverAt: null, receiptAt: null } as const;
  expect(pageView(later, incident, before).stations).toEqual([
    "passed",
    "passed",
    "open",
    "open",
    "open",
    "open",
  ]);
});
