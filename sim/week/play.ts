/** Plays a week of alerts on the virtual clock, with people who answer their pages, and counts what it led to. */
import { all, type Queryable, sql } from "../../server/base/db.ts";
import { addMs, DAY, fromIso, type Instant, MINUTE, toIso } from "../../server/base/instant.ts";
import { Refusal } from "../../server/base/errors.ts";
import * as intake from "../../contract/intake.ts";
import { simulate } from "../world.ts";
import { weekCompany } from "./company.ts";
import { weekOf } from "./events.ts";

export type WeekReport = {
  readonly messages: number;
  readonly alerts: number;
  /** Alerts by what let them wait or speak: "held back", "silenced", … and "spoke at once". */
  readonly byReason: Readonly<Record<string, number>>;
  /** Alerts that stand in no incident. */
  readonly outside: number;
  readonly changes: number;
  readonly incidents: Readonly<Record<string, number>>;
  /** Of them those that an incident of a cause took in. */
  readonly merged: number;
  readonly largest: number;
  readonly pages: number;
  readonly atNight: number;
  readonly byPerson: Readonly<Record<string, number>>;
};

/** A Monday at midnight in Berlin, where everybody works. */
const START = "2026-11-22T23:00:00Z";
const ANSWERS_AFTER_MS = 4 * MINUTE;

export type PlayOptions = {
  readonly seed: string;
  readonly days: number;
  readonly share: number;
  readonly calm: boolean;
  readonly onDay?: (day: number) => void;
};

export async function playWeek(options: PlayOptions): Promise<WeekReport> {
  const { seed, days, share, calm } = options;
  const startsAt = fromIso(START)!;
  const sim = await simulate({
    seed,
    startsAt: START,
    config: weekCompany(calm),
    checksAtEnd: true,
  });
  try {
    const events = weekOf({ seed, startsAt, days, share });
    const answers: { readonly at: Instant; readonly by: string; readonly incident: string }[] = [];
    let heard = 0;
    let day = 0;
    /** Whoever is paged for the first time by an incident takes it, unless somebody was faster. */
    const listen = (): void => {
      const received = sim.mailsTo();
      for (const mail of received.slice(heard)) {
        const incident = /INC-\d+/.exec(mail.subject)?.[0];
        if (mail.kind !== "page" || incident === undefined) continue;
        const by = mail.to.split("@")[0]!;
        answers.push({ at: addMs(mail.at, ANSWERS_AFTER_MS), by, incident });
      }
      heard = received.length;
    };
    const answerUntil = async (until: Instant): Promise<void> => {
      for (;;) {
        listen();
        const next = answers.toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > until) return;
        answers.splice(answers.indexOf(next), 1);
        if (next.at > sim.now()) await sim.forwardTo(toIso(next.at));
        await sim.as(next.by).acknowledge(next.incident).catch(isOver);
      }
    };
    for (const { at, secret, body } of events) {
      await answerUntil(at);
      if (at > sim.now()) await sim.forwardTo(toIso(at));
      await sim.call("pia")(intake.postToAnyTool, { params: { key: secret }, body });
      const today = Math.floor((at - startsAt) / DAY);
      if (today > day) options.onDay?.((day = today));
    }
    const end = addMs(startsAt, days * DAY);
    await answerUntil(end);
    if (end > sim.now()) await sim.forwardTo(toIso(end));
    const { db, received } = await sim.scene();
    const report = await count(db, events.length, received);
    await sim.end();
    return report;
  } catch (error) {
    await sim.close();
    throw error;
  }
}

/** Somebody had it, or it was over, before the answer came. */
function isOver(error: unknown): void {
  if (!(error instanceof Refusal)) throw error;
}

type Page = { readonly at: Instant; readonly to: string; readonly kind: string };

/** From ten in the evening until seven, where the people are. */
function isNight(at: Instant): boolean {
  const { hour } = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO("Europe/Berlin");
  return hour >= 22 || hour < 7;
}

async function count(
  db: Queryable,
  messages: number,
  received: readonly Page[],
): Promise<WeekReport> {
  const alerts = await all(
    db,
    sql<{ because: string; outside: boolean; count: number }>`
      select coalesce(hold ->> 'because', case outcome when 'declare' then 'spoke at once' else 'only recorded' end)
          as because, incident_number is null as outside, count(*) as count
      from (select hold, outcome, incident_number from alert_open
        union all select hold, outcome, incident_number from alert_closed) as alerts
      group by 1, 2 order by 1, 2 limit 100`,
  );
  const incidents = await all(
    db,
    sql<{ severity: string; merged: boolean; count: number }>`
      select severity, merged_into is not null as merged, count(*) as count from incident
      group by 1, 2 order by 1, 2 limit 100`,
  );
  const [changes] = await all(
    db,
    sql<{ count: number }>`select count(*) as count from change_event`,
  );
  const [largest] = await all(
    db,
    sql<{ count: number }>`select count(*) as count from (
        select incident_number from alert_open union all select incident_number from alert_closed) as alerts
      where incident_number is not null group by incident_number order by 1 desc limit 1`,
  );
  const pages = received.filter(({ kind }) => kind === "page");
  const sum = <T>(rows: readonly T[], of: (row: T) => number): number =>
    rows.reduce((total, row) => total + of(row), 0);
  const grouped = <T>(rows: readonly T[], name: (row: T) => string, of: (row: T) => number) =>
    Object.fromEntries(
      [...Map.groupBy(rows, name)].map(([key, group]) => [key, sum(group, of)] as const),
    );
  return {
    messages,
    alerts: sum(alerts, (row) => row.count),
    byReason: grouped(
      alerts,
      ({ because }) => because,
      (row) => row.count,
    ),
    outside: sum(
      alerts.filter((row) => row.outside),
      (row) => row.count,
    ),
    changes: changes?.count ?? 0,
    incidents: grouped(
      incidents,
      ({ severity }) => severity,
      (row) => row.count,
    ),
    merged: sum(
      incidents.filter((row) => row.merged),
      (row) => row.count,
    ),
    largest: largest?.count ?? 0,
    pages: pages.length,
    atNight: pages.filter(({ at }) => isNight(at)).length,
    byPerson: grouped(
      pages,
      ({ to }) => to.split("@")[0]!,
      () => 1,
    ),
  };
}
