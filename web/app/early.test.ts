/** What is asked before the app is there is what the app asks first. */
import { QueryClient } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";
import { getIncident } from "../../contract/incident.ts";
import { readDirectory, readOverview } from "../../contract/overview.ts";
import { listRuns } from "../../contract/run.ts";
import { whoAmI } from "../../contract/session.ts";
import { askingTimeline } from "../incident/useTimeline.ts";
import { setEarly } from "../kit/call.ts";
import { asking } from "../kit/client.ts";
import { ofIncident } from "../runbook/runsOf.ts";

test("the page of an incident asks nothing twice, and every early answer is taken", async () => {
  const addresses: string[] = [];
  vi.stubGlobal("location", { pathname: "/incidents/INC-7" });
  vi.stubGlobal("innerWidth", 1_440);
  vi.stubGlobal("fetch", async (address: string) => {
    addresses.push(address);
    return Response.json({ items: [], next: null });
  });
  const { takeEarly } = await import("./early.ts");
  const early = [...addresses];
  setEarly(takeEarly);
  const queries = new QueryClient();
  const params = { id: "INC-7" };
  await queries.fetchQuery(asking(whoAmI));
  await queries.fetchQuery(asking(readOverview));
  await queries.fetchQuery(asking(readDirectory));
  await queries.fetchQuery(asking(getIncident, { params }));
  await queries.fetchQuery(askingTimeline(queries, "INC-7"));
  await queries.fetchQuery(asking(listRuns, ofIncident("INC-7")));
  expect(addresses).toEqual(early);
  expect(early.map(takeEarly)).toEqual(early.map(() => undefined));
  vi.unstubAllGlobals();
});
