/** HTTP of insights: a span of incidents, as far as the reader may see them, counted by pure functions. */
import * as contract from "../../../contract/insights.ts";
import { incidentId } from "../../../contract/ids.ts";
import { csvOf } from "../../base/csv.ts";
import type { Queryable } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, DAY, fromIso, type Instant, toIso } from "../../base/instant.ts";
import { bind, type BoundRoute, Raw } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, type Reader, readerOf } from "../account/account.ts";
import type { Snapshot } from "../config/config.ts";
import { distributions, measured, NIGHT, nightOf } from "./distribution.ts";
import * as store from "./insightStore.ts";

const SPAN_MS = 90 * DAY;

type Asked = {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly team?: string | undefined;
};
type Facts = {
  readonly db: Queryable;
  readonly config: Snapshot;
  readonly reader: Reader;
  readonly span: store.Span;
};
type Times = (typeof contract.readTimes)["reply"]["_output"];
type Pages = (typeof contract.readPageCounts)["reply"]["_output"];
type Rules = (typeof contract.readNoisyRules)["reply"]["_output"];

export function insightRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] {
  const facts = async (actor: Actor, asked: Asked): Promise<Facts> => ({
    db: world.db,
    config: await config(world.db),
    reader: readerOf(actor),
    span: spanOf(asked, world.clock.now()),
  });
  return [
    bind(contract.readTimes, async ({ actor, query }) => times(await facts(actor, query))),
    bind(contract.readPromises, async ({ actor, query }) => {
      const { db, reader, span } = await facts(actor, query);
      const rows = await store.countPromises(db, reader, span);
      return { ...withinOf(span), rows: [...rows] };
    }),
    bind(contract.readPageCounts, async ({ actor, query }) => pages(await facts(actor, query))),
    bind(contract.readNoisyRules, async ({ actor, query }) => rules(await facts(actor, query))),
    bind(contract.exportInsights, async ({ actor, params, query }) => {
      const file = `attachment; filename="${params.topic}.csv"`;
      const csv = await table(params.topic, await facts(actor, query));
      return new Raw("text/csv; charset=utf-8", csv, { "content-disposition": file });
    }),
  ];
}

function spanOf({ from, to, team }: Asked, now: Instant): store.Span {
  const end = (to === undefined ? null : fromIso(to)) ?? now;
  const start = (from === undefined ? null : fromIso(from)) ?? addMs(end, -SPAN_MS);
  if (start >= end) throw new Refusal("insights.span", { from: toIso(start), to: toIso(end) });
  return { from: start, to: end, team: team ?? null };
}

const withinOf = ({ from, to }: store.Span) => ({ from: toIso(from), to: toIso(to) });

async function times({ db, reader, span }: Facts): Promise<Times> {
  const incidents = await store.listTimes(db, reader, span);
  const all = incidents.flatMap((incident) =>
    measured(incident).map((time) => ({
      time,
      about: {
        incident: incidentId(incident.number),
        title: incident.title,
        severity: incident.severity,
        declaredAt: toIso(incident.declaredAt),
      },
    })),
  );
  return {
    ...withinOf(span),
    distributions: [...distributions(incidents)],
    points: all.flatMap(({ time, about }) =>
      time.state === "known" ? [{ ...about, kind: time.kind, ms: time.ms }] : [],
    ),
    invalid: all.flatMap(({ time, about }) =>
      time.state === "invalid" ? [{ ...about, kind: time.kind, because: time.because }] : [],
    ),
    cut: incidents.length === store.MOST_INCIDENTS,
  };
}

async function pages({ db, config, reader, span }: Facts): Promise<Pages> {
  const byPerson = Map.groupBy(
    await store.listPersonPages(db, reader, span),
    (row) => row.personId,
  );
  const rows = [...byPerson].map(([person, rang]) => {
    const body = config.get("people", person)?.body;
    const zone = body?.timezone ?? "UTC";
    const nights = rang.flatMap(({ at }) => nightOf(at, zone) ?? []);
    return {
      person,
      name: body?.name ?? person,
      zone,
      pages: rang.length,
      atNight: nights.length,
      nights: new Set(nights).size,
      acknowledged: rang.filter(({ acknowledged }) => acknowledged).length,
    };
  });
  const most = rows.toSorted((a, b) => b.atNight - a.atNight || b.pages - a.pages);
  return { ...withinOf(span), night: { ...NIGHT }, rows: most };
}

async function rules({ db, reader, span }: Facts): Promise<Rules> {
  const rows = await store.countRules(db, reader, span);
  return {
    ...withinOf(span),
    rows: rows.map(({ file, line, ...row }) => ({
      ...row,
      source: file === null ? "the API" : `${file}:${line ?? 1}`,
    })),
  };
}

/** The rows behind a topic's picture. */
async function table(topic: contract.InsightTopic, facts: Facts): Promise<string> {
  switch (topic) {
    case "times": {
      const { points, invalid } = await times(facts);
      return csvOf(
        ["incident", "severity", "declared_at", "time_to", "seconds", "invalid", "title"],
        [
          ...points.map((row) => [row, String(Math.round(row.ms / 1_000)), ""] as const),
          ...invalid.map((row) => [row, "", row.because] as const),
        ].map(([{ incident, severity, declaredAt, kind, title }, seconds, because]) => [
          incident,
          severity,
          declaredAt,
          kind,
          seconds,
          because,
          title,
        ]),
      );
    }
    case "promises": {
      const rows = await store.countPromises(facts.db, facts.reader, facts.span);
      return csvOf(
        ["severity", "promise", "kept", "late", "missed", "running"],
        rows.map((row) =>
          [row.severity, row.kind, row.kept, row.late, row.missed, row.running].map(String),
        ),
      );
    }
    case "pages": {
      const { rows } = await pages(facts);
      return csvOf(
        ["person", "name", "zone", "pages", "at_night", "nights", "acknowledged"],
        rows.map((row) =>
          [
            row.person,
            row.name,
            row.zone,
            row.pages,
            row.atNight,
            row.nights,
            row.acknowledged,
          ].map(String),
        ),
      );
    }
    case "rules": {
      const { rows } = await rules(facts);
      return csvOf(
        ["rule", "source", "incidents", "paged", "acted", "false_alarms"],
        rows.map((row) =>
          [row.rule, row.source, row.incidents, row.paged, row.acted, row.falseAlarms].map(String),
        ),
      );
    }
  }
}
