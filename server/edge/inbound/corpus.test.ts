/**
 * What real tools sent, read where it lies beside the project; nothing of it is copied. Every file
 * must be accepted, or refused with the field named.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Adapter } from "../../domain/signal/signal.ts";
import { alertmanagerApi } from "./alertmanagerApi.ts";
import { alertmanagerWebhook } from "./alertmanagerWebhook.ts";
import { pagerDutyEvents } from "./pagerDutyEvents.ts";
import { readAt, refusedFields } from "./golden/samples.ts";

const folder = new URL("../../../../shared/corpus/alerts/", import.meta.url);
const absent = !existsSync(folder);
if (absent) console.log("skipped: ../shared/corpus/alerts is not beside the project");
const files = absent
  ? []
  : readdirSync(folder).filter((name) => /^(alertmanager|pagerduty-events)/.test(name));

/** What is not simply one signal: the refused fields, or that the file is no JSON. */
const EXPECTED: Readonly<Record<string, "not JSON" | readonly string[]>> = {
  "alertmanager-api-v2--01.json": ["0 body"],
  "pagerduty-events-v2--01.json": "not JSON",
  "pagerduty-events-v2--04.json": ["0 event_action"],
};

function adapterFor(name: string): Adapter {
  return name.startsWith("alertmanager") ? alertmanagerWebhook : pagerDutyEvents;
}

describe.skipIf(absent)("files of real tools", () => {
  const text = (name: string) => readFileSync(new URL(name, folder), "utf8");

  test("there are some of both protocols", () => {
    expect(new Set(files.map((name) => adapterFor(name).about.id)).size).toBe(2);
  });

  for (const name of files) {
    const expected = EXPECTED[name] ?? [];
    test(`${name}: ${expected.length === 0 ? "accepted" : expected}`, () => {
      if (expected === "not JSON") {
        // The HTTP layer answers before any adapter is asked; a caller who passes the text on
        // regardless is told that the body is at fault.
        expect(() => JSON.parse(text(name))).toThrow(SyntaxError);
        expect(refusedFields(readAt(adapterFor(name), text(name)))).toEqual(["0 body"]);
        return;
      }
      const result = readAt(adapterFor(name), JSON.parse(text(name)));
      expect(refusedFields(result)).toEqual(expected);
      expect(result.signals.length).toBe(expected.length === 0 ? 1 : 0);
    });
  }

  test("groups posted to the API are refused one by one, since each holds alerts", () => {
    const groups: unknown[] = JSON.parse(text("alertmanager-api-v2--01.json"));
    expect(refusedFields(readAt(alertmanagerApi, groups))).toEqual(
      groups.map((_, index) => `${index} alerts`),
    );
  });
});
