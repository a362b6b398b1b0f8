/** Marks: the same text but for its end is the same mark, and whatever looks unusual has none. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromIso } from "../../base/instant.ts";
import { alertmanagerApi } from "./alertmanagerApi.ts";
import { alertMarks } from "./alertmanagerMarks.ts";

const END = "2026-11-25T10:00:00.000Z";
const item = (change: object = {}) => ({
  labels: { alertname: "Down", instance: "db-1" },
  annotations: { summary: 'Disk of "db-1" {nearly} full \\ é' },
  startsAt: "2026-11-25T09:00:00.000Z",
  endsAt: END,
  generatorURL: "http://prometheus.example/graph?a=1&b=2",
  ...change,
});
const marks = (body: unknown) => alertMarks(Buffer.from(JSON.stringify(body)));
const texts = (body: unknown) => marks(body)?.map((mark) => mark?.text ?? null);

test("only the end may differ", () => {
  const [first] = texts([item()])!;
  expect(first).toBeTypeOf("string");
  expect(texts([item({ endsAt: "2026-11-25T10:01:00Z" })])).toEqual([first]);
  expect(texts([{ labels: {} }, item(), item()])).toEqual([null, first, first]);
  for (const change of [
    { labels: { alertname: "Down", instance: "db-2" } },
    { annotations: { summary: "another" } },
    { startsAt: "2026-11-25T09:00:01.000Z" },
    { generatorURL: "" },
    { more: 1 },
  ])
    expect(texts([item(change)])).not.toEqual([first]);
});

test("the end is told", () => {
  for (const endsAt of [END, "2026-11-25T10:00:00Z", "2026-11-25T10:00:00.123456789Z"])
    expect(marks([item({ endsAt })])).toMatchObject([{ endsAt: fromIso(endsAt) }]);
});

describe("an item has no mark", () => {
  test.each([
    ["without an end", item({ endsAt: undefined })],
    ["with an end in another zone", item({ endsAt: "2026-11-25T10:00:00+01:00" })],
    ["with Go's zero time", item({ endsAt: "0001-01-01T00:00:00Z" })],
    ["with an end that is no time", item({ endsAt: "2026-13-25T10:00:00Z" })],
    ["with an end that is no text", item({ endsAt: 5 })],
    ["with an end only further inside", { labels: { endsAt: END } }],
  ])("%s", (_, unusual) => expect(texts([unusual])).toEqual([null]));

  test("with two ends", () => {
    expect(alertMarks(Buffer.from(`[{"endsAt":"${END}","endsAt":"${END}"}]`))).toEqual([null]);
  });
});

test.each(["", "[", "{}", "[]", "[1]", "[{]", '[{"a":"b}]', "[{}", "[{}] x", "[{},]", '[{"a":"\\'])(
  "a body that is no list of objects has none: %s",
  (body) => expect(alertMarks(Buffer.from(body))).toBeNull(),
);

test("white space between items does not matter", () => {
  const one = JSON.stringify(item());
  const spaced = alertMarks(Buffer.from(` [\n ${one} ,\t${one}\r\n] `));
  expect(spaced?.map((mark) => mark?.text)).toEqual([...texts([item(), item()])!]);
});

test("for any list of objects there is a mark or none for each, with the end that is read", () => {
  const name = fc.oneof(fc.constantFrom("endsAt", "labels", "a"), fc.string());
  const end = fc.date({ noInvalidDate: true }).map((date) => date.toJSON());
  const value = fc.oneof(fc.jsonValue(), fc.constant(END), end);
  fc.assert(
    fc.property(fc.array(fc.dictionary(name, value), { minLength: 1 }), (body) => {
      const found = marks(body);
      expect(found).toHaveLength(body.length);
      for (const [index, mark] of found!.entries())
        if (mark !== null) expect(mark.endsAt).toBe(fromIso(String(body[index]!["endsAt"])));
    }),
  );
});

test("the adapter reads the end that the mark tells", () => {
  const body = [item(), item({ endsAt: "2026-11-25T10:01:00Z" })];
  const { signals } = alertmanagerApi.read({ body, headers: {}, now: fromIso(item().startsAt)! });
  expect(signals.map(({ signal }) => signal.endsAt)).toEqual(
    marks(body)!.map((mark) => mark!.endsAt),
  );
});
