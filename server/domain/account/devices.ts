/**
 * The browsers that somebody lets be woken. Each is an address at its maker's push service and two keys;
 * whoever has them can write to it, so they are sealed, and gone once it is ended. It ends with the
 * session that allowed it, not when that runs out: a phone that lies there signed out still rings.
 */
import type { Queryable, Tx } from "../../base/db.ts";
import { sha256, tokenHash } from "../../base/crypto.ts";
import { Refusal } from "../../base/errors.ts";
import type { Instant } from "../../base/instant.ts";
import { isPublicKey, type KeyPair, keyPairOf, type Receiver } from "../../base/webPush.ts";
import type { World } from "../../base/world.ts";
import { type Actor, personOf } from "./account.ts";
import { recordAccess } from "./commands.ts";
import {
  countOtherDevices,
  type DeviceRow,
  endDevice,
  findDevice,
  findPushKey,
  insertPushKey,
  moveAddress,
  saveDevice,
} from "./deviceStore.ts";
import { findSession } from "./store.ts";

const SEALED = "push device";
const SEALED_KEY = "push key";
const MOST_DEVICES = 20;

export type Subscription = {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
};

/** A device's address and keys, opened for a message that is about to leave. */
export type OpenDevice = { readonly endpoint: string; readonly receiver: Receiver };

/** The public half of the pair with which this installation shows who sends; made when it is first asked for. */
export async function senderKey(tx: Queryable, world: World, now: Instant): Promise<Buffer> {
  const found = await findPushKey(tx);
  if (found !== null) return found.publicKey;
  let pair: KeyPair | null = null;
  while (pair === null) pair = keyPairOf(world.chance.bytes(32));
  const sealed = world.keys.seal(SEALED_KEY, pair.privateKey, world.chance);
  await insertPushKey(tx, { publicKey: pair.publicKey, sealed }, now);
  // Another node may have been first.
  return (await findPushKey(tx))?.publicKey ?? pair.publicKey;
}

/** The whole pair, for what is about to leave; null before anybody asked for the public half. */
export async function openPushKey(
  tx: Queryable,
  world: Pick<World, "keys">,
): Promise<KeyPair | null> {
  const found = await findPushKey(tx);
  if (found === null) return null;
  return {
    publicKey: found.publicKey,
    privateKey: world.keys.open(SEALED_KEY, found.sealed),
  };
}

/** Lets the browser of this session be woken; one that somebody else had is theirs no more. */
export async function allowDevice(
  tx: Tx,
  world: World,
  actor: Actor,
  asked: {
    readonly cookie: string | null;
    readonly name: string;
    readonly subscription: Subscription;
    /** Its address before; it stays the same device then. */
    readonly instead?: string | undefined;
  },
  now: Instant,
): Promise<DeviceRow> {
  const personId = personOf(actor);
  const session =
    asked.cookie === null ? null : await findSession(tx, tokenHash(asked.cookie), now);
  if (personId === null || session === null || session.personId !== personId)
    throw new Refusal("access.browser_only");
  const url = mustBeSubscription(asked.subscription);
  const address = sha256(asked.subscription.endpoint);
  if (asked.instead !== undefined)
    await moveAddress(tx, personId, { from: sha256(asked.instead), to: address });
  if ((await countOtherDevices(tx, personId, address)) >= MOST_DEVICES)
    throw new Refusal("access.devices_many", { most: MOST_DEVICES });
  const id = world.chance.id(now);
  const row = await saveDevice(
    tx,
    {
      id,
      personId,
      sessionId: session.id,
      name: asked.name,
      service: url.host,
      sealed: world.keys.seal(
        SEALED,
        Buffer.from(JSON.stringify(asked.subscription)),
        world.chance,
      ),
    },
    address,
    now,
  );
  if (row.id === id)
    await recordAccess(tx, world, actor, "device allowed", `device:${row.id}`, now);
  return row;
}

/** Refuses what no browser would have given. */
function mustBeSubscription({ endpoint, keys }: Subscription): URL {
  const url = URL.parse(endpoint);
  const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(url?.hostname ?? "");
  if (url === null || !(url.protocol === "https:" || (isHere && url.protocol === "http:")))
    throw new Refusal("request.invalid", {
      field: "subscription.endpoint",
      expected: "the https:// address of a push service",
    });
  if (!isPublicKey(Buffer.from(keys.p256dh, "base64url")))
    throw new Refusal("request.invalid", {
      field: "subscription.keys.p256dh",
      expected: "a public key of P-256, as base64url",
    });
  if (Buffer.from(keys.auth, "base64url").length !== 16)
    throw new Refusal("request.invalid", {
      field: "subscription.keys.auth",
      expected: "16 bytes as base64url",
    });
  return url;
}

/** One of the actor's own is woken no more. */
export async function removeDevice(
  tx: Tx,
  world: World,
  actor: Actor,
  id: string,
  now: Instant,
): Promise<void> {
  const row = await findDevice(tx, id);
  if (row === null || row.personId !== personOf(actor) || row.endedAt !== null)
    throw new Refusal("access.device_unknown", { id });
  await endDevice(tx, id, "removed", now);
  await recordAccess(tx, world, actor, "device removed", `device:${id}`, now);
}

/** Where a message to a device goes; null once it is ended. */
export async function openDevice(
  tx: Queryable,
  world: Pick<World, "keys">,
  id: string,
): Promise<OpenDevice | null> {
  const row = await findDevice(tx, id);
  if (row === null || row.sealed === null) return null;
  const { endpoint, keys } = JSON.parse(
    world.keys.open(SEALED, row.sealed).toString(),
  ) as Subscription;
  const receiver = {
    publicKey: Buffer.from(keys.p256dh, "base64url"),
    auth: Buffer.from(keys.auth, "base64url"),
  };
  return { endpoint, receiver };
}
