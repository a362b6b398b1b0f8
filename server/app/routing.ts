/** The dry run of routing: asks what the intake and the engine would ask, and changes nothing. */
import * as contract from "../../contract/routing.ts";
import { incidentId } from "../../contract/ids.ts";
import type { Queryable } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { toIso } from "../base/instant.ts";
import { spoken } from "../base/duration.ts";
import { bind, type BoundRoute } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import { type Actor, readerOf } from "../domain/account/account.ts";
import { groupKey, groupText } from "../domain/alert/group.ts";
import { isUrgent } from "../domain/alert/calm.ts";
import type { Entry, Snapshot } from "../domain/config/config.ts";
import { findIncident } from "../domain/incident/store.ts";
import { findTwin, type Home } from "../domain/incident/waiting.ts";
import { explain, type RuleSet } from "../domain/signal/rules.ts";
import type { Signal } from "../domain/signal/signal.ts";
import type { KnownAnswers } from "../domain/signal/lookup.ts";
import { enrich } from "../domain/signal/tables.ts";
import { calmTerms, type CalmTerms } from "../domain/signal/waiting.ts";
import { valuesOf } from "../domain/silence/matching.ts";
import { inForce, means, muteName, mutesOf } from "../domain/silence/silence.ts";
import { listLiveSilences } from "../domain/silence/store.ts";
import { decisionFor, factsOf } from "./intake.ts";
import { placed } from "./intakeDoor.ts";
import type { Lookups } from "./lookups.ts";

type RoutingParts = {
  readonly config: (tx: Queryable) => Promise<Snapshot>;
  readonly rulesOf: (config: Snapshot) => RuleSet;
  readonly lookups: Lookups;
};

export function routingRoutes(
  world: World,
  { config, rulesOf, lookups }: RoutingParts,
): readonly BoundRoute<Actor>[] {
  return [
    bind(contract.routeAlert, async ({ actor, body }) => {
      const snapshot = await config(world.db);
      // It only reads: what is asked for a dry run is kept for the next alert.
      const unanswered = await lookups.prepare(snapshot, [body.labels]);
      const arrival = arrivalOf(snapshot, body, lookups.known);
      const { signal, serviceId, keyId } = arrival;
      const rules = rulesOf(snapshot);
      const decision = decisionFor(snapshot, rules, arrival);
      const terms = calmTerms(snapshot, decision.ruleId);
      const alert = { ...signal, severity: body.severity, serviceId, keyId };
      const { group } = terms;
      const isPlain = group.by.length === 0 && !group.acrossServices;
      const key = groupKey(group, snapshot, alert);
      const home =
        decision.ruleId === null || decision.outcome === "record"
          ? null
          : { ruleId: decision.ruleId, serviceId, groupKey: isPlain ? null : key };
      const now = world.clock.now();
      const values = valuesOf(snapshot, alert);
      const by = inForce(mutesOf(snapshot, await listLiveSilences(world.db, now)), now).find(
        ({ mute }) => means(mute, serviceId, values),
      );
      const service = snapshot.get("services", serviceId)?.body;
      const urgent = isUrgent({ ...alert, declareSeverity: decision.declareSeverity });
      return {
        looks: explain(rules, factsOf(snapshot, arrival)).map(({ rule, depth, whyNot }) => ({
          rule: rule.id,
          source: sourceOf(rule.source?.file ?? null, rule.source?.line ?? null),
          depth,
          matches: whyNot === null,
          why: whyNot,
        })),
        rule: decision.ruleId,
        source: decision.ruleId === null ? null : sourceOf(decision.ruleFile, decision.ruleLine),
        outcome: decision.outcome,
        severity: decision.declareSeverity,
        labels: { ...signal.labels },
        tables: [...enrich(snapshot, body.labels, lookups.known).tables],
        unanswered: unanswered.map(({ table, because }) => ({ table, because })),
        service: {
          id: serviceId,
          team: service?.team ?? null,
          tier: service?.tier ?? null,
          runbook: service?.runbook ?? null,
          escalation: service?.escalation ?? null,
        },
        group: home === null ? null : groupText(key),
        waits: home === null ? [] : waitsOf(terms, urgent),
        suppressed:
          by === undefined
            ? null
            : { by: muteName(by.mute), reason: by.mute.reason, until: toIso(by.span.to) },
        joins: home === null ? null : await openFor(world.db, actor, home),
      };
    }),
  ];
}

const sourceOf = (file: string | null, line: number | null): string =>
  file === null ? "defaults or API" : `${file}:${line ?? 1}`;

function arrivalOf(config: Snapshot, body: contract.RoutingQuestion, known: KnownAnswers) {
  const key = body.key === undefined ? null : config.get("keys", body.key);
  if (body.key !== undefined && key === null)
    throw new Refusal("config.unknown", { kind: "keys", id: body.key });
  const chosen = body.service ?? key?.body.service;
  if (chosen === undefined)
    throw new Refusal("request.invalid", {
      field: "service",
      expected: "a service, or a key that names one",
    });
  if (config.get("services", chosen) === null)
    throw new Refusal("incident.unknown_service", { service: chosen });
  const said: Signal = {
    action: "trigger",
    dedupKey: null,
    title: body.title,
    severity: body.severity,
    source: body.source ?? null,
    labels: body.labels,
    details: null,
    link: null,
    startedAt: null,
    endsAt: null,
  };
  const asked: Pick<Entry<"keys">, "body"> = {
    body: { ...(key?.body ?? { secret: "env:NONE" }), service: chosen },
  };
  const { signal, serviceId } = placed(config, asked, said, known);
  return {
    keyId: key?.id ?? "",
    adapter: "dry run",
    resends: false,
    serviceId: body.service ?? serviceId,
    signal: { ...signal, dedupKey: "" },
    raw: Buffer.alloc(0),
  };
}

function waitsOf(terms: CalmTerms, urgent: boolean): string[] {
  const { atLeast, holdBackMs, flapping, group } = terms;
  const company = urgent ? "; what is critical or a SEV1 does not wait for company" : "";
  return [
    ...(holdBackMs > 0 ? [`until it has fired ${spoken(holdBackMs)}`] : []),
    ...(flapping === null
      ? []
      : [
          `${spoken(flapping.steadyMs)} without a break once it fired ${flapping.times} times within ${spoken(flapping.withinMs)}${company}`,
        ]),
    ...(atLeast === null
      ? []
      : [`until ${atLeast.count} of its group came within ${spoken(atLeast.withinMs)}`]),
    ...(group.waitMs > 0 ? [`${spoken(group.waitMs)} for others of its group${company}`] : []),
    ...(group.intervalMs > 0
      ? [`to join an open incident at most every ${spoken(group.intervalMs)}${company}`]
      : []),
  ];
}

/** The open incident of this home, when the asker may see it. */
async function openFor(tx: Queryable, actor: Actor, home: Home): Promise<string | null> {
  const number = await findTwin(tx, home);
  if (number === null || (await findIncident(tx, readerOf(actor), number)) === null) return null;
  return incidentId(number);
}
