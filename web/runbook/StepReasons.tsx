/** Verbs of a step that ask for words, and those that are rarely wanted. */
import { useId, useState } from "react";
import * as contract from "../../contract/run.ts";
import type { RunStep } from "../../contract/run.ts";
import { useNames } from "../app/me.ts";
import { Button } from "../kit/parts.tsx";
import { isSettled } from "./runView.ts";

export type Reason = "skip" | "refuse" | "fail" | "reopen" | "fix";

type Asks = {
  readonly label: string;
  readonly does: string;
  readonly route: unknown;
  readonly body: (words: string) => object;
};
const because = (words: string): object => ({ because: words });

export const REASONS: Readonly<Record<Reason, Asks>> = {
  skip: { label: "Why it is skipped", does: "Skip it", route: contract.skipStep, body: because },
  refuse: {
    label: "Why you refuse",
    does: "Refuse it",
    route: contract.refuseAction,
    body: because,
  },
  fail: {
    label: "What did not work",
    does: "Say that it failed",
    route: contract.failStep,
    body: because,
  },
  reopen: {
    label: "Why it is open again",
    does: "Reopen it",
    route: contract.reopenStep,
    body: because,
  },
  fix: {
    label: "Better words; kept as a patch to the document",
    does: "Propose them",
    route: contract.proposeFix,
    body: (text) => ({ text }),
  },
};

export function ReasonForm(props: {
  readonly reason: Reason;
  readonly send: (words: string) => void;
  readonly leave: () => void;
}) {
  const { label, does } = REASONS[props.reason];
  const [words, setWords] = useState("");
  const id = useId();
  const empty = words.trim() === "" ? `“${label}” is empty.` : null;
  return (
    <form
      className="reason"
      onSubmit={(event) => {
        event.preventDefault();
        if (empty === null) props.send(words.trim());
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") props.leave();
      }}
    >
      <span className="field">
        <label htmlFor={id}>{label}</label>
        <input
          id={id}
          value={words}
          autoFocus
          maxLength={2_000}
          onChange={(event) => setWords(event.target.value)}
        />
      </span>
      <span className="row">
        <Button type="submit" small because={empty} onClick={() => undefined}>
          {does}
        </Button>
        <Button small look="bare" onClick={props.leave}>
          Leave
        </Button>
      </span>
    </form>
  );
}

export function MoreOfStep(props: {
  readonly step: RunStep;
  readonly closed: string | null;
  readonly ask: (reason: Reason) => void;
  readonly act: (route: unknown, more?: object) => void;
}) {
  const { step, closed, ask, act } = props;
  const names = useNames();
  const id = useId();
  const canUndo = step.automation?.canUndo === true;
  if (closed !== null) return <p className="t12 qq">{closed}</p>;
  return (
    <details className="t13 more-of-step">
      <summary>More</summary>
      <div className="row wrap">
        {isSettled(step) || step.state === "failed" ? (
          <Button small onClick={() => ask("reopen")}>
            Reopen
          </Button>
        ) : (
          <>
            {step.state === "pending" ? (
              <Button small onClick={() => act(contract.beginStep)}>
                I am on it
              </Button>
            ) : null}
            <Button small onClick={() => act(contract.dismissStep)}>
              Does not apply
            </Button>
            <Button small onClick={() => ask("fail")}>
              Did not work
            </Button>
          </>
        )}
        {canUndo ? (
          <Button small look="danger" onClick={() => act(contract.undoAction)}>
            Take it back
          </Button>
        ) : null}
        <Button small onClick={() => ask("fix")}>
          Better words
        </Button>
        {isSettled(step) ? null : (
          <span className="row">
            <label htmlFor={id}>Give it to</label>
            <select
              id={id}
              className="input narrow"
              value={step.assignee ?? ""}
              onChange={(event) => act(contract.assignStep, { person: event.target.value })}
            >
              <option value="" disabled>
                Choose
              </option>
              {names.directory?.people.map((person) => (
                <option key={person.id} value={person.id}>
                  {person.name}
                </option>
              ))}
            </select>
          </span>
        )}
        <span className="qq">Line {step.line} of the document</span>
      </div>
    </details>
  );
}
