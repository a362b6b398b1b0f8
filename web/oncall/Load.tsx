/** What being on call costs whom, and what is wrong with how the weeks to come are shared. */
import {
  exportLoad,
  type LoadFinding,
  type LoadLine,
  NIGHT,
  readLoad,
} from "../../contract/load.ts";
import { listSchedules } from "../../contract/schedule.ts";
import { useNames } from "../app/me.ts";
import { addressOf } from "../kit/call.ts";
import { useRoute } from "../kit/client.ts";
import { AskAgain, Panel, Time, Waiting } from "../kit/parts.tsx";
import { DAY } from "../kit/time.ts";
import { later, locale, said, t } from "../kit/words.ts";
import type { PartSearch } from "./parts.ts";
import { ScheduleChoice } from "./ScheduleChoice.tsx";

const SPANS = [7, 28, 90, 365] as const;
const COLUMNS: readonly (readonly [keyof Omit<LoadLine, "person">, string])[] = [
  ["hours", later("Hours")],
  ["nightHours", later("of them at night")],
  ["weekendHours", later("at weekends")],
  ["holidayHours", later("on holidays")],
  ["shifts", later("Shifts")],
  ["pages", later("Pages")],
  ["sleepPages", later("Pages at night")],
];
const FINDINGS: Readonly<Record<LoadFinding["kind"], string>> = {
  "too long": later("More than eight days without a break"),
  "back to back": later("Less than eleven hours between two shifts"),
  "twice at once": later("On call in two schedules at once"),
  "single point of failure": later("Nobody else is ever on call"),
};

export function Load(props: {
  readonly search: PartSearch;
  readonly choose: (change: PartSearch) => void;
}) {
  const { search, choose } = props;
  const { days = 28, schedule } = search;
  const names = useNames();
  // By the day, so that the question stays the same while somebody looks.
  const today = Math.floor(Date.now() / DAY) * DAY + DAY;
  const query = {
    from: new Date(today - days * DAY).toISOString(),
    to: new Date(today).toISOString(),
    ...(schedule !== undefined && { schedule }),
  };
  const { data, error, refetch } = useRoute(readLoad, { query });
  const { data: schedules } = useRoute(listSchedules, { query: { limit: 500 } });
  return (
    <>
      <div className="row wrap t13">
        <span className="tabs" role="group" aria-label={t("Span")}>
          {SPANS.map((each) => (
            <button
              key={each}
              type="button"
              className="flt"
              aria-pressed={each === days}
              onClick={() => choose({ days: each === 28 ? undefined : each })}
            >
              {t("{each} days", { each })}
            </button>
          ))}
        </span>
        <ScheduleChoice value={schedule} set={(next) => choose({ schedule: next })} />
        <span className="grow" />
        <a href={addressOf(exportLoad.path, {}, query)} download="on-call-load.csv">
          {t("These rows as CSV")}
        </a>
      </div>
      <p className="q t13">
        {t(
          "By the clock of each person; night is from {from}:00 to 0{to}:00. An hour may be of all three.",
          NIGHT,
        )}
      </p>
      {error === null ? null : <AskAgain error={error} again={() => void refetch()} />}
      {data === undefined && error === null ? <Waiting what={t("the numbers")} /> : null}
      {data === undefined ? null : (
        <>
          {data.people.length === 0 ? (
            <p className="empty">{t("Nobody was on call.")}</p>
          ) : (
            <div className="scroll-x">
              <table className="load">
                <thead>
                  <tr>
                    <th scope="col">{t("Person")}</th>
                    {COLUMNS.map(([key, word]) => (
                      <th key={key} scope="col" className="number-cell">
                        {said(word)}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {data.people
                    .toSorted((a, b) => b.hours - a.hours)
                    .map((line) => (
                      <tr key={line.person}>
                        <th scope="row">
                          {names.person(line.person)}
                          <Bar part={line.hours} whole={mostHours(data.people)} />
                        </th>
                        {COLUMNS.map(([key, word]) => (
                          <td key={key} className="number-cell" data-what={said(word)}>
                            {line[key].toLocaleString(locale())}
                          </td>
                        ))}
                      </tr>
                    ))}
                </tbody>
              </table>
            </div>
          )}
          <Panel title={t("In the eight weeks to come")}>
            {data.findings.length === 0 ? (
              <p className="empty">{t("Nothing is wrong with how the shifts are shared.")}</p>
            ) : null}
            {data.findings.map(({ kind, schedule: id, person, startsAt }) => (
              <div key={`${kind} ${id} ${person}`} className="card-line">
                <span>
                  <b>{person === null ? t("nobody") : names.person(person)}</b>:{" "}
                  {said(FINDINGS[kind])}
                  <br />
                  <span className="q">
                    {schedules?.items.find((each) => each.id === id)?.name ?? id}
                  </span>
                </span>
                <span className="q">
                  <Time iso={startsAt} />
                </span>
              </div>
            ))}
          </Panel>
        </>
      )}
    </>
  );
}

const mostHours = (people: readonly LoadLine[]): number =>
  Math.max(1, ...people.map(({ hours }) => hours));

/** How it compares is seen before it is read. */
const Bar = ({ part, whole }: { part: number; whole: number }) => (
  <span className="load-bar" aria-hidden="true">
    <span style={{ width: `${(part / whole) * 100}%` }} />
  </span>
);
