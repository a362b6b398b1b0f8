/** A device as a channel: its address and keys opened, and the signature that its push service asks for. */
import { hmacSha256 } from "../base/crypto.ts";
import type { Queryable } from "../base/db.ts";
import { WEB_PUSH } from "../../contract/notification.ts";
import { errorFields } from "../base/log.ts";
import { addMs, HOUR, type Instant } from "../base/instant.ts";
import { type KeyPair, vapid } from "../base/webPush.ts";
import type { World } from "../base/world.ts";
import { openDevice, openPushKey } from "../domain/account/devices.ts";
import { webPush } from "../edge/outbound/webPush.ts";
import type { Channels } from "../engine/claims.ts";

/** Push services take a signature for a day at most; half of it leaves room for a clock that is wrong. */
const SIGNED_MS = 12 * HOUR;

type Signed = { readonly header: string; readonly until: Instant };

export function pushChannel(
  world: World,
): (tx: Queryable, deviceId: string) => ReturnType<Channels> {
  const signed = new Map<string, Signed>();
  /** One signature for each push service, which counts for hours. */
  const authorization = (pair: KeyPair, endpoint: string): string => {
    const audience = new URL(endpoint).origin;
    const now = world.clock.now();
    const known = signed.get(audience);
    if (known !== undefined && addMs(now, HOUR) < known.until) return known.header;
    const until = addMs(now, SIGNED_MS);
    const header = vapid(pair, { audience, subject: subjectOf(world.publicUrl), until });
    signed.set(audience, { header, until });
    return header;
  };
  return async (tx, deviceId) => {
    try {
      const [device, pair] = [await openDevice(tx, world, deviceId), await openPushKey(tx, world)];
      if (device === null || pair === null)
        return { fault: "the device is woken no more", isGone: true };
      const secrets = {
        endpoint: device.endpoint,
        publicKey: device.receiver.publicKey.toString("base64url"),
        auth: device.receiver.auth.toString("base64url"),
        seed: hmacSha256(pair.privateKey, device.receiver.auth).toString("base64url"),
        authorization: authorization(pair, device.endpoint),
      };
      const { publicUrl } = world;
      const channel = { type: WEB_PUSH } as const;
      return {
        driver: webPush,
        settings: { channel, secrets, productName: "Tocsin", publicUrl },
      };
    } catch (error) {
      // Another master key, such as after a restore: the pages beside it go on.
      world.log.error("a device cannot be opened", errorFields(error));
      return { fault: "the device cannot be opened with this master key" };
    }
  };
}

/** Whom a push service may write to about what we send: an address that it takes, also while somebody tries things out. */
const subjectOf = (publicUrl: string): string =>
  publicUrl.startsWith("https:") ? publicUrl : "mailto:operator@tocsin.example";
