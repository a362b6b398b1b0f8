/** One alert beside the list: what was decided and by which line, then what came in. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { type Alert, getAlert, listAlertSignals } from "../../contract/alert.ts";
import { attachAlert, declareIncident, listIncidents } from "../../contract/incident.ts";
import { matcherText } from "../../contract/matcher.ts";
import { SEVERITIES } from "../../contract/ids.ts";
import { createSilence } from "../../contract/silence.ts";
import { may, useMe, useNames } from "../app/me.ts";
import { afterIncident } from "../incident/afterIncident.ts";
import { call } from "../kit/call.ts";
import { useRoute, useSend } from "../kit/client.ts";
import { useKeys } from "../kit/keys.ts";
import { serverNow } from "../kit/now.ts";
import { AskAgain, Button, RefusedLine, Time, Waiting } from "../kit/parts.tsx";
import { counted, HOUR } from "../kit/time.ts";
import { said, t, toldBy, tParts } from "../kit/words.ts";
import { SilencePreview } from "./SilencePreview.tsx";

const route = getRouteApi("/alerts/$id");

export function AlertDetail() {
  const { id } = route.useParams();
  const navigate = useNavigate();
  const { data, error, refetch } = useRoute(getAlert, { params: { id } });
  const search = route.useSearch();
  const leave = (): void => void navigate({ to: "/alerts", search });
  useKeys([{ keys: "Escape", what: t("Back to the list"), run: leave }]);
  return (
    <aside className="alert-detail" aria-label={t("The alert")}>
      {error !== null ? <AskAgain error={error} again={() => void refetch()} /> : null}
      {data === undefined && error === null ? <Waiting what={t("the alert")} /> : null}
      {data === undefined ? null : <Shown alert={data} leave={leave} key={data.id} />}
    </aside>
  );
}

type Detailed = Awaited<ReturnType<typeof call<never, never, never, typeof getAlert.reply>>>;

function Shown({ alert, leave }: { alert: Detailed; leave: () => void }) {
  const names = useNames();
  const { decision, hold, suppressed } = alert;
  return (
    <>
      <div className="row">
        <span className={`dot ${alert.status}`} aria-hidden="true" />
        <span className="b">{said(alert.status)}</span>
        <span className="q">{said(alert.severity)}</span>
        <span className="grow" />
        <Button small look="bare" onClick={leave}>
          {tParts("Close {key}", { key: <kbd aria-hidden="true">Esc</kbd> })}
        </Button>
      </div>
      <h2 className="alert-title">{alert.title}</h2>
      <p className="q t13">
        {names.service(alert.service)}
        {tParts("{part}, by key {key}", {
          part: alert.source === null ? "" : t(", from {source}", { source: alert.source }),
          key: <span className="mono">{alert.key}</span>,
        })}
      </p>
      {suppressed === null ? null : (
        <p className="note-box">
          {tParts("Suppressed by {by} of {person} until {time}: {reason}", {
            by: suppressed.by,
            person: names.person(suppressed.owner),
            time: <Time iso={suppressed.until} />,
            reason: suppressed.reason,
          })}{" "}
          <Link to="/settings/$noun" params={{ noun: "silences" }}>
            {t("All silences")}
          </Link>
        </p>
      )}
      <section className="detail-sec">
        <h3>{t("The decision")}</h3>
        <p>
          {decision.outcome === "declare" ? t("Declares an incident") : t("Recorded only")}
          {alert.incident === null ? "" : `${t(", it belongs to")} `}
          {alert.incident === null ? null : (
            <Link to="/incidents/$id" params={{ id: alert.incident }}>
              {alert.incident}
            </Link>
          )}
          .
        </p>
        <p className="t13 q">{said(decision.because)}</p>
        <p className="t13">
          {tParts("Rule {rule}", {
            rule: <span className="mono">{decision.rule ?? t("none matched")}</span>,
          })}
          {decision.source === null ? null : (
            <>
              {" "}
              {tParts("at {source}", {
                source: <span className="mono">{said(decision.source)}</span>,
              })}
            </>
          )}
        </p>
        {hold === null ? null : <p className="t13 q">{toldBy(hold.textSaid, hold.text)}</p>}
      </section>
      <Verbs alert={alert} />
      <section className="detail-sec">
        <h3>{t("Times")}</h3>
        <dl className="facts">
          <dt>{t("Started")}</dt>
          <dd>
            <Time iso={alert.startedAt} seconds />
          </dd>
          <dt>{t("First received")}</dt>
          <dd>
            <Time iso={alert.firstReceivedAt} seconds />
          </dd>
          <dt>{t("Last received")}</dt>
          <dd>
            <Time iso={alert.lastReceivedAt} seconds />, {counted(alert.count, "signal")}
          </dd>
          {alert.closedAt === null ? null : (
            <>
              <dt>{t("Closed")}</dt>
              <dd>
                <Time iso={alert.closedAt} seconds />
                {alert.closedBecause === null ? "" : `, ${said(alert.closedBecause)}`}
              </dd>
            </>
          )}
        </dl>
      </section>
      <section className="detail-sec">
        <h3>{t("As the tool said it")}</h3>
        <dl className="facts mono">
          <dt>{t("dedup key")}</dt>
          <dd>{alert.dedupKey}</dd>
          {Object.entries(alert.labels).map(([name, value]) => (
            <div key={name} className="pairwise">
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {alert.link === null || !/^https?:/.test(alert.link) ? null : (
          <p className="t13">
            <a href={alert.link} rel="noreferrer noopener" target="_blank">
              {t("Open it in the tool")}
            </a>
          </p>
        )}
        {alert.details === null || alert.details === undefined ? null : (
          <details>
            <summary>{t("Details")}</summary>
            <pre>{JSON.stringify(alert.details, null, 1)}</pre>
          </details>
        )}
      </section>
      <Signals alert={alert} />
    </>
  );
}

/** As many as come with the alert. */
const FIRST_SIGNALS = 50;

function Signals({ alert }: { alert: Detailed }) {
  const [all, askAll] = useState(false);
  const list = useInfiniteQuery({
    queryKey: [listAlertSignals.path, { id: alert.id }, {}],
    queryFn: ({ pageParam }) =>
      call(listAlertSignals, {
        params: { id: alert.id },
        query: { limit: 200, ...(pageParam !== undefined && { cursor: pageParam }) },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    enabled: all,
  });
  const signals = list.data?.pages.flatMap(({ items }) => items) ?? alert.signals;
  const isMore = list.data === undefined ? signals.length >= FIRST_SIGNALS : list.hasNextPage;
  return (
    <section className="detail-sec">
      <h3>{t("Signals, the latest first")}</h3>
      {signals.map((signal) => (
        <p key={signal.id} className="t13 signal-line">
          <span className="qq">
            <Time iso={signal.receivedAt} seconds />
          </span>
          <span>
            {said(signal.action)}, <span className="q">{said(signal.decision.because)}</span>
          </span>
        </p>
      ))}
      {list.error === null ? null : <RefusedLine error={list.error} />}
      {isMore ? (
        <div className="row">
          <Button small onClick={() => (all ? void list.fetchNextPage() : askAll(true))}>
            {list.isFetching ? t("Asking") : t("Show earlier signals")}
          </Button>
        </div>
      ) : null}
    </section>
  );
}

/** Declare, attach, silence: from here, without looking anything up. */
function Verbs({ alert }: { alert: Alert }) {
  const me = useMe();
  const navigate = useNavigate();
  const [open, setOpen] = useState<"declare" | "attach" | "silence" | null>(null);
  const declare = useSend(declareIncident, (_, incident) => {
    // The alert goes with the incident that was declared for it.
    void call(attachAlert, { params: { id: incident.id }, body: { alert: alert.id } }).finally(
      () => void navigate({ to: "/incidents/$id", params: { id: incident.id } }),
    );
  });
  const attach = useSend(attachAlert, afterIncident);
  const silence = useSend(createSilence, (queries) => void queries.invalidateQueries());
  const { data: incidents } = useRoute(
    listIncidents,
    { query: { state: "open", limit: 100 } },
    { enabled: open === "attach" },
  );
  const because = may(me, "incidents.respond", "any")
    ? null
    : t("This needs the right “incidents.respond”.");
  const over = alert.status === "resolved" ? t("The alert is over.") : null;
  return (
    <section className="detail-sec">
      <div className="row wrap">
        <Button small because={because} onClick={() => setOpen("declare")}>
          {t("Declare an incident")}
        </Button>
        <Button small because={because} onClick={() => setOpen("attach")}>
          {t("Attach to an incident")}
        </Button>
        <Button small because={because ?? over} onClick={() => setOpen("silence")}>
          {t("Silence it")}
        </Button>
      </div>
      {open === "declare" ? (
        <fieldset className="choices inline-form">
          <legend className="label">{t("How bad is it?")}</legend>
          {SEVERITIES.map((severity) => (
            <Button
              key={severity}
              small
              onClick={() =>
                declare.mutate({
                  body: { title: alert.title.slice(0, 300), severity, services: [alert.service] },
                })
              }
            >
              {t("Declare {severity}", { severity })}
            </Button>
          ))}
        </fieldset>
      ) : null}
      {open === "attach" ? (
        <div className="field inline-form">
          <label htmlFor="attach-to">{t("Incident")}</label>
          <select
            id="attach-to"
            defaultValue=""
            onChange={(event) =>
              attach.mutate({ params: { id: event.target.value }, body: { alert: alert.id } })
            }
          >
            <option value="">{t("Choose an incident")}</option>
            {incidents?.items.map((incident) => (
              <option key={incident.id} value={incident.id}>
                {incident.severity} {incident.id} {incident.title}
              </option>
            ))}
          </select>
        </div>
      ) : null}
      {open === "silence" ? (
        <SilenceForm
          alert={alert}
          sending={silence.isPending}
          send={(reason, hours) =>
            silence.mutate(
              {
                body: {
                  matchers: matchersOf(alert),
                  reason,
                  endsAt: new Date(serverNow() + hours * HOUR).toISOString(),
                },
              },
              { onSuccess: () => setOpen(null) },
            )
          }
        />
      ) : null}
      <RefusedLine error={declare.error ?? attach.error ?? silence.error} />
    </section>
  );
}

/** Its service and name, and nothing that is only of this one signal. */
export const matchersOf = (alert: Alert): string[] => {
  const name = alert.labels["alertname"];
  return [
    matcherText({ name: "service", operator: "=", value: alert.service }),
    name === undefined
      ? matcherText({ name: "title", operator: "=", value: alert.title })
      : matcherText({ name: "alertname", operator: "=", value: name }),
  ];
};

export function SilenceForm(props: {
  readonly alert: Alert;
  readonly sending: boolean;
  readonly send: (reason: string, hours: number) => void;
}) {
  const [reason, setReason] = useState("");
  const [hours, setHours] = useState(2);
  return (
    <form
      className="inline-form field"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim() !== "") props.send(reason.trim(), hours);
      }}
    >
      <p className="t12 q mono">{matchersOf(props.alert).join("  ")}</p>
      <SilencePreview matchers={matchersOf(props.alert)} />
      <label htmlFor="silence-why">{t("Why it may be quiet")}</label>
      <input
        id="silence-why"
        value={reason}
        autoFocus
        onChange={(event) => setReason(event.target.value)}
      />
      <div className="choices">
        {[1, 2, 8, 24].map((each) => (
          <label key={each} className="choice">
            <input
              type="radio"
              name="silence-for"
              checked={hours === each}
              onChange={() => setHours(each)}
            />
            {each} h
          </label>
        ))}
        <Button
          small
          type="submit"
          look="do"
          because={reason.trim() === "" ? t("“Why” is empty.") : null}
          onClick={() => undefined}
        >
          {props.sending ? t("Sending") : t("Silence it")}
        </Button>
      </div>
    </form>
  );
}
