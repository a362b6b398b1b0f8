/**
 * Signing in at an identity provider (OpenID Connect): authorization code with PKCE, state and nonce, the
 * ID token's signature checked. Between going and coming back all of that stands in a sealed cookie of
 * the browser that went, so that nobody can be made to come back into somebody else's session.
 */
import type * as oidc from "openid-client";
import * as contract from "../../contract/signIn.ts";
import type { Grant } from "../../contract/account.ts";
import { type Queryable, transact, type Tx } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { addMs, type Instant, MINUTE, SECOND } from "../base/instant.ts";
import { errorFields } from "../base/log.ts";
import { bind, type BoundRoute, Raw } from "../base/routes.ts";
import { whenNeeded } from "../base/whenNeeded.ts";
import type { World } from "../base/world.ts";
import { type Actor, ENGINE } from "../domain/account/account.ts";
import { recordAccess } from "../domain/account/commands.ts";
import { personOfEmail, signInPerson } from "../domain/account/ways.ts";
import { deleteCredentials, findIdentity, insertIdentity } from "../domain/account/waysStore.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { readCookie, setCookie } from "./cookies.ts";
import { leaveSession, signedIn } from "./signedIn.ts";

export type Provider = {
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Makes a person who is not configured, with these roles; null: nobody is made. */
  readonly create: ((tx: Tx, person: NewPerson) => Promise<string>) | null;
};
export type NewPerson = { readonly name: string; readonly email: string };
export type ProviderSettings = Omit<Provider, "create"> & {
  readonly createAs: readonly Grant[] | null;
};

const library = whenNeeded("openid-client");

const WAY_MS = 10 * MINUTE;
const SEALED = "way to the provider";
const TIMEOUT_MS = 10 * SECOND;

type Way = {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly to: string;
  readonly until: Instant;
};

type Config = (tx: Queryable) => Promise<Snapshot>;

export function providerRoutes(
  world: World,
  config: Config,
  provider: Provider | null,
): readonly BoundRoute<Actor>[] {
  const there = provider === null ? null : discovered(world, provider);
  const back = `${world.publicUrl}${contract.comeFromProvider.path}`;
  const must = async (): Promise<{ provider: Provider; client: oidc.Configuration }> => {
    if (provider === null || there === null) throw new Refusal("access.provider_off");
    return { provider, client: await there() };
  };
  return [
    bind(contract.goToProvider, async ({ query }) => {
      const { client } = await must();
      const way: Way = {
        state: world.chance.bytes(24).toString("base64url"),
        nonce: world.chance.bytes(24).toString("base64url"),
        verifier: world.chance.bytes(48).toString("base64url"),
        to: ownPath(query.to),
        until: addMs(world.clock.now(), WAY_MS),
      };
      const { buildAuthorizationUrl, calculatePKCECodeChallenge } = library();
      const url = buildAuthorizationUrl(client, {
        redirect_uri: back,
        scope: "openid email profile",
        state: way.state,
        nonce: way.nonce,
        code_challenge: await calculatePKCECodeChallenge(way.verifier),
        code_challenge_method: "S256",
      });
      const sealed = world.keys.seal(SEALED, Buffer.from(JSON.stringify(way)), world.chance);
      const cookie = setCookie(world.publicUrl, "tocsin-way", sealed.toString("base64url"));
      return new Raw("text/plain", "", { location: url.href, "set-cookie": [cookie] }, 303);
    }),
    bind(contract.comeFromProvider, async ({ query, request }) => {
      const { provider: known, client } = await must();
      const way = wayOf(world, readCookie(world.publicUrl, request.headers, "tocsin-way"));
      const claims = await claimsOf(world, known, client, way, `${back}?${searchOf(query)}`);
      const now = world.clock.now();
      const { cookie, ref } = await transact(world.db, async (tx) => {
        const personId = await personOfClaims(tx, world, config, known, claims, now);
        const snapshot = await config(tx);
        await leaveSession(tx, world, request, now);
        const opened = await signInPerson(tx, world, snapshot, personId, "provider", now);
        return { cookie: opened, ref: snapshot.get("people", personId)?.ref ?? null };
      });
      const { headers } = signedIn(world, cookie, ref);
      const cookies = [headers["set-cookie"] ?? [], setCookie(world.publicUrl, "tocsin-way", null)];
      return new Raw("text/plain", "", { location: way.to, "set-cookie": cookies.flat() }, 303);
    }),
  ];
}

/** Where to go to be signed out there as well; null when it has no such place or does not answer. */
export async function endAtProvider(
  world: World,
  provider: Provider | null,
): Promise<string | null> {
  if (provider === null) return null;
  try {
    const client = await discovered(world, provider)();
    if (client.serverMetadata().end_session_endpoint === undefined) return null;
    return library().buildEndSessionUrl(client, {
      post_logout_redirect_uri: `${world.publicUrl}/`,
      client_id: provider.clientId,
    }).href;
  } catch {
    return null;
  }
}

/** A path of ours and nothing else: a link to us must not end elsewhere. */
function ownPath(to: string | undefined): string {
  if (to === undefined || !/^\/(?![/\\])/.test(to)) return "/";
  const url = URL.parse(to, "http://here.invalid");
  return url === null || url.origin !== "http://here.invalid"
    ? "/"
    : `${url.pathname}${url.search}`;
}

function wayOf(world: World, cookie: string | null): Way {
  const lost = new Refusal("access.provider_refused", {
    provider: "The provider",
    problem: "the way back took longer than ten minutes or began in another browser. Begin again",
  });
  if (cookie === null) throw lost;
  try {
    const text = world.keys.open(SEALED, Buffer.from(cookie, "base64url")).toString();
    const way = JSON.parse(text) as Way;
    if (way.until < world.clock.now()) throw lost;
    return way;
  } catch {
    throw lost;
  }
}

const searchOf = (query: Readonly<Record<string, unknown>>): string =>
  new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value] as [string, string]] : [],
    ),
  ).toString();

/** Asked for once it is needed, and again after it could not be had. */
function discovered(world: World, provider: Provider): () => Promise<oidc.Configuration> {
  let known: Promise<oidc.Configuration> | null = null;
  const issuer = new URL(provider.issuer);
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(issuer.hostname);
  const discover = (): Promise<oidc.Configuration> => {
    const { allowInsecureRequests, customFetch, discovery, enableNonRepudiationChecks } = library();
    return discovery(issuer, provider.clientId, provider.clientSecret, undefined, {
      timeout: TIMEOUT_MS / SECOND,
      [customFetch]: fetchThrough(world),
      execute: [
        enableNonRepudiationChecks,
        // Without TLS only what never leaves this machine.
        ...(isLocal && issuer.protocol === "http:" ? [allowInsecureRequests] : []),
      ],
    });
  };
  return async () => {
    known ??= discover();
    try {
      return await known;
    } catch (error) {
      known = null;
      world.log.warn("the identity provider does not answer", errorFields(error));
      const problem = error instanceof Error ? error.message : "no answer";
      throw new Refusal("access.provider_away", { provider: provider.name, problem });
    }
  };
}

/** The library's requests, through our one way out with its guard. */
const fetchThrough =
  ({ transport }: World): oidc.CustomFetch =>
  async (url, { method, headers, body }) => {
    const reply = await transport.send({
      via: "http",
      method: method === "POST" ? "POST" : "GET",
      url,
      headers,
      body: body === null || body === undefined ? null : bodyText(body),
      timeoutMs: TIMEOUT_MS,
    });
    if (reply.kind !== "http") throw new Error(reply.kind === "error" ? reply.because : "no reply");
    return new Response(reply.body, { status: reply.status, headers: { ...reply.headers } });
  };

const bodyText = (body: unknown): string =>
  typeof body === "string" || body instanceof URLSearchParams ? body.toString() : "";

type Claims = {
  readonly subject: string;
  readonly email: string;
  readonly name: string;
};

async function claimsOf(
  world: World,
  provider: Provider,
  client: oidc.Configuration,
  way: Way,
  url: string,
): Promise<Claims> {
  const refuse = (problem: string): Refusal =>
    new Refusal("access.provider_refused", { provider: provider.name, problem });
  const { AuthorizationResponseError, authorizationCodeGrant, fetchUserInfo } = library();
  const tokens = await authorizationCodeGrant(client, new URL(url), {
    pkceCodeVerifier: way.verifier,
    expectedState: way.state,
    expectedNonce: way.nonce,
    idTokenExpected: true,
  }).catch((error: unknown) => {
    world.log.warn("the identity provider refused", { name: (error as Error).name });
    throw refuse(
      error instanceof AuthorizationResponseError
        ? `it answered ${error.error}`
        : "what it answered does not fit what was asked. Begin again",
    );
  });
  const claims = tokens.claims();
  if (claims === undefined) throw refuse("it gave no identity");
  let given: Readonly<Record<string, unknown>> = claims;
  // Many providers keep the address out of the ID token.
  if (given["email"] === undefined && tokens.access_token !== undefined)
    given = await fetchUserInfo(client, tokens.access_token, claims.sub).catch(
      () => claims as Readonly<Record<string, unknown>>,
    );
  const { email, name } = given as { email?: unknown; name?: unknown };
  if (typeof email !== "string") throw refuse("it gave no e-mail address");
  if (given["email_verified"] !== true)
    throw refuse(
      "it has not verified your e-mail address, and an unverified one could be anybody’s",
    );
  return {
    subject: claims.sub,
    email,
    name: typeof name === "string" && name !== "" ? name : email,
  };
}

/**
 * Whoever the subject was joined to stays it, whatever their address is today; somebody new is joined to
 * the person with the verified address, or made, where that is wanted.
 */
async function personOfClaims(
  tx: Parameters<typeof insertIdentity>[0],
  world: World,
  config: Config,
  provider: Provider,
  claims: Claims,
  now: Instant,
): Promise<string> {
  const { issuer } = provider;
  const joined = await findIdentity(tx, issuer, claims.subject);
  const snapshot = await config(tx);
  if (joined !== null && snapshot.get("people", joined) !== null) return joined;
  // Whoever it stood for is gone from configuration; what they signed in with goes too.
  if (joined !== null) await deleteCredentials(tx, joined);
  const known = personOfEmail(snapshot, claims.email);
  if (known === null && provider.create === null)
    throw new Refusal("access.provider_nobody", { provider: provider.name });
  const personId =
    known ?? (await provider.create?.(tx, { name: claims.name, email: claims.email })) ?? "";
  if (!(await insertIdentity(tx, { issuer, subject: claims.subject, personId }, now)))
    throw new Refusal("access.provider_other", { provider: provider.name });
  await recordAccess(
    tx,
    world,
    ENGINE,
    "joined to a provider’s account",
    `person:${refIn(await config(tx), personId)}`,
    now,
  );
  return personId;
}

const refIn = (snapshot: Snapshot, personId: string): string =>
  snapshot.get("people", personId)?.ref ?? "new";
