/**
 * The consequences of silences: what one held is looked at again when somebody ends it, what waits is
 * looked at again when the configuration changes, and its owner hears before a mute ends.
 */
import { say } from "../../contract/texts.ts";
import { sql, transact } from "../base/db.ts";
import { type Instant, earlier, toIso } from "../base/instant.ts";
import { awakenHeld, awakenOutdated, countHeld, nextOutdated } from "../domain/alert/holdStore.ts";
import { dueUnlessChanged } from "../domain/config/store.ts";
import type { Command } from "../domain/incident/commands.ts";
import { tellPeople, type Telling } from "../domain/notification/commands.ts";
import { fact } from "../domain/notification/wording.ts";
import { normalMatchers } from "../domain/silence/matching.ts";
import type { Snapshot } from "../domain/config/config.ts";
import {
  type Mute,
  muteName,
  mutesOf,
  noticeAt,
  type SilenceRow,
  type Span,
  spanFrom,
} from "../domain/silence/silence.ts";
import {
  countHits,
  insertNotice,
  isSilenceEnded,
  liveMark,
  listLiveSilences,
  listNotices,
  nextSilenceEnd,
  readLiveMark,
  takeEndedSilences,
} from "../domain/silence/store.ts";
import type { Step } from "./engine.ts";
import { asEngine, type EngineParts } from "./parts.ts";

const LIMIT = 500;

export function silencesStep(parts: EngineParts): Step {
  const { db } = parts.world;
  const endingsOf = endings();
  /** What the last look found, apart from what is done since: null when it has to be looked at again. */
  let seen: {
    readonly version: number;
    readonly mark: string;
    readonly nextAt: Instant | null;
  } | null = null;
  return {
    name: "silences",
    dueAt(now) {
      if (seen === null) return sql`0`;
      const { version, mark, nextAt } = seen;
      const known = sql`case when ${liveMark(now)} = ${mark} then ${nextAt}::bigint else 0 end`;
      return dueUnlessChanged(version, sql`least(${known}, ${nextSilenceEnd}, ${nextOutdated})`);
    },
    async run(now) {
      seen = null;
      const mark = await readLiveMark(db, now);
      const config = await parts.config(db);
      const outdated = await awakenOutdated(db, config.version, now, LIMIT);
      const awakened = (await isSilenceEnded(db, now)) ? await awaken(parts, now) : 0;
      const endings = endingsOf(config, await listLiveSilences(db, now), now);
      const told = await tellOwners(parts, endings.due, now);
      seen = { version: config.version, mark, nextAt: endings.nextAt };
      return { done: outdated + awakened + told, nextAt: endings.nextAt };
    },
  };
}

/** What an ended silence holds is looked at at once. */
const awaken = ({ world }: EngineParts, now: Instant): Promise<number> =>
  transact(world.db, async (tx) => {
    const ended = await takeEndedSilences(tx, now, LIMIT);
    const by = ended.map((id) => `silence:${id}`);
    return ended.length + (await awakenHeld(tx, by, now));
  });

type Ending = { readonly mute: Mute; readonly span: Span };
type Endings = { readonly due: readonly Ending[]; readonly nextAt: Instant | null };

/**
 * The spans whose owners have to hear of their end by now. Found anew only when something was
 * configured, created or ended, or its time has come: a tick should not count through calendars.
 */
function endings(): (config: Snapshot, live: readonly SilenceRow[], now: Instant) => Endings {
  let key = "";
  let known: Endings = { due: [], nextAt: null };
  return (config, live, now) => {
    const newKey = `${config.version} ${live.map(({ id, endsAt }) => `${id} ${endsAt}`).join()}`;
    if (newKey === key && (known.nextAt === null || now < known.nextAt)) return known;
    const spans = mutesOf(config, live).flatMap((mute) => {
      const span = spanFrom(mute, now);
      return span === null ? [] : [{ mute, span, at: noticeAt(span) }];
    });
    let nextAt: Instant | null = null;
    // What is told is looked for again when it has ended: the next time may come by then.
    for (const { at, span } of spans) nextAt = earlier(nextAt, at > now ? at : span.to);
    key = newKey;
    known = { due: spans.filter(({ at }) => at <= now), nextAt };
    return known;
  };
}

/** Each owner hears once before the end of each span. */
async function tellOwners(
  parts: EngineParts,
  due: readonly Ending[],
  now: Instant,
): Promise<number> {
  if (due.length === 0) return 0;
  const mutes = due.map(({ mute }) => mute.ref);
  const told = await listNotices(parts.world.db, mutes, now);
  const untold = due.filter(({ mute, span }) => !told.has(`${mute.ref} ${span.to}`));
  for (const { mute, span } of untold)
    await asEngine(parts, now, (command) => tellOwner(command, mute, span));
  return untold.length;
}

async function tellOwner(command: Command, mute: Mute, span: Span): Promise<void> {
  const { tx, world, config, now } = command;
  if (!(await insertNotice(tx, mute.ref, span.to, now))) return;
  // Another tool may have given a name that is nobody's here.
  if (config.get("people", mute.owner) === null) return;
  const counts = (await countHits(tx, [mute.ref])).get(mute.ref);
  const holds = (await countHeld(tx, [mute.ref])).get(mute.ref) ?? 0;
  const [what, at] = [muteName(mute), toIso(span.to)];
  const telling: Telling = {
    subject: mute.ref,
    occasion: `ends ${at}`,
    kind: "notice",
    urgency: "low",
    incidentNumber: null,
    runId: null,
    acceptedAt: null,
    dueAt: now,
    why: {
      you: { kind: "silence", params: { what, reason: mute.reason } },
      now: { kind: "silence ends", params: { at } },
    },
    words: () => ({
      kind: "notice",
      subject: say("silence subject", { what, at }),
      lines: [
        say("silence line", {
          matchers: [...mute.services, ...normalMatchers(mute.matchers)].join(", "),
          held: counts?.held ?? 0,
          pages: counts?.wouldHavePaged ?? 0,
          holds,
        }),
      ],
      facts: [fact("reason", mute.reason)],
      actions: [],
      attachments: [],
      thread: { subjectId: mute.ref, sentReference: null },
    }),
  };
  await tellPeople(tx, world, config, [mute.owner], telling, now);
}
