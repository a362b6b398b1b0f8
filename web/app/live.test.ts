import { describe, expect, test } from "vitest";
import type { LiveTopic } from "../../contract/live.ts";
import { isLater, isStale } from "./live.ts";

const after = (incidents: readonly string[], topics: readonly LiveTopic[]) => ({
  incidents: new Set(incidents),
  topics: new Set(topics),
});

describe("what a change makes old", () => {
  for (const [promise, key, changes, stale] of [
    ["the incident itself", ["/v1/incidents/:id", { id: "INC-1" }], after(["INC-1"], []), true],
    ["its timeline", ["/v1/incidents/:id/timeline", { id: "INC-1" }], after(["INC-1"], []), true],
    ["not another incident", ["/v1/incidents/:id", { id: "INC-2" }], after(["INC-1"], []), false],
    ["the lists it stands in", ["/v1/overview", {}], after(["INC-1"], []), true],
    ["not the schedules", ["/v1/schedules", {}], after(["INC-1"], []), false],
    ["alerts that came in", ["/v1/alerts", {}, {}], after([], ["alerts"]), true],
    ["who is on call", ["/v1/schedules/:id/who", { id: "a" }], after([], ["on call"]), true],
    ["names, after a change of settings", ["/v1/directory", {}], after([], ["config"]), true],
  ] as const)
    test(promise, () => expect(isStale(key, changes)).toBe(stale));
});

describe("whether somebody else may have been told what came after a page", () => {
  for (const [promise, id, than, later] of [
    ["a later transaction", "1000.0", "999.7", true],
    ["a later entry of the same", "9.12", "9.2", true],
    ["the very same place", "9.2", "9.2", false],
    ["an earlier one", "99.2", "100.0", false],
    ["a page that knows no place", "9.2", "", true],
  ] as const)
    test(promise, () => expect(isLater(id, than)).toBe(later));
});
