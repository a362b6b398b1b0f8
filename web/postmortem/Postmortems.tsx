/** Postmortems: what is owed, then what there is. */
import { Link } from "@tanstack/react-router";
import { listIncidents } from "../../contract/incident.ts";
import { readOverview } from "../../contract/overview.ts";
import { listActionItems } from "../../contract/postmortem.ts";
import { useNames } from "../app/me.ts";
import { ClockPill, Severity, Who } from "../incident/marks.tsx";
import { useRoute } from "../kit/client.ts";
import { More, useList } from "../kit/list.tsx";
import { Panel, Time } from "../kit/parts.tsx";
import { useTitle } from "../kit/title.ts";
import { said, t, tParts } from "../kit/words.ts";
import "./postmortem.css";

export function Postmortems() {
  useTitle(t("Postmortems"));
  const names = useNames();
  const { data: overview } = useRoute(readOverview);
  const resolved = useList(listIncidents, { query: { state: "resolved", limit: 50 } });
  const closed = useList(listIncidents, { query: { state: "closed", limit: 50 } });
  const items = useList(listActionItems, { query: { status: "unfinished", limit: 50 } });
  const owed = new Set(overview?.postmortems.map(({ incident }) => incident));
  const others = [...(resolved.data?.items ?? []), ...(closed.data?.items ?? [])].filter(
    ({ id }) => !owed.has(id),
  );
  return (
    <main className="page">
      <h1>{t("Postmortems")}</h1>
      <div className="postmortem-lists">
        <Panel title={t("Owed, first due first")}>
          {overview?.postmortems.length === 0 ? (
            <p className="empty">{t("None is owed.")}</p>
          ) : null}
          {overview?.postmortems.map((postmortem) => (
            <div key={postmortem.incident} className="card-line row">
              <Severity severity={postmortem.severity} />
              <span className="grow cut">
                <Link to="/postmortems/$id" params={{ id: postmortem.incident }} className="b">
                  {postmortem.incident} {postmortem.title}
                </Link>
              </span>
              <Who person={postmortem.commander} />
              <ClockPill clock={postmortem.deadline} paper />
            </div>
          ))}
        </Panel>
        <Panel title={t("Action items that are not done")}>
          {items.data?.items.length === 0 ? <p className="empty">{t("None is open.")}</p> : null}
          {items.data?.items.map((item) => (
            <div key={item.id} className="card-line row">
              <span className="grow cut" title={item.title}>
                <b>{item.priority}</b> {item.title}
              </span>
              <span className="t13 q">{names.person(item.owner)}</span>
              <span className={item.overdue ? "clk late" : "clk"}>
                {tParts("due {time}", { time: <Time iso={item.dueAt} /> })}
              </span>
            </div>
          ))}
          <More {...items} />
        </Panel>
        <Panel title={t("Of incidents that are over")}>
          {others.length === 0 ? (
            <p className="empty">
              {t("None yet. One is drafted when an incident is resolved, with its timeline in it.")}
            </p>
          ) : null}
          {others.map((incident) => (
            <div key={incident.id} className="card-line row">
              <Severity severity={incident.severity} />
              <span className="grow cut">
                <Link to="/postmortems/$id" params={{ id: incident.id }}>
                  {incident.id} {incident.title}
                </Link>
              </span>
              <span className="q t13">
                {said(incident.state)} <Time iso={incident.resolvedAt ?? incident.declaredAt} />
              </span>
            </div>
          ))}
          <More
            more={resolved.more ?? closed.more}
            isAsking={resolved.isAsking || closed.isAsking}
          />
        </Panel>
      </div>
    </main>
  );
}
