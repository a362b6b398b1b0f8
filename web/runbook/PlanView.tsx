/** The plan that a document gives: phases, steps, what acts in them, and whom it names after whom. */
import type { BindingView } from "../../contract/published.ts";
import type { RunbookStep } from "../../contract/runbook.ts";
import { Icon } from "../kit/icons.tsx";
import { capital } from "../kit/time.ts";
import type { Looking } from "./DocumentView.tsx";
import { isoText } from "./isoText.ts";
import { Risk } from "./Risk.tsx";
import { said, t, tParts } from "../kit/words.ts";

export function PlanView({ book, selected, select }: Looking) {
  const plans = book.document.plans;
  const steps = plans.flatMap((plan) => plan.phases.flatMap((phase) => phase.steps)).length;
  const bound = new Map(
    book.bindings.flatMap((each) => (each.step === null ? [] : [[each.step, each] as const])),
  );
  return (
    <section className="col plan-col" aria-label={t("The plan it gives")}>
      <div className="ch">
        <h2>{t("The plan it gives")}</h2>
        <span className="grow" />
        <span className="qq t13">
          {t("{size} bound, {steps} by hand", { size: bound.size, steps: steps - bound.size })}
        </span>
      </div>
      {plans.length === 0 ? (
        <p className="empty">
          {tParts("Nothing to run: {reason} It can be read and found.", {
            reason: <span lang="en">{book.document.reason}</span>,
          })}
        </p>
      ) : null}
      {plans.map((plan) => (
        <section key={plan.id} aria-label={plan.title}>
          {plans.length > 1 ? <h3 className="plan-title serif">{plan.title}</h3> : null}
          {plan.phases.map((phase) => (
            <div key={phase.id} className="plan-phase">
              <h3>
                {phase.title} <span className="q t12">{phase.role ?? ""}</span>
              </h3>
              <ul>
                {phase.steps.map((step) => (
                  <li key={step.id}>
                    <button
                      type="button"
                      className={selected === step.id ? "plan-step on" : "plan-step"}
                      aria-pressed={selected === step.id}
                      onClick={() => select(step.id)}
                    >
                      <span className="qq t12">L{step.line}</span>
                      <span className="serif">{step.text}</span>
                      <Aside step={step} binding={bound.get(step.id)} />
                      {selected === step.id ? (
                        <More step={step} binding={bound.get(step.id)} />
                      ) : null}
                    </button>
                  </li>
                ))}
              </ul>
            </div>
          ))}
          {plan.escalation.length === 0 ? null : (
            <div className="plan-phase">
              <h3>
                {tParts("Escalation {line}", {
                  line: (
                    <span className="q t12">
                      {tParts("line {line}", { line: plan.escalation[0]?.line })}
                    </span>
                  ),
                })}
              </h3>
              <ol className="rungs">
                {plan.escalation.map((rung, index) => (
                  <li key={rung.role}>
                    <b>{capital(rung.role)}</b>
                    <span className="q t12">
                      {index === 0
                        ? t("at once")
                        : rung.after === null
                          ? t("no time is said")
                          : t("after {isoText}", { isoText: isoText(rung.after) })}
                    </span>
                  </li>
                ))}
              </ol>
            </div>
          )}
        </section>
      ))}
    </section>
  );
}

type OneStep = { readonly step: RunbookStep; readonly binding: BindingView | undefined };

function Aside({ step, binding }: OneStep) {
  const [deadline] = step.deadlines;
  return (
    <span className="row">
      {deadline === undefined ? null : (
        <span className="clk">
          <Icon name="clock" small />
          {isoText(deadline.iso)}
        </span>
      )}
      {binding === undefined ? (
        <span className="qq t12">{t("by hand")}</span>
      ) : (
        <Risk automation={{ ...binding, state: binding.state === "live" ? "live" : "suspended" }} />
      )}
    </span>
  );
}

function More({ step, binding }: OneStep) {
  return (
    <span className="more-of-plan q t13">
      {step.guard === null ? null : <span>{t("Asks first: {guard}", { guard: step.guard })}</span>}
      {step.deadlines.map((deadline) => (
        <span key={`${deadline.iso} ${deadline.severity}`}>
          {tParts("{isoText} from {anchor}", {
            isoText: isoText(deadline.iso),
            anchor: said(deadline.anchor),
          })}
          {deadline.repeats ? t(", again and again") : ""}
          {deadline.severity === null ? "" : t(", for {severity}", { severity: deadline.severity })}
        </span>
      ))}
      {step.inputs.length === 0 ? null : (
        <span>
          {tParts("Needs {list}", { list: step.inputs.map(({ name }) => name).join(", ") })}
        </span>
      )}
      {step.records.length === 0 ? null : (
        <span>
          {tParts("Writes {list}", { list: step.records.map(({ table }) => table).join(", ") })}
        </span>
      )}
      {binding === undefined ? null : (
        <span className="mono">
          {binding.action}
          {binding.connection === null
            ? ""
            : ` ${t("over {connection}", { connection: binding.connection })}`}
        </span>
      )}
      {binding?.raisedTo == null || binding.connection === null ? null : (
        <span>
          {t("{connection} makes it {risk}.", {
            connection: binding.connection,
            risk: said(binding.raisedTo),
          })}
        </span>
      )}
      {binding?.because == null ? null : <span className="amberink">{said(binding.because)}</span>}
      <span>
        {tParts("Read as {kind}: {reason}", {
          kind: said(step.kind),
          reason: <span lang="en">{step.reason}</span>,
        })}
      </span>
    </span>
  );
}
