import { describe, expect, test } from "vitest";
import { ownJson } from "./ownJson.ts";
import { changed, golden, instantOf, onlySignal, readAt, refusedFields } from "./golden/samples.ts";

const list = golden("own-json.list.json");
const one = golden("own-json.one.json");
const read = (body: unknown) => readAt(ownJson, body);
const full = (list as { signals: unknown[] }).signals[0];

test("a list of signals is read as it is written", () => {
  expect(read(list)).toMatchObject({
    signals: [
      {
        index: 0,
        signal: {
          action: "trigger",
          dedupKey: "export-nightly",
          title: "Nightly export did not finish",
          severity: "warning",
          source: "export",
          labels: { job: "export", attempt: "3", manual: "false" },
          details: { rows: 120 },
          link: "https://jobs.example.org/export/7",
          startedAt: instantOf("2026-11-21T02:00:00Z"),
          endsAt: null,
        },
      },
      {
        index: 1,
        signal: { action: "resolve", dedupKey: "export-nightly", title: "", severity: null },
      },
    ],
    refused: [],
    findings: [],
  });
});

test("one object and a bare list mean the same as the list under its name", () => {
  expect(read(full)).toEqual(read({ signals: [full] }));
  expect(read([full, one])).toEqual(read({ signals: [full, one] }));
});

test("a time that Go never set is none: it ends nothing, and nothing began in year 1", () => {
  const never = "0001-01-01T00:00:00Z";
  const sent = { title: "x", severity: "error", startedAt: "2026-11-21T09:58:00Z", endsAt: never };
  expect(onlySignal(read(sent))).toMatchObject({
    startedAt: instantOf("2026-11-21T09:58:00Z"),
    endsAt: null,
  });
  expect(onlySignal(read({ ...sent, startedAt: never })).startedAt).toBeNull();
});

describe("without a dedupKey", () => {
  const keyOf = (body: unknown) => onlySignal(read(body)).dedupKey;

  test("a resolve finds what the same title, source and labels opened", () => {
    const { severity: _, ...same } = one as Record<string, unknown>;
    expect(keyOf({ ...same, status: "resolved" })).toBe(keyOf(one));
  });
  test("another title, source or label is another condition", () => {
    const keys = [
      one,
      changed(one, "title", "x"),
      changed(one, "source", "x"),
      changed(one, "labels", { title: "x" }),
      changed(one, "labels", { source: "x" }),
    ].map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

test("an unsafe link is left out with a finding", () => {
  const result = read(changed(one, "link", "ftp://example.org/x"));
  expect(onlySignal(result).link).toBeNull();
  expect(result.findings).toMatchObject([{ index: 0, field: "link" }]);
});

describe("refuses, by index and field", () => {
  const many = (count: number) => Array.from({ length: count }, () => one);
  for (const [promise, body, fields] of [
    ["text", "fire", ["0 body"]],
    ["null", null, ["0 body"]],
    ["an item that is no object", [one, 7], ["1 body"]],
    ["signals that are no list", { signals: one }, ["0 signals"]],
    ["something beside signals", { signals: [one], sender: "x" }, ["0 sender"]],
    ["1001 signals", many(1_001), ["0 body"]],
    ["1001 signals under their name", { signals: many(1_001) }, ["0 signals"]],
    ["a misspelt field", [one, changed(one, "titel", "x")], ["1 titel"]],
    ["a firing signal without title", changed(one, "title", undefined), ["0 title"]],
    ["an empty title", changed(one, "title", ""), ["0 title"]],
    ["a blank title", changed(one, "title", " \n"), ["0 title"]],
    ["a title of 1025 characters", changed(one, "title", "x".repeat(1_025)), ["0 title"]],
    ["a firing signal without severity", changed(one, "severity", undefined), ["0 severity"]],
    ["an unknown severity", changed(one, "severity", "SEV1"), ["0 severity"]],
    ["an unknown status", changed(one, "status", "open"), ["0 status"]],
    ["a resolve of nothing", { status: "resolved" }, ["0 dedupKey"]],
    ["an acknowledge of nothing", { status: "acknowledged" }, ["0 dedupKey"]],
    ["a dedupKey of 256 characters", changed(one, "dedupKey", "x".repeat(256)), ["0 dedupKey"]],
    ["a source that is a number", changed(one, "source", 7), ["0 source"]],
    ["labels that are a list", changed(one, "labels", ["a"]), ["0 labels"]],
    ["a nested label", changed(one, "labels", { a: { b: 1 } }), ["0 labels.a"]],
    ["a label without a name", changed(one, "labels", { "": "x" }), ["0 labels."]],
    [
      "a label of 1025 characters",
      changed(one, "labels", { a: "x".repeat(1_025) }),
      ["0 labels.a"],
    ],
    [
      "101 labels",
      changed(one, "labels", Object.fromEntries(many(101).map((_, n) => [`l${n}`, "x"]))),
      ["0 labels"],
    ],
    ["a link that is no text", changed(one, "link", 7), ["0 link"]],
    ["a time without a zone", changed(one, "startedAt", "2026-11-21T10:00:00"), ["0 startedAt"]],
    ["a time that is a number", changed(one, "endsAt", 1795255440), ["0 endsAt"]],
    [
      "an end before the start",
      { ...(one as object), startedAt: "2026-11-21T10:00:00Z", endsAt: "2026-11-21T09:00:00Z" },
      ["0 endsAt"],
    ],
  ] as const) {
    test(promise, () => expect(refusedFields(read(body))).toEqual(fields));
  }

  test("a thousand are taken", () => expect(read(many(1_000)).signals).toHaveLength(1_000));

  test("a misspelt field is answered with the fields there are", () => {
    expect(read(changed(one, "titel", "x")).refused[0]?.expected).toContain("title, severity");
  });
});
