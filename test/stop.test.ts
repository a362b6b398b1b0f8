/** Ctrl-C: an orderly stop, also when it comes while the server is still starting. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { refusalStatus } from "../contract/refusals.ts";
import { longTest } from "./long.ts";
import { ADMIN_TOKEN, freePort, startServer } from "./running.ts";

const BIN = new URL("../bin/tocsin", import.meta.url).pathname;

for (const [promise, heard] of [
  ["a Ctrl-C during the start ends everything that was started", "schema"],
  ["a Ctrl-C at the moment of readiness does too", "Ctrl-C stops it"],
] as const) {
  test(promise, async () => {
    const data = await mkdtemp(join(tmpdir(), "tocsin-stop-"));
    const env = { ...process.env, TOCSIN_DATA: data, TOCSIN_PORT: String(await freePort()) };
    const child = spawn(BIN, ["up"], { env, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      const before = output.includes(heard);
      output += chunk.toString();
      if (!before && output.includes(heard)) child.kill("SIGINT");
    });
    const [code] = (await once(child, "exit")) as [number | null];
    expect(code, output).toBe(0);
    expect(output).toContain("Stopping");
    expect(existsSync(join(data, "postgres", "postmaster.pid"))).toBe(false);
    expect(existsSync(join(data, "tocsin.lock"))).toBe(false);
    await rm(data, { recursive: true, force: true });
  });
}

const BUSY = refusalStatus("calendar.busy");
longTest("calendars that wait to be read hold up no stop", 60_000, async () => {
  const data = await mkdtemp(join(tmpdir(), "tocsin-stop-"));
  const server = await startServer({ data, port: await freePort() });
  const put = (kind: string, body: object): Promise<Response> =>
    fetch(`${server.address}/v1/config/${kind}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  await put("people/ann", { name: "Ann", email: "ann@acme.example", contacts: [] });
  const layers = [{ name: "A", people: ["ann"], every: "week", startsOn: "2024-01-01" }];
  await put("schedules/one", { name: "One", timezone: "UTC", layers });
  const never = `BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:1
SUMMARY:Ann
DTSTART:20260228T080000Z
DURATION:PT1H
RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30
END:VEVENT
END:VCALENDAR
`;
  const calendar = never.replaceAll("\n", "\r\n");
  // One more than may wait is turned away: by then the others are in line.
  const turnedAway = Promise.withResolvers<void>();
  const answers = Array.from({ length: 6 }, () =>
    server
      .post("/v1/schedules/one/calendar", { calendar })
      .then(({ status }) => void (status === BUSY && turnedAway.resolve()))
      .catch(() => undefined),
  );
  await turnedAway.promise;
  const began = Date.now();
  await server.end("SIGTERM");
  expect(Date.now() - began).toBeLessThan(30_000);
  await Promise.all(answers);
  await rm(data, { recursive: true, force: true });
});
