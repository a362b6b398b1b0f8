/** Ctrl-C: an orderly stop, also when it comes while the server is still starting. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freePort } from "./running.ts";

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
