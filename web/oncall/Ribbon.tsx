/** The ribbon: a row for each schedule or person, shifts across, overrides drawn on it; and what a change would do. */
import { useRef, useState } from "react";
import { useMe, useNames } from "../app/me.ts";
import { at, clockText, dateText, HOUR, timeText } from "../kit/time.ts";
import { useZone } from "./zone.ts";
import { t } from "../kit/words.ts";
import type { Wanted } from "./OverrideForm.tsx";
import {
  bars,
  days,
  type Difference,
  holidaysOn,
  overlaid,
  type ScheduleRow,
  type Shift,
  type ShownShift,
  spanOf,
  textFor,
} from "./ribbonView.ts";

/** Nobody plans a shift to the minute with a pointer. */
const STEP_MS = HOUR;

/** The reader's own zone, which stands above the ribbon already. */
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export type Proposed = {
  readonly schedule: string;
  readonly differences: readonly Difference[];
};

export type RibbonRow = {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly shifts: readonly ShownShift[];
};

export const rowOfSchedule = (row: ScheduleRow): RibbonRow => ({
  id: row.id,
  name: row.name,
  about: [row.layers.join(", "), ...(row.timezone === HERE ? [] : [row.timezone])].join(", "),
  shifts: row.shifts,
});

export function byPerson(rows: readonly ScheduleRow[]): readonly RibbonRow[] {
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
      about: t("{count} {count:shift|shifts}", { count: shifts.length }),
      shifts,
    };
  });
}

export function Ribbon(props: {
  readonly rows: readonly RibbonRow[];
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly asked: number | null;
  readonly chosen: string | undefined;
  readonly choose: (schedule: string | null, at: number | null) => void;
  readonly draw: ((wanted: Wanted) => void) | null;
  /** What a change that is not kept yet would do to a schedule. */
  readonly proposed: Proposed | null;
  /** Public holidays of those days. */
  readonly holidays: readonly { readonly date: string; readonly name: string }[];
}) {
  const { rows, from, to, now, asked, chosen, choose, draw, proposed, holidays } = props;
  const names = useNames();
  const zone = useZone();
  const place = (ms: number): number => ((ms - from) / (to - from)) * 100;
  return (
    <div className="ribbon panel">
      <div className="ribbon-row ribbon-days">
        <span className="t12 q">
          {t("{date} to {date2}", {
            date: dateText(from, { now, zone }),
            date2: dateText(to - 1, { now, zone }),
          })}
        </span>
        <span className="track">
          {days(from, to, zone).map((day) => (
            <span
              key={day.at}
              className={day.weekend ? "day weekend" : "day"}
              style={{ left: `${day.left}%`, width: `${day.width}%` }}
            >
              <DayHead
                words={dateText(day.at, { now, zone }).split(" ")}
                isNarrow={day.width < 5}
              />
              {holidaysOn(holidays, day.at, zone).map((name) => (
                <small key={name} className="cut" title={name}>
                  {name}
                </small>
              ))}
              {day.hours === 24 ? null : (
                <small className="amberink">
                  {t("{hours} {hours:hour|hours}", { hours: day.hours })}
                </small>
              )}
            </span>
          ))}
          {now < from || now > to ? null : (
            <span className="flag" style={{ left: `${place(now)}%` }}>
              {t("now {time}", { time: clockText(now, { zone }) })}
            </span>
          )}
        </span>
      </div>
      {rows.flatMap((row) => [
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
        </div>,
        proposed === null || proposed.schedule !== row.id || draw === null ? null : (
          <div key={`${row.id} proposed`} className="ribbon-row proposed">
            <span className="ribbon-name">
              <b className="cut">{t("As it would be")}</b>
              <span className="t12 q">{t("blue is what changes")}</span>
            </span>
            <Track
              row={{ ...row, shifts: overlaid(row.shifts, proposed.differences) }}
              from={from}
              to={to}
              now={now}
              choose={(instant) => choose(row.id, instant)}
              draw={null}
            >
              {now < from || now > to ? null : (
                <span className="line-now" style={{ left: `${place(now)}%` }} />
              )}
            </Track>
          </div>
        ),
      ])}
    </div>
  );
}

/** “Tue 24”; where there is no room for both, one below the other. */
function DayHead({ words, isNarrow }: { words: readonly string[]; isNarrow: boolean }) {
  const [weekday = "", day = ""] = words;
  if (!isNarrow) return `${weekday} ${day}`;
  return (
    <>
      <small>{weekday.slice(0, 2)}</small>
      <small>{day.replace(".", "")}</small>
    </>
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
  const zone = useZone();
  const box = useRef<HTMLSpanElement>(null);
  const [drawn, setDrawn] = useState<readonly [number, number] | null>(null);
  const partAt = (x: number): number => {
    const frame = box.current?.getBoundingClientRect();
    return frame === undefined ? 0 : (x - frame.left) / frame.width;
  };
  const weekends = days(from, to, zone).filter(({ weekend }) => weekend);
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
        const isNew = bar.instead !== undefined;
        const held = holders.length === 0 ? [t("nobody")] : holders.map(names.person);
        const name = held.join(" + ");
        const shown = bar.label === undefined ? held : [bar.label];
        const when = t("{time} to {time2}", {
          time: timeText(at(bar.startsAt), { now, zone }),
          time2: timeText(at(bar.endsAt), { now, zone }),
        });
        return (
          <span
            key={bar.startsAt + shown.join("+")}
            className={`bar ${look} ${bar.past ? "past" : ""} ${isNew ? "new" : ""} ${bar.width < 6 ? "narrow" : ""}`}
            style={{ left: `${bar.left}%`, width: `${bar.width}%` }}
            title={`${name}, ${when}${bar.override === null ? "" : ", by override"}`}
          >
            {bar.width < (bar.person === null ? 4 : 2) ? null : (
              <span>{textFor(shown, bar.width)}</span>
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
