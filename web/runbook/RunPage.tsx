/** One run by itself: for those that belong to no incident, and for a link in a mail. */
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { getRun, getRunTimeline, type RunEvent } from "../../contract/run.ts";
import { useNames } from "../app/me.ts";
import { entrySaid } from "../incident/timelineView.ts";
import { useRoute } from "../kit/client.ts";
import { More, useList } from "../kit/list.tsx";
import { AskAgain, Time, Waiting } from "../kit/parts.tsx";
import { useNow } from "../kit/now.ts";
import { useTitle } from "../kit/title.ts";
import { RunPart } from "./RunPart.tsx";
import { said, t, tParts } from "../kit/words.ts";

const route = getRouteApi("/runs/$id");

export function RunPage() {
  const { id } = route.useParams();
  const { step } = route.useSearch();
  const navigate = useNavigate();
  useTitle(id);
  const { data: run, error, refetch } = useRoute(getRun, { params: { id } });
  return (
    <main className="page run-page">
      <h1>{run?.title ?? id}</h1>
      {error === null ? null : <AskAgain error={error} again={() => void refetch()} />}
      {run === undefined && error === null ? <Waiting what={id} /> : null}
      {run === undefined ? null : (
        <>
          <p className="q">
            {tParts("{id}, {state}, started {time} {because}", {
              id: run.id,
              state: said(run.state),
              time: <Time iso={run.startedAt} />,
              because: said(run.because),
            })}
            {run.incident === null ? null : (
              <>
                {" "}
                {tParts("for {incident}", {
                  incident: (
                    <Link to="/incidents/$id" params={{ id: run.incident }}>
                      {run.incident}
                    </Link>
                  ),
                })}
              </>
            )}
          </p>
          <div className="run-two">
            <div className="panel">
              <RunPart
                id={id}
                step={step}
                setStep={(to) =>
                  void navigate({ to: "/runs/$id", params: { id }, search: { step: to } })
                }
              />
            </div>
            <Happened id={id} />
          </div>
        </>
      )}
    </main>
  );
}

function Happened({ id }: { id: string }) {
  const names = useNames();
  const reader = { now: useNow(), person: names.person };
  const { data, ...rest } = useList(getRunTimeline, { params: { id }, query: { limit: 500 } });
  const by = ({ actor }: RunEvent): string =>
    actor.id === null ? "Tocsin" : actor.kind === "person" ? names.person(actor.id) : actor.id;
  return (
    <section aria-label={t("What happened")}>
      <h2>{t("What happened")}</h2>
      <ol className="run-log">
        {data?.items.map((event) => (
          <li key={event.id}>
            <Time iso={event.at} seconds />
            <span>{entrySaid({ params: {}, ...event }, reader)}</span>
            <span className="qq">{by(event)}</span>
          </li>
        ))}
      </ol>
      <More {...rest} />
    </section>
  );
}
