/** One run as it is carried out: its banners, its phases, its forms, and how it ends. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { getRun, type RunDetail } from "../../contract/run.ts";
import { may, useMe } from "../app/me.ts";
import { useRoute } from "../kit/client.ts";
import { useKeys } from "../kit/keys.ts";
import { AskAgain, Button, Waiting } from "../kit/parts.tsx";
import { Drift } from "./Drift.tsx";
import { RunEnd } from "./RunEnd.tsx";
import { RunForms } from "./RunForms.tsx";
import { RunPath } from "./RunPath.tsx";
import { Phase } from "./RunSteps.tsx";
import { activeAttempt, everyStep, nextStep, stepAfter } from "./runView.ts";
import { SafeModeBanner } from "./SafeModeBanner.tsx";
import { RunScopeProvider } from "./useRun.ts";
import "./run.css";
import { said, t } from "../kit/words.ts";

/** What another system answers comes without an event of its own until it has ended. */
const WHILE_UNDER_WAY_MS = 1_000;

type RunPartProps = {
  readonly id: string;
  /** The step that the address names. */
  readonly step: string | undefined;
  readonly setStep: (id: string) => void;
  /** Whoever has a part in the incident may run its runbook. */
  readonly hasPart?: boolean;
};

export function RunPart({ id, step, setStep, hasPart = false }: RunPartProps) {
  const [active, setActive] = useState(false);
  const { data, error, refetch } = useRoute(
    getRun,
    { params: { id } },
    { refetchInterval: active ? WHILE_UNDER_WAY_MS : false },
  );
  const isActive =
    data !== undefined &&
    everyStep(data).some((each) => ["due", "under way"].includes(activeAttempt(each)?.state ?? ""));
  if (isActive !== active) setActive(isActive);
  if (data !== undefined)
    return <Run run={data} step={step} setStep={setStep} hasPart={hasPart} key={id} />;
  return error === null ? (
    <Waiting what={id} />
  ) : (
    <AskAgain error={error} again={() => void refetch()} />
  );
}

function Run(props: Omit<RunPartProps, "id"> & { readonly run: RunDetail }) {
  const { run, step, setStep } = props;
  const me = useMe();
  const chosen = everyStep(run).find(({ id }) => id === step) ?? null;
  // The one that was next stays open while somebody reads it, also when it is settled meanwhile.
  const [first, setFirst] = useState(() => nextStep(run, me.person)?.id ?? null);
  const current = chosen ?? everyStep(run).find(({ id }) => id === first) ?? null;
  const open = (id: string): void => {
    setFirst(id);
    setStep(id);
  };
  const next = (): void => {
    const to = stepAfter(run, current?.id ?? null);
    if (to !== null) open(to.id);
  };
  useKeys([{ keys: "N", what: t("Next runbook step"), run: next }]);
  const mayRun = props.hasPart === true || may(me, "runbooks.run", run.team);
  return (
    <RunScopeProvider value={{ run, mayRun, current, open }}>
      <section className="run" aria-label={t("Runbook {title}", { title: run.title })}>
        <header className="run-head">
          <h2>{t("Runbook")}</h2>
          <Link
            to="/runbooks/$name"
            params={{ name: run.runbook }}
            search={{ version: run.digest }}
            className="cut"
          >
            {run.title}
          </Link>
          <span
            className="chip mono"
            title={t("Version {version}, {digest}", {
              version: run.source.version,
              digest: run.digest,
            })}
          >
            v{run.source.version}
          </span>
          {run.drill ? <span className="chip warn">{t("drill")}</span> : null}
          <span className="grow" />
          <span className="qq t13 nowrap">
            {t("{stepsSettled} of {stepsAll}", {
              stepsSettled: run.stepsSettled,
              stepsAll: run.stepsAll,
            })}
          </span>
          <Button small look="bare" letter="N" onClick={next}>
            {t("Next")}
          </Button>
        </header>
        <Drift />
        <SafeModeBanner incident={run.incident} />
        {run.state === "running" ? null : (
          <p className="t13 q run-over">
            {t("{id} is {state}.", { id: run.id, state: said(run.state) })}
          </p>
        )}
        {run.phases.map((phase) => (
          <Phase key={phase.id} phase={phase} />
        ))}
        <RunPath />
        <RunForms />
        <RunEnd />
      </section>
    </RunScopeProvider>
  );
}
