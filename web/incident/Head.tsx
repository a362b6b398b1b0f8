/** The head of an incident: it stays when columns scroll, and nothing may lie over its clock. */
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { DeadlineView } from "../../contract/deadline.ts";
import { type IncidentDetail, unmergeIncident } from "../../contract/incident.ts";
import type { Route } from "../../contract/route.ts";
import { may, useMe, useNames } from "../app/me.ts";
import { useSend } from "../kit/client.ts";
import { Icon } from "../kit/icons.tsx";
import { useKeys } from "../kit/keys.ts";
import { useNow } from "../kit/now.ts";
import { Avatar, Button, Time } from "../kit/parts.tsx";
import { at, capital, clockText, listText } from "../kit/time.ts";
import { afterIncident } from "./afterIncident.ts";
import { clockFace, clockNoun } from "./clock.ts";
import { FuseLine } from "./FuseLine.tsx";
import { Call, Severity, Who } from "./marks.tsx";
import { Present } from "./Present.tsx";
import { requestOf, type Verb, VERBS, verbNamed, whyNot } from "./verbs.ts";
import { said, t, tParts } from "../kit/words.ts";

type HeadProps = {
  readonly incident: IncidentDetail;
  readonly begin: (verb: Verb) => void;
  readonly sending: Route | null;
  readonly refused: ReactNode;
  readonly next: DeadlineView | null;
};

/** Beside the title, when the state allows them; all others stand behind the three dots. */
const PROMINENT = ["acknowledge", "severity", "mitigate", "resolve", "close", "reopen"];

export function Head(props: HeadProps) {
  const { incident, begin, sending, refused, next } = props;
  const me = useMe();
  const isNext = next === null ? null : clockFace(next, at(next.anchorAt)).verb;
  const prominent = PROMINENT.filter(
    (name) => incident.allowed.includes(name) && name !== isNext,
  ).filter((name) => name !== "acknowledge" || incident.acknowledgedAt === null);
  return (
    <section className="head" aria-label={incident.id}>
      <div className="title">
        <Severity severity={incident.severity} big />
        <span className="q nowrap id">{incident.id}</span>
        <h1 title={incident.title}>{incident.title}</h1>
        {incident.restricted ? (
          <span className="chip">
            <Icon name="lock" small />
            {t("restricted")}
          </span>
        ) : null}
        <StatePath state={incident.state} />
        <span className="grow" />
        <span className="verbs">
          {prominent.slice(0, 3).map((name) => {
            const verb = verbNamed(name);
            return (
              <Button
                key={name}
                letter={verb.key}
                because={whyNot(verb, incident, me)}
                onClick={() => begin(verb)}
              >
                {sending === verb.route ? t("Sending") : said(verb.label)}
              </Button>
            );
          })}
          <MoreVerbs incident={incident} begin={begin} />
        </span>
      </div>
      <Summary incident={incident} />
      {refused}
      <div className="time">
        <NextClock incident={incident} next={next} begin={begin} sending={sending} />
        <FuseLine incident={incident} />
      </div>
      <WhoHasIt incident={incident} begin={begin} />
    </section>
  );
}

const STATES = ["declared", "mitigated", "resolved", "closed"] as const;

function StatePath({ state }: { state: IncidentDetail["state"] }) {
  const path: readonly string[] = state === "cancelled" ? ["declared", "cancelled"] : STATES;
  return (
    <ol className="path" aria-label={t("State")}>
      {path.map((each, index) => (
        <li key={each} aria-current={each === state ? "step" : undefined}>
          {index === 0 ? null : <Icon name="right" small />}
          {each === state ? <b>{said(each)}</b> : said(each)}
        </li>
      ))}
    </ol>
  );
}

/** One line: what is hurt, in the words of whoever knows; then where it came from. */
function Summary({ incident }: { incident: IncidentDetail }) {
  const names = useNames();
  const { impact, deferred, rule } = incident;
  const declaredBy =
    rule !== null ? (
      <>
        {tParts("Declared by rule {source}", {
          source: <span className="mono">{rule.source.includes(":") ? rule.source : rule.id}</span>,
        })}
      </>
    ) : incident.declaredBy.kind === "person" && incident.declaredBy.id !== null ? (
      <>{t("Declared by {person}", { person: names.person(incident.declaredBy.id) })}</>
    ) : (
      <>{tParts("Declared by {id}", { id: incident.declaredBy.id ?? incident.declaredBy.kind })}</>
    );
  return (
    <p className="sum">
      {impact.percent === undefined ? null : (
        <span>
          {tParts("{percent} % fail", { percent: <b className="redink">{impact.percent}</b> })}
        </span>
      )}
      {impact.customers === undefined ? null : <b>{impact.customers}</b>}
      {impact.services === undefined ? null : <span>{impact.services}</span>}
      {impact.revenue === undefined ? null : (
        <span>{t("Revenue {revenue}", { revenue: impact.revenue })}</span>
      )}
      {impact.data === undefined ? null : <span>{t("Data: {data}", { data: impact.data })}</span>}
      {incident.services.length === 0 ? null : (
        <span>
          {incident.services.length === 1 ? t("Service") : t("Services")}{" "}
          {listText(incident.services.map(names.service))}
        </span>
      )}
      {incident.regions.length === 0 ? null : <span>{incident.regions.join(", ")}</span>}
      <span>{declaredBy}</span>
      <span>{tParts("Detected {time}", { time: <Time iso={incident.detectedAt} /> })}</span>
      {deferred === null ? null : (
        <span className="amberink">
          {tParts("Deferred while {incident} burns: {because}", {
            incident: (
              <Link to="/incidents/$id" params={{ id: deferred.incident }}>
                {deferred.incident}
              </Link>
            ),
            because: deferred.because,
          })}
        </span>
      )}
      {incident.mergedInto === null ? null : (
        <Merged incident={incident} into={incident.mergedInto} />
      )}
      {incident.cancelledBecause === null ? null : (
        <span>
          {t("Cancelled: {cancelledBecause}", { cancelledBecause: incident.cancelledBecause })}
        </span>
      )}
    </p>
  );
}

/** Where it went, and the way back. */
function Merged({ incident, into }: { incident: IncidentDetail; into: IncidentDetail["id"] }) {
  const me = useMe();
  const send = useSend(unmergeIncident, afterIncident);
  const because = may(me, "incidents.respond", incident.team)
    ? null
    : t("This needs the right “incidents.respond”.");
  const { id } = incident;
  return (
    <span className="merged">
      {tParts("Merged into {mergedInto}", {
        mergedInto: (
          <Link to="/incidents/$id" params={{ id: into }}>
            {into}
          </Link>
        ),
      })}{" "}
      <Button
        small
        because={because}
        title={t("It is open again, with the alerts that it had.")}
        onClick={() => send.mutate({ params: { id } })}
      >
        {t("Take it out again")}
      </Button>
      {send.error === null ? null : (
        <span className="redink" role="alert">
          {" "}
          {send.error.message}
        </span>
      )}
    </span>
  );
}

/** The one thing on the page that ticks, and the verb that stops it. */
function NextClock(props: {
  readonly incident: IncidentDetail;
  readonly next: DeadlineView | null;
  readonly begin: (verb: Verb) => void;
  readonly sending: Route | null;
}) {
  const { incident, next, begin, sending } = props;
  const me = useMe();
  const now = useNow(1_000);
  if (next === null) return <div className="next calm">{t("No clock runs.")}</div>;
  const face = clockFace(next, now);
  const verb = face.verb === null ? null : verbNamed(face.verb);
  const late = face.standing === "over" && next.kind === "postmortem";
  const look = late ? "late" : { over: "over", "at risk": "risk" }[face.standing as string];
  const words =
    face.standing === "over"
      ? t("was due {time}", { time: clockText(face.dueAt) })
      : face.standing === "at risk"
        ? t("at risk")
        : t("in time so far");
  return (
    <div className={`next ${look ?? ""}`}>
      <span
        className="num"
        role="timer"
        aria-label={
          face.standing === "over"
            ? t("{clock}: {time} over", { clock: clockNoun(next.kind), time: face.time })
            : t("{clock}: {time} left", { clock: clockNoun(next.kind), time: face.time })
        }
      >
        {face.standing === "over" ? "+" : ""}
        {face.time}
      </span>
      <span className="what">
        <b>
          {clockNoun(next.kind)} {face.standing === "over" ? t("missed") : t("due")}
        </b>
        <span className="t13">
          {words}, <span className="nowrap">{said(next.source)}</span>
        </span>
      </span>
      {verb === null ? (
        <Link className="btn" to="/incidents">
          {t("Incidents")}
        </Link>
      ) : (
        <Button
          look="do"
          letter={verb.key}
          because={whyNot(verb, incident, me)}
          onClick={() => begin(verb)}
        >
          {sending === verb.route ? t("Sending") : said(verb.label)}
        </Button>
      )}
    </div>
  );
}

function WhoHasIt({ incident, begin }: { incident: IncidentDetail; begin: (verb: Verb) => void }) {
  const me = useMe();
  const names = useNames();
  const offered = incident.offeredCommander;
  const asked = requestOf(incident, me);
  const isOffered = offered !== null && offered === me.person;
  return (
    <div className="who" aria-label={t("Who has it")} role="group">
      <div>
        <Avatar
          name={incident.commander === null ? null : names.person(incident.commander)}
          me={incident.commander !== null && incident.commander === me.person}
        />
        <span className="r">{t("Commander")}</span>
        <Who person={incident.commander} avatar={false} />
        <Call person={incident.commander} />
      </div>
      <div>
        <span className="r">{t("Acknowledged by")}</span>
        {incident.acknowledgedAt !== null && incident.acknowledgedBy === null ? (
          <span>{t("a tool")}</span>
        ) : (
          <>
            <Who person={incident.acknowledgedBy} avatar={false} />
            {incident.acknowledgedBy === incident.commander ? null : (
              <Call person={incident.acknowledgedBy} />
            )}
          </>
        )}
      </div>
      {incident.roles.map(({ role, person }) => (
        <div key={`${role} ${person}`}>
          <Avatar name={names.person(person)} me={person === me.person} />
          <span className="r">{capital(said(role))}</span>
          <Who person={person} avatar={false} />
          <Call person={person} />
        </div>
      ))}
      <Present id={incident.id} />
      <div className={asked !== null || isOffered ? "end asks" : "end"}>
        {asked === null ? null : (
          <>
            <span className="you">
              {t("{person} asks you to join.", { person: names.person(asked.askedBy) })}
            </span>
            <Button small look="do" onClick={() => begin(verbNamed("join"))}>
              {t("Join")}
            </Button>
            <Button small onClick={() => begin(verbNamed("decline"))}>
              {t("Decline")}
            </Button>
          </>
        )}
        {offered === null ? null : isOffered ? (
          <>
            <span className="you">{t("The command is offered to you.")}</span>
            <Button small look="do" onClick={() => begin(verbNamed("accept-command"))}>
              {t("Take the command")}
            </Button>
            <Button small onClick={() => begin(verbNamed("decline-command"))}>
              {t("Decline")}
            </Button>
          </>
        ) : (
          <span className="q">{t("offered to {person}", { person: names.person(offered) })}</span>
        )}
        <Button
          small
          letter="H"
          because={whyNot(verbNamed("hand-over"), incident, me)}
          onClick={() => begin(verbNamed("hand-over"))}
        >
          {t("Hand over")}
        </Button>
      </div>
    </div>
  );
}

/** Every verb, also those that cannot be done now, each with why. */
function MoreVerbs({ incident, begin }: { incident: IncidentDetail; begin: (verb: Verb) => void }) {
  const me = useMe();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (!open) return;
    const leave = (event: Event): void => {
      if (!(event.target instanceof Node && box.current?.contains(event.target) === true))
        setOpen(false);
    };
    document.addEventListener("pointerdown", leave);
    box.current?.querySelector<HTMLElement>(".menu button")?.focus();
    return () => document.removeEventListener("pointerdown", leave);
  }, [open]);
  useKeys([{ keys: ",", what: t("All verbs of the incident"), run: () => setOpen(true) }]);
  const step = (by: number): void => {
    const items = [...(box.current?.querySelectorAll<HTMLElement>(".menu button") ?? [])];
    const here = items.indexOf(document.activeElement as HTMLElement);
    items[(here + by + items.length) % items.length]?.focus();
  };
  return (
    <span
      className="more"
      ref={box}
      onKeyDown={(event) => {
        if (event.key === "Escape") setOpen(false);
        if (!open || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
        event.preventDefault();
        step(event.key === "ArrowDown" ? 1 : -1);
      }}
    >
      <Button
        className="square"
        aria-label={t("More verbs")}
        aria-expanded={open}
        aria-haspopup="menu"
        onClick={() => setOpen(!open)}
      >
        <Icon name="more" />
      </Button>
      {open ? (
        <div className="menu" role="menu" aria-label={t("Verbs")}>
          {VERBS.filter(({ placed }) => placed !== true).map((verb) => {
            // What is possible stands around it: a list of it would be longer than the menu.
            const because = incident.allowed.includes(verb.name)
              ? whyNot(verb, incident, me)
              : t("Not while it is {state}.", { state: said(incident.state) });
            return (
              <button
                key={verb.name}
                type="button"
                role="menuitem"
                aria-disabled={because !== null || undefined}
                onClick={() => {
                  if (because !== null) return;
                  setOpen(false);
                  begin(verb);
                }}
              >
                <span>{said(verb.label)}</span>
                {verb.key === undefined ? null : <kbd aria-hidden="true">{verb.key}</kbd>}
                {because === null ? null : <small>{because}</small>}
              </button>
            );
          })}
        </div>
      ) : null}
    </span>
  );
}
