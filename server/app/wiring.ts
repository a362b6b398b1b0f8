/**
 * All wiring: which steps the engine has and in which order, which routes there are, which channel is
 * driven by what. The server and the simulation build their nodes from here, so they run the same code.
 */
import { WEB_PUSH } from "../../contract/notification.ts";
import type { Queryable, Tx } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { addMs, type Instant } from "../base/instant.ts";
import type { BoundRoute } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import { type Actor, actorRef, allow, markOf, may } from "../domain/account/account.ts";
import { accountRoutes } from "../domain/account/routes.ts";
import type { ReadChanges } from "../domain/alert/changes.ts";
import {
  type Arrival,
  intakeDesk,
  type IntakeDesk,
  type OpenedAlert,
} from "../domain/alert/intake.ts";
import type { Flushed } from "../domain/alert/flush.ts";
import { alertRoutes } from "../domain/alert/routes.ts";
import { setAsideRoutes } from "../domain/alert/setAsideRoutes.ts";
import { silenceRoutes } from "../domain/alert/silenceRoutes.ts";
import { commsRoutes } from "../domain/comms/routes.ts";
import type { ConfigTools } from "../domain/config/commands.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { configRoutes } from "../domain/config/routes.ts";
import { snapshotReader } from "../domain/config/store.ts";
import { changeRoutes } from "../domain/deployment/routes.ts";
import { incidentChangeRoutes } from "../domain/incident/changeRoutes.ts";
import { presenceRoutes } from "../domain/incident/presence.ts";
import { relatedRoutes } from "../domain/incident/relatedRoutes.ts";
import { incidentRoutes } from "../domain/incident/routes.ts";
import type { ChannelDriver, ChannelSettings } from "../domain/notification/channel.ts";
import { actionItemMarks } from "../domain/postmortem/actionItemClocks.ts";
import { ensureDraft } from "../domain/postmortem/commands.ts";
import { postmortemRoutes } from "../domain/postmortem/routes.ts";
import { notificationRoutes } from "../domain/notification/routes.ts";
import { endWhatWas } from "./leaving.ts";
import { countsFrom } from "../domain/oncall/effective.ts";
import { finalShifts } from "../domain/oncall/oncall.ts";
import { checkEscalations } from "../domain/escalation/check.ts";
import { checkSchedules } from "../domain/oncall/check.ts";
import { feedRoutes } from "../domain/oncall/feedRoutes.ts";
import { openHolidays } from "../domain/oncall/holidays.ts";
import { leaveFeedRoutes } from "../domain/oncall/leaveFeedRoutes.ts";
import { leaveRoutes } from "../domain/oncall/leaveRoutes.ts";
import { loadRoutes } from "../domain/oncall/loadRoutes.ts";
import { oncallRoutes } from "../domain/oncall/routes.ts";
import { keptWithout } from "../domain/oncall/keptOverrides.ts";
import { listOverrides } from "../domain/oncall/store.ts";
import { swapRoutes } from "../domain/oncall/swapRoutes.ts";
import { policyRoutes } from "../domain/policy/routes.ts";
import { insightRoutes } from "../domain/report/insights.ts";
import { auditRoutes } from "../domain/report/audit.ts";
import { overviewRoutes } from "../domain/report/overview.ts";
import { addressRoutes } from "../domain/report/addressRoutes.ts";
import { ownLanguageRoutes } from "./ownLanguage.ts";
import { proofRoutes } from "../domain/report/proofRoutes.ts";
import { type NodeFacts, readinessRoutes } from "../domain/report/routes.ts";
import { searchRoutes } from "../domain/report/search.ts";
import { openLookups } from "./lookups.ts";
import { routingRoutes } from "./routing.ts";
import { alertmanagerAlertRoutes } from "./alertmanagerAlerts.ts";
import { alertmanagerSilenceRoutes } from "./alertmanagerSilences.ts";
import { runbookRoutes, type RunbookTools } from "../domain/runbook/routes.ts";
import { openDrawer } from "../domain/runbook/safePages.ts";
import { runbookMarks } from "../domain/runbook/marks.ts";
import { runRoutes } from "../domain/runbook/runRoutes.ts";
import { ACTIONS } from "../edge/actions/index.ts";
import { channelDrivers } from "../edge/outbound/index.ts";
import { attendStep, expireStep } from "../engine/attend.ts";
import { clocksStep } from "../engine/clocks.ts";
import { conditionsStep } from "../engine/conditions.ts";
import { prometheusQuery } from "../edge/inbound/prometheusQuery.ts";
import { basisText, findBasis } from "../domain/signal/basis.ts";
import { indicatorRoutes } from "../domain/signal/indicatorRoutes.ts";
import { mappingProblems } from "../domain/signal/mapping.ts";
import { watchRulesReader } from "../domain/signal/watch.ts";
import { measurementRoutes } from "./measurements.ts";
import type { Channels } from "../engine/claims.ts";
import { deliverStep, type DeliverWatch } from "../engine/deliver.ts";
import { readingRoutes } from "../domain/runbook/reading/routes.ts";
import { openReader, type RunbookReader } from "../domain/runbook/reading/safely.ts";
import { askedStep } from "../engine/asked.ts";
import { departuresStep } from "../engine/departures.ts";
import { digestsStep } from "../engine/digests.ts";
import { actionsStep } from "../engine/actions.ts";
import type { Step } from "../engine/engine.ts";
import { escalateStep } from "../engine/escalate.ts";
import { runsStep } from "../engine/runs.ts";
import { branchesStep } from "../engine/branches.ts";
import { attendingNews } from "../engine/news.ts";
import { GATHERED_MS } from "../engine/replies.ts";
import { sourcesStep } from "../engine/sources.ts";
import { fetchWith, handsOf, REAL_WAYS, type Ways } from "./hands.ts";
import { incidentsStep } from "../engine/incidents.ts";
import { spoolingDesk, STORM_LIMITS, type StormLimits } from "../domain/alert/spool.ts";
import { stormStep } from "../engine/storm.ts";
import { silencesStep } from "../engine/silences.ts";
import { checkCalm } from "../domain/alert/check.ts";
import { checkMaintenance } from "../domain/silence/check.ts";
import { repeatsStep } from "../engine/repeats.ts";
import { feedsStep } from "../engine/feeds.ts";
import { leaveFeedsStep } from "../engine/leaveFeeds.ts";
import { drillsStep } from "../engine/drills.ts";
import { checkDrills } from "../domain/incident/drill.ts";
import { drillRoutes } from "../domain/incident/drillRoutes.ts";
import { handoffsStep } from "../engine/handoffs.ts";
import { swapsStep } from "../engine/swaps.ts";
import { shiftNoteRoutes } from "../domain/report/shiftNoteRoutes.ts";
import { heartbeatsStep } from "../engine/heartbeats.ts";
import { checkHeartbeats } from "../domain/signal/heartbeat.ts";
import { openListening } from "../domain/signal/listening.ts";
import { heartbeatRoutes } from "./heartbeats.ts";
import { indicatorsStep } from "../engine/indicators.ts";
import { calendarFeed } from "../edge/inbound/calendarFeed.ts";
import { taxii } from "../edge/inbound/intelligence/taxii.ts";
import { receiptsStep } from "../engine/receipts.ts";
import { reachStep } from "../engine/reach.ts";
import { reconcileStep } from "../engine/reconcile.ts";
import { ledgerStep, partitionStep, purgeStep } from "../engine/upkeep.ts";
import { checkAddresses, checkFallbacks } from "./addressCheck.ts";
import { foreignIntakeRoutes } from "./foreignIntake.ts";
import type { ConfigCache } from "./configCache.ts";
import { pushChannel } from "./pushChannel.ts";
import { decideWith, intakeRoutes, ruleSets } from "./intake.ts";
import { sourceWebhookRoutes } from "./sourceWebhook.ts";
import { type IntakeDoor, intakeDoor } from "./intakeDoor.ts";
import { intakeToolRoutes } from "./intakeTools.ts";

export type Wiring = {
  readonly routes: readonly BoundRoute<Actor>[];
  /** In the order of the tick: facts become incidents, incidents page, pages are sent. */
  readonly steps: readonly Step[];
  readonly desk: IntakeDesk;
  readonly door: IntakeDoor;
  /** Waits until everything that was started outside of a tick has been recorded. */
  drain(): Promise<void>;
  readonly config: (tx: Queryable) => Promise<Snapshot>;
  /** What changes of configuration are judged with. */
  readonly tools: ConfigTools;
};

export type WiringOptions = {
  readonly watch: DeliverWatch;
  /** What other nodes did to alerts; a planted fault may keep it back. */
  readonly readChanges: ReadChanges;
  /** Told of every alert that opened, after its commit. */
  readonly onOpened?: (alert: OpenedAlert) => void;
  /** What the process knows of itself; a simulation has no engine loop, and its transport takes mail. */
  readonly node?: NodeFacts;
  /** Reads documents in threads that can be stopped, unless a simulation reads them itself. */
  readonly reader?: RunbookReader;
  /** Whether doubts whether people can be reached are told; where a process runs, unless said otherwise. */
  readonly tellsDoubts?: boolean;
  /** How actions of runbooks get out; the real ways unless a simulation gives its own. */
  readonly ways?: Ways;
  /** From when on it storms. */
  readonly storm?: StormLimits;
  /** Whether alerts may be attended beside the ticks now; a simulation has ticks alone. */
  readonly mayHurry?: () => boolean;
};

export function wire(world: World, options: WiringOptions): Wiring {
  const cache = configCache(world);
  const config = cache.readWith;
  const rulesOf = ruleSets();
  const decide = decideWith(cache, rulesOf);
  const { onOpened, readChanges } = options;
  const parts = { world, config };
  const { mayHurry } = options;
  const gathersMs = mayHurry === undefined ? 0 : GATHERED_MS;
  const deliver = deliverStep(parts, channelsOf(world), options.watch, gathersMs);
  const attend = attendStep(parts, deliver);
  const news = mayHurry === undefined ? null : attendingNews(world, attend, mayHurry);
  const bareDesk = intakeDesk({ world, decide, readChanges }, news?.come ?? world.nudge);
  const desk = onOpened === undefined ? bareDesk : toldOf(world, bareDesk, onOpened);
  const spool = spoolingDesk(world, desk, options.storm ?? STORM_LIMITS);
  const lookups = openLookups(world);
  const door = intakeDoor(world, cache, spool, lookups);
  const holidays = openHolidays();
  const reader = options.reader ?? openReader();
  const drawer = openDrawer();
  const ways = options.ways ?? REAL_WAYS;
  const actions = actionsStep(parts, ACTIONS, handsOf(world, ways));
  const runbooks: RunbookTools = {
    actions: ACTIONS,
    read: (path, bytes) => reader.read(path, bytes),
    draw: (document, bytes) => drawer.draw(document, bytes),
  };
  const sources = sourcesStep(parts, { ...runbooks, fetch: fetchWith(world, ways) });
  const tools = configTools(world, rulesOf);
  const branches = branchesStep(parts, ways.push);
  const conditions = conditionsStep(parts, desk, prometheusQuery);
  const listening = openListening(world, options.node !== undefined);
  const feeds = feedsStep(parts, taxii);
  const leaveFeeds = leaveFeedsStep(parts, calendarFeed);
  const storm = stormStep(parts, spool);
  const escalate = escalateStep(parts);
  const ledger = ledgerStep(parts, escalate.isCrowded);
  const steps: readonly Step[] = [
    conditions,
    heartbeatsStep(parts, desk, listening),
    repeatsStep(parts, desk),
    expireStep(parts),
    silencesStep(parts),
    storm,
    news?.behind(attend) ?? attend,
    incidentsStep(parts, ensureDraft),
    departuresStep(parts),
    askedStep(parts),
    drillsStep(parts),
    escalate,
    clocksStep(parts, { ...actionItemMarks, ...runbookMarks }),
    swapsStep(parts),
    handoffsStep(parts),
    digestsStep(parts),
    receiptsStep(parts),
    // Pages do not wait for runbooks; what those tell leaves with the next tick, which follows at once.
    deliver,
    sources,
    branches,
    runsStep(parts, ACTIONS),
    actions,
    feeds,
    leaveFeeds,
    indicatorsStep(parts),
    reachStep(parts, {
      mailServer: options.node?.mailServer ?? true,
      tellsDoubts: options.tellsDoubts ?? options.node !== undefined,
    }),
    reconcileStep(parts),
    ledger,
    partitionStep(parts),
    purgeStep(parts),
  ];
  return {
    routes: [
      ...intakeRoutes(door),
      ...foreignIntakeRoutes(world, door),
      ...intakeToolRoutes(world, cache, door),
      ...measurementRoutes(world, cache),
      ...routingRoutes(world, { config, rulesOf, lookups }),
      ...accountRoutes(world, config),
      ...configRoutes(tools, {
        authorOf(actor: Actor) {
          allow(actor, "config.write", null);
          return { ref: actorRef(actor), mark: markOf(actor) };
        },
        mayWrite: (actor: Actor) => may(actor, "config.write", null),
      }),
      ...alertRoutes(world, config),
      ...silenceRoutes(world, config),
      ...setAsideRoutes(world, spool),
      ...alertmanagerAlertRoutes(world, config),
      ...alertmanagerSilenceRoutes(world, config),
      ...incidentRoutes(world, config),
      ...runbookRoutes(world, config, runbooks),
      ...sourceWebhookRoutes(world, config),
      ...runRoutes(world, config, runbooks),
      ...changeRoutes(world, config),
      ...indicatorRoutes(world),
      ...heartbeatRoutes({ world, config, listening }),
      ...incidentChangeRoutes(world, config),
      ...relatedRoutes(world, config),
      ...presenceRoutes(world),
      ...drillRoutes(world, config),
      ...shiftNoteRoutes(world, config),
      ...commsRoutes(world, config),
      ...postmortemRoutes(world, config),
      ...notificationRoutes(world),
      ...addressRoutes(world, config),
      ...ownLanguageRoutes(tools, config),
      ...policyRoutes(world, config),
      ...proofRoutes(world),
      ...readingRoutes(reader),
      ...readinessRoutes(world, config, options.node ?? { mailServer: true, engine: () => null }),
      ...oncallRoutes(world, config),
      ...feedRoutes(world, config),
      ...swapRoutes(world, config),
      ...loadRoutes(world, config, holidays),
      ...leaveRoutes(world, config, holidays),
      ...leaveFeedRoutes(world, config),
      ...overviewRoutes(world, config),
      ...searchRoutes(world, config),
      ...insightRoutes(world, config),
      ...auditRoutes(world, config),
    ],
    steps,
    desk: spool,
    door,
    async drain() {
      await escalate.drain();
      await spool.drain();
      await storm.drain();
      await ledger.drain();
      await news?.drain();
      // None of these waits for another: a calendar that takes long costs no page its receipt.
      await Promise.all(
        [deliver, conditions, feeds, leaveFeeds, sources, branches, actions].map((step) =>
          step.drain(),
        ),
      );
      await reader.close();
      await drawer.close();
    },
    config,
    tools,
  };
}

type Result = Flushed | Refusal;

/** A desk that tells of every alert it opened. */
function toldOf(
  world: World,
  desk: IntakeDesk,
  onOpened: (alert: OpenedAlert) => void,
): IntakeDesk {
  const tell = (arrivals: readonly Arrival[], results: readonly Result[], arrivedAt: Instant) => {
    const committedAt = world.clock.now();
    results.forEach((result, position) => {
      if (result instanceof Refusal || result.what !== "opened" || result.alertId === null) return;
      const { adapter, serviceId } = arrivals[position]!;
      onOpened({ alertId: result.alertId, adapter, serviceId, arrivedAt, committedAt });
    });
    return results;
  };
  return {
    ...desk,
    async accept(arrivals, isLoud) {
      const arrivedAt = world.clock.now();
      return tell(arrivals, await desk.accept(arrivals, isLoud), arrivedAt);
    },
    async acceptSpooled(spooled) {
      const arrivedAt = world.clock.now();
      let taken: readonly Arrival[] = [];
      const take = async (tx: Tx) => (taken = await spooled.take(tx));
      const results = await desk.acceptSpooled({ ...spooled, take });
      return tell(taken, results, arrivedAt);
    },
  };
}

type Cache = ConfigCache & { readonly readWith: (tx: Queryable) => Promise<Snapshot> };

function configCache(world: World): Cache {
  const reader = snapshotReader();
  let known: Snapshot | null = null;
  let based: { readonly config: Snapshot; readonly basis: string } | null = null;
  const readWith = async (tx: Queryable): Promise<Snapshot> => (known = await reader(tx));
  return {
    known: () => known,
    read: () => readWith(world.db),
    readWith,
    async based(anew) {
      if (based === null || anew || known !== based.config) {
        const { epoch } = await findBasis(world.db);
        const config = await readWith(world.db);
        based = { config, basis: basisText({ version: config.version, epoch }) };
      }
      return based;
    },
  };
}

/** A device, or a channel that is configured, with its driver and the secrets that its references name. */
function channelsOf(world: World): Channels {
  const pushes = pushChannel(world);
  return async (config, tx, { channelId, address }) => {
    if (channelId === WEB_PUSH) return pushes(tx, address);
    const channel = config.get("channels", channelId)?.body;
    // Nobody can take away a channel that a contact names: whom it is for is reached by another one by now.
    if (channel === undefined)
      return { fault: `channel ${channelId} is not configured any more`, isGone: true };
    const secrets: Record<string, string> = {};
    for (const [field, value] of Object.entries(channel)) {
      if (typeof value !== "string" || !value.startsWith("env:")) continue;
      const secret = world.secret(value);
      if (secret === null)
        return {
          fault: `${value.slice("env:".length)} is not set, which channel ${channelId} needs`,
        };
      secrets[field] = secret;
    }
    const settings: ChannelSettings = {
      channel,
      secrets,
      productName: "Tocsin",
      publicUrl: world.publicUrl,
    };
    const driver: ChannelDriver = channelDrivers[channel.type];
    return { driver, settings };
  };
}

function configTools(world: World, rulesOf: ReturnType<typeof ruleSets>): ConfigTools {
  const watchRulesOf = watchRulesReader();
  return {
    world,
    checkObjects: (snapshot) => [
      ...rulesOf(snapshot).findings.map((finding) => ({
        kind: "rules" as const,
        id: finding.ruleId,
        path: "when",
        message: finding.text,
      })),
      ...watchRulesOf(snapshot).findings.map((finding) => ({
        kind: "rules" as const,
        id: finding.ruleId,
        path: "condition",
        message: finding.text,
      })),
      ...snapshot.all("keys").flatMap(({ id, body }) =>
        mappingProblems(body.mapping ?? { title: "''" }).map(({ field, problem }) => ({
          kind: "keys" as const,
          id,
          path: `mapping.${field}`,
          message: problem,
        })),
      ),
      ...checkAddresses(snapshot),
      ...checkHeartbeats(snapshot),
      ...checkDrills(snapshot),
      ...checkFallbacks(snapshot),
      ...checkSchedules(snapshot),
      ...checkEscalations(snapshot),
      ...checkMaintenance(snapshot),
      ...checkCalm(snapshot),
    ],
    async onCallSpans(tx, snapshot, from, to, only) {
      // Whoever leaves is on call no more by an override either; who took a shift of theirs keeps it.
      const hasLeft = (person: string): boolean => snapshot.get("people", person) === null;
      const listed = await listOverrides(tx, null, addMs(from, -1), to);
      const overrides = keptWithout(listed, hasLeft, from).map(({ row, ...kept }) => ({
        ...row,
        ...kept,
      }));
      const schedules = snapshot.all("schedules").filter(({ id }) => (only ?? id) === id);
      return schedules.flatMap((schedule) =>
        finalShifts(
          snapshot.versionsOf(schedule),
          overrides
            .filter((row) => row.scheduleId === schedule.id)
            .map((row) => ({ ...row, person: row.personId })),
          from,
          to,
        ).map((span) => ({
          schedule: schedule.id,
          people: span.person === null ? [] : [span.person, ...span.others],
          startsAt: span.startsAt,
          endsAt: span.endsAt,
        })),
      );
    },
    countsFrom,
    endWhatWas: (tx, change, now) => endWhatWas(tx, world, change, now),
  };
}
