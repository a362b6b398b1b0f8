/**
 * The walls of the house (ARCHITECTURE.md): who may import whom, where time, chance, environment and
 * network are touched, which words the domain may not know, and that documents name only what exists.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDERS = ["contract", "server", "cli", "web", "sim", "bench", "test"];

type Source = {
  readonly path: string;
  readonly text: string;
  /** The same without comments. */
  readonly code: string;
  /** Files of this project that it imports, and whether only when a line runs. */
  readonly imports: readonly { readonly to: string; readonly lazily: boolean }[];
};

const filesUnder = (folder: string): readonly string[] =>
  existsSync(join(ROOT, folder))
    ? readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !/node_modules|web\/dist/.test(entry.parentPath))
        .map((entry) => posix.join(entry.parentPath.slice(ROOT.length), entry.name))
    : [];

/** Comments start a line or follow a space, so that “https://…” in a string stays. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");

function read(path: string): Source {
  const text = readFileSync(join(ROOT, path), "utf8");
  const code = withoutComments(text);
  const found = code.matchAll(/(?:\bfrom|\bimport)\s*(\()?\s*"(\.[^"]+)"/g);
  const imports = [...found].map(([, lazily, to = ""]) => ({
    to: normalize(posix.join(dirname(path), to)),
    lazily: lazily !== undefined,
  }));
  return { path, text, code, imports };
}

const SOURCES = FOLDERS.flatMap(filesUnder)
  .filter((path) => /\.tsx?$/.test(path))
  .map(read);

/** Tests stand above all floors, beside what they test. */
const isTest = (path: string): boolean => /\.(test|story)\.tsx?$/.test(path);
const PRODUCTION = SOURCES.filter(({ path }) => !isTest(path) && !/^(sim|bench|test)\//.test(path));

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  contract: ["contract"],
  "server/base": ["server/base", "contract"],
  "server/domain": ["server/domain", "server/base", "contract"],
  "server/engine": ["server/engine", "server/domain", "server/base", "contract"],
  "server/edge": ["server/edge", "server/domain", "server/base", "contract"],
  "server/app": ["server", "contract"],
  cli: ["cli", "contract"],
  web: ["web", "contract"],
};

const within = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

const floorOf = (path: string): string =>
  Object.keys(MAY_IMPORT).find((floor) => within(path, floor)) ?? "no floor";

test("imports point downward only; engine and edge do not see each other", () => {
  const wrong = PRODUCTION.flatMap(({ path, imports }) =>
    imports
      .filter(({ to }) => !(MAY_IMPORT[floorOf(path)] ?? []).some((floor) => within(to, floor)))
      // What works on this machine's files runs without a server.
      .filter(({ to }) => !(within(path, "cli") && within(to, "server/app/local")))
      .map(({ to }) => `${path} imports ${to}`),
  );
  expect(wrong).toEqual([]);
});

/** In the order of the house: each may import those before it. */
const NOUNS =
  "config account catalog policy deadline retention deployment notification oncall escalation " +
  "signal silence alert evidence incident runbook comms postmortem privacy governance data cost report";
const RANK = NOUNS.split(" ");
const nounOf = (path: string): string => /^server\/domain\/([^/]+)\//.exec(path)?.[1] ?? "";

test("inside the domain a noun imports only nouns before it", () => {
  const wrong = PRODUCTION.filter(({ path }) => within(path, "server/domain")).flatMap(
    ({ path, imports }) => {
      const own = RANK.indexOf(nounOf(path));
      if (own < 0) return [`${path} belongs to no noun of the list`];
      return imports
        .filter(({ to }) => within(to, "server/domain") && RANK.indexOf(nounOf(to)) > own)
        .map(({ to }) => `${path} imports ${to}`);
    },
  );
  expect(wrong).toEqual([]);
});

test("nothing outside tests imports a test or its helpers", () => {
  const wrong = PRODUCTION.flatMap(({ path, imports }) =>
    imports
      .filter(({ to }) => isTest(to) || /^(test|sim|bench)\//.test(to))
      .map(({ to }) => `${path} imports ${to}`),
  );
  expect(wrong).toEqual([]);
});

test("no file imports itself through others", () => {
  const graph = new Map(
    SOURCES.map(({ path, imports }) => [
      path,
      imports.filter(({ lazily }) => !lazily).map(({ to }) => to),
    ]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
      return;
    }
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  expect(cycles).toEqual([]);
});

const TOOLS =
  /slack|prometheus|promql|pager_?duty|alert_?manager|opsgenie|grafana|datadog|twilio|sentry|zabbix|nagios|uptime_?kuma|cloudwatch/i;

/** Where a tool's name may stand although the file is below the edge, and why. */
const TOOLS_NAMED: Readonly<Record<string, RegExp>> = {
  // A sustained condition is written in that query language; it is the language's name.
  "server/domain/signal": /promql/i,
  "server/domain/config": /promql/i,
  "server/domain/policy/bands.ts": /promql/i,
  "server/engine/conditions.ts": /promql/i,
};

test("domain and engine never name a tool", () => {
  const wrong = PRODUCTION.filter(
    ({ path }) => within(path, "server/domain") || within(path, "server/engine"),
  ).flatMap(({ path, code }) => {
    const allowed = Object.entries(TOOLS_NAMED).find(([place]) => path.startsWith(place))?.[1];
    return code
      .split("\n")
      .filter((line) => {
        const rest = allowed === undefined ? line : line.replaceAll(new RegExp(allowed, "gi"), "");
        return TOOLS.test(rest);
      })
      .map((line) => `${path}: ${line.trim()}`);
  });
  expect(wrong).toEqual([]);
});

const OUTSIDE: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["the clock", /\bDate\.now\b|\bnew Date\(\)|\bTemporal\.Now\b|\bperformance\.now\b/],
  ["chance", /\bMath\.random\b|\brandomUUID\b|\brandomBytes\b|\brandomInt\b|\bgetRandomValues\b/],
  ["timers", /\bset(?:Timeout|Interval|Immediate)\b|node:timers/],
  ["the environment", /\bprocess\.(?:env|argv)\b/],
  ["the network", /(?<![.\w])fetch\(|"node:(?:net|http|https|http2|tls|dgram|dns)"/],
  ["processes", /"node:child_process"|"node:cluster"|"node:worker_threads"/],
  [
    "the database's clock",
    /(?<![.\w])now\(\)|\bcurrent_(?:timestamp|date|time)\b|\bclock_timestamp\b/i,
  ],
];

/** The floors that may, and single files with the reason. */
const MAY_TOUCH: Readonly<Record<string, readonly string[]>> = {
  "server/base": OUTSIDE.map(([what]) => what).filter((what) => what !== "the environment"),
  "server/app/main.ts": ["the clock", "chance", "timers", "the environment", "the network"],
  // Local commands run on the operator's machine: child processes, ports, the terminal.
  "server/app/local": OUTSIDE.map(([what]) => what),
  // A request's id names it in logs; nothing is decided by it and nothing is replayed from it.
  "server/app/http.ts": ["chance"],
  // The inside of a worker thread, which base/ starts: Markdown of others is rendered there.
  "server/domain/postmortem/renderWorker.ts": ["processes"],
  // Likewise: documents of others are read there.
  "server/domain/runbook/reading/readWorker.ts": ["processes"],
  // Likewise: they are drawn as pages there.
  "server/domain/runbook/pageWorker.ts": ["processes"],
  // Rules of holidays of two hundred countries are loaded there, and end with it.
  "server/domain/oncall/holidayWorker.ts": ["processes"],
  // Calendars of others are read there.
  "server/domain/oncall/calendarWorker.ts": ["processes"],
  // The command line is a program of its own, in front of a person; it has no SQL.
  cli: OUTSIDE.map(([what]) => what),
};

test("clock, chance, timers, network and environment are touched only in base and app/main", () => {
  const schema = filesUnder("server/schema").map(read);
  const wrong = [...PRODUCTION.filter(({ path }) => !within(path, "web")), ...schema].flatMap(
    ({ path, code }) =>
      OUTSIDE.filter(
        ([what]) =>
          !Object.entries(MAY_TOUCH).some(
            ([place, allowed]) => (path === place || within(path, place)) && allowed.includes(what),
          ),
      ).flatMap(([what, pattern]) =>
        code
          .split("\n")
          .filter((line) => pattern.test(line) && !line.trimStart().startsWith("--"))
          // A type is gone before anything runs.
          .filter((line) => !line.startsWith("import type "))
          // Asks about a text, not the network.
          .filter((line) => !/^import \{ (isIP(v[46])?|BlockList) \} from "node:net";$/.test(line))
          .map((line) => `${path} touches ${what}: ${line.trim()}`),
      ),
  );
  expect(wrong).toEqual([]);
});

const isDocument = (path: string): boolean => path.endsWith(".md");
const DOCUMENTS = [
  ...readdirSync(ROOT).filter(isDocument),
  ...["docs", "decisions", "examples", "runbooks"].flatMap(filesUnder).filter(isDocument),
];
const TOP = ["contract", "server", "cli", "web", "sim", "bench", "test"];
const PLACES = [...TOP, "docs", "decisions", "examples", "runbooks", "bin", ".ci"];

/** `server/base/db.ts:12`, `./bin/tocsin up`, `examples/acme/` → the path, where it is one of ours. */
function pathIn(quoted: string): string | null {
  const [word = ""] = quoted.trim().split(/\s/);
  const path = word.replace(/^\.\//, "").replace(/(:\d+)+$|#.*$/, "");
  const isOurs = PLACES.some((place) => path.startsWith(`${place}/`)) || /^[A-Z]+\.md$/.test(path);
  return isOurs && !/[*<>{}$…]/.test(path) ? path : null;
}

test("every path that a document names exists", () => {
  const missing = DOCUMENTS.flatMap((document) => {
    const text = readFileSync(join(ROOT, document), "utf8").replace(/^```[\s\S]*?^```/gm, "");
    const quoted = [...text.matchAll(/`([^`\n]+)`/g)].map(([, inner = ""]) => pathIn(inner));
    const linked = [...text.matchAll(/\]\((?!\w+:|#)([^)\s]+)\)/g)].map(([, target = ""]) =>
      posix.join(dirname(document), target.replace(/#.*$/, "")),
    );
    return [...quoted, ...linked]
      .filter((path) => path !== null && !existsSync(join(ROOT, path)))
      .map((path) => `${document} names ${path}`);
  });
  expect([...new Set(missing)]).toEqual([]);
});
