/** The table of complaints in sim/stories/README.md names every story that answers one, and no other. */
import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const TABLE = new URL("stories/README.md", import.meta.url);
const ROW = /^\| (?<complaint>[^|]+) \| (?<answer>[^|]+) \| `(?<file>[^`]+)` \|$/gm;
const TITLE = /\bstory\(\s*(?:"(?<plain>[^"]+)"|`(?<template>[^`]+)`),/g;

const rows = [...readFileSync(TABLE, "utf8").matchAll(ROW)].map(({ groups }) => ({
  file: groups!["file"]!,
  title: `${groups!["complaint"]}: ${groups!["answer"]}`,
}));
const titlesOf = (file: string): readonly string[] =>
  [...readFileSync(file, "utf8").matchAll(TITLE)].map(
    ({ groups }) => groups!["plain"] ?? groups!["template"]!,
  );

test("every story in the table is told, by this very name", () => {
  const untold = rows.filter(({ file, title }) => !titlesOf(file).includes(title));
  expect(untold).toEqual([]);
  expect(new Set(rows.map(({ title }) => title)).size).toBe(rows.length);
  expect(rows.length).toBeGreaterThanOrEqual(40);
});

test("every story that begins with a complaint stands in the table", () => {
  const files = new Set(rows.map(({ file }) => file));
  // There the words before the colon are no complaint.
  const others = ["sim/stories/clocks.story.ts", "sim/stories/corners.story.ts"];
  const told = globSync("sim/stories/*.story.ts")
    .filter((file) => files.has(file) && !others.includes(file))
    .flatMap((file) => titlesOf(file).map((title) => ({ file, title })))
    .filter(({ title }) => title.includes(": "));
  expect(told.filter(({ title }) => !rows.some((row) => row.title === title))).toEqual([]);
});

for (const complaint of [
  "wrong at the clock change",
  "somebody moved who should not",
  "paged after acknowledging",
  "not paged at all",
  "one telephony provider",
  "no way to take a shift",
  "my acknowledge was lost",
  "lost by a restart",
  "paged twice for the same",
  "my page waited behind the chat",
])
  test(`“${complaint}” has its story`, () =>
    expect(rows.filter(({ title }) => title.startsWith(`${complaint}: `))).not.toEqual([]));
