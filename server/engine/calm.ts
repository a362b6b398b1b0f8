/**
 * Lets alerts wait that a rule would declare: finds what is in force and what their group has seen, asks
 * the pure rules, writes down what waits and why. What is left may speak.
 */
import { createHash } from "node:crypto";
import { incidentId } from "../../contract/ids.ts";
import { addMs } from "../base/instant.ts";
import type { AlertRow } from "../domain/alert/alert.ts";
import { type CalmFacts, type GroupFacts, holdOf } from "../domain/alert/calm.ts";
import type { Hold } from "../domain/alert/hold.ts";
import { countFirings, findGroup, listFiringWith, saveHolds } from "../domain/alert/holdStore.ts";
import { inhibitorsOf, mayBeInhibited, sourceEqualities } from "../domain/alert/inhibition.ts";
import { type Command, urgencyOf } from "../domain/incident/commands.ts";
import { teamsOf } from "../domain/incident/declare.ts";
import { type Incident, isOpen } from "../domain/incident/incident.ts";
import type { Home } from "../domain/incident/waiting.ts";
import { calmTerms, NO_TERMS } from "../domain/signal/waiting.ts";
import { inForce, mutesOf, type SilenceRow } from "../domain/silence/silence.ts";
import { keepSilences, listLiveSilences, saveHits } from "../domain/silence/store.ts";

type Held = { readonly alert: AlertRow; readonly hold: Hold };

/** Alerts that fire and inhibit others: more are not looked at. */
const SOURCES_MAX = 5_000;

/** How the holds of a group call it; its values may be long, and its name must fit an index. */
export const groupRef = (home: Home): string => {
  const parts = JSON.stringify([home.groupKey ?? home.serviceId]);
  return `group:${home.ruleId}:${createHash("sha256").update(parts).digest("hex").slice(0, 24)}`;
};

/** What may hold alerts of any home back, asked when it is needed and once for a transaction. */
export type Calm = {
  mutes(): Promise<CalmFacts["mutes"]>;
  inhibitors(): Promise<CalmFacts["inhibitors"]>;
};
type Calming = Command & { readonly calm: Calm };

/** `live`: the silences, where they have been read already. */
export function calmOf({ tx, config, now }: Command, live?: readonly SilenceRow[]): Calm {
  let mutes: ReturnType<Calm["mutes"]> | null = null;
  let inhibitors: ReturnType<Calm["inhibitors"]> | null = null;
  const readMutes = async () =>
    inForce(mutesOf(config, live ?? (await listLiveSilences(tx, now))), now);
  const readInhibitors = async () =>
    inhibitorsOf(config, await listFiringWith(tx, sourceEqualities(config), SOURCES_MAX));
  return {
    mutes: () => (mutes ??= readMutes()),
    inhibitors: () => (inhibitors ??= readInhibitors()),
  };
}

/**
 * Writes the hold of each alert that waits and returns the others. What is in an incident already
 * waits for nothing: its people know.
 */
export async function letWait(
  command: Calming,
  home: Home | null,
  known: Incident | null,
  alerts: readonly AlertRow[],
): Promise<readonly AlertRow[]> {
  const asked = alerts.filter(
    (alert) => alert.incidentNumber === null && alert.outcome === "declare",
  );
  if (asked.length === 0 || home === null) return alerts;
  const held = await holdsOf(command, await factsOf(command, home, known, asked), asked);
  if (held.length === 0) return alerts;
  await saveHolds(
    command.tx,
    held.map(({ alert, hold }) => ({ id: alert.id, hold })),
  );
  await saveHits(command.tx, hitsOf(command, held), command.now);
  const waiting = new Set(held.map(({ alert }) => alert.id));
  return alerts.filter((alert) => !waiting.has(alert.id));
}

async function factsOf(
  { tx, config, now, calm }: Calming,
  home: Home,
  known: Incident | null,
  asked: readonly AlertRow[],
): Promise<CalmFacts> {
  const terms = calmTerms(config, home.ruleId);
  const mutes = await calm.mutes();
  const inhibitors = asked.some((alert) => mayBeInhibited(config, alert))
    ? await calm.inhibitors()
    : [];
  const ref = groupRef(home);
  const since = addMs(now, -(terms.atLeast?.withinMs ?? 0));
  const looksBack = terms.atLeast !== null || terms.group.waitMs > 0;
  const ids = asked.map(({ id }) => id);
  const group = looksBack ? await findGroup(tx, ref, since, ids) : { seen: 0, waitsUntil: null };
  const firings =
    terms.flapping === null
      ? new Map<string, number>()
      : await countFirings(tx, asked, addMs(now, -terms.flapping.withinMs));
  const facts: CalmFacts = {
    config,
    now,
    mutes,
    inhibitors,
    terms,
    group: { ref, rule: home.ruleId, ...group, incident: incidentFacts(known), firings },
  };
  if (terms.atLeast === null) return facts;
  // Only what would speak otherwise counts: a silenced alert is not one of the so many.
  const alone = { ...facts, terms: { ...terms, atLeast: null, group: NO_TERMS.group } };
  const news = asked.filter(
    (alert) => alert.firstReceivedAt > since && holdOf(alert, alone) === null,
  );
  return { ...facts, group: { ...facts.group, seen: group.seen + news.length } };
}

const incidentFacts = (known: Incident | null): GroupFacts["incident"] =>
  known === null || !isOpen(known.state)
    ? null
    : {
        id: incidentId(known.number),
        severity: known.severity,
        joinedAt: known.joinedAt ?? known.declaredAt,
      };

/** Asked again without a silence that somebody ended while we looked: nothing waits for what is over. */
async function holdsOf(
  { tx, now }: Command,
  facts: CalmFacts,
  asked: readonly AlertRow[],
): Promise<readonly Held[]> {
  let { mutes } = facts;
  for (;;) {
    const held = asked.flatMap((alert): Held[] => {
      const hold =
        alert.status === "resolved"
          ? lastHold(alert, { ...facts, mutes })
          : holdOf(alert, { ...facts, mutes });
      return hold === null ? [] : [{ alert, hold }];
    });
    const ids = new Set(held.flatMap(({ alert, hold }) => keptBy(alert, hold)));
    const kept = await keepSilences(tx, [...ids], now);
    if (kept.size === ids.size) return held;
    mutes = mutes.filter(({ mute }) => !ids.has(mute.id) || kept.has(mute.id));
  }
}

/** What resolved while it waited is let go with its reason; what only waited to join may join. */
function lastHold(alert: AlertRow, facts: CalmFacts): Hold | null {
  if (alert.hold?.because === "group interval") return null;
  const isEnough =
    alert.hold?.because === "too few" && facts.group.seen >= (facts.terms.atLeast?.count ?? 0);
  if (isEnough) return null;
  const hold = alert.hold ?? holdOf(alert, facts);
  return hold === null ? null : { ...hold, until: null };
}

/** Of what is over, no silence needs to be kept: nothing wakes it. */
const keptBy = (alert: AlertRow, hold: Hold): readonly string[] =>
  alert.status === "resolved" ? [] : silenceIn(hold);

/** The silence of a person that holds, if one does. */
export const silenceIn = ({ by }: Pick<Hold, "by">): readonly string[] =>
  by.startsWith("silence:") ? [by.slice("silence:".length)] : [];

const MUTES = /^(silence|maintenance):/;

/** What each mute has held, and whether it would have paged. */
export const hitsOf = (
  { config, now }: Pick<Command, "config" | "now">,
  held: readonly {
    readonly alert: Pick<AlertRow, "id" | "serviceId" | "declareSeverity">;
    readonly hold: Hold;
  }[],
) =>
  held
    .filter(({ hold }) => MUTES.test(hold.by))
    .map(({ alert, hold }) => {
      const severity = alert.declareSeverity ?? "SEV4";
      const services = [alert.serviceId];
      const facts = { severity, services, teamIds: teamsOf({ config }, services) };
      const pages = urgencyOf(config, facts, now).value === "high";
      return { mute: hold.by, alertId: alert.id, pages };
    });
