/** Of a timeline its end is there first, and nothing that is known is asked for again. */
import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { askingTimeline, PART } from "./useTimeline.ts";

const addresses: string[] = [];
let entries: { readonly id: string }[] = [];
let queries: QueryClient;

/** As the server answers: parts by cursor, or the end. */
function answer(address: string): Response {
  const query = new URL(address, "http://localhost").searchParams;
  addresses.push([...query].filter(([name]) => name !== "limit").join("&"));
  if (query.get("end") === "true")
    return Response.json({ items: entries.slice(-PART), next: null });
  const from = Number(query.get("cursor") ?? 0);
  const next = from + PART < entries.length ? String(from + PART) : null;
  return Response.json({ items: entries.slice(from, from + PART), next });
}

const write = (count: number): void => {
  entries = [
    ...entries,
    ...Array.from({ length: count }, (_, n) => ({ id: String(entries.length + n) })),
  ];
};
const ask = async (): Promise<string[]> => {
  addresses.length = 0;
  await queries.fetchQuery(askingTimeline(queries, "INC-7"));
  return [...addresses];
};
const known = () =>
  queries.getQueryData<{ end: object[] | null; parts: { items: object[] }[] }>(
    askingTimeline(queries, "INC-7").queryKey,
  );
const read = (): object[] => known()?.end ?? known()?.parts.flatMap(({ items }) => items) ?? [];

beforeEach(() => {
  entries = [];
  queries = new QueryClient();
  vi.stubGlobal("fetch", async (address: string) => answer(address));
});
afterEach(() => void vi.unstubAllGlobals());

test("what fits into one answer is its end, and is asked for as such again", async () => {
  write(PART - 1);
  expect(await ask()).toEqual(["end,true"]);
  expect(read()).toEqual(entries);
  expect(await ask()).toEqual(["end,true"]);
});

test("a long one can be read from its end while it comes, and is whole then", async () => {
  write(2 * PART + 3);
  const seen: object[][] = [];
  queries.getQueryCache().subscribe(() => void seen.push(read()));
  expect(await ask()).toEqual(["end,true", "", "cursor,500", "cursor,1000"]);
  expect(seen.find(({ length }) => length > 0)).toEqual(entries.slice(-PART));
  expect(read()).toEqual(entries);
});

test("of one that is whole only the last part is asked for again", async () => {
  write(2 * PART + 3);
  await ask();
  write(PART);
  expect(await ask()).toEqual(["cursor,1000", "cursor,1500"]);
  expect(read()).toEqual(entries);
});

test("one that grows long meanwhile is asked for whole", async () => {
  write(PART - 1);
  await ask();
  write(2);
  expect(await ask()).toEqual(["end,true", "", "cursor,500"]);
  expect(read()).toEqual(entries);
});

test("what failed on the way is gone on with, and its end can be read", async () => {
  write(2 * PART + 3);
  vi.stubGlobal("fetch", async (address: string) => {
    if (address.includes("cursor=1000")) throw new TypeError("no network");
    return answer(address);
  });
  await expect(ask()).rejects.toThrow();
  expect(read()).toEqual(entries.slice(-PART));
  vi.stubGlobal("fetch", async (address: string) => answer(address));
  expect(await ask()).toEqual(["end,true", "cursor,500", "cursor,1000"]);
  expect(read()).toEqual(entries);
});
