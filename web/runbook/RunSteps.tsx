/** The sentences of a runbook as live steps: folded lines, and the one that stands open. */
import type { RunPhase, RunStep } from "../../contract/run.ts";
import { Who } from "../incident/marks.tsx";
import { useNames } from "../app/me.ts";
import { Icon } from "../kit/icons.tsx";
import { Time } from "../kit/parts.tsx";
import { OpenStep } from "./OpenStep.tsx";
import { Risk } from "./Risk.tsx";
import { faceOf, isSettled, phaseFace, waitsForSecond } from "./runView.ts";
import { StepMark } from "./StepMark.tsx";
import { useRunScope } from "./useRun.ts";
import { t, tParts } from "../kit/words.ts";

export function Phase({ phase }: { phase: RunPhase }) {
  const face = phaseFace(phase);
  const open = phase.steps.filter((step) => !isSettled(step)).length;
  return (
    <section className="phase" aria-label={phase.title}>
      <header>
        <h3>{phase.title}</h3>
        {phase.role === null ? null : <span className="q t12">{phase.role}</span>}
        {phase.gate === "required" ? (
          <span className="chip" title={t("Nothing behind it begins before it is settled")}>
            <Icon name="lock" small />
            {tParts("gate{part}", { part: face.settled ? "" : t(", {open} open", { open }) })}
          </span>
        ) : null}
        <span className="grow" />
        <span className="qq t12">
          {face.at === null ? (
            t("not reached")
          ) : (
            <>
              {face.settled ? t("done") : t("since")} <Time iso={face.at} />
            </>
          )}
        </span>
      </header>
      {phase.appliesWhen === null ? null : (
        <p className="t12 q applies">
          {t("Only {appliesWhen}", { appliesWhen: phase.appliesWhen })}
        </p>
      )}
      <ol>
        {phase.steps.map((step) => (
          <Step key={step.id} step={step} />
        ))}
      </ol>
    </section>
  );
}

function Step({ step }: { step: RunStep }) {
  const { current, open, me } = useRunScope();
  const isOpen = current?.id === step.id;
  const face = faceOf(step, me);
  if (isOpen)
    return (
      <li className={`step open ${face.replace(" ", "-")}`} aria-current="step">
        <OpenStep step={step} face={face} />
      </li>
    );
  return (
    <li className={`step ${face.replace(" ", "-")}`}>
      <button type="button" className="folded" onClick={() => open(step.id)}>
        <StepMark face={face} />
        <span className="words serif">{step.resolvedText}</span>
        <span className="qq t12 end">
          <Aside step={step} />
        </span>
      </button>
      {step.state === "failed" || waitsForSecond(step) !== null || step.because !== null ? (
        <FoldedWhy step={step} />
      ) : null}
    </li>
  );
}

/** Who ended it and when; or what it will take. */
function Aside({ step }: { step: RunStep }) {
  const names = useNames();
  if (isSettled(step) && step.endedAt !== null)
    return (
      <>
        {step.endedBy?.id == null ? "Tocsin" : names.person(step.endedBy.id)}{" "}
        <Time iso={step.endedAt} />
      </>
    );
  if (step.state === "in progress" && step.assignee !== null)
    return <Who person={step.assignee} avatar={false} />;
  if (step.automation !== null) return <Risk automation={step.automation} />;
  return <>{step.assignee === null ? t("by hand") : names.person(step.assignee)}</>;
}

function FoldedWhy({ step }: { step: RunStep }) {
  const names = useNames();
  const asked = waitsForSecond(step);
  if (asked !== null)
    return (
      <p className="why-step t13">
        {tParts("{person} asked {time}. Someone else must confirm.", {
          person: asked.askedBy.id === null ? t("Somebody") : names.person(asked.askedBy.id),
          time: <Time iso={asked.askedAt} />,
        })}
      </p>
    );
  if (step.state === "failed")
    return (
      <p className="why-step t13 redink">
        {step.automation?.stopped === true
          ? `${t("Stopped after 3 attempts:")} `
          : `${t("Did not work:")} `}
        {step.because ?? t("no reason is known")}
      </p>
    );
  if (step.state === "done" && step.automation === null && step.because === null) return null;
  return <p className="why-step t12 qq">{step.because}</p>;
}
