/** The runbook moved on while this run goes on: what differs, and going on with the newest. */
import { useState } from "react";
import { getRunChanges, rebaseRun } from "../../contract/run.ts";
import { useRoute } from "../kit/client.ts";
import { Icon } from "../kit/icons.tsx";
import { Button, RefusedLine } from "../kit/parts.tsx";
import { type RunRoute, useRunScope, useRunVerb } from "./useRun.ts";
import { t } from "../kit/words.ts";

export function Drift() {
  const { run, mayRun } = useRunScope();
  const [shown, setShown] = useState(false);
  const send = useRunVerb(run);
  const { newer } = run;
  if (newer === null) return null;
  return (
    <div className="banner soon" role="status">
      <Icon name="warning" />
      <div className="grow">
        <p>{newer.banner}</p>
        <div className="row wrap">
          <Button small aria-expanded={shown} onClick={() => setShown(!shown)}>
            {shown ? t("Hide the difference") : t("Show the difference")}
          </Button>
          <Button
            small
            because={mayRun ? null : t("This needs the right “runbooks.run”.")}
            onClick={() =>
              send.mutate({
                route: rebaseRun as unknown as RunRoute,
                body: { digest: newer.digest },
              })
            }
          >
            {t("Go on with the newest")}
          </Button>
        </div>
        <p className="t12">
          {t("What is done stays done; new steps are pending, removed ones withdrawn.")}
        </p>
        <RefusedLine error={send.error} />
        {shown ? <Changes id={run.id} /> : null}
      </div>
    </div>
  );
}

function Changes({ id }: { id: string }) {
  const { data, error } = useRoute(getRunChanges, { params: { id } });
  if (error !== null) return <RefusedLine error={error} />;
  const steps = data?.steps.filter(({ change }) => change !== "same") ?? [];
  if (data !== undefined && steps.length === 0)
    return <p className="t13">{t("No step differs; its settings do.")}</p>;
  return (
    <ul className="diff serif">
      {steps.map(({ change, before, after }) => (
        <li key={`${before?.id} ${after?.id}`}>
          <span className="t12 q sans">{change}</span>
          {before === null ? null : <del>{before.text}</del>}
          {after === null ? null : <ins>{after.text}</ins>}
        </li>
      ))}
    </ul>
  );
}
