/** The ways in that need nobody else: password, mailed link and break-glass; and what people keep for them. */
import * as contract from "../../contract/signIn.ts";
import { say } from "../../contract/texts.ts";
import { sleepReal } from "../base/clock.ts";
import { type Queryable, transact } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { addMs, MINUTE, toIso, toIsoOrNull } from "../base/instant.ts";
import { bind, type BoundRoute, Raw } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import { type Actor, allow, personOf } from "../domain/account/account.ts";
import { findSession, hasFreshLink } from "../domain/account/store.ts";
import { beginTry, forgiveTry } from "../domain/account/tries.ts";
import * as ways from "../domain/account/ways.ts";
import {
  type BreakGlassRow,
  findPassword,
  listBreakGlass,
  listPasskeys,
} from "../domain/account/waysStore.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { tellAddresses } from "../domain/notification/commands.ts";
import { tokenHash } from "../base/crypto.ts";
import { ringBreakGlass } from "./breakGlass.ts";
import { sessionCookie } from "./cookies.ts";
import { mustBeOwnSite } from "./ownSite.ts";
import { passkeyRoutes, passkeyView, passkeyWays } from "./passkeys.ts";
import { type Provider, providerRoutes } from "./provider.ts";
import { isKnownBrowser, leaveSession, signedIn } from "./signedIn.ts";

/** Asking for a link takes this long whether or not there is such a person. */
const FORGOTTEN_MS = 400;

export type DoorOptions = {
  /** Whether mail can go out. */
  readonly mailServer: boolean;
  readonly provider: Provider | null;
};

/** Nobody can fill somebody's mailbox. */
const LINKS_APART_MS = 2 * MINUTE;

type Config = (tx: Queryable) => Promise<Snapshot>;

export function doorRoutes(
  world: World,
  config: Config,
  options: DoorOptions,
): readonly BoundRoute<Actor>[] {
  return [
    bind(contract.readWays, async () => ({
      ...passkeyWays(world.publicUrl),
      provider: options.provider?.name ?? null,
      mail: options.mailServer && mailChannel(await config(world.db)) !== null,
    })),
    ...passwordRoutes(world, config),
    ...breakGlassRoutes(world, config),
    ...passkeyRoutes(world, config),
    ...providerRoutes(world, config, options.provider),
    bind(contract.forgetCredentials, async ({ actor, params }) => {
      await transact(world.db, async (tx) =>
        ways.forgetCredentials(tx, world, await config(tx), actor, params.id, world.clock.now()),
      );
      return {};
    }),
  ];
}

/** The channel that links are mailed by: the first for mail. */
const mailChannel = (config: Snapshot): string | null =>
  config.all("channels").find(({ body }) => body.type === "email")?.id ?? null;

function passwordRoutes(world: World, config: Config): readonly BoundRoute<Actor>[] {
  const cookieOnly = (cookie: string): Raw => signedIn(world, cookie, null);
  return [
    bind(contract.signInByPassword, async ({ body, request }) => {
      mustBeOwnSite(world.publicUrl, request);
      const snapshot = await config(world.db);
      const named = ways.personOfEmail(snapshot, body.email);
      const ref = snapshot.get("people", named ?? "")?.ref ?? null;
      const trying = {
        account: body.email,
        address: request.address,
        isKnownBrowser: isKnownBrowser(world, request, ref),
      };
      await beginTry(world, trying, world.clock.now());
      const personId = await ways.personOfPassword(world, snapshot, body.email, body.password);
      if (personId === null) throw new Refusal("access.password_wrong");
      await forgiveTry(world, trying);
      const cookie = await transact(world.db, async (tx) => {
        await leaveSession(tx, world, request, world.clock.now());
        return ways.signInPerson(tx, world, snapshot, personId, "password", world.clock.now());
      });
      return signedIn(world, cookie, ref);
    }),
    bind(contract.forgotPassword, async ({ body, request }) => {
      mustBeOwnSite(world.publicUrl, request);
      const trying = { account: `link for ${body.email}`, address: request.address };
      await beginTry(world, { ...trying, isKnownBrowser: false }, world.clock.now());
      const patience = new AbortController();
      await Promise.all([
        mailPasswordLink(world, config, body.email),
        sleepReal(FORGOTTEN_MS, patience.signal),
      ]);
      return {};
    }),
    bind(contract.setPasswordByLink, async ({ body, request }) => {
      mustBeOwnSite(world.publicUrl, request);
      const now = world.clock.now();
      const snapshot = await config(world.db);
      const holder = await ways.holderOfPasswordLink(world.db, body.token, now);
      const hash = await ways.newPasswordHash(world, snapshot, holder, body.password);
      const cookie = await transact(world.db, async (tx) => {
        await leaveSession(tx, world, request, now);
        return ways.resetPassword(tx, world, snapshot, { token: body.token, hash }, now);
      });
      return signedIn(world, cookie, snapshot.get("people", holder)?.ref ?? null);
    }),
    bind(contract.readCredentials, async ({ actor, request }) => {
      const personId = personOf(actor);
      const cookie = sessionCookie(world.publicUrl, request.headers);
      const now = world.clock.now();
      const session = cookie === null ? null : await findSession(world.db, tokenHash(cookie), now);
      const until = session === null ? null : addMs(session.signedInAt, ways.FRESH_MS);
      const password = personId === null ? null : await findPassword(world.db, personId);
      const passkeys = personId === null ? [] : await listPasskeys(world.db, personId);
      return {
        passwordSince: toIsoOrNull(password?.changedAt ?? null),
        passkeys: passkeys.map(passkeyView),
        changeableUntil: personId === null || until === null || until < now ? null : toIso(until),
      };
    }),
    bind(contract.setPassword, async ({ actor, body, request }) => {
      const now = world.clock.now();
      const cookie = sessionCookie(world.publicUrl, request.headers);
      const { personId } = await ways.freshSession(world.db, actor, cookie, now);
      const snapshot = await config(world.db);
      const hash = await ways.newPasswordHash(world, snapshot, personId, body.password);
      return cookieOnly(
        await transact(world.db, (tx) =>
          ways.changePassword(tx, world, actor, { cookie, hash }, world.clock.now()),
        ),
      );
    }),
    bind(contract.removePassword, async ({ actor, request }) => {
      const cookie = sessionCookie(world.publicUrl, request.headers);
      return cookieOnly(
        await transact(world.db, (tx) =>
          ways.changePassword(tx, world, actor, { cookie, hash: null }, world.clock.now()),
        ),
      );
    }),
  ];
}

/** Mails a link that sets a password, if there is such a person and a channel for mail. */
async function mailPasswordLink(world: World, config: Config, email: string): Promise<void> {
  const now = world.clock.now();
  await transact(world.db, async (tx) => {
    const snapshot = await config(tx);
    const personId = ways.personOfEmail(snapshot, email);
    const channel = mailChannel(snapshot);
    const address = snapshot.get("people", personId ?? "")?.body.email;
    if (personId === null || channel === null || address === undefined) return;
    if (await hasFreshLink(tx, personId, addMs(now, -LINKS_APART_MS))) return;
    const linkId = await ways.createPasswordLink(tx, world, personId, now);
    await tellAddresses(
      tx,
      world,
      [{ channel, address }],
      {
        subject: "access",
        occasion: linkId,
        kind: "notice",
        urgency: "high",
        incidentNumber: null,
        runId: null,
        acceptedAt: now,
        dueAt: now,
        why: { you: { kind: "own account", params: {} }, now: { kind: "link asked", params: {} } },
        words: () => ({
          kind: "notice",
          subject: say("password subject", {}),
          lines: [say("password line", {}), say("password not you", {})],
          facts: [],
          actions: [
            {
              label: say("password action", {}),
              url: `${world.publicUrl}/password#${linkId}`,
              verb: "open",
              signed: { purpose: ways.PASSWORD_LINK, text: linkId },
            },
          ],
          attachments: [],
          thread: null,
        }),
      },
      now,
    );
  });
  world.nudge();
}

const breakGlassView = (row: BreakGlassRow) => ({
  id: row.id,
  label: row.label,
  createdAt: toIso(row.createdAt),
  usedAt: toIsoOrNull(row.usedAt),
  revokedAt: toIsoOrNull(row.revokedAt),
});

function breakGlassRoutes(world: World, config: Config): readonly BoundRoute<Actor>[] {
  return [
    bind(contract.signInByCode, async ({ body, request }) => {
      mustBeOwnSite(world.publicUrl, request);
      const now = world.clock.now();
      const trying = { account: "break-glass", address: request.address, isKnownBrowser: true };
      await beginTry(world, trying, now);
      const cookie = await transact(world.db, async (tx) => {
        await leaveSession(tx, world, request, now);
        const opened = await ways.signInByBreakGlass(tx, world, body.code, now);
        await ringBreakGlass(tx, world, await config(tx), opened.row, now);
        return opened.cookie;
      });
      world.nudge();
      return signedIn(world, cookie, null);
    }),
    bind(contract.createBreakGlass, async ({ actor, body }) => {
      const made = await transact(world.db, (tx) =>
        ways.createBreakGlass(tx, world, actor, body, world.clock.now()),
      );
      return { items: made.map((row) => ({ ...breakGlassView(row), code: row.code })) };
    }),
    bind(contract.listBreakGlass, async ({ actor }) => {
      allow(actor, "tokens.manage", null);
      return { items: (await listBreakGlass(world.db)).map(breakGlassView) };
    }),
    bind(contract.revokeBreakGlass, ({ actor, params }) =>
      transact(world.db, async (tx) =>
        breakGlassView(await ways.endBreakGlass(tx, world, actor, params.id, world.clock.now())),
      ),
    ),
  ];
}
