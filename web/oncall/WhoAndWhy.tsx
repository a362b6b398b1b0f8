/** Who and why at an instant: the answer first, then the reasons, then what would have applied. */
import { endOverride, explainOnCall, listOverrides } from "../../contract/schedule.ts";
import { useNames } from "../app/me.ts";
import { Call } from "../incident/marks.tsx";
import { useRoute, useSend } from "../kit/client.ts";
import { More, useList } from "../kit/list.tsx";
import { useNow } from "../kit/now.ts";
import { Button, RefusedLine, Time, Waiting } from "../kit/parts.tsx";
import { at as instantOf, lengthText, listText, timeText } from "../kit/time.ts";
import { useZone } from "./zone.ts";
import { t, tParts } from "../kit/words.ts";
import { isRunning } from "./OverrideForm.tsx";
import { reasonText } from "./reasonText.ts";
import { localInput, ofLocalInput } from "./ribbonView.ts";

export function WhoAndWhy(props: {
  readonly schedules: readonly { readonly id: string; readonly name: string }[];
  readonly schedule: string | undefined;
  readonly at: number;
  readonly isNow: boolean;
  readonly choose: (change: { at?: string | undefined; schedule?: string }) => void;
}) {
  const { schedules, schedule, at, isNow, choose } = props;
  const names = useNames();
  const now = useNow();
  const zone = useZone();
  const query = isNow ? {} : { at: new Date(at).toISOString() };
  const { data, error } = useRoute(
    explainOnCall,
    { params: { id: schedule ?? "" }, query },
    { enabled: schedule !== undefined },
  );
  const name = schedules.find(({ id }) => id === schedule)?.name ?? "";
  return (
    <aside className="who-why" id="who-and-why" aria-label={t("Who and why")}>
      <h2>{t("Who and why")}</h2>
      <div className="row asked">
        <input
          className="input"
          type="datetime-local"
          aria-label={t("At which instant")}
          value={localInput(at, zone)}
          onChange={(event) => {
            const instant = ofLocalInput(event.target.value, zone);
            if (!Number.isNaN(instant)) choose({ at: new Date(instant).toISOString() });
          }}
        />
        <select
          className="input"
          aria-label={t("Schedule")}
          value={schedule ?? ""}
          onChange={(event) => choose({ schedule: event.target.value })}
        >
          {schedules.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </select>
      </div>
      {isNow ? null : (
        <p>
          <Button small onClick={() => choose({ at: undefined })}>
            {t("Ask about now")}
          </Button>
        </p>
      )}
      <RefusedLine error={error} />
      {schedule !== undefined && data === undefined && error === null ? (
        <Waiting what={t("the answer")} />
      ) : null}
      {data === undefined ? null : (
        <>
          <h3 className={data.person === null ? "answer redink" : "answer"}>
            {data.others.length > 0 && data.person !== null
              ? t("{people} hold {schedule} together.", {
                  people: listText([data.person, ...data.others].map(names.person)),
                  schedule: name,
                })
              : t(
                  data.person === null ? "Nobody holds {schedule}." : "{person} holds {schedule}.",
                  {
                    person: data.person === null ? "" : names.person(data.person),
                    schedule: name,
                  },
                )}
          </h3>
          {data.person === null
            ? null
            : [data.person, ...data.others].map((each) => (
                <Call key={each} person={each} spelled />
              ))}
          <p className="q t13">
            {t("At {time}", { time: timeText(instantOf(data.at), { now, zone }) })}
            {data.until === null
              ? ""
              : t(", until {time}, which is {length} more", {
                  time: timeText(instantOf(data.until), { now, zone }),
                  length: lengthText(instantOf(data.until) - instantOf(data.at)),
                })}
            .
            {data.next === null
              ? ""
              : ` ${t("Then {person}.", {
                  person:
                    data.next.person === null
                      ? t("nobody")
                      : listText([data.next.person, ...(data.next.others ?? [])].map(names.person)),
                })}`}
          </p>
          <ol className="reasons">
            {data.reasons.map((reason, index) => (
              <li key={index} className={reason.verdict === "wins" ? "wins" : ""}>
                <span className="number" aria-hidden="true">
                  {index + 1}
                </span>
                <span>{reasonText(reason, names.person)}</span>
              </li>
            ))}
          </ol>
          <Overrides schedule={data.schedule} />
        </>
      )}
    </aside>
  );
}

function Overrides({ schedule }: { schedule: string }) {
  const names = useNames();
  const now = useNow();
  const zone = useZone();
  const { data, ...rest } = useList(listOverrides, {
    params: { id: schedule },
    query: { limit: 20 },
  });
  const send = useSend(endOverride, (queries) => void queries.invalidateQueries());
  if (data === undefined || data.items.length === 0) return null;
  return (
    <section className="overrides">
      <h3>{t("Overrides")}</h3>
      <RefusedLine error={send.error} />
      {data.items.map((override) => (
        <div key={override.id} className="card-line">
          <span className="t13">
            <b>{names.person(override.person)}</b>
            {override.replaces === null
              ? ""
              : ` ${t("for {person}", { person: names.person(override.replaces) })}`}
            <br />
            <span className="q">
              {tParts("{time} to {time2}", {
                time: <Time iso={override.startsAt} zone={zone} />,
                time2: <Time iso={override.endsAt} zone={zone} />,
              })}
              {override.reason === null ? "" : `: ${override.reason}`}
            </span>
          </span>
          <Button small onClick={() => send.mutate({ params: { id: override.id } })}>
            {isRunning(override, now) ? t("End it now") : t("Take it back")}
          </Button>
        </div>
      ))}
      <More {...rest} />
    </section>
  );
}
