/** Shifts that are offered or asked for: taking one, declining, taking one's own back, offering the next. */
import { acceptSwap, askSwap, declineSwap, listSwaps, withdrawSwap } from "../../contract/swap.ts";
import { useMe, useNames } from "../app/me.ts";
import { useSend } from "../kit/client.ts";
import { More, useList } from "../kit/list.tsx";
import { Button, Panel, RefusedLine } from "../kit/parts.tsx";
import { at, timeText } from "../kit/time.ts";
import { useZone } from "./zone.ts";
import { t } from "../kit/words.ts";
import type { ScheduleRow } from "./ribbonView.ts";

export function Swaps({ rows, now }: { rows: readonly ScheduleRow[]; now: number }) {
  const me = useMe();
  const names = useNames();
  const zone = useZone();
  const { data, error, ...rest } = useList(listSwaps, { query: { limit: 20 } });
  const after = (queries: { invalidateQueries: () => Promise<void> }): void =>
    void queries.invalidateQueries();
  const accept = useSend(acceptSwap, after);
  const decline = useSend(declineSwap, after);
  const withdraw = useSend(withdrawSwap, after);
  const offer = useSend(askSwap, after);
  const items = data?.items ?? [];
  const next = rows
    .flatMap(({ id, shifts }) => shifts.map((shift) => ({ ...shift, schedule: id })))
    .filter(({ person, others, endsAt }) => {
      const isMine = me.person !== null && (person === me.person || others.includes(me.person));
      return isMine && at(endsAt) > now;
    })
    .toSorted((a, b) => at(a.startsAt) - at(b.startsAt))[0];
  const isOffered = items.some(
    ({ from, schedule, endsAt }) =>
      from === me.person && schedule === next?.schedule && at(endsAt) > at(next.startsAt),
  );
  const because =
    next === undefined
      ? t("You hold no shift in what is shown.")
      : isOffered
        ? t("Your shift of {moment} is offered already.", {
            moment: timeText(at(next.startsAt), { now, zone }),
          })
        : null;
  const nameOf = (schedule: string): string =>
    rows.find(({ id }) => id === schedule)?.name ?? schedule;
  const span = (startsAt: string, endsAt: string) => ({
    start: timeText(at(startsAt), { now, zone }),
    end: timeText(at(endsAt), { now, zone }),
  });
  return (
    <Panel title={t("Shifts on offer")}>
      <RefusedLine
        error={error ?? accept.error ?? decline.error ?? withdraw.error ?? offer.error}
      />
      {items.length === 0 ? <p className="empty">{t("None is offered.")}</p> : null}
      {items.map((swap) => {
        const params = { id: swap.id };
        const schedule = nameOf(swap.schedule);
        const person = names.person(swap.from);
        const { start, end } = span(swap.startsAt, swap.endsAt);
        const isForMe = swap.to === null || swap.to === me.person;
        const theirs = swap.to === null ? "" : names.person(swap.to);
        return (
          <div key={swap.id} className="card-line">
            <span>
              {swap.to === null
                ? t("{person} offers {schedule}", { person, schedule })
                : t("{person} asks {other} to take {schedule}", {
                    person,
                    schedule,
                    other: theirs,
                  })}
              <br />
              <span className="q">
                {start} – {end}
                {swap.reason === null ? "" : ` · ${swap.reason}`}
              </span>
              {swap.inReturn === null ? null : (
                <span className="q">
                  <br />
                  {t(
                    "In exchange: {start} to {end}",
                    span(swap.inReturn.startsAt, swap.inReturn.endsAt),
                  )}
                </span>
              )}
            </span>
            {swap.from === me.person ? (
              <Button small onClick={() => withdraw.mutate({ params })}>
                {t("Take it back")}
              </Button>
            ) : (
              <span className="row">
                {swap.to === me.person && me.person !== null ? (
                  <Button small onClick={() => decline.mutate({ params })}>
                    {t("Decline")}
                  </Button>
                ) : null}
                <Button
                  small
                  look="do"
                  because={isForMe ? null : t("Only {person} answers this.", { person: theirs })}
                  onClick={() => accept.mutate({ params, body: {} })}
                >
                  {t("Take it")}
                </Button>
              </span>
            )}
          </div>
        );
      })}
      <More {...rest} />
      {me.person === null ? null : (
        <div className="settings">
          <Button
            small
            because={because}
            onClick={() => {
              if (next !== undefined)
                offer.mutate({
                  params: { id: next.schedule },
                  body: {},
                });
            }}
          >
            {t("Offer my next shift")}
          </Button>
        </div>
      )}
    </Panel>
  );
}
