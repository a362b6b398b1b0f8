/** Creating and ending a silence. What was muted stays written down. */
import type { Recurrence } from "../../../contract/silence.ts";
import { readMatcher } from "../../../contract/matcher.ts";
import type { Tx } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { DAY, type Instant, toIso } from "../../base/instant.ts";
import { record } from "../../base/ledger.ts";
import type { World } from "../../base/world.ts";
import { type Actor, actorRef, allow, markOf, may, personOf } from "../account/account.ts";
import type { Snapshot } from "../config/config.ts";
import { compileMatcher, matchesEmpty, normalMatchers } from "./matching.ts";
import { muteOfSilence, recurrenceFault, type SilenceRow } from "./silence.ts";
import { insertSilence, lockSilence, saveSilenceEnd } from "./store.ts";

export type SilenceCommand = {
  readonly tx: Tx;
  readonly world: World;
  readonly config: Snapshot;
  readonly actor: Actor;
  readonly now: Instant;
};

export type SilenceWish = {
  readonly matchers: readonly string[];
  readonly reason: string;
  /** Null: whoever creates it. */
  readonly owner: string | null;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly recurs: Recurrence | null;
};

/** Longer than this is not silence but a rule. */
const LONGEST_DAYS = 366;

export async function createSilence(
  command: SilenceCommand,
  wish: SilenceWish,
): Promise<SilenceRow> {
  const { tx, world, actor, now } = command;
  mustCompile(wish.matchers);
  const matchers = normalMatchers(wish.matchers);
  if (matchesEmpty(matchers))
    throw new Refusal("silence.matches_all", { matchers: matchers.join(", ") });
  mustBeAllowed(command, matchers);
  const startsAt = wish.startsAt < now ? now : wish.startsAt;
  if (wish.endsAt <= startsAt || wish.endsAt - now > LONGEST_DAYS * DAY)
    throw new Refusal("silence.span", { days: LONGEST_DAYS });
  const owner = wish.owner ?? personOf(actor);
  if (owner === null) throw new Refusal("silence.no_owner");
  const row: SilenceRow = {
    ...wish,
    matchers,
    startsAt,
    owner,
    id: world.chance.id(now),
    createdAt: now,
    createdBy: markOf(actor),
  };
  const fault = recurrenceFault(muteOfSilence(row));
  if (fault !== null) throw new Refusal("silence.recurrence", { problem: fault });
  await insertSilence(tx, row);
  await recordSilence(command, row, "silence created");
  return row;
}

/** Ends a silence now. What it holds is looked at again by the engine. */
export async function endSilence(command: SilenceCommand, id: string): Promise<SilenceRow> {
  const { tx, now } = command;
  const row = await lockSilence(tx, id);
  if (row === null) throw new Refusal("silence.not_found", { id });
  mustBeAllowed(command, row.matchers);
  if (row.endsAt <= now) throw new Refusal("silence.over", { id, endsAt: toIso(row.endsAt) });
  await saveSilenceEnd(tx, id, now, now);
  const ended = { ...row, endsAt: now, startsAt: row.startsAt < now ? row.startsAt : now };
  await recordSilence(command, ended, "silence ended");
  return ended;
}

export function mustCompile(matchers: readonly string[]): void {
  for (const matcher of matchers) {
    const ready = compileMatcher(matcher);
    if (typeof ready === "string")
      throw new Refusal("silence.pattern", { matcher, problem: ready });
  }
}

/**
 * The right counts everywhere, or in a team; in a team only where a matcher keeps to its services.
 */
function mustBeAllowed({ actor, config }: SilenceCommand, matchers: readonly string[]): void {
  if (may(actor, "silences.write", null)) return;
  allow(actor, "silences.write", "any");
  const teams = config.all("teams").filter(({ id }) => may(actor, "silences.write", id));
  const own = new Set(teams.map(({ id }) => id));
  const keeps = matchers.some((text) => {
    const matcher = readMatcher(text);
    if (matcher?.operator !== "=") return false;
    if (matcher.name === "team") return own.has(matcher.value);
    const service = matcher.name === "service" ? config.get("services", matcher.value) : null;
    return service !== null && own.has(service.body.team);
  });
  if (keeps) return;
  const names = [...own];
  throw new Refusal("silence.foreign", { teams: names.join(", "), team: names[0] ?? "" });
}

async function recordSilence(
  { tx, world, actor, now }: SilenceCommand,
  row: SilenceRow,
  action: string,
): Promise<void> {
  const { id, matchers, reason, owner, startsAt, endsAt, recurs } = row;
  await record(tx, world, {
    stream: "silences",
    at: now,
    actorRef: actorRef(actor),
    action,
    objectRef: `silence:${id}`,
    payload: { matchers, reason, owner, startsAt, endsAt, recurs },
  });
}
