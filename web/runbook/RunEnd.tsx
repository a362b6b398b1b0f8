/** How a run ends: finished, with what is open named; or stopped, with a reason. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { abandonRun, finishRun } from "../../contract/run.ts";
import { Button, RefusedLine } from "../kit/parts.tsx";
import { everyStep, isSettled } from "./runView.ts";
import { type RunRoute, useRunScope, useRunVerb } from "./useRun.ts";

export function RunEnd() {
  const { run, mayRun } = useRunScope();
  const [words, setWords] = useState("");
  const send = useRunVerb(run);
  const open = everyStep(run).filter((step) => !isSettled(step)).length;
  const denied = mayRun ? null : "This needs the right “runbooks.run”.";
  const because = words.trim();
  const end = (route: unknown, body: object): void =>
    send.mutate({ route: route as RunRoute, body });
  return (
    <footer className="run-end t13">
      <p className="row wrap">
        <Link to="/runs/$id" params={{ id: run.id }}>
          {run.id}
        </Link>
        <a href={`/v1/runs/${run.id}/run.md`} download={`${run.id}.md`}>
          As Markdown
        </a>
        <Link to="/runs/$id/print" params={{ id: run.id }}>
          On paper
        </Link>
        {run.fixes.length === 0 ? null : (
          <a href={`/v1/runs/${run.id}/fixes.patch`} download={`${run.id}.patch`}>
            Better words as a patch ({run.fixes.length})
          </a>
        )}
      </p>
      {run.state === "running" ? (
        <details>
          <summary>End this run{open === 0 ? "" : `, ${open} still open`}</summary>
          <div className="reason">
            <span className="field">
              <label>
                Why{open === 0 ? " (may be empty)" : ", as steps are still open"}
                <input value={words} onChange={(event) => setWords(event.target.value)} />
              </label>
            </span>
            <RefusedLine error={send.error} />
            <span className="row wrap">
              <Button
                small
                because={
                  denied ??
                  (open > 0 && because === ""
                    ? `${open} open: settle them, or give a reason.`
                    : null)
                }
                onClick={() => end(finishRun, because === "" ? {} : { because })}
              >
                Finish the run
              </Button>
              <Button
                small
                because={denied ?? (because === "" ? "Say why it is stopped." : null)}
                onClick={() => end(abandonRun, { because })}
              >
                Stop it unfinished
              </Button>
            </span>
          </div>
        </details>
      ) : null}
    </footer>
  );
}
