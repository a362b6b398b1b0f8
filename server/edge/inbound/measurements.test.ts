import { describe, expect, test } from "vitest";
import { readMeasurements } from "./measurements.ts";
import { changed, golden, instantOf, NOW, refusedFields } from "./golden/samples.ts";

const sample = golden("measurements.json");
const [first, second] = (sample as { measurements: [unknown, unknown] }).measurements;
const read = (body: unknown) => readMeasurements({ body, now: NOW });

test("numbers are read with their labels, their service and their time, or now", () => {
  expect(read(sample)).toEqual({
    measurements: [
      {
        index: 0,
        measurement: {
          measure: "error_rate",
          value: 0.12,
          at: instantOf("2026-11-21T09:59:00Z"),
          labels: { region: "eu-1" },
          service: "checkout",
        },
      },
      {
        index: 1,
        measurement: {
          measure: "queue_depth",
          value: 18250,
          at: NOW,
          labels: {},
          service: null,
        },
      },
    ],
    refused: [],
  });
});

test("one object and a bare list mean the same as the list under its name", () => {
  expect(read(second)).toEqual(read({ measurements: [second] }));
  expect(read([first, second])).toEqual(read(sample));
});

test("a clock up to five minutes ahead is borne with", () => {
  const ahead = changed(second, "at", "2026-11-21T10:05:00Z");
  expect(read(ahead).measurements[0]?.measurement.at).toBe(instantOf("2026-11-21T10:05:00Z"));
});

describe("refuses, by index and field", () => {
  for (const [promise, body, fields] of [
    ["text", "x", ["0 body"]],
    ["measurements that are no list", { measurements: 5 }, ["0 measurements"]],
    ["an item that is no object", [first, null], ["1 body"]],
    ["1001 items", Array.from({ length: 1_001 }, () => second), ["0 body"]],
    ["no measure", changed(sample, "measurements.1.measure", undefined), ["1 measure"]],
    ["an empty measure", changed(second, "measure", ""), ["0 measure"]],
    ["no value", changed(second, "value", undefined), ["0 value"]],
    ["a value that is text", changed(second, "value", "12"), ["0 value"]],
    ["a value beyond all doubles", JSON.parse('{"measure":"m","value":1e999}'), ["0 value"]],
    ["a misspelt field", changed(second, "lables", {}), ["0 lables"]],
    ["an unreadable time", changed(second, "at", "now"), ["0 at"]],
    ["more than five minutes ahead", changed(second, "at", "2026-11-21T10:05:00.001Z"), ["0 at"]],
    ["a nested label", changed(second, "labels", { a: [] }), ["0 labels.a"]],
    ["a service that is no text", changed(second, "service", 1), ["0 service"]],
    ["every problem of an item", { value: null, at: 3 }, ["0 measure", "0 value", "0 at"]],
  ] as const) {
    test(promise, () => expect(refusedFields(read(body))).toEqual(fields));
  }
});
