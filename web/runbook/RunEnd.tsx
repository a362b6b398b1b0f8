/** How a run ends: finished, with what is open named; or stopped, with a reason. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { abandonRun, finishRun } from "../../contract/run.ts";
import { Button, RefusedLine } from "../kit/parts.tsx";
import { everyStep, isSettled } from "./runView.ts";
import { type RunRoute, useRunScope, useRunVerb } from "./useRun.ts";
import { t, tParts } from "../kit/words.ts";

export function RunEnd() {
  const { run, mayRun } = useRunScope();
  const [words, setWords] = useState("");
  const send = useRunVerb(run);
  const open = everyStep(run).filter((step) => !isSettled(step)).length;
  const denied = mayRun ? null : t("This needs the right “runbooks.run”.");
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
          {t("As Markdown")}
        </a>
        <Link to="/runs/$id/print" params={{ id: run.id }}>
          {t("On paper")}
        </Link>
        {run.fixes.length === 0 ? null : (
          <a href={`/v1/runs/${run.id}/fixes.patch`} download={`${run.id}.patch`}>
            {t("Better words as a patch ({count})", { count: run.fixes.length })}
          </a>
        )}
      </p>
      {run.state === "running" ? (
        <details>
          <summary>
            {tParts("End this run{part}", {
              part: open === 0 ? "" : t(", {open} still open", { open }),
            })}
          </summary>
          <div className="reason">
            <span className="field">
              <label>
                {tParts("Why{part}", {
                  part: open === 0 ? ` ${t("(may be empty)")}` : t(", as steps are still open"),
                })}
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
                    ? t("{open} open: settle them, or give a reason.", { open })
                    : null)
                }
                onClick={() => end(finishRun, because === "" ? {} : { because })}
              >
                {t("Finish the run")}
              </Button>
              <Button
                small
                because={denied ?? (because === "" ? t("Say why it is stopped.") : null)}
                onClick={() => end(abandonRun, { because })}
              >
                {t("Stop it unfinished")}
              </Button>
            </span>
          </div>
        </details>
      ) : null}
    </footer>
  );
}
