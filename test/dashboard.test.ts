/** The dashboard that comes along asks only for what a node tells, and everything a node tells is on it. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { metrics } from "../server/app/metrics.ts";
import { CALM } from "./calm.ts";

const dashboard = JSON.parse(
  await readFile(new URL("../examples/grafana/tocsin.json", import.meta.url), "utf8"),
) as { panels: { title: string; description: string; targets: { expr: string }[] }[] };

const text = await metrics().text(CALM);
const told = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
const asked = new Set(
  dashboard.panels
    .flatMap(({ targets }) => targets)
    .flatMap(({ expr }) => expr.match(/\b[a-z]+(?:_[a-z]+)+\b|\bsends\b/g) ?? [])
    .filter((word) => !["histogram_quantile", "__rate_interval", "rate_interval"].includes(word))
    .map((name) => name.replace(/_bucket$/, "")),
);

test("the dashboard asks for metrics that exist", () => {
  expect([...asked].filter((name) => !told.has(name))).toEqual([]);
});

test("the dashboard shows every metric", () => {
  expect([...told].filter((name) => !asked.has(name ?? ""))).toEqual([]);
});

test("every panel says what it means", () => {
  for (const { title, description } of dashboard.panels)
    expect([title, description]).not.toContain("");
});
