/** The gate as a page of its own: what closing asks for, each piece with its fact or the verb that supplies it. */
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { closeIncident, getIncident, type IncidentDetail } from "../../contract/incident.ts";
import { useMe } from "../app/me.ts";
import { useRoute, useSend } from "../kit/client.ts";
import { AskAgain, Button, RefusedLine, Waiting } from "../kit/parts.tsx";
import { useTitle } from "../kit/title.ts";
import { Gate } from "./Act.tsx";
import { afterIncident } from "./afterIncident.ts";
import { Severity } from "./marks.tsx";
import { VerbForm } from "./VerbForm.tsx";
import { type Verb, verbNamed, whyNot } from "./verbs.ts";
import "./room.css";
import { said, t } from "../kit/words.ts";

const route = getRouteApi("/incidents/$id/close");

export function Close() {
  const { id } = route.useParams();
  useTitle(t("Close {id}", { id }));
  const { data, error, refetch } = useRoute(getIncident, { params: { id } });
  return (
    <main className="page closing">
      <h1>{t("Close {id}", { id })}</h1>
      {error === null ? null : <AskAgain error={error} again={() => void refetch()} />}
      {data === undefined && error === null ? <Waiting what={id} /> : null}
      {data === undefined ? null : <Closing incident={data} />}
    </main>
  );
}

function Closing({ incident }: { incident: IncidentDetail }) {
  const me = useMe();
  const navigate = useNavigate();
  const [open, setOpen] = useState<Verb | null>(null);
  const [because, setBecause] = useState("");
  const back = (): void =>
    void navigate({ to: "/incidents/$id", params: { id: incident.id }, search: {} });
  const send = useSend(closeIncident, (queries, reply) => {
    afterIncident(queries, reply);
    back();
  });
  const refused = whyNot(verbNamed("close"), incident, me);
  const missing = incident.acceptance.filter(({ needed, text }) => needed && text === null);
  const waits =
    missing.length === 0
      ? null
      : t("{count} missing: {list}.", {
          count: missing.length,
          list: missing.map(({ piece }) => said(piece)).join(", "),
        });
  const words = because.trim();
  return (
    <>
      <p className="row wrap">
        <Severity severity={incident.severity} />
        <Link to="/incidents/$id" params={{ id: incident.id }} search={{}}>
          {incident.title}
        </Link>
        <span className="q">{said(incident.state)}</span>
      </p>
      <Gate incident={incident} begin={setOpen} isPage />
      {open === null ? null : (
        <VerbForm key={open.name} verb={open} incident={incident} onDone={() => setOpen(null)} />
      )}
      <RefusedLine error={send.error} />
      <p className="row wrap">
        <Button
          look="do"
          because={refused ?? waits}
          onClick={() => send.mutate({ params: { id: incident.id }, body: {} })}
        >
          {send.isPending ? t("Sending") : t("Close it")}
        </Button>
        <span className="q t13">{refused ?? waits ?? t("Everything is there.")}</span>
      </p>
      {waits === null || refused !== null ? null : (
        <details>
          <summary>{t("Close without what is missing")}</summary>
          <div className="field without">
            <label htmlFor="close-without">{t("Why; it is recorded with your name")}</label>
            <input
              id="close-without"
              value={because}
              onChange={(event) => setBecause(event.target.value)}
            />
            <span>
              <Button
                look="danger"
                because={words === "" ? t("Say why.") : null}
                onClick={() =>
                  send.mutate({
                    params: { id: incident.id },
                    body: { override: { because: words } },
                  })
                }
              >
                {t("Close it without")}
              </Button>
            </span>
          </div>
        </details>
      )}
    </>
  );
}
