/** A message alone is ElastAlert's only where something says so. */
import { expect, test } from "vitest";
import { NOW } from "./golden/samples.ts";
import { ADAPTERS } from "./index.ts";
import { readBody } from "./recognise.ts";

test("a message alone is read as ElastAlert's at its address, and as anybody's elsewhere", () => {
  const body = { message: "Card reader failed" };
  const read = (named: string | null) =>
    readBody(ADAPTERS, named === null ? null : ADAPTERS.get(named)!, {
      body,
      headers: {},
      now: NOW,
    }).map(({ adapter, result }) => [adapter.about.id, result.signals[0]?.signal.title]);
  expect(read("elastalert")).toEqual([["elastalert", "Card reader failed"]]);
  expect(read(null)).toEqual([["generic", "Card reader failed"]]);
});
