/** What became of the pages of a weather, counted. */
import { all, type Db, sql } from "../server/base/db.ts";

type Rows = {
  readonly pages: number;
  readonly attempts: number;
  readonly unknown: number;
  /** Attempts that said that they may be a second copy. */
  readonly marked: number;
};
export type Counts = Rows & Readonly<Record<keyof typeof BROKEN, number>>;

/** The promises of pages that broke, by their words. */
const BROKEN = {
  lost: /accounted for|next due time|was taken|has an incident|has a decision/,
  afterAcknowledge: /after the acknowledge/,
  duplicates: /twice by the same method|a repeat that reaches/,
} as const;

export const NOTHING_COUNTED: Counts = {
  pages: 0,
  attempts: 0,
  unknown: 0,
  marked: 0,
  lost: 0,
  afterAcknowledge: 0,
  duplicates: 0,
};

export async function countsOf(db: Db, broken: readonly string[]): Promise<Counts> {
  const [rows] = await all(
    db,
    sql<Rows>`select count(distinct n.id)::int as pages, count(a)::int as attempts,
        (count(*) filter (where a.verdict = 'unknown'))::int as unknown,
        (count(*) filter (where a.may_repeat))::int as marked
      from notification n left join notification_attempt a on a.notification_id = n.id
      where n.kind = 'page' limit 1`,
  );
  const times = (pattern: RegExp): number => broken.filter((line) => pattern.test(line)).length;
  return {
    ...rows!,
    lost: times(BROKEN.lost),
    afterAcknowledge: times(BROKEN.afterAcknowledge),
    duplicates: times(BROKEN.duplicates),
  };
}

export const sum = (a: Counts, b: Counts): Counts => ({
  pages: a.pages + b.pages,
  attempts: a.attempts + b.attempts,
  unknown: a.unknown + b.unknown,
  marked: a.marked + b.marked,
  lost: a.lost + b.lost,
  afterAcknowledge: a.afterAcknowledge + b.afterAcknowledge,
  duplicates: a.duplicates + b.duplicates,
});

export const counted = (counts: Counts): string =>
  `${counts.pages} pages in ${counts.attempts} attempts, ${counts.unknown} of them unknown and ${counts.marked} marked as ` +
  `a possible repeat; lost ${counts.lost}, begun after an acknowledge ${counts.afterAcknowledge}, ` +
  `unmarked duplicates ${counts.duplicates}`;
