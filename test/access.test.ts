/**
 * Every route of the contract × everybody who may ask: the answer is the one that the declared right,
 * the team and the restriction ask for, and a restricted incident shows in no answer to others.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Permission, PERMISSIONS } from "../contract/access.ts";
import { type Grant, ROLES } from "../contract/account.ts";
import type { Route } from "../contract/route.ts";
import { everybody, SECRET, type Who } from "./everybody.ts";
import { type Answer, contractRoutes, eventually, startTestNode, type TestNode } from "./node.ts";

/** The stream of events never ends; test/accessLive.test.ts asks for it as everybody. */
const routes = (await contractRoutes()).filter(({ path }) => path !== "/v1/events");
const nameOf = ({ method, path }: Route): string => `${method} ${path}`;
let node: TestNode;
let key: string;
/** The restricted incident that everything happened to. */
let restricted: Subject;
let ordinary: Subject;
const tokens = new Map<string, string>();

/** An incident and what belongs to it; `twin` is another of its kind. */
type Subject = {
  readonly id: string;
  readonly twin: string;
  readonly item: string;
  readonly run: string;
  readonly isRestricted: boolean;
  readonly alert: string;
  readonly notification: string;
};

beforeAll(async () => {
  node = await startTestNode();
  await node.configure("channels", "mail", { type: "email", from: "tocsin@acme.example" });
  for (const team of ["red", "blue"]) await node.configure("teams", team, { name: team });
  const contacts = [{ channel: "mail", address: "pager@acme.example" }];
  await node.configure("people", "pager", { name: "P", email: "pager@acme.example", contacts });
  for (const { name, grants } of everybody) {
    const body = { name, email: `${name}@acme.example`, roles: grants };
    await node.configure("people", name, body);
    tokens.set(name, await node.tokenOf(name));
  }
  const layer = { name: "only", people: ["pager"], every: "week", startsOn: "2026-01-05" };
  const rota = { name: "Red", team: "red", timezone: "UTC", layers: [layer] };
  await node.configure("schedules", "red-rota", rota);
  const steps = [{ notify: [{ schedule: "red-rota" }], timeoutMinutes: 5 }];
  await node.configure("escalations", "red", { name: "Red", steps });
  await node.configure("services", "till", { name: "Till", team: "red", escalation: "red" });
  await node.configure("services", "lamp", { name: "Lamp", team: "blue" });
  await node.configure("audiences", "leads", { name: "Leads", people: ["named-viewer"] });
  await node.configure("drills", "red-drill", { service: "till" });
  key = (await node.configure("keys", "till", { service: "till", secret: "generate" })) ?? "";
  await node.configure("runbooks", "red-books", {
    type: "folder",
    path: "/nonexistent",
    teams: ["red"],
  });
  await must("POST /v1/runbooks", { id: "till-book", ...BOOK });
  restricted = await everythingOf(await declare(true));
  ordinary = await everythingOf(await declare(false));
});
afterAll(() => node.stop());

async function must<T>(request: string, body: unknown = {}): Promise<T> {
  const answer = await node.ask<T>(request, request.startsWith("GET") ? {} : { body });
  if (answer.status >= 300) throw new Error(`${request}: ${answer.status} ${answer.text}`);
  return answer.json;
}

async function declare(isRestricted: boolean, severity = "SEV4"): Promise<Subject> {
  const title = isRestricted ? `${SECRET} leaked` : "Till is slow";
  const readers = isRestricted ? everybody.filter((who) => who.named).map((who) => who.name) : [];
  const body = { title, severity, services: ["till"], restricted: isRestricted, readers };
  const { id } = await must<{ id: string }>("POST /v1/incidents", body);
  const { id: twin } = await must<{ id: string }>("POST /v1/incidents", body);
  const item = await must<{ id: string }>(`POST /v1/incidents/${id}/action-items`, {
    priority: "P2",
    title: `Item: ${title}`,
    owner: "pager",
  });
  const run = await must<{ id: string }>("POST /v1/runs", { runbook: "till-book", incident: id });
  return { id, twin, item: item.id, run: run.id, isRestricted, alert: "", notification: "" };
}

/** Everything that can be said about an incident, with its title in each. */
async function everythingOf(bare: Subject): Promise<Subject> {
  const word = bare.isRestricted ? SECRET : "slow";
  const dedup = `dedup-${word}`;
  const payload = { summary: `${word} alert`, source: word, severity: "info" };
  const event = { routing_key: key, event_action: "trigger", dedup_key: dedup, payload };
  await must("POST /v2/enqueue", event);
  const alerts = await must<Items>(`GET /v1/alerts?dedupKey=${dedup}`);
  const alert = alerts.items[0]?.id ?? "";
  for (const [verb, body] of [
    ["attach", { alert }],
    ["severity", { severity: "SEV1", because: word }],
    ["note", { text: word }],
    ["task", { title: word }],
    ["role", { role: "scribe", person: "pager" }],
    ["impact", { customers: word }],
    ["root-cause", { whatHappened: word }],
    ["record", { piece: "verification", text: word }],
    ["update", { text: word, audiences: ["leads"] }],
  ] as const) {
    await must(`POST /v1/incidents/${bare.id}/${verb}`, body);
  }
  // Before it is resolved: nothing pages for what is over.
  const notification = await eventually(async () => {
    const pages = await must<Items>(`GET /v1/notifications?incident=${bare.id}&kind=page`);
    return pages.items[0]?.id ?? null;
  });
  await must(`POST /v1/incidents/${bare.id}/resolve`, { text: word });
  await must(`POST /v1/runs/${bare.run}/done-step`, { step: STEP, note: word });
  await must(`POST /v1/runs/${bare.run}/record`, {
    table: "data_incident",
    values: { impact: word },
  });
  await must(`GET /v1/incidents/${bare.id}/postmortem`);
  return { ...bare, alert, notification };
}

type Items = { readonly items: readonly { readonly id: string }[] };

type Outcome = "signed out" | "forbidden" | "hidden" | "answered";

function outcomeOf(answer: Answer): Outcome {
  if (answer.status === 401) return "signed out";
  if (answer.code === "access.forbidden" || answer.code === "silence.foreign") return "forbidden";
  const subjects = ["incident", "alert", "notification", "action_item", "run"];
  const isHidden = subjects.some((noun) => answer.code === `${noun}.not_found`);
  return isHidden ? "hidden" : "answered";
}

const isRight = (access: Route["access"]): access is Permission => access in PERMISSIONS;
const reaches = (grant: Grant, right: Permission): boolean =>
  ROLES.indexOf(grant.role) >= ROLES.indexOf(PERMISSIONS[right]);
const isEverywhere = (grant: Grant): boolean => grant.team === undefined;

/** What belongs to no team needs a right that counts everywhere. */
const OF_NOBODY: readonly Permission[] = [
  "config.write",
  "tokens.manage",
  "audit.read",
  "signals.mend",
];
/** Whoever has a part in an incident may do these, also from another team. */
const BY_PART: readonly Permission[] = [
  ...(["incidents.respond", "postmortems.write", "postmortems.publish", "runbooks.run"] as const),
];

/** What only reads, or says that somebody does, although it has a body. */
const READS = [
  "POST /v1/silences/preview",
  "POST /v1/rules/route",
  "POST /v1/runbooks/parse",
  "POST /v1/runbooks/lint",
  "POST /v1/runbooks/draft",
  "POST /v1/incidents/:id/presence",
  "DELETE /v1/incidents/:id/presence/:tab",
];

/** What the rules of access promise, written down a second time and in another way. */
function expected(who: Who | null, route: Route, subject: Subject | null): Outcome {
  if (who === null) return "signed out";
  const right = route.access;
  if (!isRight(right)) return "answered";
  const fitting = who.grants.filter((grant) => reaches(grant, right));
  if (fitting.length === 0) return "forbidden";
  if (OF_NOBODY.includes(right)) return fitting.some(isEverywhere) ? "answered" : "forbidden";
  const inRed = (grant: Grant): boolean => isEverywhere(grant) || grant.team === "red";
  if (subject === null) {
    const isOfRed = route.method !== "GET" && !READS.includes(nameOf(route));
    return !isOfRed || fitting.some(inRed) ? "answered" : "forbidden";
  }
  const hasPart = who.named === true && subject.isRestricted;
  const isAdmin = who.grants.some((grant) => isEverywhere(grant) && grant.role === "admin");
  const sees = isAdmin || hasPart || (!subject.isRestricted && who.grants.some(inRed));
  if (!sees) return "hidden";
  if (route.method === "GET" || READS.includes(nameOf(route))) return "answered";
  return fitting.some(inRed) || (hasPart && BY_PART.includes(right)) ? "answered" : "forbidden";
}

/** A runbook of team red with two steps. */
const BOOK = {
  path: "till-book.md",
  document:
    "# Till\n\n**Trigger:** It is slow.\n\n1. **Look**\n   - Look at the till.\n   - Ask the owner.\n" +
    "2. **Repair**\n   - Repair the till.\n",
  sidecar: "tocsin: 1\nowner: red\n",
};
const STEP = "till/look/look-at-the-till";
const OTHER_STEP = "till/look/ask-the-owner";

const NOTHING = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n";
let counter = 0;
const audience = { name: "A", people: [] };

/** A valid body of each route that needs one. A route without its row here fails the test. */
function bodyFor(route: Route, subject: Subject | null): unknown {
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  const bodies: Readonly<Record<string, unknown>> = {
    "POST /v1/incidents": { title: "New", severity: "SEV4", services: ["till"] },
    "POST /v1/incidents/:id/escalate": { because: "b" },
    "POST /v1/incidents/:id/presence": { tab: "tab-of-the-test" },
    "add-responders": { to: [{ person: "pager" }] },
    reassign: { to: { person: "pager" } },
    defer: { because: "busy" },
    severity: { severity: "SEV3", because: "worse" },
    role: { role: "qa", person: "pager" },
    "release-role": { role: "qa", person: "pager" },
    "hand-over": { to: "pager" },
    note: { text: "n" },
    task: { title: "t" },
    "finish-task": { task: "0199c0de-0000-7000-8000-000000000000" },
    update: { text: "u", audiences: ["leads"] },
    attach: { alert: subject?.isRestricted === true ? restricted.alert : ordinary.alert },
    impact: { customers: "all" },
    "root-cause": { whatHappened: "w" },
    record: { piece: "verification", text: "v" },
    merge: { into: subject?.twin },
    reopen: { because: "again" },
    cancel: { reason: "false alarm" },
    restrict: { restricted: subject?.isRestricted === true },
    "PUT /v1/incidents/:id/postmortem/sections/:key": { body: "x", version: 1 },
    "POST /v1/incidents/:id/action-items": { priority: "P2", title: "t", owner: "pager" },
    "PUT /v1/people/:id/leave": { calendar: NOTHING },
    "PUT /v1/people/:id/leave-feed": { url: "https://calendar.acme.example/secret.ics" },
    "POST /v1/schedules/:id/calendar": { calendar: NOTHING },
    "POST /v1/schedules/:id/take": { person: "named-nobody", endsAt: tomorrow },
    "POST /v1/schedules/:id/hand-over-words": { text: "w" },
    "POST /v1/schedules/:id/overrides": {
      person: "pager",
      startsAt: tomorrow,
      endsAt: "2099-01-01T00:00:00Z",
    },
    "POST /v1/silences": { matchers: ["team=red"], reason: "r", owner: "pager", endsAt: tomorrow },
    "POST /api/v2/silences": {
      matchers: [{ name: "team", value: "red" }],
      startsAt: "2026-01-01T00:00:00Z",
      endsAt: tomorrow,
      createdBy: "amtool",
      comment: "r",
    },
    "POST /v1/silences/preview": { matchers: ["team=red"] },
    "POST /v1/rules/route": { service: "till" },
    "POST /v1/intake/tools/:tool/sample": { key: "till-key" },
    "POST /v1/runbooks": { id: `book-${counter++}`, ...BOOK },
    "POST /v1/runbooks/draft": { path: BOOK.path, document: BOOK.document },
    "POST /v1/runbooks/:id/review": { digest: "old" },
    "POST /v1/runs": { runbook: "till-book" },
    "begin-step": { step: STEP },
    "done-step": { step: STEP },
    "skip-step": { step: OTHER_STEP, because: "b" },
    "dismiss-step": { step: OTHER_STEP },
    "fail-step": { step: OTHER_STEP, because: "b" },
    "reopen-step": { step: STEP, because: "b" },
    "assign-step": { step: OTHER_STEP, person: "pager" },
    answer: { step: STEP, answer: "yes" },
    inputs: { inputs: { who: "me" } },
    form: { form: "f", values: {} },
    "run-action": { step: STEP },
    "approve-action": { step: STEP },
    "refuse-action": { step: STEP, because: "b" },
    "undo-action": { step: STEP },
    "POST /v1/runs/:id/record": { table: "data_incident", values: { impact: "i" } },
    fix: { step: STEP, text: "better" },
    escalate: { to: "boss", because: "b" },
    rebase: { digest: "new" },
    abandon: { because: "b" },
    "POST /v1/tokens": { label: "t" },
    "POST /v1/set-aside/:id/drop": { because: "a test" },
    "POST /v1/break-glass": { label: "t", count: 1 },
    "POST /v1/me/tokens": { label: "t" },
    "PUT /v1/me/password": { password: "seven green kettles hum" },
    "POST /v1/me/passkeys": { name: "n", response: { id: "x" } },
    "PUT /v1/config/:kind/:id": audience,
    "POST /v1/config/apply": {
      set: "s",
      sample: false,
      dryRun: true,
      objects: [
        {
          kind: "audiences",
          id: "b",
          body: audience,
          source: {
            file: "s/a.yaml",
            line: 1,
          },
        },
      ],
    },
  };
  const verb = /^\/v1\/(?:incidents|runs)\/:id\/([\w-]+)$/.exec(route.path)?.[1] ?? "";
  return bodies[nameOf(route)] ?? bodies[verb] ?? {};
}

/** The address to ask for; makes what a deletion would take away. */
async function addressFor(route: Route, subject: Subject | null, who: Who | null) {
  let id = subject?.id ?? "";
  if (route.path.startsWith("/v1/action-items/")) id = subject?.item ?? "";
  if (route.path.startsWith("/v1/alerts/")) id = fixedOf(subject).alert;
  if (route.path.startsWith("/v1/notifications/")) id = fixedOf(subject).notification;
  if (route.path.startsWith("/v1/runs/")) id = subject?.run ?? "";
  if (route.path.startsWith("/v1/runbook-sources/")) id = "red-books";
  if (route.path.startsWith("/v1/runbooks/")) id = "till-book";
  if (nameOf(route) === "DELETE /v1/runbooks/:id") {
    id = `book-${counter++}`;
    await must("POST /v1/runbooks", { id, ...BOOK });
  }
  if (/^\/v1\/(schedules|feeds)\//.test(route.path)) id = "red-rota";
  if (nameOf(route) === "POST /v1/drills/:id/start") id = "red-drill";
  if (route.path.startsWith("/v1/people/")) id = "pager";
  if (route.path.startsWith("/v1/me/")) id = "0199c0de-0000-7000-8000-000000000000";
  if (route.path.startsWith("/v1/config/:kind/:id")) {
    id = `scratch-${counter++}`;
    await node.configure("audiences", id, audience);
  }
  if (route.path === "/v1/tokens/:id") {
    id = (await must<{ id: string }>("POST /v1/tokens", { label: "to be revoked" })).id;
  }
  if (route.path === "/v1/break-glass/:id") {
    const body = { label: "to be revoked", count: 1 };
    id = (await must<Items>("POST /v1/break-glass", body)).items[0]?.id ?? "";
  }
  if (/^\/(v1\/silences|api\/v2\/silence)\/:id/.test(route.path)) {
    const endsAt = new Date(Date.now() + 86_400_000).toISOString();
    const body = { matchers: ["team=red"], reason: "r", owner: "pager", endsAt };
    id = (await must<{ id: string }>("POST /v1/silences", body)).id;
  }
  if (route.path.startsWith("/v1/swaps/")) {
    // An hour of its own: who took that of another test took it from the pager.
    const hour = Date.parse("2080-01-01T00:00:00Z") + counter++ * 3_600_000;
    const [startsAt, endsAt] = [hour, hour + 3_600_000].map((at) => new Date(at).toISOString());
    const body = { from: "pager", to: who?.name ?? "named-nobody", span: { startsAt, endsAt } };
    id = (await must<{ id: string }>("POST /v1/schedules/red-rota/swaps", body)).id;
  }
  if (route.path.startsWith("/v1/set-aside/")) id = "1";
  if (route.path === "/v1/overrides/:id") {
    const span = { startsAt: "2098-01-01T00:00:00Z", endsAt: "2099-01-01T00:00:00Z" };
    const body = { person: "pager", ...span };
    id = (await must<{ id: string }>("POST /v1/schedules/red-rota/overrides", body)).id;
  }
  return route.path
    .replace(":id", id)
    .replace(":kind", "audiences")
    .replace(":table", "data_incident")
    .replace(":of", "schedule")
    .replace(":tab", "tab-of-the-test")
    .replace(":key", "lessons");
}

const fixedOf = (subject: Subject | null): Subject =>
  subject?.isRestricted === true ? restricted : ordinary;

const ABOUT_INCIDENTS = /^(?:\/v1)?\/(incidents|action-items|alerts|notifications|runs)\/:id/;

type Result = { readonly asked: string; readonly outcome: Outcome };

/** Asks everything of the contract that needs a right, of fresh subjects of both kinds. */
async function askEverything(
  who: Who | null,
  seen: (answer: Answer, about: Subject | null) => void,
) {
  const want: Result[] = [];
  const got: Result[] = [];
  const subjects = [await declare(false), await declare(true)];
  const token = who === null ? null : (tokens.get(who.name) ?? null);
  for (const route of routes) {
    if (!isRight(route.access) && route.access !== "signed in") continue;
    for (const subject of ABOUT_INCIDENTS.test(route.path) ? subjects : [null]) {
      const body = bodyFor(route, subject);
      const request = `${route.method} ${await addressFor(route, subject, who)}`;
      const answer = await node.ask(request, { token, ...(route.method !== "GET" && { body }) });
      const kind = subject === null ? "" : subject.isRestricted ? " of a restricted one" : "";
      const asked = `${nameOf(route)}${kind}`;
      want.push({ asked, outcome: expected(who, route, subject) });
      got.push({ asked, outcome: outcomeOf(answer) });
      expect(answer.status, `${asked}: ${answer.text}`).toBeLessThan(500);
      seen(answer, subject);
    }
  }
  return { want, got };
}

describe.concurrent("every route answers as its declared right, the team and the restriction say", () => {
  test("somebody who is signed out", async () => {
    const { want, got } = await askEverything(null, ({ text }) =>
      expect(text).not.toContain(SECRET),
    );
    expect(got).toEqual(want);
  });

  for (const who of everybody) {
    const isAdmin = who.grants.some((grant) => isEverywhere(grant) && grant.role === "admin");
    const maySee = isAdmin || (who.named === true && who.grants.length > 0);
    test(who.name, async () => {
      let secrets = 0;
      const { want, got } = await askEverything(who, ({ text }) => {
        if (!maySee) expect(text).not.toContain(SECRET);
        else if (text.includes(SECRET)) secrets++;
      });
      expect(got).toEqual(want);
      // Otherwise the search for the word would prove nothing.
      if (maySee) expect(secrets).toBeGreaterThan(5);
    });
  }
});

describe.concurrent("of a restricted incident nothing is told to those who may not see it", () => {
  const readings = (subject: Subject): readonly string[] => [
    ...[
      "",
      "/timeline",
      "/postmortem",
      "/postmortem.md",
      "/postmortem.html",
      "/postmortem.pdf",
    ].map((part) => `/v1/incidents/${subject.id}${part}`),
    ...["", "/timeline", "/run.md", "/changes"].map((part) => `/v1/runs/${subject.run}${part}`),
    `/v1/runs?incident=${subject.id}`,
    "/v1/records/data_incident",
    "/v1/records/data_incident/rows.csv",
    `/v1/alerts/${subject.alert}`,
    `/v1/notifications/${subject.notification}`,
    ...["incidents", "alerts", "notifications", "action-items"].map(
      (list) => `/v1/${list}?limit=500`,
    ),
    ...["alerts", "notifications", "action-items"].map(
      (list) => `/v1/${list}?incident=${subject.id}`,
    ),
    `/v1/alerts?dedupKey=dedup-${SECRET}`,
    `/v1/search?q=${SECRET}`,
    `/v1/search?q=${subject.id}`,
    "/v1/readiness",
    "/v1/overview",
    "/v1/directory",
    "/metrics",
    "/openapi.json",
  ];
  /** Own words of the asker, such as a search term, are no leak. */
  const withoutTheQuestion = (text: string): string => text.replaceAll(`dedup-${SECRET}`, "");

  for (const who of everybody.filter(({ name }) => name !== "admin-everywhere")) {
    if (who.named === true && who.grants.length > 0) continue;
    test(who.name, async () => {
      const token = tokens.get(who.name) ?? null;
      for (const path of readings(restricted)) {
        const answer = await node.ask(`GET ${path}`, { token });
        expect(withoutTheQuestion(answer.text), path).not.toContain(SECRET);
        const { items } = answer.json as Partial<Items>;
        if (path.includes("?incident=") && items !== undefined) expect(items).toEqual([]);
      }
    });
  }

  test("named readers are told all of it", async () => {
    const token = tokens.get("named-viewer") ?? null;
    for (const path of readings(restricted).slice(0, 6)) {
      const answer = await node.ask(`GET ${path}`, { token });
      expect(answer.text, path).toContain(SECRET);
    }
  });

  test("it cannot be merged into one that everybody sees", async () => {
    const body = { into: ordinary.twin };
    const answer = await node.ask(`POST /v1/incidents/${restricted.twin}/merge`, { body });
    expect(answer.code).toBe("incident.merge_restricted");
  });
});

test("an administrator of one team makes no tokens, which could have any right", async () => {
  const token = tokens.get("admin-of-red") ?? null;
  const body = { label: "mine", grants: [{ role: "admin" }] };
  expect((await node.ask("POST /v1/tokens", { token, body })).code).toBe("access.forbidden");
});

test("routes by key or link do nothing without them", async () => {
  for (const route of routes.filter(({ access }) => access === "key" || access === "link")) {
    const path = route.path.replace(/:\w+/g, "not-a-real-secret");
    const options = route.method === "GET" ? {} : { body: {} };
    const answer = await node.ask(`${route.method} ${path}`, { token: null, ...options });
    const isOpenPage = nameOf(route) === "GET /signin/:token";
    expect([400, 401, 403, 410], nameOf(route)).toContain(isOpenPage ? 403 : answer.status);
  }
});

test("an unknown token is refused, never taken for a guest", async () => {
  expect((await node.ask("GET /v1/incidents", { token: "tocsin_wrong" })).code).toBe(
    "access.token_invalid",
  );
});
