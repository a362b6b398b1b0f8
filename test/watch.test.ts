/** The watcher as a process of its own, with a server that can be silenced and a phone that remembers. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const BIN = new URL("../bin/tocsin-watch", import.meta.url).pathname;
const SECRET = "what only the two of them know";
const servers: Server[] = [];
const children: ChildProcess[] = [];
const folder = await mkdtemp(join(tmpdir(), "tocsin-watch-"));
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
  await rm(folder, { recursive: true, force: true });
});

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

async function serve(answer: Answer): Promise<number> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => answer(request, response, Buffer.concat(chunks).toString()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

const sign = (text: string): string => createHmac("sha256", SECRET).update(text).digest("hex");

/** Resolves as soon as it holds; looked at whenever something has happened. */
const waiting: (() => void)[] = [];
const happened = (): void => waiting.splice(0).forEach((look) => look());
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => waiting.push(resolve));
}

test("pages once when the server falls silent, also over a kill -9, and tells when it is well again, marked when that may be a second time", async () => {
  const phone: { title: string; message: string; priority: number }[] = [];
  let isMute = false;
  const phonePort = await serve((_, response, body) => {
    phone.push(JSON.parse(body) as (typeof phone)[number]);
    if (!isMute) response.end(JSON.stringify({ id: `m${phone.length}` }));
    happened();
  });
  // A port that is free now.
  const hookPort = await serve(() => undefined);
  servers.pop()?.close();

  let isWell = true;
  let asked = 0;
  let pressed = 0;
  const port = await serve((request, response) => {
    const url = new URL(request.url ?? "/", "http://x");
    asked += 1;
    happened();
    if (url.pathname === "/a/link") pressed += 1;
    if (!isWell) return response.writeHead(503).end();
    if (url.pathname === "/a/link") return response.end("<p>Yours</p>");
    if (url.pathname === "/v1/pulse") {
      const at = new Date().toISOString();
      const signature = sign(`${url.searchParams.get("nonce")}.${at}.12`);
      return response.end(JSON.stringify({ at, engineAgeMs: 12, signature }));
    }
    const record = {
      id: "0199c0de-0000-7000-8000-000000000000",
      drill: "watch",
      service: "tocsin",
      incident: "INC-7",
      outcome: "running",
      because: "started by a token",
      startedAt: new Date().toISOString(),
      endedAt: null,
      acknowledgedBy: null,
      pages: [],
    };
    response.writeHead(201).end(JSON.stringify(record));
    const body = JSON.stringify({
      subjectId: "INC-7",
      actions: [
        { verb: "acknowledge", label: "Acknowledge", url: "https://elsewhere.example/a/link" },
      ],
    });
    const seconds = Math.floor(Date.now() / 1_000);
    const headers = { "tocsin-signature": `t=${seconds},v1=${sign(`${seconds}.${body}`)}` };
    void fetch(`http://127.0.0.1:${hookPort}/`, { method: "POST", headers, body }).catch(
      () => undefined,
    );
    return undefined;
  });

  const file = join(folder, "watch.yaml");
  await writeFile(
    file,
    `server: http://127.0.0.1:${port}
secret: env:WATCH
every: PT1S
patience: PT3S
roundTrip: { drill: watch, token: env:WATCH, webhook: env:WATCH, port: ${hookPort}, every: PT1S, patience: PT30S }
page: [{ channel: { type: ntfy, url: "http://127.0.0.1:${phonePort}" }, address: ops }]
state: ${join(folder, "state.json")}
`,
  );
  const start = (): ChildProcess => {
    const env = { ...process.env, WATCH: SECRET, TOCSIN_ALLOW_PRIVATE: `127.0.0.1:${phonePort}` };
    const child = spawn(BIN, [file], { env, stdio: "inherit" });
    children.push(child);
    return child;
  };
  const first = start();
  await until(() => pressed >= 1);
  expect(phone).toEqual([]);
  isWell = false;
  await until(() => phone.length === 1);
  expect(phone[0]).toMatchObject({
    title: expect.stringContaining("does not answer"),
    priority: 5,
  });
  // Its next look begins after the phone's answer was written down.
  const paged = asked;
  await until(() => asked >= paged + 2);
  first.kill("SIGKILL");
  await once(first, "exit");
  const before = asked;
  const second = start();
  // It has concluded several times by then.
  await until(() => asked >= before + 6);
  expect(phone).toHaveLength(1);
  // It dies between the phone's having it and the phone's yes: what may be a second copy says so.
  isMute = true;
  isWell = true;
  await until(() => phone.length === 2);
  second.kill("SIGKILL");
  await once(second, "exit");
  isMute = false;
  const third = start();
  await until(() => phone.length === 3);
  const told = { title: expect.stringContaining("well again"), priority: 3 };
  expect(phone.slice(1)).toMatchObject([told, told]);
  const isMarked = phone.map(({ message }) =>
    message.includes("You may have received this before"),
  );
  expect(isMarked).toEqual([false, false, true]);
  third.kill("SIGTERM");
  expect(await once(third, "exit")).toEqual([0, null]);
}, 60_000);

test("says in one line what is wrong with its file, and ends with 2", async () => {
  const file = join(folder, "bad.yaml");
  await writeFile(file, "server: http://127.0.0.1:1\nsecret: written-out\npage: []\n");
  const child = spawn(BIN, [file], { stdio: ["ignore", "ignore", "pipe"] });
  let told = "";
  child.stderr?.on("data", (chunk: Buffer) => (told += chunk.toString()));
  expect(await once(child, "exit")).toEqual([2, null]);
  expect(told).toMatch(/^tocsin: .*bad\.yaml cannot be used: secret: .*\n$/);
});
