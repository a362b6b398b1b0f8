/** The step that stands open: its sentence, its question, what it needs, what it did, and its verbs. */
import { useEffect, useRef, useState } from "react";
import * as contract from "../../contract/run.ts";
import type { RunStep } from "../../contract/run.ts";
import { ClockPill } from "../incident/marks.tsx";
import { useNames } from "../app/me.ts";
import { useKeys } from "../kit/keys.ts";
import { Button, RefusedLine, Time } from "../kit/parts.tsx";
import { capital } from "../kit/time.ts";
import { Attempts } from "./Attempts.tsx";
import { Attachments } from "./Attachments.tsx";
import { Guard, Inputs, Records } from "./StepParts.tsx";
import { MoreOfStep, type Reason, ReasonForm, REASONS } from "./StepReasons.tsx";
import { Risk } from "./Risk.tsx";
import {
  isSettled,
  type StepFace,
  waitsForSecond,
  whyNotAtAll,
  whyNotRun,
  whyNotSecond,
} from "./runView.ts";
import { StepMark } from "./StepMark.tsx";
import { type RunRoute, useRunScope, useRunVerb } from "./useRun.ts";
import { said, t, tParts } from "../kit/words.ts";

export function OpenStep({ step, face }: { step: RunStep; face: StepFace }) {
  const { run, mayRun, me } = useRunScope();
  const send = useRunVerb(run);
  const [reason, setReason] = useState<Reason | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // A form that was just opened above keeps its place: on a phone it would be moved off the screen.
    if (document.activeElement?.closest("form")) return;
    // It returns a promise in some browsers; an effect must not.
    box.current?.scrollIntoView({ block: "nearest" });
  }, [step.id]);
  const whys = { mayRun, me };
  const closed = whyNotAtAll(run, step, whys);
  const act = (route: unknown, more: object = {}): void => {
    if (!send.isPending)
      send.mutate({ route: route as RunRoute, body: { step: step.id, ...more } });
  };
  const sending = (route: unknown, words: string): string =>
    send.isPending && send.variables.route === route ? t("Sending") : words;
  const { automation } = step;
  const settled = isSettled(step);
  const asked = waitsForSecond(step);
  const second = whyNotSecond(run, step, whys);
  const whyNotDone = closed ?? guardWhy(step);
  const isOpen = !settled && asked === null;
  const focus = (selector: string): void =>
    box.current?.querySelector<HTMLElement>(selector)?.focus();
  useKeys([
    // What has an effect outside is only gone to: Enter does it.
    { keys: "R", what: t("Go to “Run it”"), run: () => focus(".run-it") },
    { keys: "2", what: t("Go to “Confirm as second person”"), run: () => focus(".second") },
    {
      keys: "D",
      what: t("Done by hand"),
      run: () => (isOpen && whyNotDone === null ? act(contract.doneStep) : undefined),
    },
    {
      keys: "S",
      what: t("Skip, with a reason"),
      run: () => (isOpen && closed === null ? setReason("skip") : undefined),
    },
  ]);
  return (
    <div ref={box}>
      <div className="open-head">
        <StepMark face={face} />
        <p className="words serif">{step.resolvedText}</p>
        <span className="open-clocks">
          {step.deadlines.map((clock) => (
            <ClockPill key={clock.id} clock={clock} />
          ))}
        </span>
      </div>
      <div className="open-body">
        <p className="t13 q">
          <Standing step={step} />
        </p>
        {step.substeps.length === 0 ? null : (
          <ul className="substeps serif">
            {step.substeps.map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        )}
        <Attachments attachments={step.attachments} />
        {step.guard === null ? null : <Guard step={step} closed={closed} />}
        {step.missingInputs.length === 0 || closed !== null ? null : <Inputs step={step} />}
        {step.assertion === null ? null : (
          <p className="t13">
            {tParts("Must hold: {text} {part}", {
              text: <span className="serif">{step.assertion.text}</span>,
              part:
                step.assertion.result === null ? (
                  <span className="qq">{t("not proved yet")}</span>
                ) : (
                  <b className={step.assertion.result === "held" ? "" : "redink"}>
                    {said(step.assertion.result)}
                  </b>
                ),
            })}
          </p>
        )}
        {step.audience.length === 0 ? null : (
          <p className="t13 q">{tParts("To tell: {list}", { list: step.audience.join(", ") })}</p>
        )}
        {automation === null ? null : <Automation step={step} />}
        <RefusedLine error={send.error} />
        {asked === null ? null : (
          <div className="row wrap">
            <Button
              look="danger"
              letter="2"
              className="second"
              because={second}
              onClick={() => act(contract.approveAction)}
            >
              {sending(contract.approveAction, t("Confirm as second person"))}
            </Button>
            <Button because={closed} onClick={() => setReason("refuse")}>
              {t("Refuse")}
            </Button>
            {second === null ? null : <span className="t13 q">{second}</span>}
          </div>
        )}
        {!isOpen ? null : (
          <div className="row wrap">
            {automation === null || automation.stopped ? null : (
              <Button
                look={face === "failed" ? undefined : "do"}
                letter="R"
                className="run-it"
                because={whyNotRun(run, step, whys)}
                onClick={() => act(contract.runAction)}
              >
                {sending(
                  contract.runAction,
                  automation.risk === "destructive" ? t("Ask for a second person") : t("Run it"),
                )}
              </Button>
            )}
            {automation?.canDryRun === true ? (
              <Button
                because={whyNotRun(run, step, whys)}
                onClick={() => act(contract.runAction, { dryRun: true })}
              >
                {t("Dry run")}
              </Button>
            ) : null}
            {step.state === "failed" && step.assignee !== me ? (
              <Button
                look="do"
                because={closed ?? (me === null ? t("Only a person can take it over.") : null)}
                onClick={() => act(contract.assignStep, { person: me })}
              >
                {t("Take over")}
              </Button>
            ) : null}
            <Button
              letter="D"
              look={automation === null ? "do" : undefined}
              because={whyNotDone}
              onClick={() => act(contract.doneStep)}
            >
              {sending(contract.doneStep, automation === null ? t("Done") : t("Done by hand"))}
            </Button>
            <Button look="bare" letter="S" because={closed} onClick={() => setReason("skip")}>
              {t("Skip")}
            </Button>
          </div>
        )}
        {step.records.length === 0 || run.state !== "running" ? null : <Records step={step} />}
        {reason === null ? null : (
          <ReasonForm
            key={reason}
            reason={reason}
            leave={() => setReason(null)}
            send={(words) => {
              const { route, body } = REASONS[reason];
              send.mutate(
                { route: route as RunRoute, body: { step: step.id, ...body(words) } },
                { onSuccess: () => setReason(null) },
              );
            }}
          />
        )}
        <MoreOfStep step={step} closed={closed} ask={setReason} act={act} />
      </div>
    </div>
  );
}

const guardWhy = (step: RunStep): string | null =>
  step.guard !== null && step.guard.answer === null ? t("Answer its question first.") : null;

/** “Yours.” “Skipped 02:16 by Priya: its status page is green.” */
function Standing({ step }: { step: RunStep }) {
  const { me } = useRunScope();
  const names = useNames();
  const { state, because, endedAt, endedBy, assignee, role } = step;
  const asked = waitsForSecond(step);
  if (asked !== null)
    return (
      <>
        {tParts("{person} asked {time}. Someone else must confirm.", {
          person: asked.askedBy.id === null ? t("Somebody") : names.person(asked.askedBy.id),
          time: <Time iso={asked.askedAt} />,
        })}
      </>
    );
  const whose =
    assignee === null ? null : assignee === me ? (
      <b className="you">{t("Yours.")} </b>
    ) : (
      <b>{names.person(assignee)}. </b>
    );
  if (state === "failed")
    return (
      <>
        {whose}
        <span className="redink">
          {step.automation?.stopped === true
            ? `${t("Stopped after 3 attempts:")} `
            : `${t("Did not work:")} `}
          {because ?? t("no reason is known")}
        </span>
      </>
    );
  if (isSettled(step))
    return (
      <>
        {capital(said(state))} {endedAt === null ? null : <Time iso={endedAt} />}
        {endedBy?.id == null
          ? ` ${t("by Tocsin")}`
          : ` ${t("by {person}", { person: names.person(endedBy.id) })}`}
        {because === null ? "" : `: ${because}`}
        {step.late ? <span className="redink">{t(", late")}</span> : null}
      </>
    );
  return (
    <>
      {whose}
      {role === null ? null : `${capital(role)}. `}
      {state === "in progress" && step.startedAt !== null ? (
        <>{tParts("Begun {time}.", { time: <Time iso={step.startedAt} /> })}</>
      ) : null}
    </>
  );
}

function Automation({ step }: { step: RunStep }) {
  const { automation } = step;
  if (automation === null) return null;
  return (
    <>
      <p className="row wrap t12">
        <Risk automation={automation} />
        <span className="mono q">{automation.action}</span>
        {automation.canUndo ? <span className="q">{t("undo ready")}</span> : null}
      </p>
      {automation.state === "suspended" ? (
        <p className="t13 q">
          {tParts("Suspended: {because}. It is done by hand.", {
            because: automation.because ?? t("its words changed"),
          })}
        </p>
      ) : null}
      <Attempts attempts={automation.attempts} />
    </>
  );
}
