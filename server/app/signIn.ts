/** Signing in by the one-time link, and signing out. */
import { showSignIn, pressSignIn } from "../../contract/pages.ts";
import * as contract from "../../contract/session.ts";
import { sameBytes, tokenHash } from "../base/crypto.ts";
import { type Queryable, transact } from "../base/db.ts";
import { html, type Html } from "../base/html.ts";
import { toIso } from "../base/instant.ts";
import { bind, type BoundRoute, Raw } from "../base/routes.ts";
import { type Speaker, speaker } from "../base/words.ts";
import type { World } from "../base/world.ts";
import { type Actor, allow, personOf } from "../domain/account/account.ts";
import { endSession, holderOfLink, signInByLink, signOut } from "../domain/account/commands.ts";
import { findSession, listSessionsOf } from "../domain/account/store.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { sessionCookie, setCookie } from "./cookies.ts";
import { languageFor } from "./language.ts";
import { ICONS, line, pageAround } from "./pageParts.ts";
import { endAtProvider, type Provider } from "./provider.ts";
import { leaveSession, signedIn } from "./signedIn.ts";

export function signInRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
  provider: Provider | null,
): readonly BoundRoute<Actor>[] {
  return [
    bind(showSignIn, async ({ params, request }) => {
      const holder = await holderOfLink(world.db, params.token, world.clock.now());
      const person = (await config(world.db)).get("people", holder ?? "")?.body;
      const language = person?.language ?? languageFor(request.headers);
      const t = speaker(language);
      const name = holder === null ? null : (person?.name ?? holder);
      return pageAround({ language, title: t("Sign in") }, signInPage(name, t));
    }),
    bind(pressSignIn, async ({ params, request }) => {
      const now = world.clock.now();
      const holder = await holderOfLink(world.db, params.token, now);
      const { cookie, ref } = await transact(world.db, async (tx) => {
        const snapshot = await config(tx);
        const opened = await signInByLink(tx, world, snapshot, params.token, now);
        await leaveSession(tx, world, request, now);
        return { cookie: opened, ref: snapshot.get("people", holder ?? "")?.ref ?? null };
      });
      const headers = { location: "/", ...signedIn(world, cookie, ref).headers };
      return new Raw("text/plain", "", headers, 303);
    }),
    bind(contract.listSessions, async ({ actor, request }) => {
      const cookie = sessionCookie(world.publicUrl, request.headers);
      const own = cookie === null ? null : tokenHash(cookie);
      const rows = await listSessionsOf(world.db, holderOf(actor), world.clock.now());
      return {
        items: rows.map(({ id, hash, createdAt, expiresAt, how }) => ({
          id,
          how,
          createdAt: toIso(createdAt),
          expiresAt: toIso(expiresAt),
          current: own !== null && sameBytes(hash, own),
        })),
      };
    }),
    bind(contract.endSession, async ({ actor, params }) => {
      holderOf(actor);
      await transact(world.db, (tx) => endSession(tx, world, actor, params.id, world.clock.now()));
      return {};
    }),
    bind(contract.signOut, async ({ actor, request }) => {
      const cookie = sessionCookie(world.publicUrl, request.headers);
      const session =
        cookie === null ? null : await findSession(world.db, tokenHash(cookie), world.clock.now());
      const how = session?.how ?? null;
      if (cookie !== null)
        await transact(world.db, (tx) => signOut(tx, world, actor, cookie, world.clock.now()));
      const headers = { "set-cookie": setCookie(world.publicUrl, "tocsin", null) };
      const next = how === "provider" ? await endAtProvider(world, provider) : null;
      return new Raw("application/json; charset=utf-8", JSON.stringify({ next }), headers);
    }),
  ];
}

/** A person's own sessions; those of administrators by link only for whoever has that right. */
function holderOf(actor: Actor): string | null {
  const person = personOf(actor);
  if (person === null) allow(actor, "tokens.manage", null);
  return person;
}

function signInPage(name: string | null, t: Speaker): Html {
  const heading =
    name === null ? t("Sign in as administrator") : t("Sign in as {person}", { person: name });
  const opens =
    name === null
      ? t(
          "A session of seven days in this browser, with every right. On a machine that others use, keep to the command line.",
        )
      : t(
          "A session of seven days in this browser, with your rights. On a machine that others use, sign out when you leave.",
        );
  return html`<header class="calm"><div class="top"><span>Tocsin</span></div>
<h1>${heading}</h1>
<p>${t("This link works once.")}</p></header>
<section class="lines">${line(ICONS.person, t("What it opens"), html`<p>${opens}</p>`)}</section>
<footer><form method="post"><button>${t("Sign in")}<small>${t("Spends the link")}</small></button></form></footer>`;
}
