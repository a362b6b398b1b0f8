/** The plan that a document gives: phases, steps, what acts in them, and whom it names after whom. */
import type { BindingView } from "../../contract/published.ts";
import type { RunbookStep } from "../../contract/runbook.ts";
import { Icon } from "../kit/icons.tsx";
import { capital } from "../kit/time.ts";
import type { Looking } from "./DocumentView.tsx";
import { isoText } from "./isoText.ts";
import { Risk } from "./Risk.tsx";

export function PlanView({ book, selected, select }: Looking) {
  const plans = book.document.plans;
  const steps = plans.flatMap((plan) => plan.phases.flatMap((phase) => phase.steps)).length;
  const bound = new Map(
    book.bindings.flatMap((each) => (each.step === null ? [] : [[each.step, each] as const])),
  );
  return (
    <section className="col plan-col" aria-label="The plan it gives">
      <div className="ch">
        <h2>The plan it gives</h2>
        <span className="grow" />
        <span className="qq t13">
          {bound.size} bound, {steps - bound.size} by hand
        </span>
      </div>
      {plans.length === 0 ? (
        <p className="empty">Nothing to run: {book.document.reason} It can be read and found.</p>
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
                Escalation <span className="q t12">line {plan.escalation[0]?.line}</span>
              </h3>
              <ol className="rungs">
                {plan.escalation.map((rung, index) => (
                  <li key={rung.role}>
                    <b>{capital(rung.role)}</b>
                    <span className="q t12">
                      {index === 0
                        ? "at once"
                        : rung.after === null
                          ? "no time is said"
                          : `after ${isoText(rung.after)}`}
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
        <span className="qq t12">by hand</span>
      ) : (
        <Risk automation={{ ...binding, state: binding.state === "live" ? "live" : "suspended" }} />
      )}
    </span>
  );
}

function More({ step, binding }: OneStep) {
  return (
    <span className="more-of-plan q t13">
      {step.guard === null ? null : <span>Asks first: {step.guard}</span>}
      {step.deadlines.map((deadline) => (
        <span key={`${deadline.iso} ${deadline.severity}`}>
          {isoText(deadline.iso)} from {deadline.anchor}
          {deadline.repeats ? ", again and again" : ""}
          {deadline.severity === null ? "" : `, for ${deadline.severity}`}
        </span>
      ))}
      {step.inputs.length === 0 ? null : (
        <span>Needs {step.inputs.map(({ name }) => name).join(", ")}</span>
      )}
      {step.records.length === 0 ? null : (
        <span>Writes {step.records.map(({ table }) => table).join(", ")}</span>
      )}
      {binding === undefined ? null : (
        <span className="mono">
          {binding.action}
          {binding.connection === null ? "" : ` over ${binding.connection}`}
        </span>
      )}
      {binding?.because == null ? null : <span className="amberink">{binding.because}</span>}
      <span>
        Read as {step.kind}: {step.reason}
      </span>
    </span>
  );
}
