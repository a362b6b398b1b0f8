/** Verbs of a step that ask for words, and those that are rarely wanted. */
import { useId, useState } from "react";
import * as contract from "../../contract/run.ts";
import type { RunStep } from "../../contract/run.ts";
import { useNames } from "../app/me.ts";
import { Button } from "../kit/parts.tsx";
import { isSettled } from "./runView.ts";
import { later, said, t } from "../kit/words.ts";

export type Reason = "skip" | "refuse" | "fail" | "reopen" | "fix";

type Asks = {
  readonly label: string;
  readonly does: string;
  readonly route: unknown;
  readonly body: (words: string) => object;
};
const because = (words: string): object => ({ because: words });

export const REASONS: Readonly<Record<Reason, Asks>> = {
  skip: {
    label: later("Why it is skipped"),
    does: later("Skip it"),
    route: contract.skipStep,
    body: because,
  },
  refuse: {
    label: later("Why you refuse"),
    does: later("Refuse it"),
    route: contract.refuseAction,
    body: because,
  },
  fail: {
    label: later("What did not work"),
    does: later("Say that it failed"),
    route: contract.failStep,
    body: because,
  },
  reopen: {
    label: later("Why it is open again"),
    does: later("Reopen it"),
    route: contract.reopenStep,
    body: because,
  },
  fix: {
    label: later("Better words; kept as a patch to the document"),
    does: later("Propose them"),
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
  const empty = words.trim() === "" ? t("“{label}” is empty.", { label: said(label) }) : null;
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
        <label htmlFor={id}>{said(label)}</label>
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
          {said(does)}
        </Button>
        <Button small look="bare" onClick={props.leave}>
          {t("Leave")}
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
      <summary>{t("More")}</summary>
      <div className="row wrap">
        {isSettled(step) || step.state === "failed" ? (
          <Button small onClick={() => ask("reopen")}>
            {t("Reopen")}
          </Button>
        ) : (
          <>
            {step.state === "pending" ? (
              <Button small onClick={() => act(contract.beginStep)}>
                {t("I am on it")}
              </Button>
            ) : null}
            <Button small onClick={() => act(contract.dismissStep)}>
              {t("Does not apply")}
            </Button>
            <Button small onClick={() => ask("fail")}>
              {t("Did not work")}
            </Button>
          </>
        )}
        {canUndo ? (
          <Button small look="danger" onClick={() => act(contract.undoAction)}>
            {t("Take it back")}
          </Button>
        ) : null}
        <Button small onClick={() => ask("fix")}>
          {t("Better words")}
        </Button>
        {isSettled(step) ? null : (
          <span className="row">
            <label htmlFor={id}>{t("Give it to")}</label>
            <select
              id={id}
              className="input narrow"
              value={step.assignee ?? ""}
              onChange={(event) => act(contract.assignStep, { person: event.target.value })}
            >
              <option value="" disabled>
                {t("Choose")}
              </option>
              {names.directory?.people.map((person) => (
                <option key={person.id} value={person.id}>
                  {person.name}
                </option>
              ))}
            </select>
          </span>
        )}
        <span className="qq">{t("Line {line} of the document", { line: step.line })}</span>
      </div>
    </details>
  );
}
