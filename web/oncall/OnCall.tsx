/** On call: who holds which schedule when, who and why at any instant, and overrides drawn on the ribbon. */
import { useQueries } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";
import { listHolidays } from "../../contract/leave.ts";
import { listSchedules, listShifts } from "../../contract/schedule.ts";
import { may, useMe } from "../app/me.ts";
import { Choice } from "../kit/Choice.tsx";
import { asking, useRoute } from "../kit/client.ts";
import { Icon } from "../kit/icons.tsx";
import { useKeys } from "../kit/keys.ts";
import { useMatches } from "../kit/media.ts";
import { useNow } from "../kit/now.ts";
import { More, useList } from "../kit/list.tsx";
import { AskAgain, Button, Panel, Waiting } from "../kit/parts.tsx";
import { useTitle } from "../kit/title.ts";
import { at, DAY, HOUR, lengthText, timeText } from "../kit/time.ts";
import { midnight, type ScheduleRow, type Shift, windowFrom } from "./ribbonView.ts";
import { Away } from "./Away.tsx";
import { FeedLink } from "./FeedLink.tsx";
import { OverrideForm, type Wanted } from "./OverrideForm.tsx";
import { DayList } from "./DayList.tsx";
import { PartLinks } from "./PartLinks.tsx";
import { byPerson, type Proposed, Ribbon, rowOfSchedule } from "./Ribbon.tsx";
import { Swaps } from "./Swaps.tsx";
import { WhoAndWhy } from "./WhoAndWhy.tsx";
import "./oncall.css";
import { isZone, useZone, ZoneContext } from "./zone.ts";
import { ZoneChoice } from "./ZoneChoice.tsx";
import { later, t, tParts } from "../kit/words.ts";

const route = getRouteApi("/oncall");

export type OnCallSearch = {
  readonly at?: string | undefined;
  readonly from?: string | undefined;
  readonly span?: "week" | "2 weeks" | "month" | undefined;
  readonly by?: "person" | undefined;
  readonly schedule?: string | undefined;
  /** A form that is open. */
  readonly edit?: "turns" | undefined;
  /** In whose hours it is read; the reader's own unless given. */
  readonly zone?: string | undefined;
};

const BY_PERSON = later("by person");
const SPANS = { week: 7, "2 weeks": 14, month: 30 } as const;
/** Comes when it is asked for, with what reads and writes YAML. */
const TurnsForm = lazy(async () => ({
  default: (await import("./TurnsForm.tsx")).TurnsForm,
}));

export function OnCall() {
  useTitle(t("On call"));
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const now = useNow();
  const zone = search.zone !== undefined && isZone(search.zone) ? search.zone : undefined;
  const { data, error, refetch, ...rest } = useList(listSchedules, { query: { limit: 100 } });
  const me = useMe();
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const [proposed, setProposed] = useState<Proposed | null>(null);
  const asked = search.at === undefined ? null : at(search.at);
  // On a phone days stand one below the other: a week of them, from today.
  const isSmall = useMatches("(max-width: 900px)");
  const from =
    search.from === undefined || Number.isNaN(at(search.from))
      ? isSmall
        ? midnight(asked ?? now, zone)
        : windowFrom(asked ?? now, zone)
      : midnight(at(search.from), zone);
  const isEditing = search.edit !== undefined;
  const span = search.span ?? (isSmall ? "week" : isEditing ? "month" : "2 weeks");
  const length = SPANS[span];
  const to = midnight(from + length * DAY + 12 * HOUR, zone);
  const choose = (change: OnCallSearch): void =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const move = (by: number): void =>
    choose({ from: new Date(midnight(from + by * DAY + 12 * HOUR, zone)).toISOString() });
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
  const holidays = useRoute(listHolidays, { query: window }).data?.items ?? [];
  const chosen = search.schedule ?? schedules[0]?.id;
  // What changes lies on its own row, with the form right below it.
  const isByPerson = search.by === "person" && !isEditing;
  const shown = isEditing
    ? rows.filter(({ id }) => id === chosen).map(rowOfSchedule)
    : isByPerson
      ? byPerson(rows)
      : rows.map(rowOfSchedule);
  const Shifts = isSmall ? DayList : Ribbon;
  useKeys([
    { keys: "T", what: t("Today"), run: () => choose({ from: undefined, at: undefined }) },
    {
      keys: "O",
      what: t("Override"),
      run: () => setWanted({ schedule: chosen ?? "", from: now, to: now + 8 * HOUR }),
    },
  ]);
  const actions = (
    <>
      <Button
        because={
          chosen === undefined
            ? t("No schedule is chosen.")
            : may(me, "config.write", null)
              ? null
              : t("Changing settings needs the right “config.write”.")
        }
        onClick={() => choose({ edit: "turns", schedule: chosen })}
      >
        {t("Change turns")}
      </Button>
      <Button
        look="do"
        letter="O"
        onClick={() => setWanted({ schedule: chosen ?? "", from: now, to: now + 8 * HOUR })}
      >
        {t("Override")}
      </Button>
    </>
  );
  return (
    <ZoneContext value={zone}>
      <main className="oncall">
        <div className="oncall-left">
          <div className="row wrap oncall-top">
            <PartLinks />
            <span className="grow" />
            {isSmall ? null : actions}
          </div>
          <div className="oncall-head">
            <h1>{t("On call")}</h1>
            <Button className="square" aria-label={t("Earlier")} onClick={() => move(-7)}>
              <Icon name="left" />
            </Button>
            <Button className="square" aria-label={t("Later")} onClick={() => move(7)}>
              <Icon name="right" />
            </Button>
            <Button letter="T" onClick={() => choose({ from: undefined, at: undefined })}>
              {t("Today")}
            </Button>
            <Choice
              label={t("Rows")}
              options={[BY_PERSON]}
              all={t("by schedule")}
              value={search.by === undefined ? undefined : BY_PERSON}
              set={(by) => choose({ by: by === undefined ? undefined : "person" })}
            />
            {isSmall ? null : (
              <Choice
                label={t("Length")}
                options={Object.keys(SPANS)}
                value={span}
                all={null}
                set={(span) => choose({ span: span as OnCallSearch["span"] })}
              />
            )}
            <span className="grow" />
            <ZoneChoice value={zone} set={(chosen) => choose({ zone: chosen })} />
            {isSmall ? actions : null}
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
            <Shifts
              {...{ rows: shown, from, to, now, proposed, holidays, asked }}
              isByPerson={isByPerson}
              chosen={isByPerson ? undefined : chosen}
              choose={(schedule, instant) => {
                choose({
                  ...(schedule !== null && { schedule }),
                  ...(instant !== null && { at: new Date(instant).toISOString() }),
                });
                // On a phone the answer stands below all the days.
                if (isSmall) document.getElementById("who-and-why")?.scrollIntoView();
              }}
              draw={isByPerson ? null : setWanted}
            />
          )}
          <More {...rest} />
          {!isEditing || chosen === undefined ? null : (
            <Suspense fallback={<Waiting what={t("the schedule")} />}>
              <TurnsForm
                key={chosen}
                id={chosen}
                propose={setProposed}
                onDone={() => {
                  setProposed(null);
                  choose({ edit: undefined });
                }}
              />
            </Suspense>
          )}
          <div className="oncall-cards">
            <YourShifts rows={rows} now={now} />
            <GapsCard rows={rows} now={now} fill={setWanted} />
            <Swaps rows={rows} now={now} />
            <Away rows={rows} now={now} />
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
    </ZoneContext>
  );
}

function YourShifts({ rows, now }: { rows: readonly ScheduleRow[]; now: number }) {
  const me = useMe();
  const zone = useZone();
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
                  timeText(at(shift.startsAt), { now, zone })
                )}
                {running
                  ? ` ${t("until {time}", { time: timeText(at(shift.endsAt), { now, zone }) })}`
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
  const zone = useZone();
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
        <p className="empty">
          {rows.length === 0
            ? t("No schedule is there, so nobody holds the pager.")
            : t("None: somebody always holds the pager.")}
        </p>
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
                time: timeText(at(gap.startsAt), { now, zone }),
                time2: timeText(at(gap.endsAt), { now, zone }),
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
