/**
 * Round trips of pages: a drill that the watcher starts, and whose page comes back to it. Only the page of the drill
 * that it waits for proves anything: one that was caught and is played again says nothing of the server as it is now.
 */
import { z } from "zod";
import { type DrillRecord, startDrill } from "../../../../contract/drill.ts";
import { hmacSha256, sameBytes } from "../../../base/crypto.ts";
import { durationMs } from "../../../base/duration.ts";
import { addMs, type Instant, MINUTE, SECOND, toIso } from "../../../base/instant.ts";
import type { HttpOutbound, Reply } from "../../../base/transport.ts";
import { type LineName, type WatchState, wasWell, wentWrong } from "./judge.ts";
import type { WatchFile } from "./settings.ts";

/** Older ones are not even looked at. */
const SIGNED_WITHIN_MS = 5 * MINUTE;

/** What round trips need of a watcher. */
export type Tripper = {
  readonly file: WatchFile;
  readonly secret: (reference: string) => string;
  readonly send: (outbound: HttpOutbound) => Promise<Reply>;
  /** Changes what is known; resolves when it is on the disk. */
  readonly change: (how: (state: WatchState) => WatchState) => Promise<void>;
  readonly print: (line: string) => void;
};

type Trip = NonNullable<WatchFile["roundTrip"]>;

export type RoundTrips = {
  /** Starts the next one when it is due, and gives up waiting for the last. */
  look(): Promise<void>;
  /** A page that came, with the header of its signature: false when it is none. */
  take(body: string, header: string): Promise<boolean>;
};

/** `problem` null: it was well. */
export const note = (
  { change }: Pick<Tripper, "change">,
  name: LineName,
  problem: string | null,
  at: Instant,
): Promise<void> =>
  change((state) =>
    problem === null ? wasWell(state, name, at) : wentWrong(state, name, problem),
  );

export function roundTrips(watcher: Tripper, trip: Trip, now: () => Instant): RoundTrips {
  const { print } = watcher;
  let expecting: { readonly incident: string; readonly until: Instant } | null = null;
  let nextAt = now();
  /** A page may be faster than the answer that says of which drill it is. */
  let beginning: Promise<unknown> = Promise.resolve();
  const told = (problem: string | null): Promise<void> =>
    note(watcher, "round trip", problem, now());

  async function begin(): Promise<void> {
    const begun = await beginTrip(watcher, trip);
    if (typeof begun === "string") return told(begun);
    if (begun === null) print(`${toIso(now())} the last drill has not ended yet`);
    else expecting = { incident: begun.incident, until: addMs(now(), durationMs(trip.patience)) };
  }

  return {
    async look() {
      if (expecting !== null && now() > expecting.until) {
        const { incident } = expecting;
        expecting = null;
        await told(`the page of ${incident} did not come in time`);
      }
      if (now() < nextAt) return;
      nextAt = addMs(now(), durationMs(trip.every));
      beginning = begin();
      await beginning;
    },
    async take(body, header) {
      const page = readPage(watcher, trip, { body, header, now: now() });
      if (typeof page === "string") {
        await told(page);
        return false;
      }
      await beginning.catch(() => undefined);
      const isExpected = expecting !== null && expecting.incident === page.incident;
      // Also of one that nobody waits for any more: its drill ends, so that the next one can begin.
      const problem = await press(watcher, page.path);
      if (!isExpected) {
        print(
          `${toIso(now())} a page of ${page.incident} came, which proves nothing: it is late, or one that came before`,
        );
        return true;
      }
      if (problem === null && expecting?.incident === page.incident) expecting = null;
      await told(problem);
      return problem === null;
    },
  };
}

/** The drill that was started; null: one still runs; a text: what went wrong. */
async function beginTrip(
  { file, secret, send }: Tripper,
  trip: Trip,
): Promise<DrillRecord | string | null> {
  const url = new URL(startDrill.path.replace(":id", trip.drill), file.server).href;
  const headers = {
    authorization: `Bearer ${secret(trip.token)}`,
    "content-type": "application/json",
  };
  const reply = await send({
    via: "http",
    method: "POST",
    url,
    headers,
    body: "{}",
    timeoutMs: 10 * SECOND,
  });
  if (reply.kind !== "http") return reply.kind === "error" ? reply.because : "no HTTP";
  if (reply.status === 409) return null;
  const read = startDrill.reply.safeParse(jsonOf(reply.body));
  return read.success ? read.data : `starting the drill was answered by ${reply.status}`;
}

const Page = z.object({
  subjectId: z.string(),
  actions: z.array(z.object({ verb: z.string(), url: z.string() }).loose()),
});

/** A page of the server's webhook channel: of which incident it is, and where its button leads. */
function readPage(
  { secret }: Tripper,
  trip: Trip,
  { body, header, now }: { readonly body: string; readonly header: string; readonly now: Instant },
): { readonly incident: string; readonly path: string } | string {
  const [, seconds = "", signature = ""] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  const expected = hmacSha256(secret(trip.webhook), `${seconds}.${body}`);
  if (!sameBytes(expected, Buffer.from(signature, "hex")))
    return "a page with another signature came";
  if (Math.abs(now - Number(seconds) * SECOND) > SIGNED_WITHIN_MS)
    return "a page came that is old, or signed by a clock that differs from this one's";
  const read = Page.safeParse(jsonOf(body));
  const link = read.success
    ? read.data.actions.find(({ verb }) => verb === "acknowledge")
    : undefined;
  const path = link === undefined ? null : URL.parse(link.url)?.pathname;
  return read.success && path != null
    ? { incident: read.data.subjectId, path }
    : "the page has no button";
}

/** Answers a page, as whoever is paged would; null: it was taken. */
async function press({ file, send }: Tripper, path: string): Promise<string | null> {
  const reply = await send({
    via: "http",
    method: "POST",
    url: new URL(path, file.server).href,
    headers: {},
    body: null,
    timeoutMs: 10 * SECOND,
  });
  if (reply.kind === "error") return `the button could not be pressed: ${reply.because}`;
  return reply.kind === "http" && reply.status < 400 ? null : "the button was refused";
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
