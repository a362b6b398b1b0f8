import { describe, expect, test } from "vitest";
import {
  pagerDutyAccepted,
  pagerDutyErrors,
  pagerDutyEvents,
  routingKeyOf,
} from "./pagerDutyEvents.ts";
import { changed, golden, instantOf, onlySignal, readAt, refusedFields } from "./golden/samples.ts";

const trigger = golden("pagerduty-events.trigger.json");
const acknowledge = golden("pagerduty-events.acknowledge.json");
const resolve = golden("pagerduty-events.resolve.json");
const read = (body: unknown) => readAt(pagerDutyEvents, body);

describe("golden samples", () => {
  test("a trigger becomes a signal with all it tells", () => {
    expect(onlySignal(read(trigger))).toEqual({
      action: "trigger",
      dedupKey: "checkout/queue-depth",
      title: "Orders pile up in the checkout queue",
      severity: "error",
      source: "queue-3.example.org",
      labels: {
        component: "checkout-worker",
        group: "shop",
        class: "backlog",
        client: "Queue watcher",
        "custom_details.waiting": "18250",
        "custom_details.service": "checkout",
      },
      details: {
        custom_details: {
          waiting: 18250,
          service: "checkout",
          oldest: { order: "A-77", minutes: 41 },
        },
        links: [{ href: "https://wiki.example.org/checkout-queue", text: "What to do" }],
        images: [{ src: "https://queues.example.org/checkout.png", alt: "Depth over the day" }],
      },
      link: "https://queues.example.org/checkout",
      startedAt: instantOf("2026-11-21T09:58:30.250Z"),
      endsAt: null,
    });
  });

  for (const [body, action] of [
    [acknowledge, "acknowledge"],
    [resolve, "resolve"],
  ] as const) {
    test(`${action} needs nothing but its key`, () => {
      expect(onlySignal(read(body))).toEqual({
        action,
        dedupKey: "checkout/queue-depth",
        title: "",
        severity: null,
        source: null,
        labels: {},
        details: null,
        link: null,
        startedAt: null,
        endsAt: null,
      });
    });
  }
});

describe("refuses what the service refuses, naming the field", () => {
  for (const [promise, body, fields] of [
    ["a body that is a list", [trigger], ["0 body"]],
    ["a body that is text", "trigger", ["0 body"]],
    ["no event_action", changed(trigger, "event_action", undefined), ["0 event_action"]],
    ["an unknown event_action", changed(trigger, "event_action", "change"), ["0 event_action"]],
    [
      "a change event, which has no event_action",
      { routing_key: "k", payload: { summary: "Deployed 1.2", source: "ci" } },
      ["0 event_action"],
    ],
    ["a trigger without payload", changed(trigger, "payload", undefined), ["0 payload"]],
    ["no summary", changed(trigger, "payload.summary", undefined), ["0 payload.summary"]],
    ["a blank summary", changed(trigger, "payload.summary", "  "), ["0 payload.summary"]],
    [
      "a summary of 1025 characters",
      changed(trigger, "payload.summary", "x".repeat(1_025)),
      ["0 payload.summary"],
    ],
    ["no source", changed(trigger, "payload.source", undefined), ["0 payload.source"]],
    ["a source that is no text", changed(trigger, "payload.source", 7), ["0 payload.source"]],
    ["no severity", changed(trigger, "payload.severity", undefined), ["0 payload.severity"]],
    ["another severity", changed(trigger, "payload.severity", "high"), ["0 payload.severity"]],
    [
      "every problem at once",
      { event_action: "trigger", dedup_key: "x".repeat(256), payload: {} },
      ["0 dedup_key", "0 payload.summary", "0 payload.source", "0 payload.severity"],
    ],
    [
      "a dedup_key of 256 characters",
      changed(trigger, "dedup_key", "x".repeat(256)),
      ["0 dedup_key"],
    ],
    ["a dedup_key that is no text", changed(trigger, "dedup_key", 12), ["0 dedup_key"]],
    ["an acknowledge without a key", changed(acknowledge, "dedup_key", undefined), ["0 dedup_key"]],
    ["a resolve with an empty key", changed(resolve, "dedup_key", ""), ["0 dedup_key"]],
  ] as const) {
    test(promise, () => {
      const result = read(body);
      expect(refusedFields(result)).toEqual(fields);
      expect(result.signals).toEqual([]);
    });
  }
});

describe("what decorates an event never costs the event", () => {
  for (const [promise, path, value, part, field] of [
    ["an unreadable time", "payload.timestamp", "yesterday", { startedAt: null }, "timestamp"],
    ["a time that is a number", "payload.timestamp", 1437122578, { startedAt: null }, "timestamp"],
    ["a time without a zone", "payload.timestamp", "2026-11-21T10:00", { startedAt: null }, "time"],
    ["an unsafe client_url", "client_url", "javascript:alert(1)", {}, "client_url"],
    ["a component that is nested", "payload.component", { a: 1 }, {}, "payload.component"],
    ["a client without a name", "client", "", {}, null],
    ["custom details that are text", "payload.custom_details", "all is lost", {}, null],
  ] as const) {
    test(promise, () => {
      const result = read(changed(trigger, path, value));
      expect(onlySignal(result)).toMatchObject(part);
      if (field !== null) expect(result.findings[0]?.field).toContain(field);
    });
  }

  test("an unsafe client_url gives way to the first safe link", () => {
    expect(onlySignal(read(changed(trigger, "client_url", "file:///etc/passwd"))).link).toBe(
      "https://wiki.example.org/checkout-queue",
    );
  });

  test("links that are no list cost only themselves", () => {
    const result = read(changed(changed(trigger, "links", "x"), "client_url", undefined));
    expect(onlySignal(result).link).toBeNull();
    expect(result.findings.map(({ field }) => field)).toEqual(["links"]);
  });

  test("at most fifty custom details become labels, and all stay in the details", () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`d${n}`, n]));
    const signal = onlySignal(read(changed(trigger, "payload.custom_details", many)));
    const labels = Object.keys(signal.labels).filter((name) => name.startsWith("custom_details."));
    expect(labels).toHaveLength(50);
    expect(signal.details).toMatchObject({ custom_details: many });
  });

  test("a trigger without a key leaves the key to the intake", () => {
    for (const key of [undefined, null, ""]) {
      expect(onlySignal(read(changed(trigger, "dedup_key", key))).dedupKey).toBeNull();
    }
  });

  test("a component too long for a label stays whole in the details", () => {
    const long = "c".repeat(5_000);
    const result = read(changed(trigger, "payload.component", long));
    const signal = onlySignal(result);
    expect(signal.labels["component"]).toHaveLength(1_024);
    expect(signal.details).toMatchObject({ component: long });
    expect(result.findings.map(({ field }) => field)).toEqual(["component"]);
  });

  test("NUL and lone surrogates are cleaned everywhere", () => {
    const dirty = JSON.stringify(trigger).replaceAll("checkout", "check\\u0000out\\ud83d");
    const kept = JSON.stringify(onlySignal(read(JSON.parse(dirty))));
    expect(kept).not.toMatch(/\\u0000|\\ud83d/);
    expect(kept).toContain("check\ufffdout\ufffd");
  });
});

describe("PagerDuty's own words", () => {
  test("a refusal is its error body, with a sentence for each problem", () => {
    const { refused } = read(changed(trigger, "payload.severity", "high"));
    expect(pagerDutyErrors(refused)).toEqual({
      status: "invalid event",
      message: "Event object is invalid",
      errors: [
        "'payload.severity' is missing or invalid: expected critical, error, warning or info",
      ],
    });
  });

  test("an acceptance is its success body", () => {
    expect(pagerDutyAccepted("k")).toEqual({
      status: "success",
      message: "Event processed",
      dedup_key: "k",
    });
  });

  for (const [body, key] of [
    [trigger, "checkout-events-key"],
    [{ routing_key: " k " }, "k"],
    [{ routing_key: "" }, null],
    [{ routing_key: 7 }, null],
    [null, null],
    [[], null],
  ] as const) {
    test(`the routing key of ${JSON.stringify(body).slice(0, 40)} is ${key}`, () =>
      expect(routingKeyOf(body)).toBe(key));
  }
});
