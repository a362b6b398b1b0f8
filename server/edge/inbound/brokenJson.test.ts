/** Promises of templates that their tool filled in without escaping. */
import { expect, test } from "vitest";
import { bodyOf } from "./body.ts";
import { NOW } from "./golden/samples.ts";
import { ADAPTERS } from "./index.ts";
import { joined, readBody } from "./recognise.ts";

const read = (text: string): unknown => {
  const found = bodyOf(text);
  return found.kind === "body" ? found.body : found.kind;
};

for (const [what, text, body] of [
  [
    "marks around a word",
    '{"a":"the "till" is full","b":"1"}',
    { a: 'the "till" is full', b: "1" },
  ],
  ["marks at both ends", '{"a":""till"","b":"1"}', { a: '"till"', b: "1" }],
  ["a path", String.raw`{"a":"C:\Temp\Queue","b":"1"}`, { a: String.raw`C:\Temp\Queue`, b: "1" }],
  ["a path that ends in one", String.raw`{"a":"C:\","b":"1"}`, { a: "C:\\", b: "1" }],
  ["lines and tabs", '{"a":"one\ntwo\tthree"}', { a: "one\ntwo\tthree" }],
  [
    "a colon behind a mark",
    '{"a":"it said "Error": 5","b":[1]}',
    { a: 'it said "Error": 5', b: [1] },
  ],
  ["a list in words", '{"a":"both "x", "y" are down"}', { a: 'both "x", "y" are down' }],
  ["brackets in words", '{"a":"[disk "C"] full"}', { a: '[disk "C"] full' }],
  ["what is escaped already", String.raw`{"a":"\u00e9 \"x\" \\ "y""}`, { a: 'é "x" \\ "y"' }],
] as const)
  test(`JSON that is broken by ${what} is read as it was meant`, () => {
    expect(read(text)).toEqual(body);
  });

for (const text of ['{"a":"cut off', '{"a":"x", "b" 1}', '{"a":{{missing}}}', '{"a":"x" "y" }, 5'])
  test(`what may mean anything stays a text: ${text}`, () => {
    expect(read(text)).toBe(text);
  });

test("half a template at its tool's address is an alert, and tells what it can", () => {
  const body = read('{\n"tool":"solarwinds",\n"alert_name":"A till does not answer",\n"alert_mess');
  const parts = readBody(ADAPTERS, ADAPTERS.get("solarwinds")!, { body, headers: {}, now: NOW });
  const { signals, findings, refused } = joined(parts);
  expect(signals.map(({ signal }) => signal.title)).toEqual(["A till does not answer"]);
  expect(refused).toEqual([]);
  expect(findings.map(({ finding }) => finding)).toEqual([
    "no body that SolarWinds Platform is known to send: read by the usual names of fields",
    "no tool that is known: read as text, because its JSON is broken or has no end",
  ]);
});

test("what is longer than any template stays a text", () => {
  const text = `{"a":"${'","'.repeat(100_000)}`;
  expect(read(text)).toBe(text);
});
