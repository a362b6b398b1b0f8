/**
 * Behind every address that takes alerts: key → adapter → signature or token → durable commit. What the
 * addresses answer, each in its protocol's words, is theirs.
 */
import { Refusal } from "../base/errors.ts";
import type { Instant } from "../base/instant.ts";
import { LateBody, type RequestFacts } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import type { Arrival, IntakeDesk } from "../domain/alert/intake.ts";
import { saveIntakeUse } from "../domain/alert/store.ts";
import type { Entry, Snapshot } from "../domain/config/config.ts";
import type {
  Adapter,
  Mark,
  ReadResult,
  Signal,
  SignalFinding,
  SignalProblem,
} from "../domain/signal/signal.ts";
import type { KnownAnswers } from "../domain/signal/lookup.ts";
import { enrich } from "../domain/signal/tables.ts";
import { authorizedBy } from "../edge/inbound/authorization.ts";
import { genericJson } from "../edge/inbound/genericJson.ts";
import { ADAPTERS } from "../edge/inbound/index.ts";
import { mappedJson } from "../edge/inbound/mappedJson.ts";
import { compileMapping } from "../domain/signal/mapping.ts";
import { joined, readBody, type ReadPart } from "../edge/inbound/recognise.ts";
import type { ConfigCache } from "./configCache.ts";
import { keepFacts, type KeptFacts, NO_FACTS, tellsFacts } from "./intakeFacts.ts";
import { keyFinder } from "./keys.ts";
import type { Lookups, Unanswered } from "./lookups.ts";
import { snsSender } from "./snsSender.ts";
import { tokenSender } from "./tokenSender.ts";

export type Accepted = {
  readonly index: number;
  readonly dedupKey: string;
  readonly alert: string | null;
  readonly what: string;
};
export type Taken = KeptFacts & {
  readonly accepted: readonly Accepted[];
  readonly refused: readonly SignalProblem[];
  readonly findings: readonly SignalFinding[];
};
export type MarkedPart = ReadPart & { readonly marks?: readonly (Mark | null)[] };
/** What came, as it came, and when. */
export type Sent = { readonly raw: Buffer; readonly now: Instant };
export type Found = { readonly key: Entry<"keys">; readonly config: Snapshot };

/** The one door behind which every way in meets: whose key it is, what was read, what became of it. */
export type IntakeDoor = {
  /**
   * The key for a secret, and the configuration that it stands in; refuses one that nobody has, and one whose sender has to
   * prove itself: what is taken for a key that was found so is not looked at again.
   */
  mustFind(secret: string | null): Promise<Found>;
  /** Refuses a secret that no key has; takes nothing. */
  mustKnow(secret: string | null): Promise<void>;
  /**
   * A body of one protocol, at an address of its own. Of one that only repeats nothing is told but that it was
   * taken: it was not read.
   */
  take(
    adapter: string,
    secret: string | null,
    body: unknown,
    request: RequestFacts,
  ): Promise<Taken>;
  /** What a tool sends of itself; `tool` is null where its body has to say whose it is. */
  takeFrom(
    tool: string | null,
    secret: string,
    body: unknown,
    request: RequestFacts,
  ): Promise<Taken & { tool: string }>;
  /** What was read already, for a key that was found already. */
  accept(found: Found, parts: readonly MarkedPart[], sent: Sent): Promise<Taken>;
};

export function intakeDoor(
  world: World,
  cache: ConfigCache,
  desk: IntakeDesk,
  lookups: Lookups,
): IntakeDoor {
  const findKey = keyFinder(world);
  const useOf = intakeUse(world);
  const mustBeSenders = snsSender(world);
  const mustCarryToken = tokenSender(world);

  function keyIn(config: Snapshot | null, secret: string | null): Found | null {
    const key = config === null || secret === null ? null : findKey(config, secret);
    return key === null || config === null ? null : { key, config };
  }

  async function take(
    id: string,
    secret: string | null,
    body: unknown,
    request: RequestFacts,
  ): Promise<Taken> {
    const adapter = ADAPTERS.get(id);
    if (adapter === undefined) throw new Error(`no adapter ${id}`);
    // Whatever can be said at once is: each promise on this way is paid for with every alert.
    const found = keyIn(cache.known(), secret) ?? (await findKnown(secret));
    const { signedBy } = found.key.body;
    if (signedBy !== undefined) await mustCarryToken(found.key.id, signedBy, request.headers);
    const now = world.clock.now();
    mustBeSigned(world, found.key, [adapter], request, now);
    const marks = adapter.marks?.(request.rawBody) ?? [];
    const repeats = desk.repeats(found.key.id, marks, now);
    if (repeats !== false && (await repeats)) {
      useOf(found.key.id, id, now);
      return NOTHING_NEW;
    }
    const read = body instanceof LateBody ? body.read() : body;
    const result = adapter.read({ body: read, headers: request.headers, now });
    // Items and marks have the same indexes, because nothing was unwrapped or divided.
    return accept(found, [{ adapter, result, marks }], { raw: request.rawBody, now });
  }

  async function takeFrom(
    tool: string | null,
    secret: string,
    body: unknown,
    request: RequestFacts,
  ): Promise<Taken & { tool: string }> {
    const found = await findKnown(secret);
    const named = tool === null ? null : (ADAPTERS.get(tool) ?? null);
    if (tool !== null && named === null) {
      throw new Refusal("signal.tool_unknown", { tool, known: [...ADAPTERS.keys()].join(", ") });
    }
    const { signedBy } = found.key.body;
    if (signedBy !== undefined) await mustCarryToken(found.key.id, signedBy, request.headers);
    const now = world.clock.now();
    const mapped = named === null || named === genericJson ? mappedBy(found.key) : null;
    const parts = readBody(ADAPTERS, mapped ?? named, { body, headers: request.headers, now });
    // Whose address it is has to prove itself, whatever its body was read as.
    const senders = named === null ? parts.map(({ adapter }) => adapter) : [named];
    mustBeSigned(world, found.key, senders, request, now);
    // Last, because it confirms a subscription, and that is only for whoever has proved to be what the key asks for.
    await mustBeSenders(body, found.key.id);
    const taken = await accept(found, parts, { raw: request.rawBody, now: world.clock.now() });
    return { tool: parts[0]?.adapter.about.id ?? tool ?? "generic", ...taken };
  }

  /** A secret that is new to this node is looked up in the store before it is refused. */
  async function findKnown(secret: string | null): Promise<Found> {
    if (secret === null) throw new Refusal("signal.key_unknown");
    const found = keyIn(cache.known(), secret) ?? keyIn(await cache.read(), secret);
    if (found === null) throw new Refusal("signal.key_unknown");
    return found;
  }

  async function mustFind(secret: string | null): Promise<Found> {
    const found = await findKnown(secret);
    mustNotSign(found.key);
    return found;
  }

  async function mustKnow(secret: string | null): Promise<void> {
    await findKnown(secret);
  }

  async function accept(found: Found, parts: readonly MarkedPart[], sent: Sent): Promise<Taken> {
    const without = lookups.asks(found.config)
      ? await lookups.prepare(found.config, labelsOf(parts))
      : [];
    const arrivals = parts.flatMap((part) => arrivalsOf(world, part, found, sent, lookups.known));
    const results = await desk.accept(arrivals);
    const [first] = parts;
    if (first !== undefined) useOf(found.key.id, first.adapter.about.id, sent.now);
    const kept = parts.some(tellsFacts)
      ? await keepFacts(world, {
          keyId: found.key.id,
          parts,
          serviceOf: (change) => serviceOf(found.config, found.key, change),
          now: sent.now,
        })
      : NO_FACTS;
    const settled = settle(joined(parts), arrivals, results);
    return { ...settled, findings: [...settled.findings, ...without.map(withoutFinding)], ...kept };
  }

  return { mustFind, mustKnow, take, takeFrom, accept };
}

/** The labels of what opens something; an end finds its alert as it is. */
const labelsOf = (parts: readonly MarkedPart[]): readonly Signal["labels"][] =>
  parts.flatMap(({ result }) =>
    result.signals.flatMap(({ signal }) => (signal.action === "trigger" ? [signal.labels] : [])),
  );

const withoutFinding = ({ table, because }: Unanswered): SignalFinding => ({
  index: 0,
  field: `tables.${table}`,
  finding: `went on without its answer: ${because}`,
});

/** The answer to a body of nothing but repeats; whose they are was not read. */
const NOTHING_NEW: Taken = { accepted: [], refused: [], findings: [], changes: 0, indicators: 0 };

function arrivalsOf(
  world: World,
  { adapter, result, marks = [] }: MarkedPart,
  found: Found,
  { raw, now }: Sent,
  known: KnownAnswers,
): readonly (Arrival & { readonly index: number })[] {
  return result.signals.map(({ index, signal: said }) => {
    const { signal, serviceId } = placed(found.config, found.key, said, known);
    return {
      index,
      mark: markOf(marks[index] ?? null, signal.endsAt),
      keyId: found.key.id,
      adapter: adapter.about.id,
      resends: adapter.resendsByContract,
      serviceId,
      signal: {
        ...signal,
        dedupKey: signal.dedupKey ?? world.chance.id(now),
        startedAt: begun(signal.startedAt, now),
      },
      raw,
    };
  });
}

/** A clock that is ahead, or a local time without its zone, tells of what is yet to come: that began now. */
const begun = (at: Instant | null, now: Instant): Instant | null =>
  at !== null && at > now ? now : at;

/** The signal with what tables add to it, and the service that it belongs to. */
export function placed(
  config: Snapshot,
  key: Pick<Entry<"keys">, "body">,
  said: Signal,
  known?: KnownAnswers,
): { readonly signal: Signal; readonly serviceId: string } {
  const { labels, service } = enrich(config, said.labels, known);
  const signal = labels === said.labels ? said : { ...said, labels };
  return { signal, serviceId: service ?? serviceOf(config, key, signal) };
}

/** Undefined unless the wording was understood as the signal was: its end is where the mark says. */
const markOf = (mark: Mark | null, endsAt: Instant | null): string | undefined =>
  mark === null || mark.endsAt !== endsAt ? undefined : mark.text;

/**
 * The service that the key's label names, or else the one that the tool itself names, when the
 * catalogue knows it; otherwise the key's own.
 */
function serviceOf(
  config: Snapshot,
  key: Pick<Entry<"keys">, "body">,
  told: Pick<Signal, "labels" | "service">,
): string {
  const { serviceLabel, service } = key.body;
  const named = serviceLabel === undefined ? undefined : told.labels[serviceLabel];
  if (named !== undefined && config.get("services", named) !== null) return named;
  const hint = told.service?.toLowerCase();
  return hint !== undefined && config.get("services", hint) !== null ? hint : service;
}

const notSigned = (key: string): Refusal => new Refusal("signal.signature", { key });

/** Where nothing can be signed, a key whose sender has to prove itself takes nothing. */
export function mustNotSign({ id, body }: Entry<"keys">): void {
  if (body.signedWith !== undefined || body.signedBy !== undefined) throw notSigned(id);
}

/**
 * A key that names a signing secret takes nothing that is not signed with it, as each of these adapters knows how, or,
 * of a tool that does not sign, that does not show it.
 */
function mustBeSigned(
  world: World,
  key: Entry<"keys">,
  adapters: readonly Adapter[],
  request: RequestFacts,
  now: Instant,
): void {
  const { signedWith } = key.body;
  if (signedWith === undefined) return;
  const secret = world.secret(signedWith);
  const { headers, rawBody } = request;
  const signed =
    secret !== null &&
    adapters.every(({ verify = authorizedBy }) => verify({ headers, rawBody, now }, secret));
  if (!signed) throw notSigned(key.id);
}

const mappings = new WeakMap<object, Adapter>();

/** How a key with a mapping of its own reads what no tool is named for; compiled once per snapshot. */
function mappedBy(key: Entry<"keys">): Adapter | null {
  const { mapping } = key.body;
  if (mapping === undefined) return null;
  let adapter = mappings.get(mapping);
  if (adapter === undefined) {
    adapter = mappedJson(compileMapping(mapping));
    mappings.set(mapping, adapter);
  }
  return adapter;
}

function settle(
  read: ReadResult,
  arrivals: readonly (Arrival & { readonly index: number })[],
  results: Awaited<ReturnType<IntakeDesk["accept"]>>,
): Omit<Taken, keyof KeptFacts> {
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

/** Notes who sent last, at most once a minute per key, outside of the answer. */
function intakeUse(world: World): (keyId: string, adapter: string, now: Instant) => void {
  const last = new Map<string, Instant>();
  return (keyId, adapter, now) => {
    if (now - (last.get(keyId) ?? 0) < 60_000) return;
    last.set(keyId, now);
    saveIntakeUse(world.db, keyId, adapter, now).catch(() => last.delete(keyId));
  };
}
