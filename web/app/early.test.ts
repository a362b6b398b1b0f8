/** What is asked before the app is there is what the app asks first; and what a page came with is not asked at all. */
import { QueryClient } from "@tanstack/react-query";
import { afterEach, expect, test, vi } from "vitest";
import { getIncident } from "../../contract/incident.ts";
import { readDirectory, readOverview } from "../../contract/overview.ts";
import { listRuns } from "../../contract/run.ts";
import { whoAmI } from "../../contract/session.ts";
import { incidentSight } from "../../server/app/drawnPage.ts";
import { askForTheRest, askingTimeline, knownFrom, PART } from "../incident/useTimeline.ts";
import { setEarly } from "../kit/call.ts";
import { asking } from "../kit/client.ts";
import { ofIncident } from "../runbook/runsOf.ts";
import { addressesOf, type Given, takeGiven } from "./given.ts";
import { makeQueries } from "./queries.ts";

const addresses: string[] = [];
const heard = new Map<string, (event: object) => void>();

/** The page of an incident on a desk, where it has just begun. */
async function open(
  dataset: Readonly<Record<string, string>>,
): Promise<typeof import("./early.ts")> {
  addresses.length = 0;
  vi.resetModules();
  vi.stubGlobal("location", { pathname: "/incidents/INC-7" });
  vi.stubGlobal("innerWidth", 1_440);
  const addEventListener = (kind: string, hear: (event: object) => void): void =>
    void heard.set(kind, hear);
  const documentElement = { dataset };
  vi.stubGlobal("document", { documentElement, visibilityState: "visible", addEventListener });
  vi.stubGlobal("addEventListener", addEventListener);
  vi.stubGlobal(
    "PerformanceObserver",
    class {
      observe(): void {}
    },
  );
  vi.stubGlobal("removeEventListener", () => undefined);
  vi.stubGlobal("setTimeout", (then: () => void, ms?: number) => (ms === undefined ? then() : 0));
  vi.stubGlobal("fetch", async (address: string) => {
    addresses.push(address);
    return Response.json({ items: [], next: null });
  });
  return import("./early.ts");
}
afterEach(() => void vi.unstubAllGlobals());

const params = { id: "INC-7" };
async function ask(queries: QueryClient): Promise<void> {
  await queries.fetchQuery(asking(whoAmI));
  await queries.fetchQuery(asking(readOverview));
  await queries.fetchQuery(asking(readDirectory));
  await queries.fetchQuery(asking(getIncident, { params }));
  await queries.fetchQuery(askingTimeline(queries, "INC-7"));
  await queries.fetchQuery(asking(listRuns, ofIncident("INC-7")));
}

test("the page of an incident asks nothing twice, and every early answer is taken", async () => {
  const { takeEarly } = await open({});
  const early = [...addresses];
  setEarly(takeEarly);
  await ask(new QueryClient());
  expect(addresses).toEqual(early);
  expect(early.map(takeEarly)).toEqual(early.map(() => undefined));
});

test("what the server draws an incident with is what its page would ask, and is not asked again", async () => {
  await open({});
  const [runs, ...others] = addresses.toReversed();
  expect(Object.values(incidentSight("INC-7").questions)).toEqual(others.toReversed());
  const { takeEarly } = await open({ drawn: "2026-11-23T09:00:00.000Z" });
  expect(addresses).toEqual([runs]);
  setEarly(takeEarly);
  const queries = makeQueries();
  const given = {
    me: { kind: "person", person: "ada", label: null, grants: [] },
    overview: {},
    directory: {},
    incident: { id: "INC-7" },
    timeline: { items: [], next: null },
  } as unknown as Given;
  expect(addressesOf(given).map(([address]) => address)).toEqual(
    Object.values(incidentSight("INC-7").questions),
  );
  takeGiven(queries, given);
  await ask(queries);
  expect(addresses).toEqual([runs]);
});

test.each([
  ["a key that was pressed before anybody could answer is pressed again", ["k"], ["k"]],
  ["so is the one that opens the palette", ["Ctrl k"], ["Ctrl k"]],
  ["words are no verbs", ["Ctrl k", "k", "a"], []],
  ["what is the browser's is not taken from it", ["Ctrl c", "Tab"], []],
] as const)("%s", async (_, pressed, expected) => {
  const { pressAgain } = await open({ drawn: "2026-11-23T09:00:00.000Z" });
  const again: string[] = [];
  const nameOf = ({ key, ctrlKey }: KeyboardEvent): string => (ctrlKey ? `Ctrl ${key}` : key);
  vi.stubGlobal("KeyboardEvent", function Pressed(this: object, _: string, of: KeyboardEvent) {
    Object.assign(this, of);
  });
  vi.stubGlobal("document", {
    dispatchEvent: (event: KeyboardEvent) => again.push(nameOf(event)),
  });
  for (const name of pressed)
    heard.get("keydown")?.({
      key: name.split(" ").at(-1),
      ctrlKey: name.startsWith("Ctrl"),
      preventDefault: () => undefined,
    });
  pressAgain();
  expect(again).toEqual(expected);
});

test("of a timeline whose end came with the page the rest is asked for, of a whole one nothing", () => {
  const queries = new QueryClient();
  const entry = {} as Parameters<typeof knownFrom>[0][number];
  for (const [id, entries] of Object.entries({ "INC-1": PART, "INC-2": PART - 1 }))
    queries.setQueryData(
      askingTimeline(queries, id).queryKey,
      knownFrom(Array.from({ length: entries }, () => entry)),
    );
  askForTheRest(queries);
  const isAsked = (id: string) =>
    queries.getQueryState(askingTimeline(queries, id).queryKey)?.isInvalidated;
  expect([isAsked("INC-1"), isAsked("INC-2")]).toEqual([true, false]);
});
