/**
 * The way of an alert into the house: key → adapter → decision → durable commit → reply. Joins the
 * adapters of edge/inbound with the intake desk, which is why it stands in app/.
 */
import type pg from "pg";
import * as contract from "../../contract/intake.ts";
import { Refusal } from "../base/errors.ts";
import type { Instant } from "../base/instant.ts";
import { bind, type BoundRoute, Raw, type RequestFacts } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import type { Actor } from "../domain/account/account.ts";
import type { DecisionColumns } from "../domain/alert/alert.ts";
import type { Arrival, Decide, IntakeDesk } from "../domain/alert/intake.ts";
import { saveIntakeUse } from "../domain/alert/store.ts";
import type { Entry, Snapshot } from "../domain/config/config.ts";
import { compileRules, decide, type RuleSet } from "../domain/signal/rules.ts";
import type { Adapter, ReadResult, SignalProblem } from "../domain/signal/signal.ts";
import { DEFAULT_RULES } from "../domain/policy/defaultRules.ts";
import { ADAPTERS } from "../edge/inbound/index.ts";
import {
  pagerDutyAccepted,
  pagerDutyErrors,
  routingKeyOf,
} from "../edge/inbound/pagerDutyEvents.ts";
import { keyFinder, presentedKey } from "./keys.ts";

export type ConfigCache = {
  /** The newest snapshot this node knows, without asking the store. */
  known(): Snapshot | null;
  /** Asks the store. */
  read(): Promise<Snapshot>;
  /** The snapshot that this transaction sees. */
  within(client: pg.ClientBase): Promise<Snapshot>;
};

/** Compiled rules of a snapshot; the defaults come after everything that is configured. */
export function ruleSets(): (config: Snapshot) => RuleSet {
  const compiled = new WeakMap<Snapshot, RuleSet>();
  return (config) => {
    let rules = compiled.get(config);
    if (rules === undefined) {
      rules = compileRules([...config.all("rules"), ...DEFAULT_RULES]);
      compiled.set(config, rules);
    }
    return rules;
  };
}

/** Decides with the rules that the flush's own transaction sees, so that no alert meets yesterday's. */
export function decideWith(cache: ConfigCache, rulesOf: (config: Snapshot) => RuleSet): Decide {
  return async (client) => {
    const config = await cache.within(client);
    const rules = rulesOf(config);
    return (arrival) => decisionFor(config, rules, arrival);
  };
}

function decisionFor(config: Snapshot, rules: RuleSet, arrival: Arrival): DecisionColumns {
  const service = config.get("services", arrival.serviceId);
  const { signal } = arrival;
  const decision = decide(rules, {
    title: signal.title,
    severity: signal.severity ?? "info",
    source: signal.source,
    service: arrival.serviceId,
    tier: service?.body.tier ?? null,
    team: service?.body.team ?? null,
    key: arrival.keyId,
    labels: signal.labels,
    details: signal.details,
  });
  const { outcome } = decision;
  const failures = decision.notes.map(
    (note) => `; rule ${note.ruleId} could not be asked: ${note.failure}`,
  );
  return {
    ruleId: decision.ruleId,
    ruleFile: decision.file,
    ruleLine: decision.line,
    outcome: outcome.kind,
    because: `${decision.because}${failures.join("")}`.slice(0, 2_000),
    declareSeverity: outcome.kind === "declare" ? outcome.severity : null,
    autoResolve: outcome.kind === "declare" && outcome.autoResolve,
  };
}

type Accepted = {
  readonly index: number;
  readonly dedupKey: string;
  readonly alert: string | null;
  readonly what: string;
};
type Taken = { readonly accepted: readonly Accepted[]; readonly refused: readonly SignalProblem[] };

export function intakeRoutes(
  world: World,
  cache: ConfigCache,
  desk: IntakeDesk,
): readonly BoundRoute<Actor>[] {
  const findKey = keyFinder(world);
  const useOf = intakeUse(world);

  /** The key for a secret; a secret that is new to this node is looked up in the store before it is refused. */
  async function keyOf(
    secret: string | null,
  ): Promise<{ key: Entry<"keys">; config: Snapshot } | null> {
    if (secret === null) return null;
    const known = cache.known();
    const first = known === null ? null : findKey(known, secret);
    if (first !== null && known !== null) return { key: first, config: known };
    const config = await cache.read();
    const key = findKey(config, secret);
    return key === null ? null : { key, config };
  }

  async function take(
    adapter: Adapter,
    secret: string | null,
    body: unknown,
    request: RequestFacts,
  ): Promise<Taken> {
    const found = await keyOf(secret);
    if (found === null) throw new Refusal("signal.key_unknown");
    const now = world.clock.now();
    const read = adapter.read({ body, headers: request.headers, now });
    const arrivals = arrivalsOf(world, adapter, found, read, request, now);
    const results = await desk.accept(arrivals);
    useOf(found.key.id, adapter.about.id, now);
    return settle(read, arrivals, results);
  }

  const adapter = (id: string): Adapter => {
    const found = ADAPTERS.get(id);
    if (found === undefined) throw new Error(`no adapter ${id}`);
    return found;
  };

  return [
    bind(contract.enqueuePagerDuty, async ({ body, request }) => {
      const secret = routingKeyOf(body) ?? presentedKey(request.headers);
      try {
        const taken = await take(adapter("pagerduty-events"), secret, body, request);
        const [first] = taken.accepted;
        if (first === undefined) return asJson(400, pagerDutyErrors(taken.refused));
        return pagerDutyAccepted(first.dedupKey);
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== "signal.key_unknown") throw error;
        const problem = { index: 0, field: "routing_key", expected: "the secret of an intake key" };
        return asJson(400, pagerDutyErrors([problem]));
      }
    }),
    bind(contract.postAlertmanagerAlerts, async ({ body, request }) => {
      const taken = await take(
        adapter("alertmanager-api"),
        presentedKey(request.headers),
        body,
        request,
      );
      mustAcceptAll(taken);
      return {};
    }),
    bind(contract.postAlertmanagerWebhook, async ({ params, body, request }) => {
      const taken = await take(adapter("alertmanager-webhook"), params.key, body, request);
      mustAcceptSome(taken);
      return { accepted: taken.accepted.length, refused: [...taken.refused] };
    }),
    bind(contract.postSignals, async ({ body, request }) => {
      const type = request.headers["content-type"] ?? "";
      const isEvent =
        type.startsWith("application/cloudevents") ||
        request.headers["ce-specversion"] !== undefined;
      const taken = await take(
        adapter(isEvent ? "cloudevents" : "tocsin"),
        presentedKey(request.headers),
        body,
        request,
      );
      mustAcceptSome(taken);
      return { accepted: [...taken.accepted], refused: [...taken.refused] };
    }),
  ];
}

function arrivalsOf(
  world: World,
  adapter: Adapter,
  found: { key: Entry<"keys">; config: Snapshot },
  read: ReadResult,
  request: RequestFacts,
  now: Instant,
): readonly (Arrival & { readonly index: number })[] {
  return read.signals.map(({ index, signal }) => ({
    index,
    keyId: found.key.id,
    adapter: adapter.about.id,
    resends: adapter.resendsByContract,
    serviceId: serviceOf(found.config, found.key, signal.labels),
    signal: { ...signal, dedupKey: signal.dedupKey ?? world.chance.id(now) },
    raw: request.rawBody,
  }));
}

/** The service that the key's label names, when the catalogue knows it; otherwise the key's own. */
function serviceOf(
  config: Snapshot,
  key: Entry<"keys">,
  labels: Readonly<Record<string, string>>,
): string {
  const named = key.body.serviceLabel === undefined ? undefined : labels[key.body.serviceLabel];
  return named !== undefined && config.get("services", named) !== null ? named : key.body.service;
}

function settle(
  read: ReadResult,
  arrivals: readonly (Arrival & { readonly index: number })[],
  results: Awaited<ReturnType<IntakeDesk["accept"]>>,
): Taken {
  const accepted: Accepted[] = [];
  const refused = [...read.refused];
  arrivals.forEach(({ index, signal }, position) => {
    const result = results[position]!;
    if (result instanceof Refusal) refused.push({ index, field: "body", expected: result.message });
    else
      accepted.push({ index, dedupKey: signal.dedupKey, alert: result.alertId, what: result.what });
  });
  return { accepted, refused };
}

const asJson = (status: number, body: unknown): Raw =>
  new Raw("application/json; charset=utf-8", JSON.stringify(body), {}, status);

const problemText = (problem: SignalProblem): string =>
  `item ${problem.index}: ${problem.field} must be ${problem.expected}`;

function refuseItems(taken: Taken): never {
  throw new Refusal("signal.refused", {
    accepted: taken.accepted.length,
    refused: taken.refused.slice(0, 100).map(problemText),
  });
}

function mustAcceptSome(taken: Taken): void {
  if (taken.accepted.length === 0 && taken.refused.length > 0) refuseItems(taken);
}

function mustAcceptAll(taken: Taken): void {
  if (taken.refused.length > 0) refuseItems(taken);
}

/** Notes who sent last, at most once a minute per key, outside of the answer. */
function intakeUse(world: World): (keyId: string, adapter: string, now: Instant) => void {
  const last = new Map<string, Instant>();
  return (keyId, adapter, now) => {
    if (now - (last.get(keyId) ?? 0) < 60_000) return;
    last.set(keyId, now);
    saveIntakeUse(world.db, keyId, adapter, now).catch(() => last.delete(keyId));
  };
}
