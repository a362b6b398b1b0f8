/** A runbook, or a run of it, on paper: every step with a box and lines for who and when. Works with everything down. */
import { getRouteApi } from "@tanstack/react-router";
import { getRunbook } from "../../contract/published.ts";
import { getRun, type RunStep } from "../../contract/run.ts";
import { useNames } from "../app/me.ts";
import { useRoute } from "../kit/client.ts";
import { serverNow } from "../kit/now.ts";
import { Button, NotYet } from "../kit/parts.tsx";
import { useTitle } from "../kit/title.ts";
import { at, capital, listText, timeText } from "../kit/time.ts";
import { isoText } from "./isoText.ts";
import "./paper.css";
import { said, t } from "../kit/words.ts";

const bookRoute = getRouteApi("/runbooks/$name/print");
const runRoute = getRouteApi("/runs/$id/print");

type Line = {
  readonly id: string;
  readonly text: string;
  readonly line: number;
  readonly notes: readonly string[];
  readonly done: string | null;
};
type PaperPhase = {
  readonly id: string;
  readonly title: string;
  readonly role: string | null;
  readonly steps: readonly Line[];
};
type PaperProps = {
  readonly title: string;
  readonly foot: string;
  readonly ladder: readonly (readonly [role: string, who: string, phone: string])[];
  readonly phases: readonly PaperPhase[];
};

export function RunbookPaper() {
  const { name } = bookRoute.useParams();
  const { data, error, refetch } = useRoute(getRunbook, { params: { id: name }, query: {} });
  useTitle(data?.title ?? name);
  if (data === undefined)
    return <NotYet title={name} what={name} error={error} again={() => void refetch()} />;
  const bound = new Map(data.bindings.map((each) => [each.step, each]));
  return (
    <Paper
      title={data.title}
      foot={`${data.source.path}, ${t("version {version}", { version: data.version })}, ${data.digest.slice(0, 16)}`}
      ladder={data.document.escalation.map(({ role, after }) => [
        role,
        after === null ? "" : t("after {isoText}", { isoText: isoText(after) }),
        "",
      ])}
      phases={data.document.plans.flatMap((plan) =>
        plan.phases.map((phase) => ({
          id: `${plan.id}/${phase.id}`,
          title: data.document.plans.length > 1 ? `${plan.title}: ${phase.title}` : phase.title,
          role: phase.role,
          steps: phase.steps.map((step) => ({
            id: step.id,
            text: step.text,
            line: step.line,
            done: null,
            notes: [
              ...(step.guard === null
                ? []
                : [t("Ask first: {guard} yes / no", { guard: step.guard })]),
              ...step.deadlines.map(({ iso, anchor }) =>
                t("Within {length} from {anchor}", { length: isoText(iso), anchor: said(anchor) }),
              ),
              ...step.inputs.map((input) => `${input.name}: ________________`),
              ...riskOf(bound.get(step.id)?.risk),
              ...step.attachments.flatMap(({ kind, target, text }) =>
                kind === "link" ? [`${text}: ${target}`] : kind === "code" ? [text] : [],
              ),
            ],
          })),
        })),
      )}
    />
  );
}

export function RunPaper() {
  const { id } = runRoute.useParams();
  const names = useNames();
  const { data, error, refetch } = useRoute(getRun, { params: { id } });
  useTitle(data === undefined ? id : `${id} ${data.title}`);
  if (data === undefined)
    return <NotYet title={id} what={id} error={error} again={() => void refetch()} />;
  const doneOf = (step: RunStep): string | null =>
    step.endedAt === null
      ? null
      : `${said(step.state)} ${timeText(at(step.endedAt), { now: serverNow() })}${
          step.endedBy?.id == null ? "" : `, ${names.person(step.endedBy.id)}`
        }${step.because === null ? "" : `: ${step.because}`}`;
  return (
    <Paper
      title={`${data.id}: ${data.title}${data.incident === null ? "" : `, ${data.incident}`}`}
      foot={`${data.source.path}, ${t("version {version}", { version: data.source.version })}, ${data.digest.slice(0, 16)}`}
      ladder={data.escalation.map(({ role, people }) => [
        role,
        people.length === 0 ? t("nobody is bound") : listText(people.map(names.person)),
        people.flatMap((person) => names.phone(person) ?? []).join(", "),
      ])}
      phases={data.phases.map((phase) => ({
        ...phase,
        steps: phase.steps.map((step) => ({
          id: step.id,
          text: step.resolvedText,
          line: step.line,
          done: doneOf(step),
          notes: [
            ...(step.guard === null
              ? []
              : [
                  t("Ask first: {question} {answer}", {
                    question: step.guard.question,
                    answer: step.guard.answer === null ? t("yes / no") : said(step.guard.answer),
                  }),
                ]),
            ...step.deadlines.map(({ dueAt }) =>
              t("due {time}", { time: timeText(at(dueAt), { now: serverNow() }) }),
            ),
            ...step.missingInputs.map((name) => `${name}: ________________`),
            ...riskOf(step.automation?.risk),
          ],
        })),
      }))}
    />
  );
}

const riskOf = (risk: string | undefined): readonly string[] =>
  risk === undefined
    ? []
    : risk === "destructive"
      ? [t("May destroy something: two people, both sign here")]
      : risk === "write"
        ? [t("Changes something in another system")]
        : [];

function Paper({ title, foot, ladder, phases }: PaperProps) {
  const printedAt = new Date(serverNow()).toISOString().slice(0, 16).replace("T", " ");
  return (
    <main className="paper">
      <p className="no-print">
        <Button onClick={() => globalThis.print()}>{t("Print it")}</Button>
      </p>
      <h1>{title}</h1>
      <p className="paper-foot">{t("{foot}. Printed {printedAt} UTC.", { foot, printedAt })}</p>
      {ladder.length === 0 ? null : (
        <table>
          <caption>{t("Who comes after whom")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("Role")}</th>
              <th scope="col">{t("Who")}</th>
              <th scope="col">{t("Phone")}</th>
            </tr>
          </thead>
          <tbody>
            {ladder.map(([role, who, phone]) => (
              <tr key={role}>
                <td>{capital(role)}</td>
                <td>{who}</td>
                <td>{phone === "" ? "____________________" : phone}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {phases.map((phase) => (
        <section key={phase.id}>
          <h2>
            {phase.title}
            {phase.role === null ? "" : ` (${phase.role})`}
          </h2>
          <ol>
            {phase.steps.map((step) => (
              <li key={step.id}>
                <span className="tick-box" aria-hidden="true">
                  {step.done === null ? "" : "×"}
                </span>
                <div>
                  <p>{step.text}</p>
                  {step.notes.map((note) => (
                    <p key={note} className="note">
                      {note}
                    </p>
                  ))}
                  <p className="sign">{step.done ?? t("Who ______________  When __________")}</p>
                </div>
                <span className="line-of">L{step.line}</span>
              </li>
            ))}
          </ol>
        </section>
      ))}
      <p className="paper-foot">{foot}</p>
    </main>
  );
}
