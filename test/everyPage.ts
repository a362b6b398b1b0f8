/**
 * Every page by its address in the router, each under the name of its picture: what is looked at, by tools and by
 * people. `web/app/everyPage.test.ts` misses the page that is not here.
 */
export type Subjects = {
  /** One that burns, and one that is over, with a postmortem. */
  readonly burning: string;
  readonly over: string;
  readonly alert: string;
  readonly run: string;
};

export const everyPage = ({ burning, over, alert, run }: Subjects) => ({
  "/": { home: "/" },
  "/incidents": { incidents: "/incidents" },
  "/incidents/$id": {
    warroom: `/incidents/${burning}`,
    "warroom-runbook": `/incidents/${burning}?tab=act`,
    "warroom-around": `/incidents/${burning}?tab=around`,
  },
  "/incidents/$id/close": { closing: `/incidents/${over}/close` },
  "/incidents/$id/print": { "incident-paper": `/incidents/${burning}/print` },
  "/runs/$id": { run: `/runs/${run}` },
  "/runs/$id/print": { "run-paper": `/runs/${run}/print` },
  "/runbooks": { runbooks: "/runbooks" },
  "/runbooks/$name": {
    runbook: "/runbooks/checkout-outage",
    "runbook-versions": "/runbooks/checkout-outage?part=versions",
    "runbook-bindings": "/runbooks/checkout-outage?part=bindings",
    "runbook-start": "/runbooks/checkout-outage?part=start",
  },
  "/runbooks/$name/print": { "runbook-paper": "/runbooks/checkout-outage/print" },
  /** It leads to the first of the next. */
  "/insights": {},
  "/insights/$topic": {
    "insights-times": "/insights/times",
    "insights-promises": "/insights/promises",
    "insights-pages": "/insights/pages",
    "insights-rules": "/insights/rules",
  },
  "/alerts": { alerts: "/alerts" },
  "/alerts/$id": { alert: `/alerts/${alert}` },
  "/oncall": {
    oncall: "/oncall?schedule=platform-primary",
    turns: "/oncall?schedule=platform-primary&edit=turns",
  },
  "/oncall/$part": {
    "oncall-load": "/oncall/load",
    "oncall-drills": "/oncall/drills",
    "oncall-notes": "/oncall/notes",
  },
  "/postmortems": { postmortems: "/postmortems" },
  "/postmortems/$id": {
    postmortem: `/postmortems/${over}?section=timeline`,
    "action-items": `/postmortems/${over}?section=action-items`,
  },
  "/services": { services: "/services" },
  "/services/$id": { service: "/services/checkout" },
  "/settings/$noun": {
    settings: "/settings/services?id=checkout",
    "settings-keys": "/settings/keys",
    tokens: "/settings/tokens",
    silences: "/settings/silences",
    audit: "/settings/changes",
  },
  "/you": { you: "/you" },
});

/** Name and address, one after the other. */
export const addressesOf = (subjects: Subjects): readonly (readonly [string, string])[] =>
  Object.values(everyPage(subjects)).flatMap((pages) => Object.entries<string>(pages));
