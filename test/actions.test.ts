/** Actions against servers that behave like the real ones: what goes out, and what is made of what comes back. */
import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Connection } from "../contract/action.ts";
import { handsOf, REAL_WAYS } from "../server/app/hands.ts";
import { addressGuard } from "../server/base/addresses.ts";
import { hmacSha256 } from "../server/base/crypto.ts";
import { run, sql } from "../server/base/db.ts";
import { instant } from "../server/base/instant.ts";
import { runProgram } from "../server/base/programs.ts";
import { realTransport } from "../server/base/realTransport.ts";
import type { World } from "../server/base/world.ts";
import {
  actionId,
  type ActionRequest,
  type ActionResult,
  type Effect,
} from "../server/domain/runbook/action.ts";
import { ACTIONS } from "../server/edge/actions/index.ts";
import { freshDatabase, type TestStore } from "./store.ts";

type Got = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
};

const got: Got[] = [];
/** Answers as GitHub, GitLab and a flag service do, by path. */
const server = createServer((request, reply) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { method = "", url = "", headers } = request;
    got.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    const answer = (status: number, body: unknown): void => {
      reply.writeHead(status, { "content-type": "application/json" });
      reply.end(status === 204 ? undefined : JSON.stringify(body));
    };
    if (url.startsWith("/broken")) return answer(500, { error: "broken" });
    if (url.startsWith("/cut")) return request.socket.destroy();
    if (url.startsWith("/slow")) return setTimeout(() => answer(200, {}), 2_000).unref();
    if (url.startsWith("/repos/acme/shop/actions/workflows/rollback.yml/dispatches"))
      return headers.authorization === "Bearer secret-of-gh" ? answer(204, null) : answer(401, {});
    if (url === "/projects/data%2Fbackfill/pipeline")
      return headers["private-token"] === "secret-of-gl" ? answer(201, { id: 7 }) : answer(401, {});
    if (method === "PUT" && url === "/flags/old-provider") return answer(200, { state: "ENABLED" });
    if (url === "/ofrep/v1/evaluate/flags/old-provider")
      return answer(200, { key: "old-provider", value: false, reason: "STATIC", variant: "off" });
    if (url.startsWith("/api/teapot")) return answer(418, { token: "abcdefgh" });
    return answer(200, { ok: true });
  });
});

let base = "";
let store: TestStore;
const transport = realTransport({ smtpUrl: null, guard: addressGuard(["127.0.0.1"]) });
const hands = handsOf({ transport } as unknown as World, REAL_WAYS);

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  store = await freshDatabase();
  await run(store.db, sql`create table thing (id integer primary key, bad boolean not null)`);
  await run(store.db, sql`insert into thing values (1, true), (2, false), (3, false)`);
});
afterAll(async () => {
  server.close();
  transport.close();
  await store.drop();
});

/** One action over one connection, as the engine would do it. */
async function perform(
  name: string,
  input: Readonly<Record<string, unknown>>,
  stated: object | null,
  purpose: "run" | "dry run" | "undo" = "run",
  timeoutMs?: number,
): Promise<ActionResult | { readonly words: string }> {
  const action = ACTIONS.find(name);
  if (action === null) throw new Error(`no ${name}`);
  const request = {
    input: action.input.parse(input),
    connection:
      stated === null
        ? null
        : {
            id: "c",
            connection: Connection.parse(stated),
            secret: (reference: string) =>
              reference === "env:STORE"
                ? store.url
                : `secret-of-${reference.slice(4).toLowerCase()}`,
          },
    idempotencyKey: "key-1",
    correlation: { run: "RUN-4", step: "a/b/c", incident: "INC-2" },
    timeoutMs: timeoutMs ?? action.timeoutMs,
    now: instant(1_780_000_000_000),
  } as unknown as ActionRequest<never>;
  const planned =
    purpose === "run"
      ? action.plan(request)
      : purpose === "undo"
        ? action.undo?.(request)
        : action.dryRun?.(request);
  if (planned == null) throw new Error(`no ${purpose} of ${name}`);
  if ("words" in planned) return planned;
  const reply = await hands.perform(planned as Exclude<Effect, { via: "own" }>);
  return action.read(reply, request);
}

const http = (more: object = {}) => ({ type: "http", url: `${base}/api`, ...more });

describe("http.request", () => {
  test("stays below the connection's address, with its headers and our marks", async () => {
    const connection = http({ headers: { authorization: "env:TOKEN" } });
    const input = {
      path: "/tables/{table}/rows",
      params: { table: "a/../b?x" },
      query: { q: "1&2" },
    };
    expect(await perform("http.request@1", input, connection)).toMatchObject({ kind: "done" });
    expect(got.at(-1)).toMatchObject({
      method: "GET",
      url: "/api/tables/a%2F..%2Fb%3Fx/rows?q=1%262",
      headers: {
        authorization: "secret-of-token",
        "idempotency-key": "key-1",
        "tocsin-run": "RUN-4",
        "tocsin-incident": "INC-2",
      },
    });
  });

  for (const path of [
    "../secret",
    "//evil.example/x",
    "http://evil.example/",
    "\\\\evil.example/x",
    "%2e%2e/x",
  ])
    test(`“${path}” leads nowhere else`, async () => {
      const tried = perform("http.request@1", { path }, http());
      if (path.startsWith("//")) {
        await tried;
        expect(got.at(-1)?.url).toMatch(/^\/api\//);
      } else await expect(tried).rejects.toThrow(/leads out of/);
    });

  test("uses only allowed methods, and a part of a path is never “..”", async () => {
    const input = { method: "DELETE", path: "x" };
    await expect(perform("http.request@1", input, http())).rejects.toThrow(/does not allow DELETE/);
    const dots = { path: "{a}/x", params: { a: ".." } };
    await expect(perform("http.request@1", dots, http())).rejects.toThrow(/no part of a path/);
  });

  test("another status is a failure that says which", async () => {
    expect(await perform("http.request@1", { path: "teapot" }, http())).toMatchObject({
      kind: "failed",
      learned: "the other side answered 418",
    });
    const expected = { path: "teapot", expectStatus: 418 };
    expect(await perform("http.request@1", expected, http())).toMatchObject({ kind: "done" });
  });

  test("an address that is not public is not reached unless it is permitted", async () => {
    const guarded = handsOf(
      { transport: realTransport({ smtpUrl: null, guard: addressGuard([]) }) } as unknown as World,
      REAL_WAYS,
    );
    const outbound = {
      via: "http",
      method: "GET",
      url: base,
      headers: {},
      body: null,
      timeoutMs: 1_000,
    } as const;
    const reply = await guarded.perform({ via: "http", outbound });
    expect(reply).toMatchObject({ via: "http", reply: { kind: "error", reached: "no" } });
  });
});

describe("SQL", () => {
  const warehouse = { type: "postgres", url: "env:STORE" };
  const ask = (statement: string, values: unknown[] = []) =>
    perform("sql.query@1", { statement, values }, warehouse);

  test("rows come back, and values go in as parameters", async () => {
    expect(await ask("select id from thing where bad = $1", [true])).toMatchObject({
      kind: "done",
      output: { rows: [{ id: 1 }], more: false },
    });
    const hostile = "'; drop table thing; --";
    expect(await ask("select $1::text as said", [hostile])).toMatchObject({
      output: { rows: [{ said: hostile }] },
    });
  });

  for (const [promise, statement, learned] of [
    [
      "a change in a CTE",
      "with gone as (delete from thing returning id) select * from gone",
      /refuses|may only read/,
    ],
    ["two statements", "select 1; drop table thing", /refuses/],
    ["a way out of the brackets", "select 1) as x; drop table thing; --", /refuses/],
    ["a function that writes", "select nextval('s') from (select 1) q", /refuses|may only read/],
    [
      "the setting itself",
      "select set_config('transaction_read_only', 'off', false)",
      /refuses|1 row/,
    ],
  ] as const)
    test(`${promise} changes nothing`, async () => {
      expect(await ask(statement)).toMatchObject({ learned: expect.stringMatching(learned) });
      expect(await ask("select count(*)::int as n from thing")).toMatchObject({
        output: { rows: [{ n: 3 }] },
      });
    });

  test("what does not begin as a look is refused before it is sent", async () => {
    await expect(() =>
      perform("sql.query@1", { statement: "drop table thing" }, warehouse),
    ).rejects.toThrow();
  });

  test("a statement that takes too long is ended", async () => {
    const slow = { ...warehouse, statementTimeoutSeconds: 1 };
    const statement = "select pg_sleep(20)";
    expect(await perform("sql.query@1", { statement }, slow)).toMatchObject({
      kind: "failed",
      learned: "the statement took longer than it may",
    });
  });

  for (const [expect_, statement, kind] of [
    ["zero", "select count(*) from thing where id > 3", "done"],
    ["zero", "select count(*) from thing", "failed"],
    ["none", "select id from thing where id > 3", "done"],
    ["some", "select id from thing", "done"],
    ["true", "select bool_and(bad) from thing", "failed"],
  ] as const)
    test(`“${expect_}” of “${statement}” is ${kind}`, async () => {
      const input = { statement, expect: expect_ };
      expect(await perform("sql.assert@1", input, warehouse)).toMatchObject({ kind });
    });

  test("a store that is away never shows its address", async () => {
    const effect = {
      via: "sql",
      url: "postgres://me:hunter2@127.0.0.1:1/x",
      statement: "select 1",
      values: [],
      timeoutMs: 1_000,
    } as const;
    expect(JSON.stringify(await hands.perform(effect))).not.toMatch(/hunter2|:1\//);
  });
});

test("a webhook is signed over its time and body", async () => {
  const stated = { type: "webhook", url: `${base}/hook`, secret: "env:HOOK" };
  await perform("webhook.send@1", { event: "jobs.pause", data: { all: true } }, stated);
  const { headers, body } = got.at(-1)!;
  const [, seconds = "", signature] =
    /t=(\d+),v1=(\w+)/.exec(String(headers["tocsin-signature"])) ?? [];
  expect(signature).toBe(hmacSha256("secret-of-hook", `${seconds}.${body}`).toString("hex"));
  expect(JSON.parse(body)).toMatchObject({ type: "jobs.pause", idempotencyKey: "key-1" });
});

describe("a server that does not do its part", () => {
  const over: readonly (readonly [name: string, input: object, stated: (url: string) => object])[] =
    [
      ["http.request@1", {}, (url) => ({ type: "http", url })],
      ["webhook.send@1", { event: "a.b" }, (url) => ({ type: "webhook", url, secret: "env:H" })],
      [
        "github.dispatch@1",
        { workflow: "rollback.yml" },
        (url) => ({
          type: "github",
          url,
          repository: "acme/shop",
          workflows: ["rollback.yml"],
          token: "env:G",
        }),
      ],
      ["gitlab.pipeline@1", {}, (url) => ({ type: "gitlab", url, project: "a/b", token: "env:G" })],
      ["flag.read@1", { flag: "f" }, (url) => ({ type: "flags", url })],
      ["flag.set@1", { flag: "f", on: true }, (url) => ({ type: "flags", url })],
    ];
  for (const [name, input, stated] of over) {
    test(`${name}: an answer of 500 has failed and says so`, async () => {
      expect(await perform(name, { ...input }, stated(`${base}/broken`))).toMatchObject({
        kind: "failed",
        learned: "the other side answered 500",
      });
    });
    test(`${name}: nobody who listens is a failure; nothing happened`, async () => {
      const done = await perform(name, { ...input }, stated("http://127.0.0.1:1"));
      expect(done).toMatchObject({ kind: "failed" });
    });
    test(`${name}: a reply that is lost may have happened`, async () => {
      expect(await perform(name, { ...input }, stated(`${base}/cut`))).toMatchObject({
        kind: "unknown",
        learned: expect.stringContaining("it may have happened"),
      });
    });
    test(`${name}: an answer that does not come in time may have happened`, async () => {
      const done = await perform(name, { ...input }, stated(`${base}/slow`), "run", 300);
      expect(done).toMatchObject({ kind: "unknown" });
    });
  }

  test("every action that goes over HTTP is among them", () => {
    const http = ["http", "webhook", "github", "gitlab", "flags"];
    expect(over.map(([name]) => name).toSorted()).toEqual(
      ACTIONS.all
        .filter(({ connection }) => connection !== null && http.includes(connection))
        .map(actionId)
        .toSorted(),
    );
  });
});

describe("code hosts and flags", () => {
  const github = {
    type: "github",
    repository: "acme/shop",
    workflows: ["rollback.yml"],
    token: "env:GH",
  };
  test("a workflow is started as GitHub wants it", async () => {
    const input = { workflow: "rollback.yml", ref: "main", inputs: { version: 41 } };
    expect(await perform("github.dispatch@1", input, { ...github, url: base })).toMatchObject({
      kind: "done",
    });
    expect(JSON.parse(got.at(-1)!.body)).toEqual({ ref: "main", inputs: { version: "41" } });
    expect(got.at(-1)?.headers["x-github-api-version"]).toBe("2022-11-28");
  });
  test("only workflows that the connection names", async () => {
    const input = { workflow: "deploy.yml" };
    await expect(perform("github.dispatch@1", input, { ...github, url: base })).rejects.toThrow(
      /does not allow the workflow/,
    );
  });
  test("a pipeline is started as GitLab wants it", async () => {
    const stated = { type: "gitlab", url: base, project: "data/backfill", token: "env:GL" };
    const input = { variables: { DAY: "2026-11-25" } };
    expect(await perform("gitlab.pipeline@1", input, stated)).toMatchObject({ kind: "done" });
    expect(JSON.parse(got.at(-1)!.body)).toEqual({
      ref: "main",
      variables: [{ key: "DAY", value: "2026-11-25" }],
    });
  });
  test("a flag is looked at in a dry run, set, and taken back", async () => {
    const stated = { type: "flags", url: base };
    const input = { flag: "old-provider", on: true };
    await perform("flag.set@1", input, stated, "dry run");
    expect(got.at(-1)?.url).toBe("/ofrep/v1/evaluate/flags/old-provider");
    expect(await perform("flag.set@1", input, stated)).toMatchObject({ kind: "done" });
    await perform("flag.set@1", input, stated, "undo");
    expect(JSON.parse(got.at(-1)!.body)).toEqual({ state: "DISABLED" });
  });
});

describe("command.run", () => {
  test("starts the program with just its arguments, through no shell", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tocsin-command-"));
    const file = join(folder, "flag");
    const args = ["-e", `require("fs").writeFileSync(process.argv[1], "a; touch b $(id)")`, file];
    const stated = { type: "command", program: process.execPath, args };
    expect(await perform("command.run@1", {}, stated)).toMatchObject({
      kind: "done",
      output: { exitCode: 0 },
    });
    expect(await readFile(file, "utf8")).toBe("a; touch b $(id)");
    await rm(folder, { recursive: true });
  });
  test("a runbook can add no argument", () => {
    expect(ACTIONS.find("command.run@1")?.input.safeParse({ args: ["x"] }).success).toBe(false);
  });
  test("knows nothing of the server's environment", async () => {
    process.env["TOCSIN_ADMIN_TOKEN_OF_TEST"] = "hunter2";
    const ended = await runProgram({
      program: process.execPath,
      args: ["-e", "console.log(JSON.stringify(process.env))"],
      timeoutMs: 10_000,
    });
    expect(JSON.stringify(ended)).not.toContain("hunter2");
  });
  test("one that does not end is ended, and one that floods is cut", async () => {
    const late = ["-e", "setInterval(() => {}, 1000)"];
    expect(
      await runProgram({ program: process.execPath, args: late, timeoutMs: 1_500 }),
    ).toMatchObject({
      kind: "error",
      started: true,
    });
    const flood = ["-e", "process.stdout.write('x'.repeat(1e6))"];
    const ended = await runProgram({ program: process.execPath, args: flood, timeoutMs: 10_000 });
    expect(ended.kind === "ended" && ended.stdout.length).toBe(64 * 1024 + 1);
  });
});
