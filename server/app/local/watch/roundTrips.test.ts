import { expect, test } from "vitest";
import { hmacSha256 } from "../../../base/crypto.ts";
import { addMs, type Instant, instant, MINUTE, SECOND, toIso } from "../../../base/instant.ts";
import type { HttpOutbound, Reply } from "../../../base/transport.ts";
import { FRESH, type WatchState } from "./judge.ts";
import { roundTrips } from "./roundTrips.ts";
import type { WatchFile } from "./settings.ts";

const trip = {
  drill: "watch",
  token: "env:WATCH",
  webhook: "env:WATCH",
  host: "127.0.0.1",
  port: 4480,
  every: "PT15M",
  patience: "PT3M",
};
const file: WatchFile = {
  server: "http://tocsin.example",
  secret: "env:WATCH",
  every: "PT30S",
  patience: "PT2M",
  roundTrip: trip,
  page: [],
  state: "state.json",
};

const START = instant(1_800_000_000_000);

/** A watcher at a server whose drills are INC-1, INC-2, … */
function stage() {
  let state: WatchState = FRESH;
  let now = START;
  let drills = 0;
  const pressed: string[] = [];
  let answering = Promise.resolve();
  const send = async ({ url }: HttpOutbound): Promise<Reply> => {
    const { pathname } = new URL(url);
    const said = (status: number, body: string): Reply => ({
      kind: "http",
      status,
      headers: {},
      body,
    });
    if (pathname.startsWith("/a/")) {
      pressed.push(pathname);
      return said(200, "");
    }
    drills += 1;
    const record = {
      id: "0199c0de-0000-7000-8000-000000000000",
      drill: "watch",
      service: "watch",
      incident: `INC-${drills}`,
      outcome: "running",
      because: "started by a token",
      startedAt: toIso(now),
      endedAt: null,
      acknowledgedBy: null,
      pages: [],
    };
    await answering;
    return said(201, JSON.stringify(record));
  };
  const change = (how: (before: WatchState) => WatchState): Promise<void> => {
    state = how(state);
    return Promise.resolve();
  };
  const printed: string[] = [];
  const print = (line: string): void => void printed.push(line);
  const trips = roundTrips(
    { file, secret: () => "known to two", send, change, print },
    trip,
    () => now,
  );
  return {
    trips,
    pressed,
    printed,
    line: () => state.lines["round trip"],
    forward: (ms: number): Instant => (now = addMs(now, ms)),
    answersAfter: (work: Promise<void>) => void (answering = work),
    page(incident: string) {
      const seconds = Math.floor(now / SECOND);
      const body = JSON.stringify({
        subjectId: incident,
        actions: [{ verb: "acknowledge", url: `https://elsewhere.example/a/${incident}` }],
      });
      const signature = hmacSha256("known to two", `${seconds}.${body}`).toString("hex");
      return [body, `t=${seconds},v1=${signature}`] as const;
    },
  };
}

test("a page that comes again proves nothing, however fresh its signature is", async () => {
  const { trips, line, forward, page, pressed, printed } = stage();
  await trips.look();
  const caught = page("INC-1");
  expect(await trips.take(...caught)).toBe(true);
  expect(line()).toEqual({ okAt: START, because: null });
  forward(4 * MINUTE);
  expect(await trips.take(...caught)).toBe(true);
  expect(line().okAt).toBe(START);
  expect(printed.at(-1)).toContain("a page of INC-1 came, which proves nothing");
  expect(pressed).toHaveLength(2);
});

test("a page of the last drill does not stand for that of this one, which is missed", async () => {
  const { trips, line, forward, page } = stage();
  await trips.look();
  await trips.take(...page("INC-1"));
  forward(15 * MINUTE);
  await trips.look();
  await trips.take(...page("INC-1"));
  expect(line().okAt).toBe(START);
  forward(3 * MINUTE + 1);
  await trips.look();
  expect(line()).toEqual({ okAt: START, because: "the page of INC-2 did not come in time" });
  // Late is late, and its drill ends all the same.
  expect(await trips.take(...page("INC-2"))).toBe(true);
  expect(line().okAt).toBe(START);
});

test("a page that is faster than the answer to its drill counts", async () => {
  const { trips, line, page, answersAfter } = stage();
  const { promise, resolve } = Promise.withResolvers<void>();
  answersAfter(promise);
  const looking = trips.look();
  const taken = trips.take(...page("INC-1"));
  resolve();
  await looking;
  expect(await taken).toBe(true);
  expect(line()).toEqual({ okAt: START, because: null });
});

test("a page that is signed by another, or long ago, is none", async () => {
  const { trips, line, forward, page } = stage();
  await trips.look();
  const [body, header] = page("INC-1");
  expect(await trips.take(`${body} `, header)).toBe(false);
  expect(line()).toEqual({ okAt: null, because: "a page with another signature came" });
  forward(5 * MINUTE + SECOND);
  expect(await trips.take(body, header)).toBe(false);
  expect(line().because).toContain("old");
});
