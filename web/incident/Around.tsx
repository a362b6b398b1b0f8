/** What stands around the timeline: the page ledger, alerts, what lies near, and the tasks. */
import { useState } from "react";
import { listAlerts } from "../../contract/alert.ts";
import { listIncidentChanges } from "../../contract/deployment.ts";
import { finishTask, type IncidentDetail } from "../../contract/incident.ts";
import { explainNotification, listNotifications, type Notification } from "../../contract/page.ts";
import { listRelated } from "../../contract/related.ts";
import { useMe, useNames } from "../app/me.ts";
import { useRoute, useSend } from "../kit/client.ts";
import { useTogether } from "../kit/media.ts";
import { useNow } from "../kit/now.ts";
import { Button, RefusedLine, Time } from "../kit/parts.tsx";
import { at, inReadersTime } from "../kit/time.ts";
import { afterIncident } from "./afterIncident.ts";
import { More, useList } from "../kit/list.tsx";
import { Alerts, alertsOf } from "./Alerts.tsx";
import { Next, Requests } from "./Asked.tsx";
import { Who } from "./marks.tsx";
import { Changes, Related } from "./Near.tsx";
import { pageView, STATIONS } from "./pagesView.ts";
import { type Verb, verbNamed, whyNot } from "./verbs.ts";
import { said, t, toldBy, tParts } from "../kit/words.ts";

/** Replies of mail servers and the like come without an event. */
const WHILE_UNDER_WAY_MS = 3_000;

const pagesOf = (incident: string) => ({ query: { incident, kind: "page", limit: 200 } }) as const;

/** Drawn when its parts have their answers: they stand one below the other. */
export function Around(props: {
  readonly incident: IncidentDetail;
  readonly begin: (verb: Verb) => void;
}) {
  const { incident, begin } = props;
  const { id } = incident;
  const stands = useTogether(
    useList(listNotifications, pagesOf(id)).isPending,
    useRoute(listAlerts, alertsOf(id)).isPending,
    useRoute(listIncidentChanges, { params: { id } }).isPending,
    useRoute(listRelated, { params: { id } }).isPending,
  );
  return (
    <aside className="col around" aria-label={t("Around it")}>
      {stands ? (
        <>
          <Pages incident={incident} begin={begin} />
          <Alerts incident={incident} />
          <Changes id={id} />
          <Related id={id} />
          <Tasks incident={incident} begin={begin} />
        </>
      ) : null}
    </aside>
  );
}

type PartProps = { readonly incident: IncidentDetail; readonly begin: (verb: Verb) => void };

function Pages({ incident, begin }: PartProps) {
  const now = useNow(15_000);
  const [underWay, setUnderWay] = useState(true);
  const { data, ...rest } = useList(listNotifications, pagesOf(incident.id), {
    refetchInterval: underWay ? WHILE_UNDER_WAY_MS : false,
  });
  const pages = data?.items.toReversed() ?? [];
  const moving = pages.some(({ state }) => state === "pending" || state === "sending");
  const open = incident.state === "declared" || incident.state === "mitigated";
  if (moving !== underWay && data !== undefined) setUnderWay(moving && open);
  return (
    <section className="sec" aria-label={t("Pages")}>
      <header>
        <h2>{t("Pages")}</h2>
        <span className="grow" />
        <span className="qq t12">{t("accepted to acknowledged")}</span>
      </header>
      {data !== undefined && pages.length === 0 ? (
        <p className="t13 q">{t("Nobody was paged for this.")}</p>
      ) : null}
      <More {...rest} />
      {pages.map((page) => (
        <PageRow key={page.id} page={page} incident={incident} now={now} />
      ))}
      <Next incident={incident} begin={begin} />
      <Requests incident={incident} />
    </section>
  );
}

const SEGMENT = {
  passed: "",
  open: "no",
  dropped: "no",
  unanswered: "bad",
  answered: "got",
} as const;

function PageRow(props: {
  readonly page: Notification;
  readonly incident: IncidentDetail;
  readonly now: number;
}) {
  const { page, incident, now } = props;
  const names = useNames();
  const [open, setOpen] = useState(false);
  const view = pageView(page, incident, now);
  const reached = STATIONS.filter((_, index) =>
    ["passed", "answered"].includes(view.stations[index] ?? ""),
  )
    .map(([, word]) => said(word))
    .join(", ");
  return (
    <div className="pg">
      <span className="cut">
        <span className="b">
          {page.person === null ? t("An audience") : names.person(page.person)}
        </span>{" "}
        <span className="q">{page.channel}</span>
      </span>
      <button
        type="button"
        className="link t12"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        aria-label={t("Why {person}", {
          person: page.person === null ? t("this page") : names.person(page.person),
        })}
      >
        {t("Why")}
      </button>
      <span className="six" role="img" aria-label={t("Reached: {said}", { said: reached })}>
        {view.stations.map((station, index) => (
          <i key={STATIONS[index]?.[0]} className={SEGMENT[station]} />
        ))}
      </span>
      <span className={view.bad ? "t12 redink" : "t12 q"}>{view.outcome}</span>
      {open ? <Why id={page.id} /> : null}
    </div>
  );
}

function Why({ id }: { id: string }) {
  const now = useNow();
  const { data, error } = useRoute(explainNotification, { params: { id } });
  if (error !== null) return <RefusedLine error={error} />;
  if (data === undefined) return null;
  return (
    <dl className="why">
      <dt>{t("You")}</dt>
      <dd>{inReadersTime(toldBy(data.whySaid?.you, data.whyYou), { now })}</dd>
      <dt>{t("Now")}</dt>
      <dd>{inReadersTime(toldBy(data.whySaid?.now, data.whyNow), { now })}</dd>
      <dt>{t("This way")}</dt>
      <dd>{inReadersTime(toldBy(data.whySaid?.way, data.whyThisWay), { now })}</dd>
      {data.attempts.map((attempt) => (
        <div key={attempt.attempt} className="qq">
          {tParts("Attempt {attempt}, {time}: {verdict}", {
            attempt: attempt.attempt,
            time: <Time iso={attempt.startedAt} seconds />,
            verdict: said(attempt.verdict ?? "under way"),
          })}
          {attempt.because === null ? "" : `, ${attempt.because}`}
        </div>
      ))}
    </dl>
  );
}

function Tasks({ incident, begin }: PartProps) {
  const me = useMe();
  const verb = verbNamed("task");
  const send = useSend(finishTask, afterIncident);
  const now = useNow();
  const done = incident.tasks.filter(({ doneAt }) => doneAt !== null).length;
  const tasks = incident.tasks.toSorted(
    (a, b) => Number(a.doneAt !== null) - Number(b.doneAt !== null),
  );
  return (
    <section className="sec" aria-label={t("Tasks")}>
      <header>
        <h2>{t("Tasks")}</h2>
        <span className="qq t13">
          {t("{done} of {count}", { done, count: incident.tasks.length })}
        </span>
        <span className="grow" />
        <Button
          look="bare"
          small
          letter="A"
          because={whyNot(verb, incident, me)}
          onClick={() => begin(verb)}
        >
          {t("Add")}
        </Button>
      </header>
      <RefusedLine error={send.error} />
      {tasks.map((task) => (
        <label key={task.id} className="tk">
          <input
            type="checkbox"
            checked={
              task.doneAt !== null || (send.isPending && send.variables.body?.task === task.id)
            }
            disabled={task.doneAt !== null}
            onChange={() => send.mutate({ params: { id: incident.id }, body: { task: task.id } })}
          />
          <span className={task.doneAt === null ? "" : "qq"}>{task.title}</span>
          <span className="t12 q row">
            {task.owner === null ? (
              <span className="redink">{t("nobody")}</span>
            ) : (
              <Who person={task.owner} avatar={false} />
            )}
            {task.dueAt === null ? null : (
              <span className={at(task.dueAt) < now && task.doneAt === null ? "redink" : ""}>
                <Time iso={task.dueAt} />
              </span>
            )}
          </span>
        </label>
      ))}
    </section>
  );
}
