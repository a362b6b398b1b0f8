/** One node: HTTP, the engine and its nudges over one world, started and stopped in the right order. */
import type { Server } from "node:https";
import type { FastifyInstance } from "fastify";
import type { AnchoredClock } from "../base/clock.ts";
import type { Instant } from "../base/instant.ts";
import { errorFields } from "../base/log.ts";
import type { MailListener } from "../base/mailListener.ts";
import { openNudges } from "../base/nudges.ts";
import { MAX_SKEW_MS, sleepReal, within } from "../base/clock.ts";
import type { BoundRoute } from "../base/routes.ts";
import { openSession } from "../base/session.ts";
import type { World } from "../base/world.ts";
import type { Actor } from "../domain/account/account.ts";
import { actorOfSession, actorOfToken } from "../domain/account/commands.ts";
import { changesOver } from "../domain/alert/changes.ts";
import { notListening } from "../base/listening.ts";
import { type Engine, startEngine } from "../engine/engine.ts";
import type { AskAs } from "./drawnPage.ts";
import { type Identify, httpServer } from "./http.ts";
import { type Live, openLive } from "./live.ts";
import { deviceRoutes } from "./devices.ts";
import { metrics } from "./metrics.ts";
import { pageRoutes } from "./pages.ts";
import { sessionCookie } from "./cookies.ts";
import { mustBeOwnSite } from "./ownSite.ts";
import { type Peers, peers } from "./peers.ts";
import { providerOf } from "./newPeople.ts";
import type { ProviderSettings } from "./provider.ts";
import { readTls, renewTls, type TlsPaths } from "../base/tls.ts";
import { presentedKey } from "./keys.ts";
import { refusalPage } from "./refusalPage.ts";
import type { Tracing } from "./tracing.ts";
import { watchOwnErrors } from "./selfWatch.ts";
import { systemRoutes } from "./system.ts";
import { webPages } from "./web.ts";
import { type Wiring, wire } from "./wiring.ts";

export type NodeOptions = {
  readonly databaseUrl: string;
  readonly host: string;
  readonly port: number;
  /** Accepted as an administrator's: from the environment, and the one that the data directory keeps. */
  readonly adminTokens: readonly string[];
  readonly trustProxy: boolean;
  /** Certificate and key, to speak TLS itself. */
  readonly tls?: TlsPaths | null;
  /** Where people may sign in besides. */
  readonly provider?: ProviderSettings | null;
  /** Whether mail can go out; the readiness check asks. */
  readonly mailServer: boolean;
  /** Where alerts may come by mail; absent or null: nowhere. */
  readonly mailPort?: number | null;
  /** Routes that only this kind of node has, such as the demo's mailbox. */
  readonly extraRoutes?: readonly BoundRoute<Actor>[];
  /** Where traces go, by OTLP over HTTP; none are made without. */
  readonly traces?: string | null;
};

export type Node = {
  readonly address: string;
  /** The port of alerts by mail, where it listens. */
  readonly mailPort: number | null;
  readonly wiring: Wiring;
  /** Stops taking requests, waits for what is under way, then ends the engine. */
  stop(): Promise<void>;
};

const ANCHOR_EVERY_MS = 10_000;
/** With the five seconds of requests before, and a store that ends behind it, less than half a minute. */
const FINISHED_WITHIN_MS = 15_000;

/** Starts a node. `world` comes without a nudge, which only a running node has. */
export async function startNode(
  bare: Omit<World, "nudge" | "clock"> & { readonly clock: AnchoredClock },
  options: NodeOptions,
): Promise<Node> {
  // Before anything is opened: what fails here has nothing to close.
  const tls = options.tls == null ? null : await readTls(options.tls);
  await bare.clock.anchor(bare.db);
  const others = peers();
  await others.look(bare.db);
  let engine: Engine | null = null;
  let live: Live | null = null;
  const nudged = (): void => {
    engine?.nudge();
    live?.nudge();
  };
  const nudges = openNudges(options.databaseUrl, bare.log, nudged);
  const world: World = {
    ...bare,
    isUnderstood: others.areEqual,
    nudge() {
      nudged();
      nudges.send();
    },
  };
  const measured = metrics();
  const tracing = await tracingOf(world, options.traces ?? null);
  const skewMs = (): number => bare.clock.skewMs();
  let lastTickAt: Instant | null = null;
  const session = openSession(options.databaseUrl, "tocsin changes");
  const wiring = wire(world, {
    readChanges: changesOver(session),
    watch: tracing === null ? measured : { ...measured, received: tracing.received },
    ...(tracing === null ? {} : { onOpened: tracing.opened }),
    mayHurry: () => engine !== null && Math.abs(skewMs()) <= MAX_SKEW_MS,
    node: { mailServer: options.mailServer, engine: () => ({ lastTickAt, skewMs: skewMs() }) },
  });
  const identify = identifier(world, wiring, options.adminTokens);
  live = openLive(world, identify);
  const provider = providerOf(wiring, options.provider ?? null);
  const routes = [
    ...wiring.routes,
    ...live.routes,
    ...pageRoutes(world, wiring.config, {
      mailServer: options.mailServer,
      provider,
    }),
    ...deviceRoutes(world),
    ...(options.extraRoutes ?? []),
  ];
  const server: FastifyInstance = await httpServer(
    world,
    [
      ...routes,
      ...systemRoutes(world, wiring, {
        metrics: measured,
        skewMs,
        lastTickAt: () => lastTickAt,
        others: routes,
      }),
      ...webPages({
        publicUrl: world.publicUrl,
        provider,
        ask: askAs(() => server),
        placeFor: live.placeFor,
        log: world.log,
      }),
    ],
    {
      trustProxy: options.trustProxy,
      tls,
      identify,
      refusalPage,
      onAnswered(request) {
        measured.request(request);
        tracing?.request(request);
      },
    },
  );
  const mailDoor = await openDoors(server, world, wiring, options).catch(async (error: unknown) => {
    await live?.stop();
    await server.close();
    await nudges.stop();
    await session.stop();
    throw error;
  });
  engine = startEngine(
    world,
    wiring.steps,
    {
      latenessMs: measured.engineLateness,
      ticked() {
        lastTickAt = world.clock.now();
        measured.engineTick();
      },
      failed: measured.engineFailure,
    },
    skewMs,
  );
  const anchoring = keepAnchored(world, bare.clock, others);
  const renewing =
    tls === null ? null : renewTls(server.server as unknown as Server, tls, world.log);
  const selfWatch = watchOwnErrors(world, wiring.config, measured.totals);
  return {
    address: addressOf(server),
    mailPort: mailDoor?.port ?? null,
    wiring,
    async stop() {
      await mailDoor?.stop();
      await live?.stop();
      await server.close();
      await finished(world, async () => {
        await wiring.desk.drain();
        await engine?.stop();
        await wiring.drain();
      });
      await anchoring.stop();
      await renewing?.stop();
      await selfWatch.stop();
      await nudges.stop();
      await session.stop();
      await tracing?.stop();
    },
  };
}

/**
 * What is under way gets a while to end. What needs longer is left as a kill would leave it: its rows say what another
 * node, or the next start, goes on with.
 */
async function finished({ log }: World, drain: () => Promise<void>): Promise<void> {
  const draining = drain();
  draining.catch(() => undefined);
  await within(FINISHED_WITHIN_MS, draining, "it took too long").catch((error: unknown) =>
    log.warn("a stop left something that was under way", errorFields(error)),
  );
}

/** Asks the very routes that a browser would ask, with its session: they say who it is and what it may read. */
const askAs =
  (server: () => FastifyInstance): AskAs =>
  async (address, { headers, address: remoteAddress }) => {
    const { cookie = "" } = headers;
    const accept = "application/json";
    const reply = await server().inject({
      url: address,
      remoteAddress,
      headers: { cookie, accept },
    });
    return reply.statusCode === 200 ? reply.payload : null;
  };

/** The SDK is loaded only where traces are wanted: it would cost every start and memory at rest. */
async function tracingOf(world: World, url: string | null): Promise<Tracing | null> {
  if (url === null) return null;
  const { openTracing } = await import("./tracing.ts");
  return openTracing({ url, db: world.db, log: world.log, now: () => world.clock.now() });
}

async function openDoors(
  server: FastifyInstance,
  world: World,
  wiring: Wiring,
  options: NodeOptions,
): Promise<MailListener | null> {
  await listen(server, options);
  return openDoorForMail(world, wiring, options);
}

/** Its libraries are loaded only where mail is wanted. */
async function openDoorForMail(
  world: World,
  wiring: Wiring,
  { host, mailPort }: NodeOptions,
): Promise<MailListener | null> {
  if (mailPort === undefined || mailPort === null) return null;
  const { openMailDoor } = await import("./mailDoor.ts");
  return openMailDoor(world, wiring.door, { host, port: mailPort });
}

async function listen(server: FastifyInstance, { host, port }: NodeOptions): Promise<void> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    throw notListening(error, { host, port, setting: "TOCSIN_PORT" });
  }
}

function addressOf(server: FastifyInstance): string {
  const address = server.server.address();
  if (address === null || typeof address === "string") return String(address);
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `${server.initialConfig.https === undefined ? "http" : "https"}://${host}:${address.port}`;
}

/** Asks the database every few seconds for the time, so that a stepped clock is noticed, and who else is there. */
function keepAnchored(
  world: World,
  clock: AnchoredClock,
  others: Peers,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const loop = async (): Promise<void> => {
    for (;;) {
      await sleepReal(ANCHOR_EVERY_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      await clock
        .anchor(world.db)
        .catch((error: unknown) => world.log.warn("no time from the store", errorFields(error)));
      await others
        .look(world.db)
        .catch((error: unknown) => world.log.warn("no word of other nodes", errorFields(error)));
    }
  };
  const running = loop();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** A bearer token, or the session cookie; a cookie counts for changes only from our own pages. */
function identifier(world: World, wiring: Wiring, adminTokens: readonly string[]): Identify {
  return async (request): Promise<Actor | null> => {
    const now = world.clock.now();
    const token = presentedKey(request.headers as Record<string, string | undefined>);
    if (token !== null)
      return actorOfToken(world.db, await wiring.config(world.db), adminTokens, token, now);
    const cookie = sessionCookie(world.publicUrl, request.headers);
    if (cookie === null) return null;
    if (request.method !== "GET") mustBeOwnSite(world.publicUrl, request);
    return actorOfSession(world.db, await wiring.config(world.db), cookie, now);
  };
}
