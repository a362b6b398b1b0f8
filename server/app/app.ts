/** One node: HTTP, the engine and its nudges over one world, started and stopped in the right order. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AnchoredClock } from "../base/clock.ts";
import { errorFields } from "../base/log.ts";
import { openNudges } from "../base/nudges.ts";
import { sleepReal } from "../base/clock.ts";
import type { World } from "../base/world.ts";
import type { Actor } from "../domain/account/account.ts";
import { actorOfSession, actorOfToken } from "../domain/account/commands.ts";
import { Refusal } from "../base/errors.ts";
import { type Engine, startEngine } from "../engine/engine.ts";
import { type Identify, httpServer } from "./http.ts";
import { metrics } from "./metrics.ts";
import { SESSION_COOKIES, pageRoutes } from "./pages.ts";
import { presentedKey } from "./keys.ts";
import { systemRoutes } from "./system.ts";
import { type Wiring, wire } from "./wiring.ts";

export type NodeOptions = {
  readonly databaseUrl: string;
  readonly host: string;
  readonly port: number;
  /** Accepted as an administrator's: from the environment, and the one that the data directory keeps. */
  readonly adminTokens: readonly string[];
  readonly trustProxy: boolean;
};

export type Node = {
  readonly address: string;
  readonly wiring: Wiring;
  /** Stops taking requests, waits for what is under way, then ends the engine. */
  stop(): Promise<void>;
};

const ANCHOR_EVERY_MS = 10_000;

/** Starts a node. `world` comes without a nudge, which only a running node has. */
export async function startNode(
  bare: Omit<World, "nudge" | "clock"> & { readonly clock: AnchoredClock },
  options: NodeOptions,
): Promise<Node> {
  let engine: Engine | null = null;
  const nudges = openNudges(options.databaseUrl, bare.log, () => engine?.nudge());
  const world: World = {
    ...bare,
    nudge() {
      engine?.nudge();
      nudges.send();
    },
  };
  await bare.clock.anchor(world.db);
  const measured = metrics();
  const wiring = wire(world, { watch: measured });
  const skewMs = (): number => bare.clock.skewMs();
  const server = await httpServer(
    world,
    [
      ...wiring.routes,
      ...pageRoutes(world, wiring.config),
      ...systemRoutes(world, wiring, { metrics: measured, skewMs }),
    ],
    { trustProxy: options.trustProxy, identify: identifier(world, wiring, options.adminTokens), metrics: measured },
  );
  await server.listen({ host: options.host, port: options.port });
  engine = startEngine(
    world,
    wiring.steps,
    { latenessMs: measured.engineLateness, ticked: measured.engineTick, failed: measured.engineFailure },
    skewMs,
  );
  const anchoring = keepAnchored(world, bare.clock);
  return {
    address: addressOf(server),
    wiring,
    async stop() {
      await server.close();
      await wiring.desk.drain();
      await engine?.stop();
      await wiring.deliver.drain();
      await anchoring.stop();
      await nudges.stop();
    },
  };
}

function addressOf(server: FastifyInstance): string {
  const address = server.server.address();
  if (address === null || typeof address === "string") return String(address);
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

/** Asks the database for the time every few seconds, so that a stepped clock is noticed. */
function keepAnchored(world: World, clock: AnchoredClock): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const loop = async (): Promise<void> => {
    for (;;) {
      await sleepReal(ANCHOR_EVERY_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      await clock.anchor(world.db).catch((error: unknown) => world.log.warn("no time from the store", errorFields(error)));
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
    if (token !== null) return actorOfToken(world.db, await wiring.config(world.db), adminTokens, token, now);
    const cookie = sessionCookie(request);
    if (cookie === null) return null;
    if (request.method !== "GET") mustBeOwnSite(world, request);
    return actorOfSession(world.db, await wiring.config(world.db), cookie, now);
  };
}

function sessionCookie(request: FastifyRequest): string | null {
  for (const part of (request.headers.cookie ?? "").split(";")) {
    const [name, value] = part.trim().split("=", 2);
    if (name !== undefined && SESSION_COOKIES.includes(name) && value !== undefined) return value;
  }
  return null;
}

/** Browsers say where a request comes from; one that came from elsewhere changes nothing. */
function mustBeOwnSite(world: World, request: FastifyRequest): void {
  const site = request.headers["sec-fetch-site"];
  if (site === "same-origin" || site === "none") return;
  const origin = request.headers.origin;
  if (origin !== undefined && (origin === new URL(world.publicUrl).origin || origin === `http://${request.headers.host}`)) return;
  throw new Refusal("access.cross_site");
}
