/** Addresses and the pages behind them. What is chosen on a page stands in its address. */
import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Link,
  redirect,
  type RouterHistory,
} from "@tanstack/react-router";
import { getIncident } from "../../contract/incident.ts";
import { readAlertsSearch } from "../alert/alertsSearch.ts";
import type { SettingsSearch } from "../config/Settings.tsx";
import type { OnCallSearch } from "../oncall/OnCall.tsx";
import type { PartSearch } from "../oncall/parts.ts";
import type { PostmortemSearch } from "../postmortem/Postmortem.tsx";
import type { InsightsSearch } from "../report/Insights.tsx";
import type { RunbookSearch } from "../runbook/RunbookPage.tsx";
import type { WarRoomSearch } from "../incident/WarRoom.tsx";
import { GROUPS, type Group } from "../incident/timelineView.ts";
import { askingTimeline } from "../incident/useTimeline.ts";
import { Broken } from "../kit/Broken.tsx";
import { asking } from "../kit/client.ts";
import { Shell } from "./Shell.tsx";
import { t, tParts } from "../kit/words.ts";

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
const oneOf = <T extends string>(value: unknown, allowed: readonly T[]): T | undefined =>
  allowed.find((each) => each === value);

type IncidentsSearch = {
  readonly state?: string | undefined;
  readonly severity?: string | undefined;
  readonly service?: string | undefined;
};

const root = createRootRouteWithContext<{ readonly queries: QueryClient }>()({
  component: Shell,
  notFoundComponent: NotFound,
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("../home/Home.tsx"), "Home"),
});

const incidents = createRoute({
  getParentRoute: () => root,
  path: "/incidents",
  validateSearch: (search: Record<string, unknown>): IncidentsSearch => ({
    state: text(search["state"]),
    severity: text(search["severity"]),
    service: text(search["service"]),
  }),
  component: lazyRouteComponent(() => import("../incident/Incidents.tsx"), "Incidents"),
});

const incident = createRoute({
  getParentRoute: () => root,
  path: "/incidents/$id",
  validateSearch: (search: Record<string, unknown>): WarRoomSearch => ({
    show: oneOf(search["show"], Object.keys(GROUPS) as Group[]),
    tab: oneOf(search["tab"], ["act", "timeline", "around"] as const),
    run: text(search["run"]),
    step: text(search["step"]),
  }),
  // Asked for beside the page's own script, not after it.
  loader: ({ params, context: { queries } }) => {
    void queries.prefetchQuery(asking(getIncident, { params }));
    void queries.prefetchQuery(askingTimeline(queries, params.id));
  },
  component: lazyRouteComponent(() => import("../incident/WarRoom.tsx"), "WarRoom"),
});

const closing = createRoute({
  getParentRoute: () => root,
  path: "/incidents/$id/close",
  component: lazyRouteComponent(() => import("../incident/Close.tsx"), "Close"),
});

const incidentPaper = createRoute({
  getParentRoute: () => root,
  path: "/incidents/$id/print",
  component: lazyRouteComponent(() => import("../incident/IncidentPaper.tsx"), "IncidentPaper"),
});

const run = createRoute({
  getParentRoute: () => root,
  path: "/runs/$id",
  validateSearch: (search: Record<string, unknown>): { step?: string | undefined } => ({
    step: text(search["step"]),
  }),
  component: lazyRouteComponent(() => import("../runbook/RunPage.tsx"), "RunPage"),
});

const runPaper = createRoute({
  getParentRoute: () => root,
  path: "/runs/$id/print",
  component: lazyRouteComponent(() => import("../runbook/Paper.tsx"), "RunPaper"),
});

const runbooks = createRoute({
  getParentRoute: () => root,
  path: "/runbooks",
  component: lazyRouteComponent(() => import("../runbook/Runbooks.tsx"), "Runbooks"),
});

const runbook = createRoute({
  getParentRoute: () => root,
  path: "/runbooks/$name",
  validateSearch: (search: Record<string, unknown>): RunbookSearch => ({
    version: text(search["version"]),
    at: text(search["at"]),
    part: oneOf(search["part"], ["bindings", "versions", "start"] as const),
  }),
  component: lazyRouteComponent(() => import("../runbook/RunbookPage.tsx"), "RunbookPage"),
});

const runbookPaper = createRoute({
  getParentRoute: () => root,
  path: "/runbooks/$name/print",
  component: lazyRouteComponent(() => import("../runbook/Paper.tsx"), "RunbookPaper"),
});

/** The rail leads to the first question. */
const insights = createRoute({
  getParentRoute: () => root,
  path: "/insights",
  beforeLoad: () => {
    throw redirect({ to: "/insights/$topic", params: { topic: "times" } });
  },
});

const insight = createRoute({
  getParentRoute: () => root,
  path: "/insights/$topic",
  validateSearch: (search: Record<string, unknown>): InsightsSearch => ({
    days: Number(search["days"]) > 0 ? Number(search["days"]) : undefined,
    team: text(search["team"]),
  }),
  component: lazyRouteComponent(() => import("../report/Insights.tsx"), "Insights"),
});

const alerts = createRoute({
  getParentRoute: () => root,
  path: "/alerts",
  validateSearch: readAlertsSearch,
  component: lazyRouteComponent(() => import("../alert/Alerts.tsx"), "Alerts"),
});

const alert = createRoute({
  getParentRoute: () => alerts,
  path: "/$id",
  component: lazyRouteComponent(() => import("../alert/AlertDetail.tsx"), "AlertDetail"),
});

const oncall = createRoute({
  getParentRoute: () => root,
  path: "/oncall",
  validateSearch: (search: Record<string, unknown>): OnCallSearch => ({
    at: text(search["at"]),
    from: text(search["from"]),
    span: oneOf(search["span"], ["week", "2 weeks", "month"] as const),
    by: oneOf(search["by"], ["person"] as const),
    schedule: text(search["schedule"]),
    edit: oneOf(search["edit"], ["turns"] as const),
    zone: text(search["zone"]),
  }),
  component: lazyRouteComponent(() => import("../oncall/OnCall.tsx"), "OnCall"),
});

const oncallPart = createRoute({
  getParentRoute: () => root,
  path: "/oncall/$part",
  validateSearch: (search: Record<string, unknown>): PartSearch => ({
    days: Number(search["days"]) > 0 ? Number(search["days"]) : undefined,
    schedule: text(search["schedule"]),
  }),
  component: lazyRouteComponent(() => import("../oncall/PartPage.tsx"), "PartPage"),
});

const postmortems = createRoute({
  getParentRoute: () => root,
  path: "/postmortems",
  component: lazyRouteComponent(() => import("../postmortem/Postmortems.tsx"), "Postmortems"),
});

const postmortem = createRoute({
  getParentRoute: () => root,
  path: "/postmortems/$id",
  validateSearch: (search: Record<string, unknown>): PostmortemSearch => ({
    section: text(search["section"]),
  }),
  component: lazyRouteComponent(() => import("../postmortem/Postmortem.tsx"), "Postmortem"),
});

const services = createRoute({
  getParentRoute: () => root,
  path: "/services",
  component: lazyRouteComponent(() => import("../catalog/Services.tsx"), "Services"),
});

const service = createRoute({
  getParentRoute: () => root,
  path: "/services/$id",
  component: lazyRouteComponent(() => import("../catalog/Services.tsx"), "ServicePage"),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings/$noun",
  validateSearch: (search: Record<string, unknown>): SettingsSearch => ({ id: text(search["id"]) }),
  component: lazyRouteComponent(() => import("../config/Settings.tsx"), "Settings"),
});

const you = createRoute({
  getParentRoute: () => root,
  path: "/you",
  component: lazyRouteComponent(() => import("../account/You.tsx"), "You"),
});

const routeTree = root.addChildren([
  home,
  incidents,
  incident,
  closing,
  incidentPaper,
  run,
  runPaper,
  runbooks,
  runbook,
  runbookPaper,
  insights,
  insight,
  alerts.addChildren([alert]),
  oncall,
  oncallPart,
  postmortems,
  postmortem,
  services,
  service,
  settings,
  you,
]);

/** In a browser without a history of its own; where the server draws, with the address that is asked for. */
export const makeRouter = (queries: QueryClient, history?: RouterHistory) =>
  createRouter({
    routeTree,
    context: { queries },
    ...(history === undefined ? {} : { history }),
    defaultPreload: "intent",
    defaultErrorComponent: Broken,
    // What it writes into a page that the server draws would be script in the page.
    scrollRestoration: history === undefined,
  });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}

function NotFound() {
  return (
    <main className="page">
      <h1>{t("Nothing is here")}</h1>
      <p className="q">
        {tParts("The address may be cut off. {link} shows what burns.", {
          link: <Link to="/">{t("Home")}</Link>,
        })}
      </p>
    </main>
  );
}
