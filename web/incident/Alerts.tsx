/** The alerts of an incident: each leads to its decision, may be silenced here, and others may be attached. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Alert, listAlerts } from "../../contract/alert.ts";
import { attachAlert, type IncidentDetail } from "../../contract/incident.ts";
import { createSilence } from "../../contract/silence.ts";
import { matchersOf, SilenceForm } from "../alert/AlertDetail.tsx";
import { may, useMe, useNames } from "../app/me.ts";
import { useRoute, useSend } from "../kit/client.ts";
import { serverNow } from "../kit/now.ts";
import { Button, RefusedLine } from "../kit/parts.tsx";
import { HOUR } from "../kit/time.ts";
import { said, t } from "../kit/words.ts";
import { afterIncident } from "./afterIncident.ts";

const SHOWN = 20;

export const alertsOf = (incident: string) => ({ query: { incident, limit: SHOWN } });

export function Alerts({ incident }: { incident: IncidentDetail }) {
  const me = useMe();
  const [attaching, setAttaching] = useState(false);
  const { data } = useRoute(listAlerts, alertsOf(incident.id));
  const open = data?.items.filter(({ status }) => status !== "resolved").length ?? 0;
  const because = may(me, "incidents.respond", incident.team ?? "any")
    ? null
    : t("This needs the right “{right}”.", { right: "incidents.respond" });
  return (
    <section className="sec" aria-label={t("Alerts")}>
      <header>
        <h2>{t("Alerts")}</h2>
        <span className="qq t13">
          {t("{open} of {all} open", { open, all: incident.alertCount })}
        </span>
        <span className="grow" />
        <Button
          look="bare"
          small
          because={because}
          aria-expanded={attaching}
          onClick={() => setAttaching(!attaching)}
        >
          {t("Attach")}
        </Button>
      </header>
      {attaching ? <Attach incident={incident} leave={() => setAttaching(false)} /> : null}
      {data !== undefined && data.items.length === 0 ? (
        <p className="t13 q">{t("No alert belongs to it.")}</p>
      ) : null}
      {data?.items.map((alert) => (
        <Row key={alert.id} alert={alert} />
      ))}
      {data?.items.length === SHOWN && incident.alertCount > SHOWN ? (
        <p className="t12 qq">{t("{count} more", { count: incident.alertCount - SHOWN })}</p>
      ) : null}
    </section>
  );
}

function Row({ alert }: { alert: Alert }) {
  const me = useMe();
  const [silencing, setSilencing] = useState(false);
  const silence = useSend(createSilence, (queries) => {
    setSilencing(false);
    void queries.invalidateQueries();
  });
  const isOver = alert.status === "resolved";
  const because = may(me, "silences.write", "any")
    ? null
    : t("This needs the right “{right}”.", { right: "silences.write" });
  return (
    <div className="al">
      <span className={`dot ${alert.status}`} aria-hidden="true" />
      <span>
        <Link to="/alerts/$id" params={{ id: alert.id }}>
          {alert.title}
        </Link>{" "}
        <span className="t12 q">
          {alert.suppressed === null ? said(alert.status) : t("suppressed")}
          {alert.count > 1 ? `, ${t("{count} signals", { count: alert.count })}` : ""}
        </span>
      </span>
      {isOver || alert.suppressed !== null ? null : (
        <Button
          look="bare"
          small
          because={because}
          aria-expanded={silencing}
          aria-label={t("Silence {alert}", { alert: alert.title })}
          onClick={() => setSilencing(!silencing)}
        >
          {t("Silence")}
        </Button>
      )}
      {silencing ? (
        <SilenceForm
          alert={alert}
          sending={silence.isPending}
          send={(reason, hours) =>
            silence.mutate({
              body: {
                matchers: matchersOf(alert),
                reason,
                endsAt: new Date(serverNow() + hours * HOUR).toISOString(),
              },
            })
          }
        />
      ) : null}
      <RefusedLine error={silence.error} />
    </div>
  );
}

/** Open alerts that belong to no incident, those of its own services first. */
function Attach({ incident, leave }: { incident: IncidentDetail; leave: () => void }) {
  const names = useNames();
  const { data } = useRoute(listAlerts, { query: { status: "open", limit: 200 } });
  const attach = useSend(attachAlert, (queries, reply) => {
    leave();
    afterIncident(queries, reply);
    void queries.invalidateQueries({ queryKey: [listAlerts.path] });
  });
  const own = ({ service }: Alert): number => (incident.services.includes(service) ? 0 : 1);
  const free = data?.items
    .filter((alert) => alert.incident === null)
    .toSorted((a, b) => own(a) - own(b));
  if (free === undefined) return null;
  return (
    <div className="field inline-form">
      {free.length === 0 ? (
        <p className="t13 q">{t("Every open alert belongs to an incident.")}</p>
      ) : (
        <>
          <label htmlFor="attach-alert">{t("Alert")}</label>
          <select
            id="attach-alert"
            autoFocus
            defaultValue=""
            onChange={(event) =>
              attach.mutate({ params: { id: incident.id }, body: { alert: event.target.value } })
            }
          >
            <option value="">{t("Choose an alert")}</option>
            {free.map((alert) => (
              <option key={alert.id} value={alert.id}>
                {names.service(alert.service)}: {alert.title}
              </option>
            ))}
          </select>
        </>
      )}
      <RefusedLine error={attach.error} />
    </div>
  );
}
