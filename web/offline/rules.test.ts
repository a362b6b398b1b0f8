/** What stays on a device and what never does. */
import { expect, test } from "vitest";
import { isDrawnByServer, isWorthKeeping } from "./rules.ts";

for (const [path, kept] of [
  ["/v1/me", true],
  ["/v1/me/sessions", false],
  ["/v1/me/credentials", false],
  ["/v1/incidents/INC-7", true],
  ["/v1/incidents/INC-7/timeline", true],
  ["/v1/incidents/INC-7/postmortem.md", false],
  ["/v1/runbooks/till", true],
  ["/v1/overview", true],
  ["/v1/tokens", false],
  ["/v1/break-glass", false],
  ["/v1/config/people", false],
  ["/v1/config/services/checkout", true],
  ["/v1/config/escalations/payments", true],
  ["/v1/config/keys/checkout", false],
  ["/v1/events", false],
  ["/v1/sign-in", false],
] as const)
  test(`${path} is ${kept ? "" : "not "}kept`, () => expect(isWorthKeeping(path)).toBe(kept));

for (const [path, drawn] of [
  ["/", false],
  ["/incidents/INC-7", false],
  ["/alerts", false],
  ["/a/0199.x", true],
  ["/signin/abc", true],
  ["/sign-in/provider/back", true],
  ["/docs", true],
] as const)
  test(`${path} is ${drawn ? "the server’s" : "the app’s"}`, () =>
    expect(isDrawnByServer(path)).toBe(drawn));
