/** Who is on call although they are away: by leave or a public holiday, with who could take it. Nothing moves by itself. */
import { useZone } from "./zone.ts";
import { type Conflict, listConflicts, listHolidays } from "../../contract/leave.ts";
import { askSwap } from "../../contract/swap.ts";
import { may, useMe, useNames } from "../app/me.ts";
import { useRoute, useSend } from "../kit/client.ts";
import { Button, Panel, RefusedLine } from "../kit/parts.tsx";
import { at, listText, timeText } from "../kit/time.ts";
import { t } from "../kit/words.ts";
import type { ScheduleRow } from "./ribbonView.ts";

const SHOWN = 6;

export function Away({ rows, now }: { rows: readonly ScheduleRow[]; now: number }) {
  const { data, error } = useRoute(listConflicts, { query: {} });
  const unknown = useRoute(listHolidays, { query: {} }).data?.unknown ?? [];
  const items = data?.items ?? [];
  return (
    <Panel
      title={t("On call while away")}
      aside={
        <span className="qq t13">
          {items.length === 0 ? "" : t("{count} in eight weeks", { count: items.length })}
        </span>
      }
    >
      <RefusedLine error={error} />
      {data !== undefined && items.length === 0 ? (
        <p className="empty">{t("Nobody, as far as leave and holidays are known.")}</p>
      ) : null}
      {items.slice(0, SHOWN).map((conflict) => (
        <Line
          key={`${conflict.schedule} ${conflict.person} ${conflict.startsAt} ${conflict.holiday}`}
          conflict={conflict}
          schedule={rows.find(({ id }) => id === conflict.schedule)?.name ?? conflict.schedule}
          now={now}
        />
      ))}
      {unknown.length === 0 ? null : (
        <p className="empty amberink">
          {t("No holidays are known of {places}.", { places: listText(unknown) })}
        </p>
      )}
    </Panel>
  );
}

function Line(props: {
  readonly conflict: Conflict;
  readonly schedule: string;
  readonly now: number;
}) {
  const { conflict, schedule, now } = props;
  const { person, startsAt, endsAt, holiday, proposals } = conflict;
  const me = useMe();
  const names = useNames();
  const zone = useZone();
  const ask = useSend(askSwap, (queries) => void queries.invalidateQueries());
  const [first] = proposals;
  const isTheirs = person === me.person || may(me, "oncall.manage", "any");
  return (
    <div className="card-line">
      <span>
        <b>{names.person(person)}</b>, {schedule}: {holiday ?? t("leave")}
        <br />
        <span className="q">
          {timeText(at(startsAt), { now, zone })} – {timeText(at(endsAt), { now, zone })}
        </span>
        <RefusedLine error={ask.error} />
      </span>
      {first === undefined ? (
        <span className="q t13">{t("Nobody else is free.")}</span>
      ) : (
        <Button
          small
          because={
            ask.isSuccess
              ? t("They are asked.")
              : isTheirs
                ? null
                : t("Only {person} or a manager asks.", { person: names.person(person) })
          }
          onClick={() =>
            ask.mutate({
              params: { id: conflict.schedule },
              body: { from: person, to: first.person, span: { startsAt, endsAt } },
            })
          }
        >
          {t("Ask {person}", { person: names.person(first.person) })}
        </Button>
      )}
    </div>
  );
}
