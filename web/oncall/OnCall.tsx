/** On call: who holds which schedule when, who and why at any instant, and overrides drawn on the ribbon. */
import { useQueries } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { listSchedules, listShifts } from "../../contract/schedule.ts";
import { useMe, useNames } from "../app/me.ts";
import { Choice } from "../kit/Choice.tsx";
import { asking, useRoute } from "../kit/client.ts";
import { Icon } from "../kit/icons.tsx";
import { useKeys } from "../kit/keys.ts";
import { useNow } from "../kit/now.ts";
import { AskAgain, Button, Panel, Waiting } from "../kit/parts.tsx";
import { useTitle } from "../kit/title.ts";
import { at, clockText, DAY, dateText, HOUR, lengthText, timeText } from "../kit/time.ts";
import {
  bars,
  days,
  midnight,
  type ScheduleRow,
  type Shift,
  spanOf,
  windowFrom,
} from "./ribbonView.ts";
import { FeedLink } from "./FeedLink.tsx";
import { OverrideForm, type Wanted } from "./OverrideForm.tsx";
import { Swaps } from "./Swaps.tsx";
import { WhoAndWhy } from "./WhoAndWhy.tsx";
import "./oncall.css";
import { later, t, tParts } from "../kit/words.ts";

const route = getRouteApi("/oncall");

export type OnCallSearch = {
  readonly at?: string | undefined;
  readonly from?: string | undefined;
  readonly span?: "week" | "2 weeks" | "month" | undefined;
  readonly by?: "person" | undefined;
  readonly schedule?: string | undefined;
};

/** On a phone a week is as much as can be read. */
const isSmall = (): boolean => matchMedia("(max-width: 900px)").matches;

const BY_PERSON = later("by person");
const SPANS = { week: 7, "2 weeks": 14, month: 30 } as const;
/** Nobody plans a shift to the minute with a pointer. */
const STEP_MS = HOUR;

export function OnCall() {
  useTitle(t("On call"));
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const now = useNow();
  const { data, error, refetch } = useRoute(listSchedules, { query: { limit: 100 } });
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const asked = search.at === undefined ? null : at(search.at);
  const from =
    search.from === undefined || Number.isNaN(at(search.from))
      ? windowFrom(asked ?? now)
      : midnight(at(search.from));
  const span = search.span ?? (isSmall() ? "week" : "2 weeks");
  const length = SPANS[span];
  const to = midnight(from + length * DAY + 12 * HOUR);
  const choose = (change: OnCallSearch): void =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const move = (by: number): void =>
    choose({ from: new Date(midnight(from + by * DAY + 12 * HOUR)).toISOString() });
  const schedules = data?.items ?? [];
  const window = useMemo(
    () => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString() }),
    [from, to],
  );
  const shifts = useQueries({
    queries: schedules.map(({ id }) => asking(listShifts, { params: { id }, query: window })),
  });
  const rows = schedules.map((schedule, index) => ({
    ...schedule,
    shifts: (shifts[index]?.data?.items ?? []) as readonly Shift[],
  }));
  const chosen = search.schedule ?? schedules[0]?.id;
  useKeys([
    { keys: "T", what: t("Today"), run: () => choose({ from: undefined, at: undefined }) },
    {
      keys: "O",
      what: t("Override"),
      run: () => setWanted({ schedule: chosen ?? "", from: now, to: now + 8 * HOUR }),
    },
  ]);
  return (
    <main className="oncall">
      <div className="oncall-left">
        <div className="oncall-head">
          <h1>{t("On call")}</h1>
          <Button className="square" aria-label={t("Earlier")} onClick={() => move(-7)}>
            <Icon name="left" />
          </Button>
          <Button className="square" aria-label={t("Later")} onClick={() => move(7)}>
            <Icon name="right" />
          </Button>
          <Choice
            label={t("Rows")}
            options={[BY_PERSON]}
            all={t("by schedule")}
            value={search.by === undefined ? undefined : BY_PERSON}
            set={(by) => choose({ by: by === undefined ? undefined : "person" })}
          />
          <Choice
            label={t("Length")}
            options={Object.keys(SPANS)}
            value={span}
            all={null}
            set={(span) => choose({ span: span as OnCallSearch["span"] })}
          />
          <span className="grow" />
          <span className="t13 q">{Intl.DateTimeFormat().resolvedOptions().timeZone}</span>
          <Button letter="T" onClick={() => choose({ from: undefined, at: undefined })}>
            {t("Today")}
          </Button>
          <Button
            look="do"
            letter="O"
            onClick={() => setWanted({ schedule: chosen ?? "", from: now, to: now + 8 * HOUR })}
          >
            {t("Override")}
          </Button>
        </div>
        {error !== null ? <AskAgain error={error} again={() => void refetch()} /> : null}
        {data === undefined && error === null ? <Waiting what={t("the schedules")} /> : null}
        {data !== undefined && schedules.length === 0 ? (
          <p className="empty">
            {tParts(
              "No schedule yet. People are paged by schedule: apply {part}, for example {part2}.",
              {
                part: <code>schedules.yaml</code>,
                part2: <code className="mono">./bin/tocsin apply examples/acme</code>,
              },
            )}
          </p>
        ) : null}
        {wanted === null ? null : (
          <OverrideForm
            key={`${wanted.schedule} ${wanted.from} ${wanted.to}`}
            wanted={wanted}
            onDone={() => setWanted(null)}
          />
        )}
        {schedules.length === 0 ? null : (
          <Ribbon
            rows={search.by === "person" ? byPerson(rows) : rows.map(rowOfSchedule)}
            from={from}
            to={to}
            now={now}
            asked={asked}
            chosen={search.by === "person" ? undefined : chosen}
            choose={(schedule, instant) =>
              choose({
                ...(schedule !== null && { schedule }),
                ...(instant !== null && { at: new Date(instant).toISOString() }),
              })
            }
            draw={search.by === "person" ? null : setWanted}
          />
        )}
        <div className="oncall-cards">
          <YourShifts rows={rows} now={now} />
          <GapsCard rows={rows} now={now} fill={setWanted} />
          <Swaps rows={rows} now={now} />
        </div>
      </div>
      <WhoAndWhy
        schedules={schedules}
        schedule={chosen}
        at={asked ?? now}
        isNow={asked === null}
        choose={(change) => choose(change)}
      />
    </main>
  );
}

type RibbonRow = {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly shifts: readonly (Shift & { readonly label?: string })[];
};

const rowOfSchedule = (row: ScheduleRow): RibbonRow => ({
  id: row.id,
  name: row.name,
  about: `${row.layers.join(", ")}, ${row.timezone}`,
  shifts: row.shifts,
});

function byPerson(rows: readonly ScheduleRow[]): readonly RibbonRow[] {
  const all = rows.flatMap((row) => row.shifts.map((shift) => ({ ...shift, label: row.name })));
  const holdersOf = ({ person, others }: Shift): readonly string[] =>
    person === null ? [] : [person, ...others];
  const people = [...new Set(all.flatMap(holdersOf))].toSorted();
  return people.map((person) => {
    const shifts = all
      .filter((shift) => holdersOf(shift).includes(person))
      .toSorted((a, b) => at(a.startsAt) - at(b.startsAt));
    return {
      id: person,
      name: person,
      about: t("{count} shifts", { count: shifts.length }),
      shifts,
    };
  });
}

function Ribbon(props: {
  readonly rows: readonly RibbonRow[];
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly asked: number | null;
  readonly chosen: string | undefined;
  readonly choose: (schedule: string | null, at: number | null) => void;
  readonly draw: ((wanted: Wanted) => void) | null;
}) {
  const { rows, from, to, now, asked, chosen, choose, draw } = props;
  const names = useNames();
  const place = (ms: number): number => ((ms - from) / (to - from)) * 100;
  return (
    <div className="ribbon panel">
      <div className="ribbon-row ribbon-days">
        <span className="t12 q">
          {t("{date} to {date2}", {
            date: dateText(from, { now }),
            date2: dateText(to - 1, { now }),
          })}
        </span>
        <span className="track">
          {days(from, to).map((day) => (
            <span
              key={day.at}
              className={day.weekend ? "day weekend" : "day"}
              style={{ left: `${day.left}%`, width: `${day.width}%` }}
            >
              {dateText(day.at, { now }).split(" ").slice(0, 2).join(" ")}
              {day.hours === 24 ? null : (
                <small className="amberink">{t("{hours} hours", { hours: day.hours })}</small>
              )}
            </span>
          ))}
          {now < from || now > to ? null : (
            <span className="flag" style={{ left: `${place(now)}%` }}>
              {t("now {time}", { time: clockText(now) })}
            </span>
          )}
        </span>
      </div>
      {rows.map((row) => (
        <div key={row.id} className={row.id === chosen ? "ribbon-row on" : "ribbon-row"}>
          <button
            type="button"
            className="ribbon-name"
            onClick={() => choose(row.id, null)}
            aria-pressed={row.id === chosen}
          >
            <b className="cut">{draw === null ? names.person(row.id) : row.name}</b>
            <span className="t12 q cut">{row.about}</span>
          </button>
          <Track
            row={row}
            from={from}
            to={to}
            now={now}
            choose={(instant) => choose(row.id, instant)}
            draw={draw}
          >
            {now < from || now > to ? null : (
              <span className="line-now" style={{ left: `${place(now)}%` }} />
            )}
            {asked === null || asked < from || asked > to ? null : (
              <span className="line-asked" style={{ left: `${place(asked)}%` }} />
            )}
          </Track>
        </div>
      ))}
    </div>
  );
}

/** A row of shifts. A click asks about that instant; a span drawn across it begins an override. */
function Track(props: {
  readonly row: RibbonRow;
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly choose: (at: number) => void;
  readonly draw: ((wanted: Wanted) => void) | null;
  readonly children: React.ReactNode;
}) {
  const { row, from, to, now, choose, draw } = props;
  const me = useMe();
  const names = useNames();
  const box = useRef<HTMLSpanElement>(null);
  const [drawn, setDrawn] = useState<readonly [number, number] | null>(null);
  const partAt = (x: number): number => {
    const frame = box.current?.getBoundingClientRect();
    return frame === undefined ? 0 : (x - frame.left) / frame.width;
  };
  const weekends = days(from, to).filter(({ weekend }) => weekend);
  return (
    <span
      className="track"
      ref={box}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        const part = partAt(event.clientX);
        setDrawn([part, part]);
      }}
      onPointerMove={(event) => {
        if (drawn !== null) setDrawn([drawn[0], partAt(event.clientX)]);
      }}
      onPointerUp={() => {
        if (drawn === null) return;
        setDrawn(null);
        const isClick = Math.abs(drawn[1] - drawn[0]) * (to - from) < STEP_MS / 2;
        if (isClick || draw === null) return choose(from + drawn[0] * (to - from));
        draw({ schedule: row.id, ...spanOf(drawn[0], drawn[1], from, to, STEP_MS) });
      }}
      onPointerCancel={() => setDrawn(null)}
    >
      {weekends.map((day) => (
        <span
          key={day.at}
          className="weekend-shade"
          style={{ left: `${day.left}%`, width: `${day.width}%` }}
        />
      ))}
      {bars(row.shifts, from, to, now).map((bar) => {
        const holders = bar.person === null ? [] : [bar.person, ...bar.others];
        const mine = me.person !== null && holders.includes(me.person);
        const look =
          bar.person === null ? "gap" : mine ? "me" : bar.override === null ? "" : "over";
        const name = holders.map(names.person).join(" + ") || t("nobody");
        const label = "label" in bar && typeof bar.label === "string" ? bar.label : name;
        const when = `${timeText(at(bar.startsAt), { now })} to ${timeText(at(bar.endsAt), { now })}`;
        return (
          <span
            key={bar.startsAt + label}
            className={`bar ${look} ${bar.past ? "past" : ""}`}
            style={{ left: `${bar.left}%`, width: `${bar.width}%` }}
            title={`${name}, ${when}${bar.override === null ? "" : ", by override"}`}
          >
            {bar.width < 4 && bar.person === null ? null : (
              <span>{bar.width < 9 ? label.split(" ")[0] : label}</span>
            )}
          </span>
        );
      })}
      {drawn === null ? null : (
        <span
          className="drawn"
          style={{
            left: `${Math.min(...drawn) * 100}%`,
            width: `${Math.abs(drawn[1] - drawn[0]) * 100}%`,
          }}
        />
      )}
      {props.children}
    </span>
  );
}

function YourShifts({ rows, now }: { rows: readonly ScheduleRow[]; now: number }) {
  const me = useMe();
  const mine = rows
    .flatMap((row) => row.shifts.map((shift) => ({ ...shift, schedule: row.name })))
    .filter(({ person, endsAt }) => person !== null && person === me.person && at(endsAt) > now)
    .toSorted((a, b) => at(a.startsAt) - at(b.startsAt))
    .slice(0, 5);
  return (
    <Panel title={t("Your shifts")}>
      {mine.length === 0 ? (
        <p className="empty">
          {me.person === null
            ? t("You are signed in as administrator, who holds no shift.")
            : t("None in what is shown.")}
        </p>
      ) : (
        mine.map((shift) => {
          const running = at(shift.startsAt) <= now;
          return (
            <div key={shift.startsAt + shift.schedule} className="card-line">
              <span>
                {running ? (
                  <span className="you">{t("Now")}</span>
                ) : (
                  timeText(at(shift.startsAt), { now })
                )}
                {running
                  ? ` ${t("until {time}", { time: timeText(at(shift.endsAt), { now }) })}`
                  : ""}
                , {shift.schedule}
              </span>
              <span className="q">
                {lengthText(at(shift.endsAt) - Math.max(now, at(shift.startsAt)))}
              </span>
            </div>
          );
        })
      )}
      {me.person === null ? null : (
        <FeedLink subject={{ of: "person", id: me.person }} what={t("Your shifts")} />
      )}
    </Panel>
  );
}

function GapsCard(props: {
  readonly rows: readonly ScheduleRow[];
  readonly now: number;
  readonly fill: (wanted: Wanted) => void;
}) {
  const { rows, now, fill } = props;
  const gaps = rows
    .flatMap((row) => row.shifts.map((shift) => ({ ...shift, id: row.id, schedule: row.name })))
    .filter(({ person, endsAt }) => person === null && at(endsAt) > now)
    .toSorted((a, b) => at(a.startsAt) - at(b.startsAt));
  return (
    <Panel
      title={t("Gaps")}
      aside={
        <span className="qq t13">
          {gaps.length === 0 ? "" : t("{count} in what is shown", { count: gaps.length })}
        </span>
      }
    >
      {gaps.length === 0 ? (
        <p className="empty">{t("None: somebody always holds the pager.")}</p>
      ) : null}
      {gaps.slice(0, 4).map((gap) => (
        <div key={gap.id + gap.startsAt} className="card-line">
          <span>
            {tParts("{nobody} on {schedule}", {
              nobody: <b className="redink">{t("Nobody")}</b>,
              schedule: gap.schedule,
            })}
            <br />
            <span className="q">
              {t("{time} to {time2}", {
                time: timeText(at(gap.startsAt), { now }),
                time2: timeText(at(gap.endsAt), { now }),
              })}
            </span>
          </span>
          <Button
            small
            onClick={() =>
              fill({ schedule: gap.id, from: Math.max(now, at(gap.startsAt)), to: at(gap.endsAt) })
            }
          >
            {t("Fill")}
          </Button>
        </div>
      ))}
    </Panel>
  );
}
