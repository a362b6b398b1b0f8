/** Services: what can break, who answers, how much it matters, what it leans on. */
import { getRouteApi, Link } from "@tanstack/react-router";
import { listAlerts } from "../../contract/alert.ts";
import type { Service } from "../../contract/catalog.ts";
import { readConfigObject } from "../../contract/configuration.ts";
import { listIncidents } from "../../contract/incident.ts";
import { readOverview } from "../../contract/overview.ts";
import { useNames } from "../app/me.ts";
import { listConfigObjects } from "../../contract/configuration.ts";
import { Severity } from "../incident/marks.tsx";
import { OnCallNow } from "./OnCallNow.tsx";
import { useRoute } from "../kit/client.ts";
import { Panel, Time, Waiting, NotYet } from "../kit/parts.tsx";
import { useTitle } from "../kit/title.ts";
import { Heartbeats } from "./Heartbeats.tsx";
import { hopsOf } from "./hops.ts";
import "./services.css";
import { said, t, tParts } from "../kit/words.ts";

export function Services() {
  useTitle(t("Services"));
  const names = useNames();
  const { data: overview } = useRoute(readOverview);
  const services = (names.directory?.services ?? []).toSorted(
    (a, b) => a.tier - b.tier || a.name.localeCompare(b.name),
  );
  return (
    <main className="page">
      <h1>{t("Services")}</h1>
      <p className="q">{t("What can break, the most important first.")}</p>
      {names.directory === undefined ? <Waiting what={t("the services")} /> : null}
      {names.directory !== undefined && services.length === 0 ? (
        <p className="empty">
          {tParts("No service yet. Alerts belong to services: apply {part}.", {
            part: <code>services.yaml</code>,
          })}
        </p>
      ) : null}
      {services.length === 0 ? null : (
        <table className="services stacked">
          <thead>
            <tr>
              <th scope="col">{t("Tier")}</th>
              <th scope="col">{t("Service")}</th>
              <th scope="col">{t("Owner")}</th>
              <th scope="col">{t("Burns now")}</th>
            </tr>
          </thead>
          <tbody>
            {services.map((service) => {
              const burning = overview?.burning.filter((each) =>
                each.services.includes(service.id),
              );
              return (
                <tr key={service.id}>
                  <td data-what={t("Tier")}>{service.tier}</td>
                  <td className="lead">
                    <Link to="/services/$id" params={{ id: service.id }} className="b">
                      {service.name}
                    </Link>
                  </td>
                  <td>{names.team(service.team)}</td>
                  <td>
                    {burning?.map((incident) => (
                      <Link
                        key={incident.id}
                        to="/incidents/$id"
                        params={{ id: incident.id }}
                        className="row burns-now"
                      >
                        <Severity severity={incident.severity} />{" "}
                        <span className="nowrap">{incident.id}</span>
                      </Link>
                    ))}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </main>
  );
}

const route = getRouteApi("/services/$id");

/** As it was written: what may be left out may be absent. */
type Stored = Pick<Service, "name" | "team"> & Partial<Service>;

export function ServicePage() {
  const { id } = route.useParams();
  const names = useNames();
  useTitle(names.service(id));
  const { data, error, refetch } = useRoute(readConfigObject, { params: { kind: "services", id } });
  const { data: incidents } = useRoute(listIncidents, { query: { service: id, limit: 20 } });
  const { data: alerts } = useRoute(listAlerts, {
    query: { service: id, status: "open", limit: 20 },
  });
  if (data === undefined)
    return (
      <NotYet
        title={names.service(id)}
        what={t("the service")}
        error={error}
        again={() => void refetch()}
      />
    );
  const service = { tier: 3, regions: [], ...(data.body as Stored) };
  return (
    <main className="page">
      <h1>{service.name}</h1>
      <p className="q">
        {t("Tier {tier}, owned by {team}", { tier: service.tier, team: names.team(service.team) })}
        {service.regions.length === 0 ? "" : t(", in {list}", { list: service.regions.join(", ") })}
        {service.escalation === undefined
          ? ""
          : t(", pages by {escalation}", { escalation: service.escalation })}
        .{" "}
        {data.source === null ? (
          t("Kept by the API.")
        ) : (
          <span className="mono">
            {data.source.file}:{data.source.line}
          </span>
        )}
      </p>
      {service.description === undefined ? null : <p className="about">{service.description}</p>}
      {service.runbook === undefined ? null : (
        <p>
          <a href={service.runbook} rel="noreferrer noopener" target="_blank">
            {t("Runbook")}
          </a>
        </p>
      )}
      <div className="service-parts">
        <Panel title={t("What it leans on, and what leans on it")}>
          <Hops id={id} />
        </Panel>
        <Panel title={t("On call now")}>
          <OnCallNow escalation={service.escalation} />
        </Panel>
        <Heartbeats service={id} />
        <Panel
          title={t("Incidents")}
          aside={
            <Link to="/incidents" search={{ service: id }} className="t13">
              {t("All of them")}
            </Link>
          }
        >
          {incidents?.items.length === 0 ? <p className="empty">{t("None so far.")}</p> : null}
          {incidents?.items.map((incident) => (
            <div key={incident.id} className="card-line row">
              <Severity severity={incident.severity} />
              <Link to="/incidents/$id" params={{ id: incident.id }} className="grow cut">
                {incident.title}
              </Link>
              <span className="q t13 nowrap">
                {said(incident.state)}, <Time iso={incident.declaredAt} />
              </span>
            </div>
          ))}
        </Panel>
        <Panel
          title={t("Open alerts")}
          aside={
            <Link to="/alerts" search={{ service: id }} className="t13">
              {t("All of them")}
            </Link>
          }
        >
          {alerts?.items.length === 0 ? <p className="empty">{t("None fires.")}</p> : null}
          {alerts?.items.map((alert) => (
            <div key={alert.id} className="card-line row">
              <span className={`dot ${alert.status}`} aria-hidden="true" />
              <Link to="/alerts/$id" params={{ id: alert.id }} className="grow cut">
                {alert.title}
              </Link>
              <span className="q t13 nowrap">
                {said(alert.severity)}, <Time iso={alert.firstReceivedAt} />
              </span>
            </div>
          ))}
        </Panel>
      </div>
    </main>
  );
}

/** Two hops each way, from left (what it needs) to right (what needs it); lines are told as words too. */
function Hops({ id }: { id: string }) {
  const names = useNames();
  const { data } = useRoute(listConfigObjects, {
    params: { kind: "services" },
    query: { limit: 500 },
  });
  if (data === undefined) return <Waiting what={t("the dependencies")} />;
  const needs = new Map(
    data.items.map((object) => [object.id, (object.body["dependsOn"] ?? []) as readonly string[]]),
  );
  const hops = hopsOf(id, needs);
  return (
    <ol className="hops">
      {hops.map((column) => (
        <li key={column.words} className={column.services[0] === id ? "here" : ""}>
          <span className="t12 qq">{column.words}</span>
          {column.services.map((service) =>
            service === id ? (
              <b key={service} className="hop">
                {names.service(service)}
              </b>
            ) : (
              <Link key={service} to="/services/$id" params={{ id: service }} className="hop">
                {names.service(service)}
              </Link>
            ),
          )}
        </li>
      ))}
    </ol>
  );
}
