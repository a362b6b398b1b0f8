import { describe, expect, test } from "vitest";
import { cloudEvents } from "./cloudEvents.ts";
import { changed, golden, instantOf, onlySignal, readAt, refusedFields } from "./golden/samples.ts";

const structured = golden("cloud-events.structured.json");
const batch = golden("cloud-events.batch.json");
const binary = golden("cloud-events.binary.json") as {
  headers: Record<string, string>;
  body: unknown;
};
const STRUCTURED = { "content-type": "application/cloudevents+json; charset=utf-8" };
const BATCH = { "content-type": "application/cloudevents-batch+json" };
const read = (body: unknown, headers: Record<string, string> = STRUCTURED) =>
  readAt(cloudEvents, body, headers);
const quotaKey = "https://storage.example.org/buckets subject photos";
const own = (data: unknown, more: object = {}) => ({
  specversion: "1.0",
  id: "1",
  source: "/s",
  type: "t",
  data,
  ...more,
});

describe("golden samples", () => {
  test("structured: the data of a foreign producer is kept as details", () => {
    expect(onlySignal(read(structured))).toEqual({
      action: "trigger",
      dedupKey: quotaKey,
      title: "org.example.storage.quota: photos",
      severity: "error",
      source: "https://storage.example.org/buckets",
      labels: {
        type: "org.example.storage.quota",
        subject: "photos",
        severity: "high",
        region: "eu-1",
      },
      details: { data: { usedPercent: 97 } },
      link: null,
      startedAt: instantOf("2026-11-21T09:59:59Z"),
      endsAt: null,
    });
  });

  test("batch: every event for itself", () => {
    const { signals, refused } = read(batch, BATCH);
    expect(refused).toEqual([]);
    expect(signals).toMatchObject([
      { index: 0, signal: { action: "trigger", dedupKey: quotaKey } },
      { index: 1, signal: { action: "resolve", dedupKey: quotaKey, severity: null } },
      {
        index: 2,
        signal: {
          action: "trigger",
          dedupKey: "backup-daily",
          title: "Backup failed",
          severity: "critical",
          source: "/backup",
          labels: { type: "org.example.backup.failed", job: "backup" },
        },
      },
    ]);
  });

  test("binary: attributes from ce- headers, percent-decoded", () => {
    expect(onlySignal(read(binary.body, binary.headers))).toMatchObject({
      dedupKey: "/café/oven id e-103",
      title: "org.example.oven.hot",
      severity: "critical",
      source: "/café/oven",
      details: { data: { celsius: 312 } },
    });
  });

  test("binary: a header that is not percent-encoded stands as it is", () => {
    const headers = { ...binary.headers, "ce-source": "100%" };
    expect(onlySignal(read(binary.body, headers)).source).toBe("100%");
  });
});

describe("the identity of the condition", () => {
  test("a key too long for a key is hashed", () => {
    const event = changed(structured, "subject", "x".repeat(300));
    expect(onlySignal(read(event)).dedupKey).toMatch(/^[0-9a-f]{64}$/);
  });
  test("a source with spaces cannot pass for another source and subject", () => {
    const key = (source: string, subject: string) =>
      onlySignal(read({ ...(structured as object), source, subject })).dedupKey;
    expect(key("a subject b", "c")).not.toBe(key("a", "b subject c"));
  });
  test("a second delivery of an event without subject has the same key", () => {
    const event = changed(structured, "subject", undefined);
    expect(onlySignal(read(event)).dedupKey).toBe("https://storage.example.org/buckets id e-100");
  });
});

describe("data in our own shape", () => {
  test("wins over the envelope", () => {
    const data = { title: "T", severity: "info", dedupKey: "k", source: "mine" };
    expect(onlySignal(read(own(data, { subject: "s", dedupkey: "e", severity: "page" })))).toEqual(
      expect.objectContaining({ title: "T", severity: "info", dedupKey: "k", source: "mine" }),
    );
  });
  test("is completed by the envelope", () => {
    const event = own({ title: "T" }, { severity: "page", subject: "s", status: "firing" });
    expect(onlySignal(read(event))).toMatchObject({
      title: "T",
      severity: "critical",
      dedupKey: "/s subject s",
      source: "/s",
    });
  });
  test("that is nearly right is kept as details, and the finding says what was wrong", () => {
    const result = read(own({ title: "T", severity: "SEV1" }));
    expect(onlySignal(result)).toMatchObject({
      title: "T",
      details: { data: { title: "T", severity: "SEV1" } },
    });
    expect(result.findings[0]?.finding).toContain("severity: critical, error, warning or info");
  });
});

describe("refuses, by index and field", () => {
  for (const [promise, body, headers, fields] of [
    ["text", "x", STRUCTURED, ["0 body"]],
    ["a list, where one event was announced", batch, STRUCTURED, ["0 body"]],
    ["one event, where a batch was announced", structured, BATCH, ["0 body"]],
    ["plain JSON that is no event", { hello: 1 }, {}, ["0 specversion"]],
    ["an event that is text", [structured, "x"], BATCH, ["1 event"]],
    ["version 2.0", changed(structured, "specversion", "2.0"), STRUCTURED, ["0 specversion"]],
    ["no id", changed(structured, "id", undefined), STRUCTURED, ["0 id"]],
    ["an empty source", changed(structured, "source", ""), STRUCTURED, ["0 source"]],
    ["no type", changed(structured, "type", undefined), STRUCTURED, ["0 type"]],
    ["a binary event without id", 1, { "ce-specversion": "1.0" }, ["0 id"]],
    [
      "a dedupkey of 256 characters",
      changed(structured, "dedupkey", "x".repeat(256)),
      STRUCTURED,
      ["0 dedupkey"],
    ],
    ["an unknown status", changed(structured, "status", "open"), STRUCTURED, ["0 status"]],
    [
      "a resolve that names nothing",
      changed(changed(structured, "status", "resolved"), "subject", undefined),
      STRUCTURED,
      ["0 subject"],
    ],
    ["1001 events", Array.from({ length: 1_001 }, () => structured), BATCH, ["0 body"]],
  ] as const) {
    test(promise, () => expect(refusedFields(read(body, headers))).toEqual(fields));
  }
});

test("an unreadable time costs only itself", () => {
  const result = read(changed(structured, "time", "noon"));
  expect(onlySignal(result).startedAt).toBeNull();
  expect(result.findings).toMatchObject([{ index: 0, field: "time" }]);
});

test("the drafts before 1.0 are read as it is", () => {
  const now = own({ message: "x" }, { subject: "disk", time: "2026-11-21T09:58:00Z" });
  const { specversion: _, id, type, time, ...rest } = now as typeof now & { time: string };
  const first = {
    ...rest,
    cloudEventsVersion: "0.1",
    eventID: id,
    eventType: type,
    eventTime: time,
  };
  const expected = onlySignal(read(now));
  for (const event of [{ ...now, specversion: "0.3" }, { ...now, specversion: "0.2" }, first])
    expect(onlySignal(read(event))).toEqual(expected);
});
