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
import type { AlertFacts } from "../domain/signal/cel.ts";
import { enrich } from "../domain/signal/tables.ts";
import { compileRules, decide, type RuleSet } from "../domain/signal/rules.ts";
import type {
  Adapter,
  Mark,
  ReadResult,
  Signal,
  SignalFinding,
  SignalProblem,
} from "../domain/signal/signal.ts";
import { DEFAULT_RULES } from "../domain/policy/defaultRules.ts";
import { ADAPTERS } from "../edge/inbound/index.ts";
import { joined, readBody, type ReadPart } from "../edge/inbound/recognise.ts";
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
  /** The snapshot that this transaction sees, and what decisions with it rest on. */
  within(client: pg.ClientBase): Promise<{ readonly config: Snapshot; readonly basis: string }>;
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
    const { config, basis } = await cache.within(client);
    const rules = rulesOf(config);
    return { basis, decide: (arrival) => decisionFor(config, rules, arrival) };
  };
}

/** What rules ask about, with what the catalogue knows of the service. */
export function factsOf(config: Snapshot, { serviceId, keyId, signal }: Arrival): AlertFacts {
  const service = config.get("services", serviceId)?.body;
  return {
    title: signal.title,
    severity: signal.severity ?? "info",
    source: signal.source,
    service: serviceId,
    tier: service?.tier ?? null,
    team: service?.team ?? null,
    runbook: service?.runbook ?? null,
    key: keyId,
    labels: signal.labels,
    details: signal.details,
  };
}

export function decisionFor(config: Snapshot, rules: RuleSet, arrival: Arrival): DecisionColumns {
  const decision = decide(rules, factsOf(config, arrival));
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
type Taken = {
  readonly accepted: readonly Accepted[];
  readonly refused: readonly SignalProblem[];
  readonly findings: readonly SignalFinding[];
};
type MarkedPart = ReadPart & { readonly marks?: readonly (Mark | null)[] };
type Found = { readonly key: Entry<"keys">; readonly config: Snapshot };

export function intakeRoutes(
  world: World,
  cache: ConfigCache,
  desk: IntakeDesk,
): readonly BoundRoute<Actor>[] {
  const findKey = keyFinder(world);
  const useOf = intakeUse(world);

  /** The key for a secret; a secret that is new to this node is looked up in the store before it is refused. */
  async function keyOf(secret: string | null): Promise<Found | null> {
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
    const found = await mustFind(secret);
    const now = world.clock.now();
    const result = adapter.read({ body, headers: request.headers, now });
    // Items and marks have the same indexes, because nothing was unwrapped or divided.
    const marks = adapter.marks?.(request.rawBody) ?? [];
    return accept(found, [{ adapter, result, marks }], request, now);
  }

  /** What a tool sends of itself; `tool` is null where its body has to say whose it is. */
  async function takeFrom(
    tool: string | null,
    secret: string,
    body: unknown,
    request: RequestFacts,
  ): Promise<Taken & { tool: string }> {
    const found = await mustFind(secret);
    const named = tool === null ? null : (ADAPTERS.get(tool) ?? null);
    if (tool !== null && named === null) {
      throw new Refusal("signal.tool_unknown", { tool, known: [...ADAPTERS.keys()].join(", ") });
    }
    const now = world.clock.now();
    const parts = readBody(ADAPTERS, named, { body, headers: request.headers, now });
    mustBeSigned(world, found.key, parts, request, now);
    const taken = await accept(found, parts, request, now);
    return { tool: parts[0]?.adapter.about.id ?? tool ?? "generic", ...taken };
  }

  async function mustFind(secret: string | null): Promise<Found> {
    const found = await keyOf(secret);
    if (found === null) throw new Refusal("signal.key_unknown");
    return found;
  }

  async function accept(
    found: Found,
    parts: readonly MarkedPart[],
    request: RequestFacts,
    now: Instant,
  ): Promise<Taken> {
    const arrivals = parts.flatMap((part) => arrivalsOf(world, part, found, request, now));
    const results = await desk.accept(arrivals);
    const [first] = parts;
    if (first !== undefined) useOf(found.key.id, first.adapter.about.id, now);
    return settle(joined(parts), arrivals, results);
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
    bind(contract.postToTool, async ({ params, body, request }) => {
      const taken = await takeFrom(params.tool, params.key, body, request);
      mustAcceptSome(taken);
      return shown(taken);
    }),
    bind(contract.postToAnyTool, async ({ params, body, request }) => {
      const taken = await takeFrom(null, params.key, body, request);
      mustAcceptSome(taken);
      return shown(taken);
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
  { adapter, result, marks = [] }: MarkedPart,
  found: Found,
  request: RequestFacts,
  now: Instant,
): readonly (Arrival & { readonly index: number })[] {
  return result.signals.map(({ index, signal: said }) => {
    const { signal, serviceId } = placed(found.config, found.key, said);
    return {
      index,
      mark: markOf(found.key.id, marks[index] ?? null, signal.endsAt),
      keyId: found.key.id,
      adapter: adapter.about.id,
      resends: adapter.resendsByContract,
      serviceId,
      signal: { ...signal, dedupKey: signal.dedupKey ?? world.chance.id(now) },
      raw: request.rawBody,
    };
  });
}

/** The signal with what tables add to it, and the service that it belongs to. */
export function placed(
  config: Snapshot,
  key: Pick<Entry<"keys">, "body">,
  said: Signal,
): { readonly signal: Signal; readonly serviceId: string } {
  const { labels, service } = enrich(config, said.labels);
  const signal = labels === said.labels ? said : { ...said, labels };
  return { signal, serviceId: service ?? serviceOf(config, key, signal) };
}

/** Undefined unless the wording was understood as the signal was: its end is where the mark says. */
function markOf(keyId: string, mark: Mark | null, endsAt: Instant | null): string | undefined {
  return mark === null || mark.endsAt !== endsAt ? undefined : `${keyId} ${mark.text}`;
}

/**
 * The service that the key's label names, or else the one that the tool itself names, when the
 * catalogue knows it; otherwise the key's own.
 */
function serviceOf(config: Snapshot, key: Pick<Entry<"keys">, "body">, signal: Signal): string {
  const { serviceLabel, service } = key.body;
  const named = serviceLabel === undefined ? undefined : signal.labels[serviceLabel];
  if (named !== undefined && config.get("services", named) !== null) return named;
  const hint = signal.service?.toLowerCase();
  return hint !== undefined && config.get("services", hint) !== null ? hint : service;
}

/** A key that names a signing secret takes nothing that is not signed with it. */
function mustBeSigned(
  world: World,
  key: Entry<"keys">,
  parts: readonly ReadPart[],
  request: RequestFacts,
  now: Instant,
): void {
  const { signedWith } = key.body;
  if (signedWith === undefined) return;
  const secret = world.secret(signedWith);
  const { headers, rawBody } = request;
  const signed =
    secret !== null &&
    parts.every(({ adapter }) => adapter.verify?.({ headers, rawBody, now }, secret) === true);
  if (!signed) throw new Refusal("signal.signature", { key: key.id });
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
  return { accepted, refused, findings: read.findings };
}

const shown = (taken: Taken & { tool: string }) => ({
  tool: taken.tool,
  accepted: [...taken.accepted],
  refused: [...taken.refused],
  findings: taken.findings.slice(0, 100),
});

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
