/** The ribbon on a phone: day by day, who holds what until when. A press asks about that instant. */
import { useMe, useNames } from "../app/me.ts";
import { at, clockText, dateText, HOUR } from "../kit/time.ts";
import { useZone } from "./zone.ts";
import { t } from "../kit/words.ts";
import type { Proposed, RibbonRow } from "./Ribbon.tsx";
import { days, holidaysOn, overlaid, type Piece, piecesOf, type ShownShift } from "./ribbonView.ts";

export function DayList(props: {
  readonly rows: readonly RibbonRow[];
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly choose: (schedule: string | null, at: number | null) => void;
  readonly isByPerson: boolean;
  readonly proposed: Proposed | null;
  readonly holidays: readonly { readonly date: string; readonly name: string }[];
}) {
  const { from, to, now, proposed } = props;
  const zone = useZone();
  const names = useNames();
  const rows = props.rows.flatMap((row) => {
    const own = { ...row, name: props.isByPerson ? names.person(row.id) : row.name, key: row.id };
    if (proposed === null || proposed.schedule !== row.id) return [own];
    const shifts = overlaid(row.shifts, proposed.differences);
    return [own, { ...own, name: t("As it would be"), shifts, key: `${row.id} proposed` }];
  });
  return (
    <ol className="day-list">
      {days(from, to, zone).map((day) => {
        const end = day.at + day.hours * HOUR;
        const isToday = day.at <= now && now < end;
        return (
          <li key={day.at} className="panel">
            <h2 className={isToday ? "now" : ""}>
              {dateText(day.at, { now, zone })}
              {isToday ? <span className="q"> {t("today")}</span> : null}
              {day.hours === 24 ? null : (
                <span className="amberink">
                  {" "}
                  {t("{hours} {hours:hour|hours}", { hours: day.hours })}
                </span>
              )}
              {holidaysOn(props.holidays, day.at, zone).map((name) => (
                <small key={name}>{name}</small>
              ))}
            </h2>
            {rows.map((row) => {
              const pieces = piecesOf(row.shifts, day.at, end);
              if (props.isByPerson && pieces.length === 0) return null;
              return (
                <div key={row.key} className="day-row">
                  <b>{row.name}</b>
                  <span>
                    {pieces.map((piece) => (
                      <button
                        key={piece.startsAt + (piece.label ?? "")}
                        type="button"
                        className={at(piece.endsAt) <= now ? "day-piece past" : "day-piece"}
                        onClick={() => props.choose(row.id, piece.from ?? day.at)}
                      >
                        <Holder piece={piece} />
                        <span className="q">{spanText(piece, zone)}</span>
                      </button>
                    ))}
                  </span>
                </div>
              );
            })}
          </li>
        );
      })}
    </ol>
  );
}

/** Whom it names, in the colour of what it means for the reader. */
function Holder({ piece }: { piece: ShownShift }) {
  const me = useMe();
  const names = useNames();
  const holders = piece.person === null ? [] : [piece.person, ...piece.others];
  const name = holders.map(names.person).join(" + ");
  const isChange = piece.instead !== undefined;
  if (piece.label !== undefined) return <span>{piece.label}</span>;
  if (piece.person === null) return <span className="redink b">{t("nobody")}</span>;
  return (
    <span className={isChange || holders.includes(me.person ?? "") ? "you" : ""}>
      {name}
      {piece.override === null ? null : <span className="q"> ({t("override")})</span>}
    </span>
  );
}

function spanText({ from, to }: Piece<ShownShift>, zone: string | undefined): string {
  if (from === null && to === null) return t("all day");
  if (from === null) return t("until {time}", { time: clockText(to ?? 0, { zone }) });
  if (to === null) return t("from {time}", { time: clockText(from, { zone }) });
  return t("{time} to {time2}", {
    time: clockText(from, { zone }),
    time2: clockText(to, { zone }),
  });
}
