/** Whom the document names after whom, and whom it names for a condition. */
import { useState } from "react";
import { escalateRun } from "../../contract/run.ts";
import { useNames } from "../app/me.ts";
import { Button, RefusedLine } from "../kit/parts.tsx";
import { capital, listText } from "../kit/time.ts";
import { type RunRoute, useRunScope, useRunVerb } from "./useRun.ts";
import { t } from "../kit/words.ts";

export function RunPath() {
  const { run, mayRun } = useRunScope();
  const names = useNames();
  if (run.escalation.length === 0 && run.conditionalEscalations.length === 0) return null;
  return (
    <section className="phase" aria-label={t("Escalation")}>
      <header>
        <h3>{t("Escalation")}</h3>
        <span className="q t12">{t("as the document names it")}</span>
      </header>
      <ol className="ladder">
        {run.escalation.map(({ role, people, after }) => (
          <li key={role}>
            <b>{capital(role)}</b>
            <span className={people.length === 0 ? "redink" : "q"}>
              {people.length === 0 ? t("nobody is bound") : listText(people.map(names.person))}
            </span>
            <span className="qq t12">{after === null ? "" : t("after {after}", { after })}</span>
          </li>
        ))}
      </ol>
      {run.conditionalEscalations.flatMap(({ to, condition }) =>
        to.map((role) => (
          <Conditional
            key={`${role} ${condition}`}
            role={role}
            condition={condition}
            may={mayRun}
          />
        )),
      )}
    </section>
  );
}

function Conditional(props: {
  readonly role: string;
  readonly condition: string | null;
  readonly may: boolean;
}) {
  const { run } = useRunScope();
  const [words, setWords] = useState(props.condition ?? "");
  const send = useRunVerb(run);
  const empty = words.trim() === "" ? t("Say why they are told.") : null;
  return (
    <details className="t13">
      <summary>
        {capital(props.role)}
        {props.condition === null ? "" : t(", if {condition}", { condition: props.condition })}
      </summary>
      <form
        className="reason"
        onSubmit={(event) => {
          event.preventDefault();
          if (empty === null)
            send.mutate({
              route: escalateRun as unknown as RunRoute,
              body: { to: props.role, because: words.trim() },
            });
        }}
      >
        <span className="field">
          <label>
            {t("Why they are told")}
            <input value={words} onChange={(event) => setWords(event.target.value)} />
          </label>
        </span>
        <RefusedLine error={send.error} />
        <span>
          <Button
            type="submit"
            small
            because={props.may ? empty : t("This needs the right “runbooks.run”.")}
            onClick={() => undefined}
          >
            {t("Tell {role}", { role: props.role })}
          </Button>
        </span>
      </form>
    </details>
  );
}
