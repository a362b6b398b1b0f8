/** Silences in Alertmanager's wire form, so that amtool and its like need only another address. */
import * as contract from "../../contract/alertmanager.ts";
import { matcherText, readMatcher } from "../../contract/matcher.ts";
import { type Queryable, transact } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { type Instant, mustBeInstant, toIso } from "../base/instant.ts";
import { bind, type BoundRoute } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import { matchersFor } from "./alertmanagerAlerts.ts";
import { type Actor, personOf } from "../domain/account/account.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { createSilence, endSilence } from "../domain/silence/commands.ts";
import { muteOfSilence, type SilenceRow, spanFrom } from "../domain/silence/silence.ts";
import { findSilence, listSilences } from "../domain/silence/store.ts";

const LISTED = 1_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function alertmanagerSilenceRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] {
  return [
    bind(contract.listAlertmanagerSilences, async ({ query }) => {
      const now = world.clock.now();
      const filter = matchersFor(query.filter);
      const rows = await listSilences(world.db, undefined, now, LISTED, null);
      const shown = rows.map((row) => view(row, now));
      // A filter asks about what stands in the silence's own matchers.
      return shown.filter(({ matchers }) =>
        filter.every((each) =>
          each.matches((name) => matchers.flatMap((one) => (one.name === name ? [one.value] : []))),
        ),
      );
    }),
    bind(contract.getAlertmanagerSilence, async ({ params }) => {
      const row = await findSilence(world.db, params.id);
      if (row === null) throw new Refusal("silence.not_found", { id: params.id });
      return view(row, world.clock.now());
    }),
    bind(contract.postAlertmanagerSilence, ({ actor, body }) =>
      transact(world.db, async (tx) => {
        const now = world.clock.now();
        const snapshot = await config(tx);
        const command = { tx, world, config: snapshot, actor, now };
        // Editing is ending and creating there as well; one that is over is only made anew.
        const before = UUID.test(body.id ?? "") ? await findSilence(tx, body.id ?? "") : null;
        if (before !== null && before.endsAt > now) await endSilence(command, before.id);
        const isKnown = snapshot.get("people", body.createdBy) !== null;
        const row = await createSilence(command, {
          matchers: body.matchers.map(({ name, value, isRegex, isEqual }) =>
            matcherText({ name, value, operator: OPERATORS[`${isRegex} ${isEqual}`] }),
          ),
          reason: body.comment,
          owner: isKnown ? body.createdBy : (personOf(actor) ?? (body.createdBy || null)),
          startsAt: mustBeInstant(body.startsAt, "startsAt"),
          endsAt: mustBeInstant(body.endsAt, "endsAt"),
          recurs: null,
        });
        return { silenceID: row.id };
      }),
    ),
    bind(contract.expireAlertmanagerSilence, ({ actor, params }) =>
      transact(world.db, async (tx) => {
        const command = { tx, world, config: await config(tx), actor, now: world.clock.now() };
        await endSilence(command, params.id);
        return {};
      }),
    ),
  ];
}

const OPERATORS = {
  "false true": "=",
  "false false": "!=",
  "true true": "=~",
  "true false": "!~",
} as const;

function view(row: SilenceRow, now: Instant) {
  const span = spanFrom(muteOfSilence(row), now);
  const state = span === null ? "expired" : span.from <= now ? "active" : "pending";
  return {
    id: row.id,
    status: { state } as const,
    updatedAt: toIso(row.createdAt),
    matchers: row.matchers.flatMap((text) => {
      const matcher = readMatcher(text);
      if (matcher === null) return [];
      const { name, value, operator } = matcher;
      return [{ name, value, isRegex: operator.endsWith("~"), isEqual: operator.startsWith("=") }];
    }),
    startsAt: toIso(row.startsAt),
    endsAt: toIso(row.endsAt),
    createdBy: row.owner,
    comment: row.reason,
  };
}
