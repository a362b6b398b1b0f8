/** What an action did: the last try in a line, everything it brought back folded. */
import type { Attempt } from "../../contract/run.ts";
import { useNames } from "../app/me.ts";
import { Time } from "../kit/parts.tsx";
import { t, tParts } from "../kit/words.ts";

export function Attempts({ attempts }: { attempts: readonly Attempt[] }) {
  const last = attempts.at(-1);
  if (last === undefined) return null;
  const runs = attempts.filter(({ purpose }) => purpose === "run").length;
  return (
    <div className="attempts">
      <p className="code" aria-live="polite">
        {last.purpose === "run" ? "" : `${last.purpose}: `}
        {STATES[last.state]}
        {last.learned === null ? "" : `: ${last.learned}`}
      </p>
      <details className="t12">
        <summary>
          {tParts("What it learned, {count} {part}", {
            count: attempts.length,
            part: attempts.length === 1 ? t("attempt") : t("attempts"),
          })}
          {runs > 1 ? t(", {runs} of them for real", { runs }) : ""}
        </summary>
        <ol>
          {attempts.map((attempt) => (
            <One key={attempt.id} attempt={attempt} />
          ))}
        </ol>
      </details>
    </div>
  );
}

const STATES: Readonly<Record<Attempt["state"], string>> = {
  asked: "waits for a second person",
  due: "about to begin",
  "under way": "under way",
  done: "done",
  failed: "failed",
  unknown: "nobody saw how it ended",
  refused: "refused",
};

function One({ attempt }: { attempt: Attempt }) {
  const names = useNames();
  const by = attempt.askedBy.id === null ? "Tocsin" : names.person(attempt.askedBy.id);
  const second = attempt.approvedBy?.id ?? null;
  return (
    <li>
      <p>
        {tParts("{attempt}, asked by {by} {time}", {
          attempt: (
            <b>
              {attempt.attempt}. {attempt.purpose}, {STATES[attempt.state]}
            </b>
          ),
          by,
          time: <Time iso={attempt.askedAt} seconds />,
        })}
        {second === null ? "" : t(", confirmed by {person}", { person: names.person(second) })}
        {attempt.endedAt === null ? null : (
          <>{tParts(", ended {time}", { time: <Time iso={attempt.endedAt} seconds /> })}</>
        )}
      </p>
      {attempt.learned === null ? null : <p className="q">{attempt.learned}</p>}
      {Object.keys(attempt.input).length === 0 ? null : (
        <pre aria-label={t("What went in")}>{JSON.stringify(attempt.input, null, 2)}</pre>
      )}
      {attempt.output === null ? null : (
        <pre aria-label={t("What came back")}>{JSON.stringify(attempt.output, null, 2)}</pre>
      )}
    </li>
  );
}
