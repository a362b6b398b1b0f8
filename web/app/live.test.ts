import { describe, expect, test } from "vitest";
import type { LiveTopic } from "../../contract/live.ts";
import { isStale } from "./live.ts";

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
