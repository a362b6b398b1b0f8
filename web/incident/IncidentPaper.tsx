/** An incident on paper: its facts, its clocks, who had it, and every entry in order. */
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { getIncident, type IncidentDetail } from "../../contract/incident.ts";
import { useMe, useNames } from "../app/me.ts";
import { useRoute } from "../kit/client.ts";
import { serverNow } from "../kit/now.ts";
import { Button, Waiting, NotYet } from "../kit/parts.tsx";
import { useTitle } from "../kit/title.ts";
import { at, capital, listText, timeText } from "../kit/time.ts";
import { clockFace, clockNoun } from "./clock.ts";
import { timelineRows } from "./timelineView.ts";
import { useTimeline } from "./useTimeline.ts";
import "../runbook/paper.css";
import { said, t, tParts } from "../kit/words.ts";

const route = getRouteApi("/incidents/$id/print");

export function IncidentPaper() {
  const { id } = route.useParams();
  useTitle(id);
  const { data, error, refetch } = useRoute(getIncident, { params: { id } });
  if (data !== undefined) return <Paper incident={data} />;
  return <NotYet title={id} what={id} error={error} again={() => void refetch()} />;
}

function Paper({ incident }: { incident: IncidentDetail }) {
  const me = useMe();
  const names = useNames();
  const { data } = useTimeline(incident.id);
  const now = serverNow();
  const rows = useMemo(
    () =>
      timelineRows(data?.entries ?? [], { now: serverNow(), me: me.person, person: names.person }),
    [data, me.person, names],
  );
  const time = (iso: string | null): string =>
    iso === null ? t("not yet") : timeText(at(iso), { now });
  const who = (person: string | null): string =>
    person === null ? t("nobody") : names.person(person);
  const facts: readonly (readonly [string, string])[] = [
    [t("Severity, state"), `${incident.severity}, ${said(incident.state)}`],
    [t("Services"), listText(incident.services.map(names.service)) || t("none")],
    [t("Detected, declared"), `${time(incident.detectedAt)}, ${time(incident.declaredAt)}`],
    [
      t("Acknowledged"),
      `${time(incident.acknowledgedAt)} ${incident.acknowledgedBy === null ? "" : who(incident.acknowledgedBy)}`,
    ],
    [t("Mitigated, resolved"), `${time(incident.mitigatedAt)}, ${time(incident.resolvedAt)}`],
    [t("Commander"), who(incident.commander)],
    ...incident.roles.map(({ role, person }) => [capital(said(role)), who(person)] as const),
    ...incident.deadlines.map((clock) => {
      const { standing, time: text } = clockFace(clock, now);
      return [
        clockNoun(clock.kind),
        `${said(standing === "over" ? "overdue" : standing)}, ${text}`,
      ] as const;
    }),
  ];
  return (
    <main className="paper">
      <p className="no-print">
        <Button onClick={() => globalThis.print()}>{t("Print it")}</Button>
      </p>
      <h1>
        {incident.id}: {incident.title}
      </h1>
      <p className="paper-foot">
        {tParts("Printed {text} UTC.", {
          text: new Date(now).toISOString().slice(0, 16).replace("T", " "),
        })}
      </p>
      <table>
        <caption>{t("Facts")}</caption>
        <tbody>
          {facts.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h2>{t("Timeline")}</h2>
      {data?.whole !== true ? <Waiting what={t("the timeline")} /> : null}
      <table>
        <tbody>
          {rows.map((row) =>
            row.kind === "silence" ? null : (
              <tr key={row.id}>
                <td>{timeText(at(row.iso), { now, seconds: true })}</td>
                <td>
                  {row.sentence} {row.words}
                </td>
                <td>{row.author}</td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </main>
  );
}
