/** Drills: what is planned, how the last ones went, and one held now. */
import { Link } from "@tanstack/react-router";
import { listConfigObjects } from "../../contract/configuration.ts";
import { type Drill, type DrillRecord, listDrills, startDrill } from "../../contract/drill.ts";
import { may, useMe, useNames } from "../app/me.ts";
import { useRoute, useSend } from "../kit/client.ts";
import { More, useList } from "../kit/list.tsx";
import { AskAgain, Button, Panel, RefusedLine, Time, Waiting } from "../kit/parts.tsx";
import { lengthText } from "../kit/time.ts";
import { later, said, t, tParts } from "../kit/words.ts";

const OUTCOMES: Readonly<Record<DrillRecord["outcome"], string>> = {
  running: later("still running"),
  answered: later("answered"),
  unanswered: later("nobody answered"),
};

export function Drills() {
  const held = useList(listDrills, { query: { limit: 50 } });
  return (
    <>
      <p className="q t13">
        {t(
          "A drill pages by the policy of its service, marked DRILL, and is kept apart from what burns.",
        )}
      </p>
      <Plans held={held.data?.items ?? []} />
      <Panel title={t("Held")}>
        {held.error === null ? null : (
          <AskAgain error={held.error} again={() => void held.refetch()} />
        )}
        {held.data === undefined && held.error === null ? <Waiting what={t("the drills")} /> : null}
        {held.data?.items.length === 0 ? <p className="empty">{t("None was held yet.")}</p> : null}
        {held.data?.items.map((record) => (
          <Held key={record.id} record={record} />
        ))}
        <More {...held} />
      </Panel>
    </>
  );
}

function Plans({ held }: { held: readonly DrillRecord[] }) {
  const me = useMe();
  const names = useNames();
  const { data, error, refetch } = useRoute(listConfigObjects, {
    params: { kind: "drills" },
    query: { limit: 200 },
  });
  const start = useSend(startDrill, (queries) => void queries.invalidateQueries());
  return (
    <Panel title={t("Planned")}>
      <RefusedLine error={start.error} />
      {error === null ? null : <AskAgain error={error} again={() => void refetch()} />}
      {data === undefined && error === null ? <Waiting what={t("the drills")} /> : null}
      {data?.items.length === 0 ? (
        <p className="empty">
          {tParts("No drill is configured. {link} is the place for one.", {
            link: (
              <Link to="/settings/$noun" params={{ noun: "drills" }}>
                {t("Settings")}
              </Link>
            ),
          })}
        </p>
      ) : null}
      {data?.items.map(({ id, body }) => {
        const drill = body as unknown as Drill;
        const last = held.find((record) => record.drill === id);
        const because = may(me, "oncall.override", "any")
          ? last?.outcome === "running"
            ? t("It is still running.")
            : null
          : t("This needs the right “oncall.override”.");
        return (
          <div key={id} className="card-line">
            <span>
              <b>{drill.name ?? id}</b>, {names.service(drill.service)}
              <br />
              <span className="q">
                {drill.cron === undefined
                  ? t("only when somebody starts it")
                  : t("{cron} in {zone}", { cron: drill.cron, zone: drill.timezone ?? "UTC" })}
                {last === undefined
                  ? ""
                  : ` · ${t("the last one: {outcome}", { outcome: said(OUTCOMES[last.outcome]) })}`}
              </span>
            </span>
            <Button
              small
              because={because}
              onClick={() => start.mutate({ params: { id }, body: {} })}
            >
              {t("Hold it now")}
            </Button>
          </div>
        );
      })}
    </Panel>
  );
}

function Held({ record }: { record: DrillRecord }) {
  const names = useNames();
  const { outcome, pages } = record;
  return (
    <div className="card-line held">
      <span>
        <b>{record.drill}</b>,{" "}
        <span className={outcome === "unanswered" ? "redink b" : ""}>
          {record.acknowledgedBy === null
            ? said(OUTCOMES[outcome])
            : t("answered by {person}", { person: names.person(record.acknowledgedBy) })}
        </span>
        {pages.map((page) => (
          <span key={`${page.person} ${page.channel} ${page.pagedAt}`} className="q held-page">
            {t("{person} by {channel}: {what}", {
              person: names.person(page.person),
              channel: page.channel,
              what:
                page.acknowledgedAfterMs !== null
                  ? t("answered after {length}", { length: lengthText(page.acknowledgedAfterMs) })
                  : page.handedOverAfterMs !== null
                    ? t("handed over after {length}", {
                        length: lengthText(page.handedOverAfterMs),
                      })
                    : (page.because ?? page.state),
            })}
          </span>
        ))}
      </span>
      <span className="q">
        <Link to="/incidents/$id" params={{ id: record.incident }}>
          <Time iso={record.startedAt} />
        </Link>
      </span>
    </div>
  );
}
