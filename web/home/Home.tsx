/** Home: what burns, what waits for you, what nobody has, who is on call, what is late. */
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import type { BurningIncident, Overview } from "../../contract/overview.ts";
import { readOverview } from "../../contract/overview.ts";
import { useMe, useNames } from "../app/me.ts";
import { clockFace, clockNoun, nextClock } from "../incident/clock.ts";
import { useDeclaring } from "../incident/DeclareForm.tsx";
import { Call, ClockPill, Severity, Who } from "../incident/marks.tsx";
import { takenOver, useAhead } from "../kit/ahead.ts";
import { useRoute } from "../kit/client.ts";
import { Icon } from "../kit/icons.tsx";
import { useKeys } from "../kit/keys.ts";
import { useNow } from "../kit/now.ts";
import { AskAgain, CopyButton, Panel, Time, Waiting } from "../kit/parts.tsx";
import { useTitle } from "../kit/title.ts";
import {
  at,
  clockText,
  counted,
  dateText,
  HOUR,
  lengthText,
  timeText,
  zoneName,
} from "../kit/time.ts";
import { headline, lane, subjectOf, waits } from "./homeView.ts";
import { House } from "./House.tsx";
import "./home.css";
import { inSentence, later, said, t, tParts } from "../kit/words.ts";

export function Home() {
  const { data, error, refetch } = useRoute(readOverview);
  useTitle(data === undefined ? t("Home") : subjectOf(data));
  if (data !== undefined) return <Page overview={data} />;
  return (
    <main className="page">
      <h1>{t("Home")}</h1>
      {error === null ? (
        <Waiting what={t("what burns")} />
      ) : (
        <AskAgain error={error} again={() => void refetch()} />
      )}
    </main>
  );
}

function Page({ overview }: { overview: Overview }) {
  const me = useMe();
  const now = useNow();
  const navigate = useNavigate();
  const declaring = useDeclaring();
  useKeys(
    overview.burning.slice(0, 9).map(({ id, title }, index) => ({
      keys: String(index + 1),
      what: t("Open {title}", { title }),
      run: () => void navigate({ to: "/incidents/$id", params: { id } }),
    })),
  );
  useEffect(() => takenOver(), []);
  const waiting = waits(overview, me.person);
  const empty = overview.configured.services === 0;
  return (
    <main className="home">
      <div className="left">
        <div className="row headline">
          <h1>{headline(overview)}</h1>
          <span className="grow" />
          {declaring.button}
        </div>
        <p className="sub">
          {tParts("{date}, {time} in {text}.", {
            date: dateText(now, { now }),
            time: clockText(now),
            text: zoneName().replace("_", " "),
          })}
        </p>
        <House overview={overview} />
        {declaring.form}
        {overview.burning.length === 0 ? null : (
          <section aria-label={t("Burning")}>
            {overview.burning.map((incident, index) => (
              <Fire key={incident.id} incident={incident} number={index + 1} />
            ))}
            {overview.burningCount > overview.burning.length ? (
              <p className="t13">
                <Link to="/incidents">
                  {t("{burningCount} more {burningCount:burns|burn}", {
                    burningCount: overview.burningCount - overview.burning.length,
                  })}
                </Link>
              </p>
            ) : null}
          </section>
        )}
        {waiting.length === 0 ? null : (
          <>
            <div className="lab">
              <h2>{t("Waits for you")}</h2>
              <span className="qq t13">{t("first due first")}</span>
            </div>
            <section className="panel mine" aria-label={t("Waits for you")}>
              {waiting.map((wait) => (
                <Todo key={wait.id} wait={wait} />
              ))}
            </section>
          </>
        )}
        <div className="pair">
          <Firing overview={overview} />
          {empty ? <FirstStep overview={overview} /> : <Teach overview={overview} />}
        </div>
      </div>
      <aside className="side" aria-label={t("Around the house")}>
        <OnCall overview={overview} />
        <Gaps overview={overview} />
        <Postmortems overview={overview} />
        <ActionItems overview={overview} />
      </aside>
    </main>
  );
}

/** Height and weight follow severity, so the page has the shape of the night. */
function Fire({ incident, number }: { incident: BurningIncident; number: number }) {
  const names = useNames();
  const now = useNow(1_000);
  const next = nextClock(incident.deadlines);
  const face = next === null ? null : clockFace(next, now);
  const worst = incident.severity === "SEV1";
  const about = [
    incident.id,
    incident.impact.percent === undefined
      ? null
      : t("{percent} % fail", { percent: incident.impact.percent }),
    incident.impact.customers ?? null,
    incident.services.map(names.service).join(", ") || incident.regions.join(", "),
  ].filter((part) => part !== null && part !== "");
  return (
    <div className={`fire ${incident.severity.toLowerCase()}`}>
      <Severity severity={incident.severity} big={worst} />
      <span className="fire-title">
        <Link to="/incidents/$id" params={{ id: incident.id }} className="ti">
          {incident.title}
        </Link>
        <span className="q t13">
          {incident.state === "mitigated" ? `${t("mitigated")}, ` : ""}
          {about.join(", ")}
        </span>
      </span>
      <span className="t13 fire-who">
        {worst ? <span className="qq">{t("Commander")}</span> : null}
        <Who person={incident.commander} />
      </span>
      <span className="t13 fire-age">
        {worst ? <span className="qq">{t("burns for")}</span> : null}
        <b>{lengthText(now - at(incident.detectedAt))}</b>
      </span>
      <span className="fire-clock">
        {face === null || next === null ? (
          incident.deadlines[0] === undefined ? (
            <span className="qq t13">{t("no clock runs")}</span>
          ) : (
            <ClockPill clock={incident.deadlines[0]} />
          )
        ) : worst ? (
          <span
            className={`clkbig ${face.standing === "over" ? "redink" : face.standing === "at risk" ? "amberink" : ""}`}
          >
            <b>
              {face.standing === "over" ? "+" : ""}
              {face.time}
            </b>
            <span className="t13">
              {inSentence(clockNoun(next.kind))}{" "}
              {face.standing === "over"
                ? t("missed")
                : face.standing === "at risk"
                  ? t("due, at risk")
                  : t("due")}
            </span>
          </span>
        ) : (
          <ClockPill clock={next} />
        )}
      </span>
      <Link
        to="/incidents/$id"
        params={{ id: incident.id }}
        className={worst ? "btn do" : "btn sm"}
      >
        {tParts("Open {id}", { id: <span className="only-read">{incident.id}</span> })}
        {number < 10 ? <kbd aria-hidden="true">{number}</kbd> : null}
      </Link>
    </div>
  );
}

const TODO_ICONS = {
  page: "phone",
  task: "dash",
  offer: "swap",
  "action item": "check",
  postmortem: "document",
} as const;
const TODO_VERBS = {
  page: later("Open, then acknowledge"),
  task: later("Go to the task"),
  offer: later("Read, then decide"),
  "action item": later("Go to its incident"),
  postmortem: later("Go to its incident"),
} as const;

function Todo({ wait }: { wait: ReturnType<typeof waits>[number] }) {
  const now = useNow(15_000);
  const late = wait.dueAt !== null && wait.dueAt < now;
  const isPaper = wait.kind === "action item" || wait.kind === "postmortem";
  return (
    <div className="todo">
      <Icon name={TODO_ICONS[wait.kind]} />
      <span className="todo-words">
        {wait.words} <span className="qq t13">{wait.about}</span>
      </span>
      {wait.dueAt === null ? (
        <span className="qq t13">{t("no due time")}</span>
      ) : wait.kind === "page" || wait.kind === "offer" ? (
        <span className="clk">
          <Icon name="clock" small />
          {t("since {time}", { time: timeText(wait.dueAt, { now }) })}
        </span>
      ) : late ? (
        <span className={isPaper ? "clk late" : "clk over"}>
          {tParts("{length} over", { length: <b>{lengthText(now - wait.dueAt)}</b> })}
        </span>
      ) : (
        <span className="clk">
          <b>{lengthText(wait.dueAt - now)}</b>
        </span>
      )}
      <Link to="/incidents/$id" params={{ id: wait.incident }} className="btn sm">
        {said(TODO_VERBS[wait.kind])}
      </Link>
    </div>
  );
}

function Firing({ overview }: { overview: Overview }) {
  const names = useNames();
  return (
    <Panel
      title={t("Firing, in no incident")}
      label={t("Alerts")}
      aside={
        overview.firingCount === 0 ? null : (
          <span className="qq t13">
            {overview.firingCount >= 1_000
              ? t("1 000 or more")
              : counted(overview.firingCount, "alert")}
          </span>
        )
      }
    >
      {overview.firing.length === 0 ? (
        <p className="empty">{t("No alert fires outside of an incident.")}</p>
      ) : (
        overview.firing.map((alert) => (
          <div key={alert.id} className="alert-line">
            <span className="alert-said">
              <b>{alert.title}</b>
              <br />
              <span className="q">
                {names.service(alert.service)}, {alert.severity}
              </span>
            </span>
            <span className="q nowrap">
              <Time iso={alert.firstReceivedAt} />
              {alert.count > 1 ? (
                <span className="qq">{t(", {count} signals", { count: alert.count })}</span>
              ) : null}
            </span>
          </div>
        ))
      )}
    </Panel>
  );
}

const curlOf = (
  url: string,
  secret: string,
  severity: "info" | "critical",
): string => `curl ${url}/v2/enqueue -d '{
 "routing_key": "${secret}",
 "event_action": "trigger",
 "dedup_key": "try-1",
 "payload": {"summary": "Hello", "source": "me",
  "severity": "${severity}"}}'`;

/** One card that teaches the next step, with words that can be pasted. */
function Teach({ overview }: { overview: Overview }) {
  const { silentKey, publicUrl } = overview;
  if (silentKey === null) {
    return (
      <Panel title={t("Send an alert from anything")} look="dashed" label={t("Next step")}>
        <div className="teach">
          <p className="t13 q">
            {t("Every key has been heard from. One more event, as information only:")}
          </p>
          <pre>{curlOf(publicUrl, "YOUR-INTAKE-KEY", "info")}</pre>
        </div>
      </Panel>
    );
  }
  const text = curlOf(publicUrl, silentKey.secret ?? "THE-KEY-ITSELF", "info");
  return (
    <Panel
      title={t("{id} has never sent a signal", { id: silentKey.id })}
      look="dashed"
      label={t("Next step")}
      aside={<CopyButton text={text} what={t("command")} />}
    >
      <div className="teach">
        <p className="t13 q">
          {t("Send one now. It rings nobody: severity info is an alert only, critical pages.")}
        </p>
        <pre>{text}</pre>
      </div>
    </Panel>
  );
}

function FirstStep({ overview }: { overview: Overview }) {
  const text = t("./bin/tocsin apply examples/acme");
  return (
    <Panel
      title={t("Nothing is configured yet")}
      look="dashed"
      label={t("Next step")}
      aside={<CopyButton text={text} what={t("command")} />}
    >
      <div className="teach">
        <p className="t13 q">
          {t(
            "People are paged by schedule, for services, by rules. Write them in files and apply them; the sample company shows how.",
          )}
        </p>
        <pre>{text}</pre>
        <p className="t13 q">{t("Then send an alert:")}</p>
        <pre>{curlOf(overview.publicUrl, "acme-checkout", "critical")}</pre>
      </div>
    </Panel>
  );
}

const LANE_MS = 12 * HOUR;

function OnCall({ overview }: { overview: Overview }) {
  const me = useMe();
  const names = useNames();
  const now = useNow();
  // How wide a shift is drawn is said by a style, which a page that comes drawn has not: who has it now, then the rest.
  const ahead = useAhead();
  return (
    <section className="sec" aria-label={t("On call now")}>
      <div className="lab">
        <h2>{t("On call now")}</h2>
        <span className="grow" />
        <span className="qq t12">
          {t("{time} to {time2}", { time: clockText(now), time2: clockText(now + LANE_MS) })}
        </span>
      </div>
      {overview.onCall.length === 0 ? (
        <p className="t13 q">
          {tParts("No schedule yet. People are paged by schedule: apply {part}.", {
            part: <span className="mono">{t("schedules.yaml")}</span>,
          })}
        </p>
      ) : null}
      {overview.onCall.map((schedule) => (
        <div key={schedule.schedule} className="oc">
          <b>{schedule.name}</b>
          <span className="lane">
            {lane(schedule.spans, now, LANE_MS).map((span) => {
              if (ahead && !span.isNow) return null;
              const mine = span.person !== null && span.person === me.person;
              const look = span.person === null ? "gap" : mine ? "me" : span.isNow ? "held" : "";
              const name = span.person === null ? t("nobody") : names.person(span.person);
              return (
                <span
                  key={span.startsAt}
                  className={`span ${look} ${span.isNow ? "whole" : ""}`}
                  style={ahead ? undefined : { flexBasis: `${span.width}%` }}
                  title={t("{name}, {time} to {time2}", {
                    name,
                    time: timeText(at(span.startsAt), { now }),
                    time2: timeText(at(span.endsAt), { now }),
                  })}
                >
                  <span>
                    {name}
                    {mine ? t(", you") : ""}
                    {span.isNow ? "" : ` ${clockText(at(span.startsAt))}`}
                  </span>
                </span>
              );
            })}
          </span>
          <Call
            person={lane(schedule.spans, now, LANE_MS).find(({ isNow }) => isNow)?.person ?? null}
          />
        </div>
      ))}
    </section>
  );
}

function Gaps({ overview }: { overview: Overview }) {
  const now = useNow();
  return (
    <section className="sec" aria-label={t("Gaps in the next 14 days")}>
      <div className="lab">
        <h2>{t("Gaps in the next 14 days")}</h2>
      </div>
      {overview.gaps.length === 0 ? (
        <p className="t13 q">
          {overview.onCall.length === 0
            ? t("No schedule is there, so nobody holds the pager.")
            : t("None: somebody always holds the pager.")}
        </p>
      ) : null}
      {overview.gaps.slice(0, 6).map((gap) => (
        <div key={`${gap.schedule} ${gap.startsAt}`} className="dl">
          <span className="row">
            <span className="gapbar" aria-hidden="true" />
            <span className="cut">
              {t("{name}, {time} to {time2}", {
                name: gap.name,
                time: timeText(at(gap.startsAt), { now }),
                time2: timeText(at(gap.endsAt), { now }),
              })}
            </span>
          </span>
        </div>
      ))}
      {overview.gaps.length > 6 ? (
        <p className="t12 qq">{t("{count} more", { count: overview.gaps.length - 6 })}</p>
      ) : null}
    </section>
  );
}

function Postmortems({ overview }: { overview: Overview }) {
  return (
    <section className="sec" aria-label={t("Postmortems that are owed")}>
      <div className="lab">
        <h2>{t("Postmortems")}</h2>
      </div>
      {overview.postmortems.length === 0 ? <p className="t13 q">{t("None is owed.")}</p> : null}
      {overview.postmortems.slice(0, 6).map((postmortem) => (
        <div key={postmortem.incident} className="dl">
          <span className="cut">
            <Link to="/incidents/$id" params={{ id: postmortem.incident }}>
              {postmortem.incident}
            </Link>
            , {postmortem.title}
          </span>
          <ClockPill clock={postmortem.deadline} paper />
        </div>
      ))}
    </section>
  );
}

function ActionItems({ overview }: { overview: Overview }) {
  const now = useNow();
  return (
    <section className="sec" aria-label={t("Overdue action items")}>
      <div className="lab">
        <h2>{t("Action items")}</h2>
        <span className="qq t13">
          {overview.overdueItems.length === 0
            ? ""
            : t("{count} overdue", { count: overview.overdueItems.length })}
        </span>
      </div>
      {overview.overdueItems.length === 0 ? <p className="t13 q">{t("None is overdue.")}</p> : null}
      {overview.overdueItems.map((item) => (
        <div key={item.id} className="dl">
          <span className="cut" title={item.title}>
            <b>{item.priority}</b> {item.title}
          </span>
          <span className="clk late">
            <Icon name="warning" small />
            {tParts("{length} over", { length: <b>{lengthText(now - at(item.dueAt))}</b> })}
          </span>
        </div>
      ))}
    </section>
  );
}
