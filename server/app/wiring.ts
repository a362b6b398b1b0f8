/**
 * All wiring: which steps the engine has and in which order, which routes there are, which channel is
 * driven by what. The server and the simulation build their nodes from here, so they run the same code.
 */
import type { Queryable } from "../base/db.ts";
import { addMs } from "../base/instant.ts";
import type { BoundRoute } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import { type Actor, actorRef, allow, markOf, may } from "../domain/account/account.ts";
import { accountRoutes } from "../domain/account/routes.ts";
import { intakeDesk, type IntakeDesk } from "../domain/alert/intake.ts";
import { alertRoutes } from "../domain/alert/routes.ts";
import { commsRoutes } from "../domain/comms/routes.ts";
import type { ConfigTools } from "../domain/config/commands.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { configRoutes } from "../domain/config/routes.ts";
import { snapshotReader } from "../domain/config/store.ts";
import { incidentRoutes } from "../domain/incident/routes.ts";
import type { ChannelDriver, ChannelSettings } from "../domain/notification/channel.ts";
import { notificationRoutes } from "../domain/notification/routes.ts";
import { finalShifts } from "../domain/oncall/oncall.ts";
import { listOverrides } from "../domain/oncall/store.ts";
import { channelDrivers } from "../edge/outbound/index.ts";
import { attendStep, expireStep } from "../engine/attend.ts";
import { clocksStep } from "../engine/clocks.ts";
import { type Channels, type Deliver, deliverStep, type DeliverWatch } from "../engine/deliver.ts";
import type { Step } from "../engine/engine.ts";
import { escalateStep } from "../engine/escalate.ts";
import { incidentsStep } from "../engine/incidents.ts";
import { ledgerStep, partitionStep } from "../engine/upkeep.ts";
import { type ConfigCache, decideWith, intakeRoutes, ruleSets } from "./intake.ts";

export type Wiring = {
  readonly routes: readonly BoundRoute<Actor>[];
  /** In the order of the tick: facts become incidents, incidents page, pages are sent. */
  readonly steps: readonly Step[];
  readonly desk: IntakeDesk;
  readonly deliver: Deliver;
  readonly config: (tx: Queryable) => Promise<Snapshot>;
};

export type WiringOptions = { readonly watch: DeliverWatch };

export function wire(world: World, options: WiringOptions): Wiring {
  const cache = configCache(world);
  const config = cache.readWith;
  const rulesOf = ruleSets();
  const desk = intakeDesk(world, decideWith(cache, rulesOf), world.nudge);
  const parts = { world, config };
  const deliver = deliverStep(parts, channelsOf(world, config), options.watch);
  const steps: readonly Step[] = [
    expireStep(parts),
    attendStep(parts),
    incidentsStep(parts, async () => undefined),
    escalateStep(parts),
    clocksStep(parts, { actionItem: async () => undefined, team: async () => undefined }),
    deliver,
    ledgerStep(parts),
    partitionStep(parts),
  ];
  return {
    routes: [
      ...intakeRoutes(world, cache, desk),
      ...accountRoutes(world, config),
      ...configRoutes(configTools(world, rulesOf), {
        authorOf(actor: Actor) {
          allow(actor, "config.write", null);
          return { ref: actorRef(actor), mark: markOf(actor) };
        },
        mayWrite: (actor: Actor) => may(actor, "config.write", null),
      }),
      ...alertRoutes(world, config),
      ...incidentRoutes(world, config),
      ...commsRoutes(world, config),
      ...notificationRoutes(world),
    ],
    steps,
    desk,
    deliver,
    config,
  };
}

type Cache = ConfigCache & { readonly readWith: (tx: Queryable) => Promise<Snapshot> };

function configCache(world: World): Cache {
  const reader = snapshotReader();
  let known: Snapshot | null = null;
  const readWith = async (tx: Queryable): Promise<Snapshot> => (known = await reader(tx));
  return {
    known: () => known,
    read: () => readWith(world.db),
    readWith,
    async within(client) {
      const reply = await client.query<{ version: number }>({
        name: "config-version",
        text: "select version from config_version",
      });
      if (known !== null && reply.rows[0]?.version === known.version) return known;
      return readWith(world.db);
    },
  };
}

/** A channel that is configured, with its driver and the secrets that its references name. */
function channelsOf(world: World, config: (tx: Queryable) => Promise<Snapshot>): Channels {
  return async (channelId) => {
    const channel = (await config(world.db)).get("channels", channelId)?.body;
    if (channel === undefined) return { fault: `channel ${channelId} is not configured` };
    const secrets: Record<string, string> = {};
    for (const [field, value] of Object.entries(channel)) {
      if (!value.startsWith("env:")) continue;
      const secret = world.secret(value);
      if (secret === null) return { fault: `${value.slice("env:".length)} is not set, which channel ${channelId} needs` };
      secrets[field] = secret;
    }
    const settings: ChannelSettings = { channel, secrets, productName: "Tocsin", publicUrl: world.publicUrl };
    const driver: ChannelDriver = channelDrivers[channel.type];
    return { driver, settings };
  };
}

function configTools(world: World, rulesOf: ReturnType<typeof ruleSets>): ConfigTools {
  return {
    world,
    checkRules: (snapshot) =>
      rulesOf(snapshot).findings.map((finding) => ({ id: finding.ruleId, path: "when", message: finding.text })),
    async onCallSpans(tx, snapshot, from, to) {
      const overrides = await listOverrides(tx, null, addMs(from, -1), to);
      return snapshot.all("schedules").flatMap((schedule) =>
        finalShifts(
          schedule.body,
          overrides.filter((row) => row.scheduleId === schedule.id).map((row) => ({ ...row, person: row.personId })),
          from,
          to,
        ).map((span) => ({
          schedule: schedule.id,
          person: span.person,
          startsAt: span.startsAt,
          endsAt: span.endsAt,
        })),
      );
    },
  };
}

