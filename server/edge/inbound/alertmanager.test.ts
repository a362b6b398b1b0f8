import { describe, expect, test } from "vitest";
import { addMs, MINUTE } from "../../base/instant.ts";
import { fingerprint } from "../../domain/signal/signal.ts";
import { alertmanagerApi } from "./alertmanagerApi.ts";
import { alertmanagerWebhook } from "./alertmanagerWebhook.ts";
import { severityOfWord } from "./severityWords.ts";
import {
  changed,
  golden,
  instantOf,
  NOW,
  onlySignal,
  readAt,
  refusedFields,
} from "./golden/samples.ts";

const firing = golden("alertmanager-api.firing.json");
const resolved = golden("alertmanager-api.resolved.json");
const v4 = golden("alertmanager-webhook.v4.json");
const v3 = golden("alertmanager-webhook.v3.json");

const DISK = { alertname: "DiskNearlyFull", instance: "db-2.example.org:9100", severity: "page" };
const DISK_WORDS = {
  "annotation.summary": "Less than 4 % left on /var",
  "annotation.runbook_url": "https://wiki.example.org/disk",
};
const diskSignal = {
  action: "trigger",
  dedupKey: fingerprint(DISK),
  title: "Less than 4 % left on /var",
  severity: "critical",
  source: "db-2.example.org:9100",
  labels: { ...DISK, ...DISK_WORDS },
  details: null,
  link: "https://prometheus.example.org/graph?g0.expr=disk_free",
  startedAt: instantOf("2026-11-21T09:55:00.123Z"),
};

describe("the API", () => {
  const read = (body: unknown) => readAt(alertmanagerApi, body);

  test("takes what a Prometheus sends, empty labels left out, nanoseconds cut off", () => {
    expect(read(firing)).toMatchObject({
      signals: [
        {
          index: 0,
          signal: { ...diskSignal, endsAt: instantOf("2026-11-21T10:04:00.123Z") },
        },
        {
          index: 1,
          signal: {
            action: "trigger",
            dedupKey: fingerprint({ alertname: "ProbeFailed", target: "shop" }),
            title: "ProbeFailed",
            severity: "warning",
            source: null,
            labels: { alertname: "ProbeFailed", target: "shop" },
            details: null,
            link: null,
            startedAt: null,
            endsAt: addMs(NOW, 5 * MINUTE),
          },
        },
      ],
      refused: [],
      findings: [],
    });
  });

  test("resolves what has ended", () => {
    expect(onlySignal(read(resolved))).toMatchObject({
      action: "resolve",
      dedupKey: fingerprint(DISK),
      severity: null,
      endsAt: instantOf("2026-11-21T09:59:00Z"),
    });
  });

  for (const [endsAt, action, end] of [
    ["2026-11-21T10:00:00Z", "resolve", NOW],
    ["2026-11-21T10:00:00.001Z", "trigger", addMs(NOW, 1)],
    ["0001-01-01T00:00:00Z", "trigger", addMs(NOW, 5 * MINUTE)],
    ["0001-01-01T00:00:00.000Z", "trigger", addMs(NOW, 5 * MINUTE)],
    ["", "trigger", addMs(NOW, 5 * MINUTE)],
    [null, "trigger", addMs(NOW, 5 * MINUTE)],
    ["2026-11-21T12:00:00.123456789+03:00", "resolve", instantOf("2026-11-21T09:00:00.123Z")],
  ] as const) {
    test(`at 10:00 an endsAt of ${JSON.stringify(endsAt)} means ${action}`, () => {
      const alert = { labels: { a: "b" }, endsAt };
      expect(onlySignal(read([alert]))).toMatchObject({ action, endsAt: end });
    });
  }

  for (const [promise, body, fields] of [
    ["one alert outside a list", (firing as unknown[])[0], ["0 body"]],
    ["an alert that is text", ["down"], ["0 alert"]],
    ["no labels", changed(firing, "0.labels", undefined), ["0 labels"]],
    ["labels that are a list", changed(firing, "1.labels", ["a"]), ["1 labels"]],
    ["only empty labels", changed(firing, "1.labels", { a: "" }), ["1 labels"]],
    ["a label without a name", changed(firing, "1.labels", { "": "x" }), ["1 labels"]],
    ["a label that is a number", changed(firing, "1.labels.code", 500), ["1 labels"]],
    ["an unreadable startsAt", changed(firing, "0.startsAt", "now"), ["0 startsAt"]],
    ["an unreadable endsAt", changed(firing, "1.endsAt", 17), ["1 endsAt"]],
    [
      "a start after its end",
      changed(firing, "0.startsAt", "2026-11-21T10:05:00Z"),
      ["0 startsAt"],
    ],
    [
      "a start more than five minutes ahead without an end",
      changed(firing, "1.startsAt", "2026-11-21T10:05:00.001Z"),
      ["1 startsAt"],
    ],
    ["groups instead of alerts", [{ labels: { a: "b" }, alerts: firing }], ["0 alerts"]],
  ] as const) {
    test(`refuses ${promise}, and only that`, () => {
      const result = read(body);
      expect(refusedFields(result)).toEqual(fields);
      const items = Array.isArray(body) ? body.length : 1;
      expect(result.signals.length).toBe(items - 1);
    });
  }

  test("an empty list is nothing, not a mistake", () => {
    expect(read([])).toMatchObject({ signals: [], refused: [] });
  });

  test("words that are too long are cut among the labels and whole in the details", () => {
    const long = "very ".repeat(1_000);
    const [name, value] = ["n".repeat(300), "v".repeat(2_000)];
    const result = read([{ labels: { [name]: value }, annotations: { summary: long } }]);
    const signal = onlySignal(result);
    expect(signal.details).toEqual({ [name]: value, "annotation.summary": long });
    expect(signal.dedupKey).toBe(fingerprint({ [name]: value }));
    expect(Object.values(signal.labels).map((text) => text.length)).toEqual([1_024, 1_024]);
    expect(Object.keys(signal.labels)[0]).toHaveLength(255);
    expect(signal.title).toHaveLength(1_024);
    expect(result.findings).toHaveLength(2);
  });

  test("annotations and links that make no sense cost only themselves", () => {
    const alert = { labels: { a: "b" }, generatorURL: "/graph", annotations: { n: 5, t: "x" } };
    const result = read([alert, { ...alert, annotations: "x" }]);
    expect(result.signals.map(({ signal }) => [signal.link, signal.labels])).toEqual([
      [null, { a: "b", "annotation.t": "x" }],
      [null, { a: "b" }],
    ]);
    expect(result.findings.map(({ index, field }) => `${index} ${field}`)).toEqual([
      "0 annotations.n",
      "0 generatorURL",
      "1 annotations",
      "1 generatorURL",
    ]);
  });

  test("a label named __proto__ is a label like any other", () => {
    const signal = onlySignal(read([{ labels: JSON.parse('{"__proto__":"x"}') }]));
    expect(JSON.stringify(signal.labels)).toBe('{"__proto__":"x"}');
    expect(signal.title).toBe("__proto__=x");
  });

  test("a label with NUL or half a character is kept with U+FFFD in its place", () => {
    const labels = { alertname: "a\0\ud83d" };
    expect(onlySignal(read([{ labels }])).labels).toEqual({ alertname: "a\ufffd\ufffd" });
  });

  test("empty annotations say nothing", () => {
    const alert = { labels: { a: "b" }, annotations: { summary: "", description: " " } };
    expect(onlySignal(read([alert])).title).toBe("a=b");
  });

  test("without name and summary the labels are the title", () => {
    expect(onlySignal(read([{ labels: { job: "x", zone: "y" } }])).title).toBe("job=x, zone=y");
  });
});

describe("the webhook", () => {
  const read = (body: unknown) => readAt(alertmanagerWebhook, body);
  const group = {
    receiver: "tocsin",
    groupKey: '{}:{alertname="DiskNearlyFull"}',
    externalURL: "https://alertmanager.example.org",
  };

  test("takes each alert of the group for itself", () => {
    const result = read(v4);
    expect(result.signals).toEqual([
      { index: 0, told: "critical", signal: { ...diskSignal, details: group, endsAt: null } },
      {
        index: 1,
        // An end has no severity; what the tool called it is told beside.
        told: "warning",
        signal: {
          action: "resolve",
          dedupKey: fingerprint({
            alertname: "DiskNearlyFull",
            instance: "db-1.example.org:9100",
            severity: "warning",
          }),
          title: "DiskNearlyFull",
          severity: null,
          source: "db-1.example.org:9100",
          labels: {
            alertname: "DiskNearlyFull",
            instance: "db-1.example.org:9100",
            severity: "warning",
          },
          details: group,
          link: "https://alertmanager.example.org/",
          startedAt: instantOf("2026-11-21T09:10:00Z"),
          endsAt: instantOf("2026-11-21T09:57:00Z"),
        },
      },
    ]);
    expect(result.refused).toEqual([]);
  });

  test("tells when the sender cut the list of alerts", () => {
    expect(read(v4).findings).toMatchObject([{ index: 0, field: "truncatedAlerts" }]);
  });

  test("gives an alert the same key as the API does", () => {
    expect(read(v4).signals[0]?.signal.dedupKey).toBe(
      readAt(alertmanagerApi, firing).signals[0]?.signal.dedupKey,
    );
  });

  test("takes a missing status from the group (version 3), and Go's zero time for none", () => {
    expect(onlySignal(read(v3))).toMatchObject({
      action: "resolve",
      title: "The shop does not answer",
      startedAt: instantOf("2026-11-21T09:50:00.500Z"),
      endsAt: null,
    });
  });

  test("never lets a firing alert expire, since nothing promises a repeat in time", () => {
    const body = changed(v4, "alerts.0.endsAt", "2026-11-21T10:05:00Z");
    expect(read(body).signals[0]?.signal.endsAt).toBeNull();
  });

  test("an unreadable time costs only itself", () => {
    const result = read(changed(v4, "alerts.1.endsAt", "soon"));
    expect(result.signals[1]?.signal).toMatchObject({ action: "resolve", endsAt: null });
    expect(result.findings).toContainEqual(expect.objectContaining({ index: 1, field: "endsAt" }));
  });

  for (const [promise, body, fields] of [
    ["a list, as GET /api/v2/alerts/groups gives it", [{ alerts: [], labels: {} }], ["0 body"]],
    ["one of those groups", { alerts: [{ labels: { a: "b" } }], labels: {} }, ["0 version"]],
    ["version 1 of Grafana's own", changed(changed(v4, "version", "1"), "orgId", 1), ["0 version"]],
    ["a version that nobody sends", changed(v4, "version", "2"), ["0 version"]],
    ["a version that is a number", changed(v4, "version", 4), ["0 version"]],
    ["no alerts", changed(v4, "alerts", undefined), ["0 alerts"]],
    ["an alert that is text", changed(v4, "alerts.1", "down"), ["1 alert"]],
    ["an unknown status", changed(v4, "alerts.1.status", "pending"), ["1 status"]],
    ["a status that is an object", changed(v4, "alerts.0.status", { state: "x" }), ["0 status"]],
    ["no status anywhere", changed(v3, "status", undefined), ["0 status"]],
    ["no labels", changed(v4, "alerts.1.labels", undefined), ["1 labels"]],
    ["no label at all", changed(v4, "alerts.1.labels", {}), ["1 labels"]],
  ] as const) {
    test(`refuses ${promise}`, () => expect(refusedFields(read(body))).toEqual(fields));
  }
});

describe("severity words", () => {
  for (const [word, severity] of [
    ["critical", "critical"],
    ["page", "critical"],
    ["error", "error"],
    ["high", "error"],
    ["Warning", "warning"],
    [" WARN ", "warning"],
    ["info", "info"],
    ["none", "info"],
    ["p7", "warning"],
    ["", "warning"],
    [undefined, "warning"],
  ] as const) {
    test(`${JSON.stringify(word)} is ${severity}`, () =>
      expect(severityOfWord(word)).toBe(severity));
  }
});
