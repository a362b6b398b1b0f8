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

export function Phase({ phase }: { phase: RunPhase }) {
  const face = phaseFace(phase);
  const open = phase.steps.filter((step) => !isSettled(step)).length;
  return (
    <section className="phase" aria-label={phase.title}>
      <header>
        <h3>{phase.title}</h3>
        {phase.role === null ? null : <span className="q t12">{phase.role}</span>}
        {phase.gate === "required" ? (
          <span className="chip" title="Nothing behind it begins before it is settled">
            <Icon name="lock" small />
            gate{face.settled ? "" : `, ${open} open`}
          </span>
        ) : null}
        <span className="grow" />
        <span className="qq t12">
          {face.at === null ? (
            "not reached"
          ) : (
            <>
              {face.settled ? "done" : "since"} <Time iso={face.at} />
            </>
          )}
        </span>
      </header>
      {phase.appliesWhen === null ? null : (
        <p className="t12 q applies">Only {phase.appliesWhen}</p>
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
  return <>{step.assignee === null ? "by hand" : names.person(step.assignee)}</>;
}

function FoldedWhy({ step }: { step: RunStep }) {
  const names = useNames();
  const asked = waitsForSecond(step);
  if (asked !== null)
    return (
      <p className="why-step t13">
        {asked.askedBy.id === null ? "Somebody" : names.person(asked.askedBy.id)} asked{" "}
        <Time iso={asked.askedAt} />. Someone else must confirm.
      </p>
    );
  if (step.state === "failed")
    return (
      <p className="why-step t13 redink">
        {step.automation?.stopped === true ? "Stopped after 3 attempts: " : "Did not work: "}
        {step.because ?? "no reason is known"}
      </p>
    );
  if (step.state === "done" && step.automation === null && step.because === null) return null;
  return <p className="why-step t12 qq">{step.because}</p>;
}
