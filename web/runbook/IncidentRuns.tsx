/** The runbook beside the timeline: the runs of an incident, and starting one. */
import { useState } from "react";
import type { IncidentDetail } from "../../contract/incident.ts";
import { listRuns } from "../../contract/run.ts";
import { may, useMe } from "../app/me.ts";
import { useRoute } from "../kit/client.ts";
import { Button } from "../kit/parts.tsx";
import { RunPart } from "./RunPart.tsx";
import { ofIncident, type RunSearch, shownRun } from "./runsOf.ts";
import { StartRun } from "./StartRun.tsx";
import "./run.css";
import { said, t } from "../kit/words.ts";

export function IncidentRuns(props: {
  readonly incident: IncidentDetail;
  readonly chosen: RunSearch;
  readonly choose: (change: RunSearch) => void;
}) {
  const { incident, chosen, choose } = props;
  const me = useMe();
  const [starting, setStarting] = useState(false);
  const { data } = useRoute(listRuns, ofIncident(incident.id));
  if (data === undefined) return null;
  const runs = data.items;
  const shown = shownRun(runs, chosen.run);
  const hasPart =
    me.person !== null &&
    [incident.commander, ...incident.roles.map(({ person }) => person)].includes(me.person);
  const because =
    hasPart || may(me, "runbooks.run", incident.team)
      ? null
      : t("This needs the right “runbooks.run”.");
  return (
    <>
      {shown === undefined ? null : (
        <RunPart
          id={shown.id}
          step={chosen.step}
          setStep={(step) => choose({ run: shown.id, step })}
          hasPart={hasPart}
          key={shown.id}
        />
      )}
      <section className="sec" aria-label={t("Runs")}>
        <header>
          <h2>{shown === undefined ? t("Runbook") : t("Other runs")}</h2>
          <span className="qq t13">
            {shown === undefined ? t("none runs") : runs.length === 1 ? t("none") : ""}
          </span>
          <span className="grow" />
          <Button small because={because} onClick={() => setStarting(!starting)}>
            {starting ? t("Leave") : t("Start a run")}
          </Button>
        </header>
        {starting ? (
          <StartRun
            incident={incident.id}
            because={because}
            onStarted={(run) => {
              setStarting(false);
              choose({ run: run.id, step: undefined });
            }}
          />
        ) : null}
        {runs
          .filter(({ id }) => id !== shown?.id)
          .map((run) => (
            <p key={run.id} className="row t13">
              <button
                type="button"
                className="link"
                onClick={() => choose({ run: run.id, step: undefined })}
              >
                {run.title}
              </button>
              <span className="qq">
                {t("{id}, {state}, {stepsSettled} of {stepsAll}", {
                  id: run.id,
                  state: said(run.state),
                  stepsSettled: run.stepsSettled,
                  stepsAll: run.stepsAll,
                })}
              </span>
            </p>
          ))}
      </section>
    </>
  );
}
