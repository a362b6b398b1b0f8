/** The answer to whoever has shown who they are: a session's cookie, and that this browser is known. */
import { Raw, type RequestFacts } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import type { Tx } from "../base/db.ts";
import { tokenHash } from "../base/crypto.ts";
import type { Instant } from "../base/instant.ts";
import { revokeSession } from "../domain/account/store.ts";
import { readCookie, sessionCookie, setCookie } from "./cookies.ts";

const KNOWN = "known browser";

/** Gives the cookies; `person` is the opaque reference of whom the browser will be known for. */
export function signedIn(
  world: World,
  cookie: string,
  person: string | null,
  { reply = {}, status = 200 }: { readonly reply?: object; readonly status?: number } = {},
): Raw {
  const known =
    person === null ? [] : [setCookie(world.publicUrl, "tocsin-known", knownMark(world, person))];
  const headers = { "set-cookie": [setCookie(world.publicUrl, "tocsin", cookie), ...known] };
  return new Raw("application/json; charset=utf-8", JSON.stringify(reply), headers, status);
}

const knownMark = (world: World, person: string): string =>
  `${person}.${world.keys.sign(KNOWN, person)}`;

/** Whether the person with this reference has signed in with the browser before. */
export function isKnownBrowser(world: World, request: RequestFacts, person: string | null) {
  const mark = readCookie(world.publicUrl, request.headers, "tocsin-known");
  return person !== null && mark === knownMark(world, person);
}

/** A browser that signs in anew leaves the session that it had; nothing of it can be used again. */
export async function leaveSession(
  tx: Tx,
  world: World,
  request: RequestFacts,
  now: Instant,
): Promise<void> {
  const before = sessionCookie(world.publicUrl, request.headers);
  if (before !== null) await revokeSession(tx, tokenHash(before), now);
}
