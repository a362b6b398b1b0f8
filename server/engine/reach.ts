/**
 * Every hour: who is or will be on call within a day and cannot be reached is told to their team, once a day. Where
 * it only is not shown that they can be, they hear of it as well, once a week.
 */
import { say } from "../../contract/texts.ts";
import { transact } from "../base/db.ts";
import type { World } from "../base/world.ts";
import { addMs, DAY, HOUR, type Instant, toIso } from "../base/instant.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { contactsOf, tellPeople, type Telling } from "../domain/notification/commands.ts";
import { quietUntil } from "../domain/notification/rules.ts";
import {
  doubtfulAhead,
  type InDoubt,
  type Unreachable,
  unreachableAhead,
} from "../domain/report/reach.ts";
import { gatherReach } from "../domain/report/reachFacts.ts";
import type { Step } from "./engine.ts";
import type { EngineParts } from "./parts.ts";

const WEEK_MS = 7 * DAY;

export type ReachOptions = {
  readonly mailServer: boolean;
  /** Whether doubts are told: not in a rehearsal, where nobody has verified anything. */
  readonly tellsDoubts: boolean;
};

export function reachStep(
  { world, config }: EngineParts,
  { mailServer, tellsDoubts }: ReachOptions,
): Step {
  let nextAt: Instant | null = null;
  // A first hour to put it right, before anybody is told.
  let doubtsFrom: Instant | null = null;
  return {
    name: "reach",
    async run(now) {
      // It asks for no tick of its own: the loop never sleeps longer than a second.
      if (nextAt !== null && now < nextAt) return { done: 0, nextAt: null };
      nextAt = addMs(now, HOUR);
      doubtsFrom ??= nextAt;
      const doubts = tellsDoubts && now >= doubtsFrom;
      const done = await transact(world.db, async (tx) => {
        let told = 0;
        const snapshot = await config(tx);
        const span = { from: now, to: addMs(now, DAY) };
        const facts = await gatherReach(tx, world, snapshot, mailServer, span);
        for (const found of unreachableAhead(facts, span.from, span.to)) {
          const people = whoMends(snapshot, found);
          if (people.length === 0)
            world.log.error("somebody on call cannot be reached, and nobody can be told", {
              schedule: found.schedule,
            });
          for (const person of people) {
            const urgency = waitsTooLong(snapshot, person, found, now) ? "high" : "low";
            const telling = { ...tellingOf(found, now), urgency } as const;
            told += (await tellPeople(tx, world, snapshot, [person], telling, now)).told.length;
          }
        }
        for (const found of doubts ? doubtfulAhead(facts, span.from, span.to) : []) {
          const people = [...new Set([found.person, ...whoMends(snapshot, found)])];
          const rows = await tellPeople(
            tx,
            world,
            snapshot,
            people,
            doubtsTelling(found, world, now),
            now,
          );
          told += rows.told.length;
        }
        return told;
      });
      return { done, nextAt: null };
    },
  };
}

/** The manager of the schedule's team; without one that can be told, its members. */
function whoMends(config: Snapshot, { team, person }: Unreachable): readonly string[] {
  const found = config.get("teams", team ?? "")?.body;
  const others = [
    ...(found?.manager === undefined ? [] : [found.manager]),
    ...(found?.members ?? []),
  ].filter((id) => id !== person && contactsOf(config, id, "low").length > 0);
  return found?.manager !== undefined && others[0] === found.manager ? [found.manager] : others;
}

/** Whether their quiet hours end after the shift has begun: then nobody would look for somebody else in time. */
function waitsTooLong(
  config: Snapshot,
  person: string,
  { from }: Unreachable,
  now: Instant,
): boolean {
  const body = config.get("people", person)?.body;
  const until = body === undefined ? null : quietUntil(body, "low", now);
  return until !== null && until >= from;
}

/** Named by the day, so that it is said again only when it was not mended by tomorrow. */
function tellingOf({ schedule, person, from }: Unreachable, now: Instant): Telling {
  const params = { schedule, person, from: toIso(from) };
  return {
    subject: `schedule:${schedule}`,
    occasion: `${person} cannot be reached ${toIso(now).slice(0, 10)}`,
    kind: "notice",
    urgency: "low",
    incidentNumber: null,
    runId: null,
    acceptedAt: null,
    dueAt: now,
    why: { you: { kind: "your team", params }, now: { kind: "unreachable ahead", params } },
    words: () => ({
      kind: "notice",
      subject: say("unreachable subject", params),
      lines: [say("unreachable line", params)],
      facts: [],
      actions: [],
      attachments: [],
      thread: null,
    }),
  };
}

/** Named by the week: it is no emergency, and whoever is on call every day is not told every day. */
function doubtsTelling(
  { schedule, person, from, doubts }: InDoubt,
  { publicUrl }: Pick<World, "publicUrl">,
  now: Instant,
): Telling {
  const params = { schedule, person, from: toIso(from) };
  return {
    subject: `schedule:${schedule}`,
    occasion: `${person} in doubt, week ${Math.floor(now / WEEK_MS)}`,
    kind: "notice",
    urgency: "low",
    incidentNumber: null,
    runId: null,
    acceptedAt: null,
    dueAt: now,
    why: { you: { kind: "your team", params }, now: { kind: "reach in doubt", params } },
    words: () => ({
      kind: "notice",
      subject: say("doubts subject", params),
      lines: doubts,
      facts: [],
      actions: [{ label: say("doubts action"), url: `${publicUrl}/you`, verb: "open" }],
      attachments: [],
      thread: null,
    }),
  };
}
