/**
 * When something is muted, and by what. A silence is a person's, a maintenance window stands in a
 * file; both have matchers, a reason, an owner and always an end, and both may come back by a
 * recurrence rule on the wall clock of a zone.
 */
import type { RRuleTemporal } from "rrule-temporal";
import type { Recurrence } from "../../../contract/silence.ts";
import { durationMs } from "../../base/duration.ts";
import { addMs, type Instant, MINUTE, DAY } from "../../base/instant.ts";
import { whenNeeded } from "../../base/whenNeeded.ts";
import type { ActorMark } from "../account/account.ts";
import { type Entry, type Snapshot, sourceText } from "../config/config.ts";
import { firstInstantAt } from "../oncall/wallclock.ts";
import { allMatch, type ValuesOf } from "./matching.ts";

/** A silence as its row has it. */
export type SilenceRow = {
  readonly id: string;
  readonly matchers: readonly string[];
  readonly reason: string;
  /** A person's id, or whatever name another tool gave. */
  readonly owner: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly recurs: Recurrence | null;
  readonly createdAt: Instant;
  readonly createdBy: ActorMark;
};

export type Span = { readonly from: Instant; readonly to: Instant };

/** One thing that mutes, wherever it stands. */
export type Mute = {
  /** "silence:<id>" or "maintenance:<id>": what an alert that it holds names. */
  readonly ref: string;
  readonly kind: "silence" | "maintenance";
  readonly id: string;
  readonly matchers: readonly string[];
  /** Any of these; empty: every service. */
  readonly services: readonly string[];
  readonly reason: string;
  readonly owner: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly recurs: Recurrence | null;
  readonly source: string;
};

export const muteOfSilence = (row: SilenceRow): Mute => ({
  ...row,
  ref: `silence:${row.id}`,
  kind: "silence",
  services: [],
  source: "API",
});

const wallInstant = (wall: string, zone: string): Instant =>
  firstInstantAt(Temporal.PlainDateTime.from(wall), zone);

export function muteOfMaintenance(entry: Entry<"maintenance">): Mute {
  const { body } = entry;
  const startsAt = wallInstant(body.startsAt, body.timezone);
  const { timezone, duration, repeats } = body;
  return {
    ref: `maintenance:${entry.id}`,
    kind: "maintenance",
    id: entry.id,
    matchers: body.matchers ?? [],
    services: body.services ?? [],
    reason: body.reason,
    owner: body.owner,
    startsAt,
    endsAt:
      body.until === undefined
        ? addMs(startsAt, durationMs(duration))
        : wallInstant(body.until, timezone),
    recurs: repeats === undefined ? null : { rule: repeats, timezone, duration },
    source: sourceText(entry),
  };
}

/** All that may mute now or later: maintenance of the files, then silences as they are given. */
export const mutesOf = (config: Snapshot, silences: readonly SilenceRow[]): readonly Mute[] => [
  ...config.all("maintenance").map(muteOfMaintenance),
  ...silences.map(muteOfSilence),
];

/** Whether a mute means the alert, whenever it is in force. */
export const means = (mute: Mute, serviceId: string, values: ValuesOf): boolean =>
  (mute.services.length === 0 || mute.services.includes(serviceId)) &&
  allMatch(mute.matchers, values);

/** The mutes in force at an instant with the span that is running; asked once for many alerts. */
export const inForce = (
  mutes: readonly Mute[],
  at: Instant,
): readonly { readonly mute: Mute; readonly span: Span }[] =>
  mutes.flatMap((mute) => {
    const span = spanAt(mute, at);
    return span === null ? [] : [{ mute, span }];
  });

/** The span in which a mute is in force at `at`; null while it is not. Its end is not in it. */
export function spanAt(mute: Mute, at: Instant): Span | null {
  if (at < mute.startsAt || at >= mute.endsAt) return null;
  if (mute.recurs === null) return { from: mute.startsAt, to: mute.endsAt };
  const { rule, timezone, duration } = mute.recurs;
  const key = `${mute.startsAt} ${mute.endsAt} ${timezone} ${duration} ${rule}`;
  let known = stretches.get(key);
  if (known === undefined || at < known.from || at >= known.to) {
    if (stretches.size >= MOST_RULES) stretches.clear();
    known = stretchAt(mute, mute.recurs, at);
    stretches.set(key, known);
  }
  return known.span;
}

/** A stretch of time through which the answer is the same: half a millisecond to find, asked per alert. */
type Stretch = Span & { readonly span: Span | null };
const stretches = new Map<string, Stretch>();

function stretchAt(mute: Mute, recurs: Recurrence, at: Instant): Stretch {
  const spans = around(mute, recurs, at);
  const span = spans.findLast(({ from, to }) => from <= at && at < to) ?? null;
  const next = spans.find(({ from }) => from > at)?.from ?? mute.endsAt;
  const to = span !== null && span.to < next ? span.to : next;
  return { from: at, to, span };
}

/** The span that is running at `at` or comes next; null when all of it is over. */
export function spanFrom(mute: Mute, at: Instant): Span | null {
  const running = spanAt(mute, at);
  if (running !== null || at >= mute.endsAt) return running;
  if (mute.recurs === null) return { from: mute.startsAt, to: mute.endsAt };
  return around(mute, mute.recurs, at).find(({ from }) => from > at) ?? null;
}

/**
 * The occurrences near an instant: those that may still run, and the next one. They are counted on a
 * wall clock without a zone and put on the zone's clock afterwards, so that a time that the clocks
 * skip begins when they jump, as in schedules, instead of falling out.
 */
function around(mute: Mute, recurs: Recurrence, at: Instant): readonly Span[] {
  const lasts = durationMs(recurs.duration);
  const wall = (when: Instant): Temporal.ZonedDateTime =>
    Temporal.Instant.fromEpochMilliseconds(when)
      .toZonedDateTimeISO(recurs.timezone)
      .toPlainDateTime()
      .toZonedDateTime("UTC");
  const rule = ruleOf(recurs.rule, wall(mute.startsAt));
  // A day on either side: wall clocks are never farther apart than that.
  const near = rule.between(wall(addMs(at, -lasts - DAY)), wall(addMs(at, DAY)), true);
  const later = rule.next(wall(addMs(at, DAY)), false);
  return [...near, ...(later === null ? [] : [later])].flatMap((occurrence) => {
    const from = wallInstant(occurrence.toPlainDateTime().toString(), recurs.timezone);
    const to = addMs(from, lasts);
    const end = to < mute.endsAt ? to : mute.endsAt;
    return from < mute.startsAt || from >= end ? [] : [{ from, to: end }];
  });
}

const library = whenNeeded("rrule-temporal");

/** Rules that were read once; the same few are asked for every alert. */
const rules = new Map<string, RRuleTemporal<Temporal.ZonedDateTime>>();
const MOST_RULES = 1_000;

function ruleOf(
  text: string,
  start: Temporal.ZonedDateTime,
): RRuleTemporal<Temporal.ZonedDateTime> {
  const key = `${start.epochMilliseconds} ${text}`;
  let rule = rules.get(key);
  if (rule === undefined) {
    if (rules.size >= MOST_RULES) rules.clear();
    rule = new (library().RRuleTemporal)<Temporal.ZonedDateTime>({
      rruleString: `RRULE:${text}`,
      dtstart: start,
      temporal: Temporal,
    });
    rules.set(key, rule);
  }
  return rule;
}

/** What is wrong with a recurrence, in words; null when it can be followed. */
export function recurrenceFault(mute: Pick<Mute, "startsAt" | "endsAt" | "recurs">): string | null {
  const { recurs, startsAt } = mute;
  if (recurs === null) return null;
  try {
    const probe = { ...NOTHING, ...mute, recurs };
    return spanFrom(probe, addMs(startsAt, -1)) === null ? "it never comes" : null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const NOTHING = {
  ref: "",
  kind: "silence",
  id: "",
  matchers: [],
  services: [],
  reason: "",
  owner: "",
  source: "",
} as const;

const NOTICE_MS = 15 * MINUTE;

/** When its owner hears that a span is about to end: a quarter hour before, for a short one later. */
export const noticeAt = ({ from, to }: Span): Instant =>
  addMs(to, -Math.min(NOTICE_MS, Math.floor((to - from) / 4)));

/** "silence 3f9c2a71d0b4" or "maintenance sunday-patching": how people call it. */
export const muteName = ({ kind, id }: Pick<Mute, "kind" | "id">): string =>
  kind === "silence" ? `silence ${id.slice(-12)}` : `maintenance ${id}`;
