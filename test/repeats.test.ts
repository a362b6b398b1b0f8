/** Repeats of a real process that is killed before it wrote them: the alert stays, and goes on. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Alert } from "../contract/alert.ts";
import { isLong } from "./long.ts";
import { freePort, type RunningServer, startServer, until } from "./running.ts";

const ACME = new URL("../examples/acme", import.meta.url).pathname;
if (!isLong)
  console.log("repeats: that nothing expires after the start is seen by npm run test:long");

/** Shorter ones are written at once; longer than the time that the kill and the start take. */
const LIFE_MS = 30_000;
/** Twice the time after which repeats are written. */
const GRACE_MS = 10_000;

test(
  "kill -9 with unwritten repeats loses a count, not the alert",
  { timeout: 180_000 },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), "tocsin-repeats-"));
    const port = await freePort();
    const up = (): Promise<RunningServer> => startServer({ data: join(directory, "data"), port });
    let server = await up();
    try {
      await server.apply(ACME);
      const startsAt = new Date().toISOString();
      let endsAt = 0;
      const send = async (): Promise<void> => {
        endsAt = Date.now() + LIFE_MS;
        const alert = {
          labels: { alertname: "Repeated", severity: "warning" },
          startsAt,
          endsAt: new Date(endsAt).toISOString(),
        };
        expect((await server.post("/api/v2/alerts", [alert], "acme-checkout")).status).toBe(200);
      };
      const alerts = async (): Promise<readonly Alert[]> =>
        (await server.list<Alert>("/v1/alerts")).filter((alert) => alert.dedupKey.length === 64);
      await send();
      const storedEnd = endsAt;
      for (let times = 0; times < 5; times++) await send();
      expect(await alerts()).toMatchObject([{ count: 1 }]);
      await until(alerts, ([alert]) => alert?.count === 6, 15_000);
      await send();
      await server.end("SIGKILL");
      server = await up();
      expect(await alerts()).toMatchObject([{ status: "firing", count: 6 }]);
      if (isLong) {
        await new Promise((wake) => setTimeout(wake, storedEnd + 2 * GRACE_MS - Date.now()));
        expect(await alerts()).toMatchObject([{ status: "firing", count: 6 }]);
      }
      await send();
      expect(await alerts()).toMatchObject([{ status: "firing", count: 7 }]);
    } finally {
      await server.end("SIGTERM");
      await rm(directory, { recursive: true, force: true });
    }
  },
);
