/**
 * Passkeys (WebAuthn): asked for without a name, because the authenticator knows whose it is, and always
 * with its own check of the person (finger, face or PIN), so that one is enough. A challenge is signed
 * by us and good for five minutes and one answer; nothing is kept for one that is never answered.
 */
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import { isIP } from "node:net";
import type { Sentence } from "../../contract/route.ts";
import * as contract from "../../contract/signIn.ts";
import { fill, NO_PASSKEYS, type NoPasskeys } from "../../contract/texts.ts";
import { sha256 } from "../base/crypto.ts";
import { type Queryable, transact } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { addMs, type Instant, MINUTE, toIso, toIsoOrNull } from "../base/instant.ts";
import { bind, type BoundRoute } from "../base/routes.ts";
import { whenNeeded } from "../base/whenNeeded.ts";
import type { World } from "../base/world.ts";
import type { Actor } from "../domain/account/account.ts";
import { actorOfPerson, recordAccess, renewSession } from "../domain/account/commands.ts";
import { freshSession, signInPerson } from "../domain/account/ways.ts";
import {
  deletePasskey,
  findPasskey,
  insertPasskey,
  listPasskeys,
  type PasskeyRow,
  spendChallenge,
  usePasskey,
} from "../domain/account/waysStore.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { sessionCookie } from "./cookies.ts";
import { mustBeOwnSite } from "./ownSite.ts";
import { leaveSession, signedIn } from "./signedIn.ts";

type Library = typeof import("@simplewebauthn/server");
const library = whenNeeded("@simplewebauthn/server");

const CHALLENGE_MS = 5 * MINUTE;
const SIGNED = "passkey challenge";

/** Why there are no passkeys under this address; null when there are. */
export function whyNoPasskeys(publicUrl: string): (Sentence & { kind: NoPasskeys }) | null {
  const { hostname: host, protocol, port } = new URL(publicUrl);
  const because = (kind: NoPasskeys, params: Sentence["params"] = {}) => ({
    kind,
    template: NO_PASSKEYS[kind],
    params,
  });
  if (isIP(host.replace(/^\[|\]$/g, "")) !== 0) {
    const address = `http://localhost${port === "" ? "" : `:${port}`}`;
    return host === "127.0.0.1" || host === "[::1]"
      ? because("here", { host, address })
      : because("bare", { host });
  }
  const isLocal = host === "localhost" || host.endsWith(".localhost");
  return protocol === "https:" || isLocal ? null : because("plain");
}

/** The same as the ways in tell it: a sentence, and what it is made of. */
export function passkeyWays(publicUrl: string) {
  const why = whyNoPasskeys(publicUrl);
  if (why === null) return { passkeysNot: null, passkeysNotBecause: null };
  const { template, params } = why;
  return { passkeysNot: fill(template, params), passkeysNotBecause: { template, params } };
}

type Config = (tx: Queryable) => Promise<Snapshot>;

export function passkeyRoutes(world: World, config: Config): readonly BoundRoute<Actor>[] {
  const origin = new URL(world.publicUrl).origin;
  const rpID = new URL(world.publicUrl).hostname;
  const mustWork = (): void => {
    const why = passkeyWays(world.publicUrl).passkeysNot;
    if (why !== null) throw new Refusal("access.passkeys_not", { why });
  };
  const expected = {
    expectedOrigin: origin,
    expectedRPID: rpID,
    expectedChallenge: (challenge: string) => isOurs(world, challenge, world.clock.now()),
    requireUserVerification: true,
  };
  return [
    bind(contract.askPasskey, async ({ request }) => {
      mustBeOwnSite(world.publicUrl, request);
      mustWork();
      const options = await library().generateAuthenticationOptions({
        rpID,
        challenge: newChallenge(world),
        timeout: CHALLENGE_MS,
        userVerification: "required",
      });
      return { ...options };
    }),
    bind(contract.signInByPasskey, async ({ body, request }) => {
      mustBeOwnSite(world.publicUrl, request);
      mustWork();
      const response = body.response as unknown as AuthenticationResponseJSON;
      const row = await findPasskey(world.db, Buffer.from(response.id, "base64url"));
      const snapshot = await config(world.db);
      const actor = row === null ? null : actorOfPerson(snapshot, row.personId);
      if (row === null || actor === null) throw refused("it is not kept here");
      const counter = await counterOf(row, response, expected).catch(async (error: unknown) => {
        if (isBehind(error)) await recordCopy(world, actor, row);
        throw error;
      });
      const now = world.clock.now();
      const cookie = await transact(world.db, async (tx) => {
        await spend(tx, challengeIn(response.response.clientDataJSON), now);
        if (!(await usePasskey(tx, { id: row.id, counter, now }))) throw refused(BEHIND);
        await leaveSession(tx, world, request, now);
        return signInPerson(tx, world, snapshot, row.personId, "passkey", now);
      });
      return signedIn(world, cookie, snapshot.get("people", row.personId)?.ref ?? null);
    }),
    bind(contract.beginPasskey, async ({ actor, request }) => {
      mustWork();
      const cookie = sessionCookie(world.publicUrl, request.headers);
      const { personId } = await freshSession(world.db, actor, cookie, world.clock.now());
      const person = (await config(world.db)).get("people", personId);
      const kept = await listPasskeys(world.db, personId);
      const options = await library().generateRegistrationOptions({
        rpName: "Tocsin",
        rpID,
        userName: person?.body.email ?? personId,
        userDisplayName: person?.body.name ?? personId,
        // Opaque, and the same for all of a person's passkeys, so that a device keeps one of them.
        userID: new Uint8Array(sha256(`passkeys of ${person?.ref ?? personId}`)),
        challenge: newChallenge(world),
        timeout: CHALLENGE_MS,
        attestationType: "none",
        excludeCredentials: kept.map((row) => ({
          id: row.credentialId.toString("base64url"),
          transports: [...row.transports],
        })),
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
      });
      return { ...options };
    }),
    bind(contract.addPasskey, async ({ actor, body, request }) => {
      mustWork();
      const now = world.clock.now();
      const cookie = sessionCookie(world.publicUrl, request.headers);
      const { personId, cookie: own } = await freshSession(world.db, actor, cookie, now);
      const response = body.response as unknown as RegistrationResponseJSON;
      const { registrationInfo } = await library()
        .verifyRegistrationResponse({ response, ...expected })
        .catch((error: unknown) => {
          throw refused(problemOf(error));
        });
      if (registrationInfo === undefined) throw refused("its signature does not fit");
      const { credential } = registrationInfo;
      const row: PasskeyRow = {
        id: world.chance.id(now),
        personId,
        credentialId: Buffer.from(credential.id, "base64url"),
        publicKey: Buffer.from(credential.publicKey),
        counter: credential.counter,
        transports: (credential.transports ?? []).slice(0, 8).map(String),
        name: body.name,
        createdAt: now,
        lastUsedAt: null,
      };
      const fresh = await transact(world.db, async (tx) => {
        await spend(tx, challengeIn(response.response.clientDataJSON), now);
        if (!(await insertPasskey(tx, row))) throw new Refusal("access.passkey_taken");
        await recordAccess(tx, world, actor, "passkey added", `passkey:${row.id}`, now);
        return renewSession(tx, world, actor, own, now);
      });
      return signedIn(world, fresh, null, { reply: passkeyView(row), status: 201 });
    }),
    bind(contract.removePasskey, async ({ actor, params, request }) => {
      const now = world.clock.now();
      const cookie = sessionCookie(world.publicUrl, request.headers);
      await transact(world.db, async (tx) => {
        const { personId } = await freshSession(tx, actor, cookie, now);
        if ((await deletePasskey(tx, personId, params.id)) === 0)
          throw new Refusal("access.passkey_unknown", { id: params.id });
        await recordAccess(tx, world, actor, "passkey removed", `passkey:${params.id}`, now);
      });
      return {};
    }),
  ];
}

export const passkeyView = (row: PasskeyRow) => ({
  id: row.id,
  name: row.name,
  createdAt: toIso(row.createdAt),
  lastUsedAt: toIsoOrNull(row.lastUsedAt),
});

const refused = (problem: string): Refusal => new Refusal("access.passkey_refused", { problem });

/** The library's words name what was expected, sometimes with what was sent; ours do not. */
function problemOf(error: unknown): string {
  const text = error instanceof Error ? error.message : "";
  if (/challenge/i.test(text)) return "it answers another question, or too late. Try again";
  if (/origin|RP ID/i.test(text)) return "it was made for another address";
  if (/verif(ied|ication)|not present/i.test(text)) return "the device did not check who you are";
  if (/counter/i.test(text)) return BEHIND;
  return "it could not be read";
}

const BEHIND = "its counter went back, so there may be a copy of it. Remove it, and tell security";
const isBehind = (error: unknown): boolean =>
  error instanceof Refusal && error.params["problem"] === BEHIND;

type Expected = Pick<
  Parameters<Library["verifyAuthenticationResponse"]>[0],
  "expectedOrigin" | "expectedRPID" | "expectedChallenge" | "requireUserVerification"
>;

/** What the authenticator counts now, once its answer has been found good. */
async function counterOf(
  row: PasskeyRow,
  response: AuthenticationResponseJSON,
  expected: Expected,
): Promise<number> {
  const credential = {
    id: row.credentialId.toString("base64url"),
    publicKey: new Uint8Array(row.publicKey),
    counter: row.counter,
  };
  const checked = await library()
    .verifyAuthenticationResponse({ response, credential, ...expected })
    .catch((error: unknown) => {
      throw refused(problemOf(error));
    });
  if (!checked.verified) throw refused("its signature does not fit");
  return checked.authenticationInfo.newCounter;
}

const recordCopy = (world: World, actor: Actor, row: PasskeyRow): Promise<void> =>
  transact(world.db, (tx) =>
    recordAccess(
      tx,
      world,
      actor,
      "passkey counter went back",
      `passkey:${row.id}`,
      world.clock.now(),
    ),
  );

/** 16 bytes of chance, when it was made, and our signature over both. */
function newChallenge(world: World): Uint8Array<ArrayBuffer> {
  const head = Buffer.alloc(24);
  world.chance.bytes(16).copy(head);
  head.writeBigUInt64BE(BigInt(world.clock.now()), 16);
  const signature = Buffer.from(world.keys.sign(SIGNED, head.toString("hex")), "base64url");
  return new Uint8Array(Buffer.concat([head, signature]));
}

function isOurs(world: World, challenge: string, now: Instant): boolean {
  const bytes = Buffer.from(challenge, "base64url");
  if (bytes.length !== 40) return false;
  const [head, signature] = [bytes.subarray(0, 24), bytes.subarray(24)];
  const madeAt = Number(head.readBigUInt64BE(16)) as Instant;
  const age = now - madeAt;
  return (
    age >= -MINUTE &&
    age <= CHALLENGE_MS &&
    world.keys.verify(SIGNED, head.toString("hex"), signature.toString("base64url"))
  );
}

/** The challenge that was answered; the answer has been found good before this is asked. */
function challengeIn(clientDataJson: string): string {
  const data: unknown = JSON.parse(Buffer.from(clientDataJson, "base64url").toString());
  return String((data as { challenge?: unknown }).challenge);
}

async function spend(
  tx: Parameters<typeof spendChallenge>[0],
  challenge: string,
  now: Instant,
): Promise<void> {
  const first = await spendChallenge(tx, sha256(challenge), addMs(now, 2 * CHALLENGE_MS));
  if (!first) throw refused("it was used already. Try again");
}
