/**
 * Proves that a request came from whom a key names in `signedBy`: it carries a token that an OpenID provider issued for that
 * sender. The provider's keys are asked for inside of the request, and only read (decisions/0021): while they were never had and
 * cannot be, nothing is accepted, and the sender repeats. Keys that are known go on being used while the provider is away, and
 * nobody waits for it again and again (decisions/0133, 0147).
 */
import type { SignedBy } from "../../contract/signal.ts";
import { Refusal } from "../base/errors.ts";
import { addMs, HOUR, type Instant, MINUTE, SECOND } from "../base/instant.ts";
import type { RequestFacts } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import {
  discoveryUrl,
  type IssuerKeys,
  judged,
  keysIn,
  keysUrlOf,
  misfit,
  shownToken,
} from "../edge/inbound/issuedToken.ts";

/** Two questions are asked, and an action group of Azure, and a push of Pub/Sub by default, waits ten seconds for its answer. */
const TIMEOUT_MS = 4 * SECOND;
/** After this they are asked for again beside whatever is sent… */
const KEYS_FRESH_MS = 5 * HOUR;
/** …and after this before it is judged, so that a key that was withdrawn ends. */
const KEYS_KEPT_MS = 6 * HOUR;
/** So often at most for a key that nobody has heard of: whoever knows an address of ours must not make us hammer the provider. */
const ASKED_AGAIN_MS = MINUTE;
/** A provider that was away is asked sooner: alerts wait for it. */
const TRIED_AGAIN_MS = 10 * SECOND;
/** A refusal is told to the log this often per key and reason: it says what to mend, and a stranger can cause it. */
const TOLD_EVERY_MS = MINUTE;

type Issuer = {
  keys: IssuerKeys | null;
  /** Since when they are known; by then they were all that the provider had. */
  since: Instant;
  /** Whether the provider was away when it was asked last. */
  isAway: boolean;
  notBefore: Instant;
  /** One question at a time. */
  asking: Promise<void> | null;
};

/** Why a provider's keys could not be had. */
type Failure = { readonly because: string };

/** Refuses a request without the right token. */
export type TokenSender = (
  keyId: string,
  signedBy: SignedBy,
  headers: RequestFacts["headers"],
) => Promise<void>;

export function tokenSender(world: Pick<World, "clock" | "log" | "transport">): TokenSender {
  // As many as keys name: bounded by the configuration.
  const issuers = new Map<string, Issuer>();
  const told = new Map<string, Instant>();

  function refuse(keyId: string, because: string): never {
    const now = world.clock.now();
    const what = `${keyId}: ${because}`;
    if (now - (told.get(what) ?? 0) >= TOLD_EVERY_MS) {
      told.set(what, now);
      // The name of a claim or of a check, never what the token says.
      world.log.warn("a token was not accepted", { key: keyId, because });
    }
    throw new Refusal("signal.signature", { key: keyId });
  }

  /** What stands there; or why nothing can be read. */
  async function read(url: string): Promise<{ readonly document: unknown } | Failure> {
    const reply = await world.transport.send({
      via: "http",
      method: "GET",
      url,
      headers: { accept: "application/json" },
      body: null,
      timeoutMs: TIMEOUT_MS,
    });
    if (reply.kind === "error") return { because: reply.because };
    if (reply.kind !== "http" || reply.status !== 200)
      return { because: reply.kind === "http" ? `status ${reply.status}` : "no answer" };
    if (reply.isCut === true) return { because: "its answer is too long" };
    try {
      return { document: JSON.parse(reply.body) as unknown };
    } catch {
      return { because: "its answer is no JSON" };
    }
  }

  async function published(name: string): Promise<{ readonly keys: IssuerKeys } | Failure> {
    const discovery = await read(discoveryUrl(name));
    if ("because" in discovery) return discovery;
    const found = keysUrlOf(discovery.document, name);
    if ("because" in found) return found;
    const listed = await read(found.url);
    if ("because" in listed) return listed;
    const keys = keysIn(listed.document, name);
    return keys === null ? { because: "it publishes no keys" } : { keys };
  }

  async function ask(name: string, issuer: Issuer): Promise<void> {
    const answer = await published(name);
    const now = world.clock.now();
    issuer.isAway = "because" in answer;
    if ("because" in answer) {
      issuer.notBefore = addMs(now, TRIED_AGAIN_MS);
      const { host } = new URL(name);
      world.log.warn("an issuer's keys cannot be had", { host, because: answer.because });
      return;
    }
    issuer.keys = answer.keys;
    issuer.since = now;
    issuer.notBefore = addMs(now, ASKED_AGAIN_MS);
  }

  /** Asks the provider, unless that was just done. */
  async function renew(name: string, issuer: Issuer): Promise<void> {
    if (issuer.asking === null && world.clock.now() < issuer.notBefore) return;
    issuer.asking ??= ask(name, issuer).finally(() => {
      issuer.asking = null;
    });
    await issuer.asking;
  }

  /** Keys that were had long ago are renewed; whoever waits for that waits once, not while the provider stays away. */
  async function keepFresh(name: string, issuer: Issuer): Promise<void> {
    const age = world.clock.now() - issuer.since;
    if (age < KEYS_FRESH_MS) return;
    const renewed = renew(name, issuer);
    if (issuer.keys === null || (age >= KEYS_KEPT_MS && !issuer.isAway)) await renewed;
  }

  function issuerNamed(name: string): Issuer {
    let issuer = issuers.get(name);
    if (issuer === undefined) {
      const never = 0 as Instant;
      issuer = { keys: null, since: never, isAway: false, notBefore: never, asking: null };
      issuers.set(name, issuer);
    }
    return issuer;
  }

  return async (keyId, signedBy, headers) => {
    const token = shownToken(headers);
    if (token === null) refuse(keyId, "no bearer token that is a JWT");
    const wrong = misfit(token, signedBy, world.clock.now());
    if (wrong !== null) refuse(keyId, wrong);
    const issuer = issuerNamed(signedBy.issuer);
    await keepFresh(signedBy.issuer, issuer);
    const away = () => new Refusal("signal.sender_away", { host: new URL(signedBy.issuer).host });
    const { keys } = issuer;
    if (keys === null) throw away();
    let verdict = await judged(token, keys, signedBy, world.clock.now());
    if (verdict.kind === "key unknown") {
      const since = world.clock.now();
      await renew(signedBy.issuer, issuer);
      if (issuer.keys !== null && issuer.keys !== keys)
        verdict = await judged(token, issuer.keys, signedBy, world.clock.now());
      // It may be a new key: whoever does not repeat what is refused for good has to hear that it can.
      else if (issuer.isAway || issuer.since < since) throw away();
    }
    if (verdict.kind !== "issued")
      refuse(keyId, verdict.kind === "refused" ? verdict.because : "a key that its issuer has not");
  };
}
