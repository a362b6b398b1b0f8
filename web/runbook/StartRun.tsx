/** Starting a run: a published runbook, one of its plans, pinned from then on. */
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { listRunbooks } from "../../contract/published.ts";
import { type RunDetail, startRun } from "../../contract/run.ts";
import { useRoute, useSend } from "../kit/client.ts";
import { Button, RefusedLine } from "../kit/parts.tsx";
import { afterRun } from "./useRun.ts";
import { t, tParts } from "../kit/words.ts";

type StartProps = {
  readonly incident: string | null;
  /** The runbook that is meant; null: one is chosen. */
  readonly runbook?: string | null;
  readonly because: string | null;
  readonly onStarted: (run: RunDetail) => void;
};

export function StartRun({ incident, runbook = null, because, onStarted }: StartProps) {
  const { data } = useRoute(listRunbooks, { query: { limit: 500 } });
  const [chosen, setChosen] = useState(runbook ?? "");
  const [plan, setPlan] = useState("");
  const [drill, setDrill] = useState(false);
  const queries = useQueryClient();
  const send = useSend(startRun);
  const id = useId();
  const known = data?.items.filter(({ plans }) => plans.length > 0) ?? [];
  const plans = known.find((each) => each.id === chosen)?.plans ?? [];
  const missing =
    chosen === ""
      ? t("Choose a runbook.")
      : plans.length > 1 && plan === ""
        ? t("Choose a plan: this document has several.")
        : null;
  if (data !== undefined && known.length === 0)
    return (
      <p className="t13 q">
        {tParts(
          "No runbook is published yet. Bring a document on the page “Runbooks”, or {part}.",
          { part: <span className="mono">{t("./bin/tocsin runbook publish file.md")}</span> },
        )}
      </p>
    );
  return (
    <form
      className="reason start-run"
      onSubmit={(event) => {
        event.preventDefault();
        if (missing !== null || because !== null || send.isPending) return;
        send.mutate(
          {
            body: {
              runbook: chosen,
              drill,
              ...(plan === "" ? {} : { plan }),
              ...(incident === null ? {} : { incident }),
            },
          },
          {
            onSuccess: (run) => {
              afterRun(queries, run);
              onStarted(run);
            },
          },
        );
      }}
    >
      {runbook === null ? (
        <span className="field">
          <label htmlFor={`${id}r`}>{t("Runbook")}</label>
          <select
            id={`${id}r`}
            value={chosen}
            onChange={(event) => {
              setChosen(event.target.value);
              setPlan("");
            }}
          >
            <option value="">{t("Choose a runbook")}</option>
            {known.map((each) => (
              <option key={each.id} value={each.id}>
                {each.title}
                {each.stale ? ` ${t("(nobody has read it for long)")}` : ""}
              </option>
            ))}
          </select>
        </span>
      ) : null}
      {plans.length > 1 ? (
        <span className="field">
          <label htmlFor={`${id}p`}>{t("Plan")}</label>
          <select id={`${id}p`} value={plan} onChange={(event) => setPlan(event.target.value)}>
            <option value="">{t("Choose a plan")}</option>
            {plans.map((each) => (
              <option key={each.id} value={each.id}>
                {t("{title}, {steps} steps", { title: each.title, steps: each.steps })}
              </option>
            ))}
          </select>
        </span>
      ) : null}
      <label className="choice">
        <input
          type="checkbox"
          checked={drill}
          onChange={(event) => setDrill(event.target.checked)}
        />
        {t("A drill")}
      </label>
      <RefusedLine error={send.error} />
      <span>
        <Button type="submit" look="do" because={because ?? missing} onClick={() => undefined}>
          {send.isPending ? t("Sending") : t("Start the run")}
        </Button>
      </span>
    </form>
  );
}
