/** What is known of being on call and is needed no more: old leave, swaps, and what schedules said long ago. */
import { type Queryable, run, sql, type Tx } from "../../base/db.ts";
import { DAY, type Instant, addMs } from "../../base/instant.ts";

/** Whoever compares with last year has a month more; what was paid was paid. */
const SWAPS_KEPT_MS = 395 * DAY;
/** Hours are counted back over a year at most; two more for whoever disputes them. */
const SCHEDULES_KEPT_MS = 3 * 366 * DAY;
const AT_ONCE = 1_000;

/**
 * Forgets leave and swaps that were over thirteen months ago, and the text of schedules that has not counted for three
 * years. What a page of an incident names stays: its record says who was on call, and why.
 */
export async function forgetOnCall(tx: Tx, now: Instant): Promise<number> {
  const before = addMs(now, -SWAPS_KEPT_MS);
  const leave = await run(tx, sql`delete from person_leave where ends_at < ${before}`);
  const read = await run(tx, sql`delete from leave_feed_span where ends_at < ${before}`);
  const swaps = await run(
    tx,
    sql`delete from shift_swap where id in (
      select s.id from shift_swap s
      where s.state <> 'open' and greatest(s.ends_at, s.return_ends_at) < ${before}
        and not exists (select from notification n
          where n.person_id in (s.from_person, s.taken_by)
            and n.decided_at between s.starts_at and greatest(s.ends_at, s.return_ends_at)
            and ${names(sql`s.schedule_id`)})
      order by s.id limit ${AT_ONCE})`,
  );
  return leave + read + swaps + (await forgetTexts(tx, addMs(now, -SCHEDULES_KEPT_MS)));
}

/** A page of an incident that gives the schedule as its reason. */
const names = (schedule: ReturnType<typeof sql>) =>
  sql`n.incident_number is not null and (n.reason->'you'->'params'->>'schedule' = ${schedule}
    or starts_with(n.reason->'you'->'params'->>'explanation', ${schedule}))`;

/**
 * The instants at which a schedule changed stay, without who had turns: of that time it is said that nobody knows, not
 * what came later.
 */
const forgetTexts = (tx: Queryable, before: Instant): Promise<number> =>
  run(
    tx,
    sql`with spans as (
        select schedule_id, counts_from,
          lead(counts_from) over (partition by schedule_id order by counts_from) as until
        from schedule_version)
      update schedule_version v set body = null from spans s
      where s.schedule_id = v.schedule_id and s.counts_from = v.counts_from
        and v.body is not null and s.until < ${before}
        and not exists (select from notification n
          where n.decided_at >= v.counts_from and n.decided_at < s.until
            and ${names(sql`v.schedule_id`)})`,
  );
