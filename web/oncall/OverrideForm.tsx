/** An override: who takes it, from when to when, and what changes is said before it is kept. */
import { useState } from "react";
import { addOverride, listSchedules, listShifts } from "../../contract/schedule.ts";
import { may, useMe, useNames } from "../app/me.ts";
import { useRoute, useSend } from "../kit/client.ts";
import { useNow } from "../kit/now.ts";
import { Button, RefusedLine } from "../kit/parts.tsx";
import { at, DAY, MINUTE, lengthText, listText, timeText } from "../kit/time.ts";
import { Edge } from "./Edge.tsx";
import { localInput, ofLocalInput } from "./ribbonView.ts";
import { useZone } from "./zone.ts";
import { t, tParts } from "../kit/words.ts";

const QUARTER_MS = 15 * MINUTE;
/** A key moves an end no further than this at once. */
const FURTHEST_MS = 2 * DAY;

export type Wanted = { readonly schedule: string; readonly from: number; readonly to: number };

export function OverrideForm({ wanted, onDone }: { wanted: Wanted; onDone: () => void }) {
  const me = useMe();
  const names = useNames();
  const now = useNow();
  const zone = useZone();
  const { data: schedules } = useRoute(listSchedules, { query: { limit: 500 } });
  const [schedule, setSchedule] = useState(wanted.schedule);
  const [person, setPerson] = useState(me.person ?? "");
  const [from, setFrom] = useState(localInput(wanted.from, zone));
  const [to, setTo] = useState(localInput(wanted.to, zone));
  const [reason, setReason] = useState("");
  const [start, end] = [ofLocalInput(from, zone), ofLocalInput(to, zone)];
  const valid = !Number.isNaN(start) && !Number.isNaN(end) && end > start;
  const { data: shifts } = useRoute(
    listShifts,
    {
      params: { id: schedule },
      query: valid ? { from: new Date(start).toISOString(), to: new Date(end).toISOString() } : {},
    },
    { enabled: schedule !== "" && valid },
  );
  const send = useSend(addOverride, (queries) => {
    void queries.invalidateQueries({
      predicate: ({ queryKey: [path] }) => /schedules|overview/.test(String(path)),
    });
    onDone();
  });
  const missing =
    schedule === ""
      ? t("No schedule is chosen.")
      : person === ""
        ? t("No person is chosen.")
        : valid
          ? may(me, "oncall.override", "any")
            ? null
            : t("This needs the right “oncall.override”.")
          : t("It ends before it starts.");
  const relieved = [...new Set(shifts?.items.map((shift) => shift.person) ?? [])];
  const others = relieved.filter((each) => each !== null && each !== person) as string[];
  return (
    <form
      className="panel act override"
      aria-label={t("Override")}
      onKeyDown={(event) => {
        if (event.key === "Escape") onDone();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        if (missing !== null || send.isPending) return;
        const words = reason.trim();
        send.mutate({
          params: { id: schedule },
          body: {
            person,
            startsAt: new Date(start).toISOString(),
            endsAt: new Date(end).toISOString(),
            ...(words !== "" && { reason: words }),
          },
        });
      }}
    >
      <header>
        <h2>{t("Override")}</h2>
      </header>
      <div className="act-body override-fields">
        <div className="field">
          <label htmlFor="override-schedule">{t("Schedule")}</label>
          <select
            id="override-schedule"
            value={schedule}
            onChange={(event) => setSchedule(event.target.value)}
          >
            <option value="">{t("Choose a schedule")}</option>
            {schedules?.items.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </select>
        </div>
        <div className="field">
          <label htmlFor="override-person">{t("Who takes it")}</label>
          <select
            id="override-person"
            value={person}
            autoFocus
            onChange={(event) => setPerson(event.target.value)}
          >
            <option value="">{t("Choose a person")}</option>
            {names.directory?.people.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </select>
        </div>
        <div className="field">
          <label htmlFor="override-from">{t("From")}</label>
          <input
            id="override-from"
            type="datetime-local"
            value={from}
            onChange={(event) => setFrom(event.target.value)}
          />
        </div>
        <div className="field">
          <label htmlFor="override-to">{t("To")}</label>
          <input
            id="override-to"
            type="datetime-local"
            value={to}
            onChange={(event) => setTo(event.target.value)}
          />
        </div>
        <div className="field wide">
          <label htmlFor="override-why">
            {tParts("Why {part}", { part: <span className="qq t12">{t("(may be empty)")}</span> })}
          </label>
          <input
            id="override-why"
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </div>
        {valid ? (
          <div className="row wrap wide edges" role="group" aria-label={t("Its ends, by keyboard")}>
            <Edge
              label={t("Begins")}
              at={start}
              least={start - FURTHEST_MS}
              most={end - QUARTER_MS}
              set={(to) => setFrom(localInput(to, zone))}
            />
            <Edge
              label={t("Ends")}
              at={end}
              least={start + QUARTER_MS}
              most={end + FURTHEST_MS}
              set={(to) => setTo(localInput(to, zone))}
            />
            <span className="hint">{t("← → 1 h, with Shift 15 min, Enter keeps it")}</span>
          </div>
        ) : null}
        <p className="t13 q wide" role="status">
          {missing === null || valid
            ? person === ""
              ? ""
              : t("{person} holds it for {length}, {time} to {time2}. {part}{part2}", {
                  person: names.person(person),
                  length: lengthText(Math.max(0, end - start)),
                  time: timeText(start, { now, zone }),
                  time2: timeText(end, { now, zone }),
                  part:
                    others.length > 0
                      ? `${t("{list} would not be paged then.", { list: listText(others.map(names.person)) })} `
                      : "",
                  part2: relieved.includes(null) ? t("It fills a gap.") : "",
                })
            : missing}
        </p>
        <RefusedLine error={send.error} />
        <div className="row wide">
          <Button type="submit" look="do" because={missing} onClick={() => undefined}>
            {send.isPending ? t("Sending") : t("Keep the override")}
          </Button>
          <Button onClick={onDone}>{t("Leave")}</Button>
        </div>
      </div>
    </form>
  );
}

/** One that has begun ends now; one that is ahead is taken back. */
export const isRunning = (override: { startsAt: string; endsAt: string }, now: number): boolean =>
  at(override.startsAt) <= now && at(override.endsAt) > now;
