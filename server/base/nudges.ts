/**
 * Nudges between nodes over LISTEN/NOTIFY on one connection of their own. NOTIFY takes a global lock at
 * commit, so hot transactions never send one: nudges of a node are coalesced and carry nothing. A lost
 * nudge costs the engine's cap, never a page.
 */
import pg from "pg";
import { sleepReal } from "./clock.ts";
import { errorFields, type Log } from "./log.ts";

const CHANNEL = "tocsin_nudge";
const COALESCE_MS = 20;
const RECONNECT_MS = 500;

/** Of its process in PostgreSQL; the types of the client do not name it. */
const idOf = (client: pg.Client): number | null =>
  (client as unknown as { readonly processID: number | null }).processID;

export type Nudges = {
  /** Tells the other nodes, soon; never waits and never fails. */
  send(): void;
  stop(): Promise<void>;
};

/** Listens until stopped, connecting again whenever the connection is lost. */
export function openNudges(url: string, log: Log, onNudge: () => void): Nudges {
  const stopping = new AbortController();
  let client: pg.Client | null = null;
  let wanted = false;

  const listen = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const fresh = new pg.Client({
        connectionString: url,
        application_name: "tocsin nudges",
        keepAlive: true,
      });
      const ended = new Promise<void>((resolve) => {
        fresh.on("end", () => resolve());
        fresh.on("error", () => resolve());
      });
      // What this node sent itself it has been told already.
      fresh.on("notification", ({ processId }) => void (processId === idOf(fresh) || onNudge()));
      try {
        await fresh.connect();
        await fresh.query(`listen ${CHANNEL}`);
        client = fresh;
        onNudge();
        const leave = (): void => void fresh.end().catch(() => undefined);
        // Who stops while this connects, as where the address is taken, has been heard already.
        if (stopping.signal.aborted) leave();
        else stopping.signal.addEventListener("abort", leave, { once: true });
        await ended;
      } catch (error) {
        log.warn("nudges interrupted", errorFields(error));
        await fresh.end().catch(() => undefined);
      }
      client = null;
      await sleepReal(RECONNECT_MS, stopping.signal);
    }
  };
  const running = listen();

  return {
    send() {
      if (wanted) return;
      wanted = true;
      void sleepReal(COALESCE_MS, stopping.signal).then(async () => {
        wanted = false;
        await client?.query(`notify ${CHANNEL}`).catch(() => undefined);
      });
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
