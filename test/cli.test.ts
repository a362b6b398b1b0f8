/** The real command line as a child process against a real node. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Running, start } from "../server/app/main.ts";
import { readSettings } from "../server/app/settings.ts";
import { freshDatabase, type TestStore } from "./store.ts";

const BIN = new URL("../bin/tocsin", import.meta.url).pathname;
const ADMIN = "an-admin-token-of-this-test";

const CONFIGURATION = `
channels:
  email: { type: email, from: tocsin@acme.example }
people:
  ann:
    name: Ann
    email: ann@acme.example
    contacts: [{ channel: email, address: ann@acme.example }]
    roles: [{ role: responder }]
  bob:
    name: Bob
    email: bob@acme.example
    contacts: [{ channel: email, address: bob@acme.example }]
teams:
  core: { name: Core, members: [ann, bob] }
schedules:
  core:
    name: Core
    timezone: Europe/Berlin
    layers: [{ name: Weekly, people: [ann], every: week, startsOn: "2026-01-05" }]
escalations:
  core:
    name: Core
    steps: [{ notify: [{ schedule: core }], timeoutMinutes: 5 }]
services:
  shop:
    name: Shop
    team: core
    tier: 1
    escalation: core
keys:
  shop-key: { service: shop, secret: "sample:shop-key" }
`;

let directory: string;
let store: TestStore;
let running: Running;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tocsin-cli-"));
  store = await freshDatabase();
  const env = {
    TOCSIN_PORT: "0",
    TOCSIN_DATA: join(directory, "data"),
    TOCSIN_URL: "https://bell.acme.example",
    TOCSIN_ADMIN_TOKEN: ADMIN,
    TOCSIN_SMTP_URL: "smtp://127.0.0.1:1",
    TOCSIN_LOG: "silent",
    DATABASE_URL: store.url,
  };
  running = await start({ settings: readSettings(env), env, tell: () => undefined });
  await writeFile(join(directory, "tocsin.yaml"), "set: acme\nsample: true\n");
  await writeFile(join(directory, "all.yaml"), CONFIGURATION);
});
afterAll(async () => {
  await running?.stop();
  await store?.drop();
  await rm(directory, { recursive: true, force: true });
});

type Ended = { readonly code: number; readonly out: string; readonly err: string };
type Options = { readonly env?: Readonly<Record<string, string>>; readonly stdin?: string };

function tocsin(args: readonly string[], { env = {}, stdin }: Options = {}): Promise<Ended> {
  const own = {
    PATH: process.env["PATH"],
    TOCSIN_URL: running.address,
    TOCSIN_TOKEN: ADMIN,
    TOCSIN_DATA: join(directory, "nothing"),
    TZ: "Europe/Berlin",
    NODE_COMPILE_CACHE: join(directory, "cache"),
    ...env,
  };
  return new Promise((resolve) => {
    const child = execFile(BIN, [...args], { env: own, cwd: directory }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
    child.stdin?.end(stdin ?? "");
  });
}

/** The lines of a command that must succeed. */
async function told(args: readonly string[], options?: Options): Promise<string> {
  const { code, out, err } = await tocsin(args, options);
  expect({ args, code, err }).toEqual({ args, code: 0, err: "" });
  return out;
}

async function read<T>(args: readonly string[], options?: Options): Promise<T> {
  return JSON.parse(await told([...args, "--json"], options)) as T;
}

/** Refused in one line on standard error, with nothing on standard output. */
async function refused(args: readonly string[], options?: Options): Promise<string> {
  const { code, out, err } = await tocsin(args, options);
  expect({ args, code, out, lines: err.trimEnd().split("\n").length }).toEqual({
    args,
    code: 2,
    out: "",
    lines: 1,
  });
  return err.trimEnd();
}

describe("wrong usage ends with 2 and one line:", () => {
  for (const [promise, args, line] of [
    ["an unknown command", ["ring"], "unknown command 'ring'"],
    ["an unknown option", ["incidents", "--loud"], "unknown option '--loud'"],
    ["a missing argument", ["incident", "show"], "missing required argument 'id'"],
    [
      "a missing reason",
      ["incident", "severity", "1", "SEV2"],
      "required option '--because <text>' not specified",
    ],
    [
      "what is no id",
      ["incident", "show", "first"],
      "“first” is no incident id such as INC-12 or 12",
    ],
    [
      "what is no length",
      ["silence", "create", "service=till", "--reason", "rebuild", "--for", "5"],
      "“5” is no length such as 90m, 2h or 1d",
    ],
    ["what is no number", ["swap", "list", "--limit", "x"], "“x” is no limit: a number such as"],
    ["a limit of none", ["schedules", "--limit", "0"], "“0” is no limit: a number such as"],
    ["what is no time", ["who", "core", "--at", "soon"], "“soon” is no time such as"],
    [
      "a file that cannot be written",
      ["load", "--csv", "/nowhere/november.csv"],
      "/nowhere/november.csv cannot be used (ENOENT)",
    ],
    [
      "what is not there",
      ["incident", "show", "999"],
      "There is no incident INC-999 that you may see.",
    ],
  ] as const)
    test(promise, async () => expect(await refused(args)).toContain(`tocsin: ${line}`));

  test("a server that does not answer", async () => {
    const line = await refused(["incidents"], { env: { TOCSIN_URL: "http://127.0.0.1:1" } });
    expect(line).toContain("http://127.0.0.1:1 does not answer");
  });
  test("a token that is not valid", async () => {
    const line = await refused(["incidents"], { env: { TOCSIN_TOKEN: "wrong" } });
    expect(line).toBe("tocsin: That token is unknown, expired or revoked.");
  });
});

test("help groups the commands by noun, each with an example", async () => {
  const out = await told(["--help"]);
  for (const group of [
    "Server",
    "Incidents",
    "Alerts and pages",
    "On call",
    "Configuration",
    "Access",
  ]) {
    expect(out).toContain(`\n${group}:\n`);
  }
  expect(out).toContain("./bin/tocsin incident show 12");
  for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

type Report = {
  ready: boolean;
  findings: { area: string; level: string; what: string; todo: string | null }[];
};

test("from nothing to readiness: doctor ends with 1 until nothing is missing", async () => {
  const bare = await tocsin(["doctor"]);
  expect(bare.code).toBe(1);
  expect(bare.out).toContain("MISSING  services");
  expect(bare.out).toContain("→ Describe your services in YAML and apply it");
  await told(["apply", directory]);
  const applied = JSON.parse((await tocsin(["doctor", "--json"])).out) as Report;
  const missing = applied.findings.filter(({ level }) => level === "missing");
  expect(missing.map(({ area }) => area)).toEqual(["plan", "monitoring"]);
  const better = CONFIGURATION.replace(
    "tier: 1",
    "tier: 1\n    runbook: https://acme.example/shop",
  );
  await writeFile(join(directory, "all.yaml"), better);
  await told(["apply", directory]);
  expect(
    await told(["send", "--key", "shop-key", "--severity", "info", "--summary", "Hello"]),
  ).toContain("Accepted as");
  const ready = await vi.waitFor(async () => {
    const report = await tocsin(["doctor"]);
    expect(report.code).toBe(0);
    return report;
  }, 20_000);
  expect(ready.out).toContain("Ready: nothing is missing");
  expect(await told(["config", "changes"])).toContain("admin");
});

type Incident = {
  id: string;
  state: string;
  severity: string;
  acknowledgedBy: string | null;
  commander: string | null;
};

describe("an incident", () => {
  let ann: Options;
  beforeAll(async () => {
    const { out } = await tocsin(["token", "create", "--label", "laptop", "--person", "ann"]);
    ann = { env: { TOCSIN_TOKEN: out.trim() } };
  });

  test("is worked on by a person, with a token made for that person", async () => {
    expect(await told(["whoami"], ann)).toContain("person ann: responder");
  });

  test("is not declared before enough is said, and the severities are explained", async () => {
    const { code, err } = await tocsin(["incident", "declare", "--title", "Shop fails"], ann);
    expect(code).toBe(2);
    expect(err).toContain("For example: the database is down");
    expect(err).toContain("to declare, say also --severity (SEV1 to SEV4), --service or --region");
  });

  test("is declared, acknowledged, resolved, and not closed while something is missing", async () => {
    const args = [
      "incident",
      "declare",
      "--title",
      "Shop fails",
      "--severity",
      "sev1",
      "--service",
      "shop",
    ];
    const declared = await read<Incident>(args, ann);
    expect(declared).toMatchObject({ severity: "SEV1", state: "declared", commander: "ann" });
    const { id } = declared;
    const number = id.slice("INC-".length);
    expect(await told(["incident", "acknowledge", number.padStart(1)], ann)).toContain(
      `${id} SEV1 declared`,
    );
    expect(await read<Incident>(["incident", "show", id.toLowerCase()], ann)).toMatchObject({
      acknowledgedBy: "ann",
    });
    await told(["incident", "note", number, "it", "is", "the", "cache"], ann);
    expect(await told(["incident", "resolve", number, "rolled", "back"], ann)).toContain(
      "Needed to close:",
    );
    const line = await refused(["incident", "close", number], ann);
    expect(line).toContain(`${id} cannot be closed yet. Missing: `);
    expect(line).toContain("root cause (documented)");
    const right = await refused(
      ["incident", "close", number, "--override", "--because", "late"],
      ann,
    );
    expect(right).toContain("incidents.override");
    await told(["incident", "root-cause", number, "--what-happened", "A release broke it."], ann);
    const closed = await read<Incident>([
      "incident",
      "close",
      id,
      "--override",
      "--because",
      "tracked elsewhere",
    ]);
    expect(closed.state).toBe("closed");
    const timeline = await told(["incident", "timeline", number], ann);
    expect(timeline).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[ann\]  SEV1 declared: Shop fails$/m,
    );
    expect(timeline).toContain("it is the cache");
  });

  test("is listed and filtered; times are local in lines and UTC in JSON", async () => {
    const list = await read<{ items: { id: string; declaredAt: string }[]; next: string | null }>([
      "incidents",
    ]);
    expect(list.items.length).toBeGreaterThan(0);
    expect(list.next).toBeNull();
    const [first] = list.items;
    expect(first?.declaredAt).toMatch(/Z$/);
    const local = Temporal.Instant.from(first?.declaredAt ?? "").toZonedDateTimeISO(
      "Europe/Berlin",
    );
    expect(await told(["incident", "show", first?.id ?? ""])).toContain(
      local.toPlainDateTime().toString({ smallestUnit: "minute" }).replace("T", " "),
    );
    expect(await told(["incidents", "--state", "cancelled"])).toBe("No incident.\n");
  });

  test("has a postmortem that is edited from standard input, published and exported", async () => {
    const [incident] = (await read<{ items: Incident[] }>(["incidents", "--state", "closed"]))
      .items;
    const id = incident?.id ?? "";
    await told(["postmortem", "edit", id, "lessons"], { ...ann, stdin: "Watch the cache.\n" });
    const sections = await refused(["postmortem", "edit", id, "blame"], ann);
    expect(sections).toContain("the sections are summary, impact, timeline, root-cause");
    const item = await told(
      ["action-item", "add", id, "Alert on it", "--priority", "p1", "--owner", "ann"],
      ann,
    );
    expect(item).toMatch(/^AI-\d+ P1 of ann, open, due /);
    const number = /^AI-(\d+)/.exec(item)?.[1] ?? "";
    expect(await told(["action-item", "set", number, "--status", "done"], ann)).toContain("done");
    expect(await told(["action-items", "--status", "unfinished"], ann)).toBe("No action item.\n");
    const file = join(directory, "postmortem.md");
    await told(["postmortem", "export", id, "--out", file], ann);
    expect(await readFile(file, "utf8")).toContain("Watch the cache.");
    expect(await told(["postmortem", "export", id, "--html"], ann)).toContain("<!doctype html>");
  });
});

test("a test event becomes an alert, and its page is explained down to the attempt", async () => {
  await told([
    "send",
    "--key",
    "shop-key",
    "--severity",
    "critical",
    "--summary",
    "Shop is down",
    "--dedup-key",
    "d1",
  ]);
  const alerts = await read<{ items: { id: string; status: string }[] }>([
    "alerts",
    "--dedup-key",
    "d1",
  ]);
  expect(alerts.items).toMatchObject([{ status: "firing" }]);
  const tail = (alerts.items[0]?.id ?? "").slice(-12);
  expect(await told(["alert", "show", tail])).toContain("Shop is down");
  await told(["send", "--key", "shop-key", "--resolve", "--dedup-key", "d1"]);
  expect(await refused(["send", "--key", "wrong", "--summary", "x"])).toContain("routing_key");
  const pages = await read<{ items: { id: string; attempts?: unknown }[] }>([
    "pages",
    "--person",
    "ann",
    "--kind",
    "page",
  ]);
  const page = (pages.items[0]?.id ?? "").slice(-12);
  const text = await told(["explain", "page", page]);
  for (const word of ["Why you", "Why now", "Why this way", "Ledger", "handed over"])
    expect(text).toContain(word);
});

test("an override takes the schedule, is seen by who, and is taken back", async () => {
  expect(await told(["who", "core"])).toContain("ann at ");
  expect(await told(["override", "add", "core", "bob", "--to", "+8h"])).toContain(
    "bob takes core from",
  );
  expect(await told(["who", "core", "--at", "+1h"])).toContain("bob at ");
  expect(await told(["schedules", "--limit", "all"])).toMatch(/^core +bob +/m);
  const { items } = await read<{ items: { id: string }[] }>(["override", "list", "core"]);
  await told(["override", "remove", (items[0]?.id ?? "").slice(-12), "--schedule", "core"]);
  expect(await told(["shifts", "core", "--to", "+2d"])).toContain("ann");
  expect(await told(["override", "list", "core"])).toBe("No override.\n");
});

test("a calendar's titles may hold commas, as its names do", async () => {
  const file = join(directory, "shifts.ics");
  const event = (uid: string, title: string, day: string) =>
    `BEGIN:VEVENT\r\nUID:${uid}\r\nSUMMARY:${title}\r\nDTSTART:${day}T090000Z\r\nDURATION:PT8H\r\nEND:VEVENT\r\n`;
  const events = event("1", "Ox\\, Bob", "20990105") + event("2", "Li", "20990106");
  await writeFile(file, `BEGIN:VCALENDAR\r\nVERSION:2.0\r\n${events}END:VCALENDAR\r\n`);
  const span = ["--from", "2099-01-01T00:00:00Z", "--to", "2099-02-01T00:00:00Z"];
  const args = ["import-calendar", "core", file, ...span, "--people"];
  expect(await told([...args, "Ox, Bob=bob,Li=ann"])).toContain("2 shifts in the calendar, 1 diff");
  expect(await refused([...args, "Ox, Bob"])).toContain("“Ox, Bob” is not TITLE=PERSON");
});

test("a token that is revoked opens nothing any more", async () => {
  const made = await read<{ id: string; token: string }>([
    "token",
    "create",
    "--label",
    "x",
    "--role",
    "viewer",
  ]);
  const env = { TOCSIN_TOKEN: made.token };
  expect(await told(["whoami"], { env })).toContain("viewer");
  expect(await told(["token", "list"])).toMatch(/works +viewer .* x$/m);
  await told(["token", "revoke", made.id.slice(-12)]);
  expect(await refused(["whoami"], { env })).toContain("revoked");
});

for (const [promise, name] of [
  ["up on a port that is taken", "TOCSIN_PORT"],
  ["up where the port of its mail is taken", "TOCSIN_MAIL_PORT"],
] as const)
  test(`${promise} says so in one line and ends, stopped by nobody`, async () => {
    const { port } = new URL(running.address);
    const data = { TOCSIN_DATA: join(directory, "second"), DATABASE_URL: store.url };
    const env = { ...data, TOCSIN_PORT: "0", TOCSIN_LOG: "silent", [name]: port };
    const { code, err } = await tocsin(["up"], { env });
    expect([code, err]).toEqual([
      2,
      `tocsin: Port ${port} of 127.0.0.1 is taken, by another Tocsin or something else. Choose another by ${name}.\n`,
    ]);
  });
