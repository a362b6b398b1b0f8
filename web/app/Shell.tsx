/** What is around every page: the rail, the strip with what burns and its next clock, the palette. */
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { type BurningIncident, type Overview, readOverview } from "../../contract/overview.ts";
import { clockFace, clockShort, nextClock } from "../incident/clock.ts";
import { Severity } from "../incident/marks.tsx";
import { useAhead } from "../kit/ahead.ts";
import { useRoute } from "../kit/client.ts";
import { Icon, Mark } from "../kit/icons.tsx";
import { useKeys } from "../kit/keys.ts";
import { setServerNow, useNow } from "../kit/now.ts";
import { Avatar } from "../kit/parts.tsx";
import { at, clockText, lengthText, MINUTE, timeText } from "../kit/time.ts";
import { KeySheet } from "./KeySheet.tsx";
import { useLostSince } from "./live.ts";
import { useMe, useNames } from "./me.ts";
import { ON_PHONE, PAGES } from "./pageList.ts";
import { Palette } from "./Palette.tsx";
import { waitingCount } from "../home/homeView.ts";
import { said, t } from "../kit/words.ts";
import { WaitingBar } from "../offline/WaitingBar.tsx";

export function Shell() {
  const [palette, setPalette] = useState(false);
  const [sheet, setSheet] = useState(false);
  const navigate = useNavigate();
  const { data: overview } = useRoute(readOverview);
  useEffect(() => {
    if (overview !== undefined) setServerNow(overview.now);
  }, [overview]);
  useKeys([
    { keys: "Ctrl K", what: t("Find or do"), run: () => setPalette(true) },
    { keys: "?", what: t("All keys of this page"), run: () => setSheet(true) },
    ...PAGES.map(({ to, word, key }) => ({
      keys: `G ${key}`,
      what: t("Go to {word}", { word: said(word) }),
      run: () => void navigate({ to }),
    })),
  ]);
  return (
    <div className="shell">
      <a className="skip" href="#page">
        {t("Skip to the page")}
      </a>
      <Rail overview={overview} find={() => setPalette(true)} />
      <Strip overview={overview} find={() => setPalette(true)} />
      <div className="under" id="page" tabIndex={-1}>
        <Outlet />
      </div>
      <WaitingBar />
      {palette ? <Palette close={() => setPalette(false)} /> : null}
      {sheet ? <KeySheet close={() => setSheet(false)} /> : null}
    </div>
  );
}

function Rail({ overview, find }: { overview: Overview | undefined; find: () => void }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const waiting = overview === undefined ? 0 : waitingCount(overview);
  const counts: Readonly<Record<string, [number, string, string]>> = {
    "/": [waiting, "mine", t("wait for you")],
    "/incidents": [overview?.burningCount ?? 0, "hot", t("burn")],
  };
  return (
    <nav className="rail" aria-label={t("Main")}>
      <div className="mark">
        <Mark />
        Tocsin
      </div>
      {PAGES.map(({ to, word, icon }) => {
        const here = to === "/" ? path === "/" : path.startsWith(to);
        const [count, look, words] = counts[to] ?? [0, "", ""];
        return (
          <Link
            key={to}
            to={to}
            className={`${here ? "on" : ""} ${ON_PHONE.includes(to) ? "" : "wide-only"}`}
            aria-current={here ? "page" : undefined}
          >
            <Icon name={icon} />
            {said(word)}
            {count > 0 ? (
              <span className={`n ${look}`}>
                {count}
                <span className="only-read"> {words}</span>
              </span>
            ) : null}
          </Link>
        );
      })}
      <button type="button" className="rail-find" onClick={find}>
        <Icon name="find" />
        {t("Find")}
      </button>
      <span className="sp" />
      <Link
        to="/settings/$noun"
        params={{ noun: "people" }}
        className={`wide-only ${path.startsWith("/settings") ? "on" : ""}`}
        aria-current={path.startsWith("/settings") ? "page" : undefined}
      >
        <Icon name="sliders" />
        {t("Settings")}
      </Link>
      <Link
        to="/you"
        className={path === "/you" ? "on" : ""}
        aria-current={path === "/you" ? "page" : undefined}
      >
        <Icon name="person" />
        {t("You")}
      </Link>
    </nav>
  );
}

function Strip({ overview, find }: { overview: Overview | undefined; find: () => void }) {
  const lost = useLostSince();
  return (
    <header className={lost === null ? "strip" : "strip lost"} aria-label={t("What burns")}>
      <div className="burns">
        {overview?.burning.slice(0, 6).map((incident) => (
          <Burn key={incident.id} incident={incident} />
        ))}
        {overview !== undefined && overview.burning.length === 0 ? (
          <span className="q">{t("Nothing burns.")}</span>
        ) : null}
        {overview !== undefined && overview.burningCount > 6 ? (
          <Link to="/incidents" search={{ state: "open" }} className="nowrap">
            {t("{count} more", { count: overview.burningCount - 6 })}
          </Link>
        ) : null}
      </div>
      <button type="button" className="search" onClick={find}>
        <Icon name="find" small />
        <span className="grow">{t("Find or do")}</span>
        <kbd aria-hidden="true">Ctrl K</kbd>
      </button>
      <LiveMark since={lost} />
      <YouMark overview={overview} />
    </header>
  );
}

function Burn({ incident }: { incident: BurningIncident }) {
  const names = useNames();
  const now = useNow(15_000);
  const next = nextClock(incident.deadlines);
  const face = next === null ? null : clockFace(next, now);
  const paused = incident.deadlines.some(({ state }) => state === "paused");
  const look = face?.standing === "over" ? "over" : face?.standing === "at risk" ? "risk" : "";
  return (
    <Link
      to="/incidents/$id"
      params={{ id: incident.id }}
      className={`burn ${incident.severity.toLowerCase()}`}
      title={incident.title}
    >
      <Severity severity={incident.severity} />
      <span className="of">
        <b>{incident.id}</b>{" "}
        <span className="service">
          {incident.service === null
            ? (incident.regions[0] ?? "")
            : names.service(incident.service)}
        </span>
      </span>
      {face === null || next === null ? (
        <span className="due q">
          {paused ? <Icon name="pause" small /> : null}
          {paused ? t("paused") : t("no clock")}
        </span>
      ) : (
        <span className={`due ${look}`}>
          <Icon name="clock" small />
          <span>
            <span className="word">{clockShort(next.kind).replace(/^(to|zum) /, "")} </span>
            {face.standing === "over" ? "+" : ""}
            {lengthText(Math.abs(at(next.dueAt) - now))}
          </span>
        </span>
      )}
    </Link>
  );
}

function LiveMark({ since }: { since: number | null }) {
  const now = useNow(1_000);
  const ahead = useAhead();
  // It has the place of the other, so that nothing moves.
  if (ahead)
    return (
      <span className="live drawn">
        <span className="place">{t("Live")}</span>
        <span className="of">
          {t("as of")} <b>{clockText(now)}</b>
        </span>
      </span>
    );
  if (since === null)
    return (
      <span className="live" role="status">
        {t("Live")}
      </span>
    );
  // Shorter than this it is no news to be read out: connections are renewed all the time.
  if (now - since < 5_000) return <span className="live not">{t("Reconnecting")}</span>;
  return (
    <span className="live not" role="status">
      {t("Not live since {time}, trying", { time: clockText(since, { seconds: true }) })}
    </span>
  );
}

function YouMark({ overview }: { overview: Overview | undefined }) {
  const me = useMe();
  const names = useNames();
  const now = useNow();
  const name = me.person === null ? (me.label ?? t("signed in")) : names.person(me.person);
  const shift = overview?.onCall
    .flatMap(({ name: schedule, spans }) => spans.map((span) => ({ ...span, schedule })))
    .find(({ person, startsAt }) => person === me.person && at(startsAt) <= now + MINUTE);
  return (
    <Link to="/you" className="you-mark">
      <Avatar name={name} me={me.person !== null} />
      <span className="t13 nowrap">
        <b>{name}</b>{" "}
        {shift === undefined ? null : (
          <span className="q shift">
            {t("{schedule} until {time}", {
              schedule: shift.schedule,
              time: timeText(at(shift.endsAt), { now }),
            })}
          </span>
        )}
      </span>
    </Link>
  );
}
