/** Insights: questions as titles, each answered by a picture and the table behind it. */
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import {
  exportInsights,
  type InsightTopic,
  readNoisyRules,
  readPageCounts,
  readPromises,
  readTimes,
} from "../../contract/insights.ts";
import { useNames } from "../app/me.ts";
import { useTitle } from "../app/tabTitle.ts";
import { Severity } from "../incident/marks.tsx";
import { addressOf, useRoute } from "../kit/client.ts";
import { AskAgain, Time, Waiting } from "../kit/parts.tsx";
import { capital, DAY, lengthText } from "../kit/time.ts";
import { Strips } from "./Strips.tsx";
import "./insights.css";

const route = getRouteApi("/insights/$topic");

export type InsightsSearch = {
  readonly days?: number | undefined;
  readonly team?: string | undefined;
};

const QUESTIONS: Readonly<Record<InsightTopic, readonly [word: string, question: string]>> = {
  times: ["How fast", "How fast do we acknowledge, mitigate and resolve?"],
  promises: ["What was kept", "Which promises do we keep?"],
  pages: ["Who was paged", "Whom do we wake?"],
  rules: ["Noisy rules", "Which rules page for nothing?"],
};
const DAYS = [7, 30, 90, 365] as const;

export function Insights() {
  const { topic: named } = route.useParams();
  const { days = 90, team } = route.useSearch();
  const names = useNames();
  const navigate = useNavigate();
  const topic =
    (Object.keys(QUESTIONS) as InsightTopic[]).find((each) => each === named) ?? "times";
  const [, question] = QUESTIONS[topic];
  useTitle(question);
  // By the day, so that the question stays the same while somebody looks.
  const from = new Date(Math.floor(Date.now() / DAY) * DAY - days * DAY).toISOString();
  const query = { from, team };
  const go = (change: InsightsSearch): void =>
    void navigate({
      to: "/insights/$topic",
      params: { topic },
      search: (old: InsightsSearch) => ({ ...old, ...change }),
    });
  return (
    <main className="page insights">
      <nav className="tabs wrap" aria-label="Questions">
        {(Object.keys(QUESTIONS) as InsightTopic[]).map((each) => (
          <Link
            key={each}
            to="/insights/$topic"
            params={{ topic: each }}
            search={(old) => old}
            className="flt"
            aria-current={each === topic ? "true" : undefined}
          >
            {QUESTIONS[each][0]}
          </Link>
        ))}
      </nav>
      <h1>{question}</h1>
      <div className="row wrap t13">
        <span className="tabs" role="group" aria-label="Span">
          {DAYS.map((each) => (
            <button
              key={each}
              type="button"
              className="flt"
              aria-pressed={each === days}
              onClick={() => go({ days: each === 90 ? undefined : each })}
            >
              {each} days
            </button>
          ))}
        </span>
        <label>
          Team{" "}
          <select
            className="input narrow"
            value={team ?? ""}
            onChange={(event) => go({ team: event.target.value || undefined })}
          >
            <option value="">all that you may see</option>
            {names.directory?.teams.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </select>
        </label>
        <span className="grow" />
        <a href={addressOf(exportInsights.path, { topic }, query)} download={`${topic}.csv`}>
          These rows as CSV
        </a>
      </div>
      <Answer topic={topic} query={query} />
    </main>
  );
}

type Query = { readonly from: string; readonly team: string | undefined };

function Answer({ topic, query }: { topic: InsightTopic; query: Query }) {
  switch (topic) {
    case "times":
      return <Times query={query} />;
    case "promises":
      return <Promises query={query} />;
    case "pages":
      return <Pages query={query} />;
    case "rules":
      return <Rules query={query} />;
  }
}

function NotYet({ error, again }: { error: Error | null; again: () => void }) {
  return error === null ? <Waiting what="the numbers" /> : <AskAgain error={error} again={again} />;
}

const NONE = <p className="empty">No incident in this span that you may see.</p>;
const length = (ms: number | null): string => (ms === null ? "none" : lengthText(ms));

function Times({ query }: { query: Query }) {
  const { data, error, refetch } = useRoute(readTimes, { query });
  if (data === undefined) return <NotYet error={error} again={() => void refetch()} />;
  if (data.distributions.length === 0) return NONE;
  return (
    <>
      <p className="q">From when it was detected. Each dot is an incident, the line its median.</p>
      <Strips distributions={data.distributions} points={data.points} />
      <Table
        caption="The same as numbers"
        head={[
          "Time to",
          "Severity",
          "Count",
          "Median",
          "90 % within",
          "Longest",
          "Open",
          "Invalid",
        ]}
      >
        {data.distributions.map((row) => (
          <tr key={`${row.kind} ${row.severity}`}>
            <td>{row.kind}</td>
            <td>
              <Severity severity={row.severity} />
            </td>
            <td>{row.count}</td>
            <td>{length(row.medianMs)}</td>
            <td>{length(row.p90Ms)}</td>
            <td>{length(row.longestMs)}</td>
            <td>{row.open}</td>
            <td className={row.invalid > 0 ? "redink" : ""}>{row.invalid}</td>
          </tr>
        ))}
      </Table>
      {data.cut ? <p className="amberink">Only the newest 10 000 incidents are counted.</p> : null}
      {data.invalid.length === 0 ? null : (
        <Table
          caption="Invalid timestamps, in no number above"
          head={["Incident", "Declared", "Time to", "What is wrong"]}
        >
          {data.invalid.slice(0, 200).map((row) => (
            <tr key={`${row.incident} ${row.kind}`}>
              <td>
                <Link to="/incidents/$id" params={{ id: row.incident }}>
                  {row.incident}
                </Link>{" "}
                {row.title}
              </td>
              <td>
                <Time iso={row.declaredAt} />
              </td>
              <td>{row.kind}</td>
              <td className="redink">{row.because}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}

function Promises({ query }: { query: Query }) {
  const { data, error, refetch } = useRoute(readPromises, { query });
  if (data === undefined) return <NotYet error={error} again={() => void refetch()} />;
  if (data.rows.length === 0) return NONE;
  return (
    <>
      <p className="q">
        Of the promises that are over. Late: kept after its time. Missed: not kept yet, its time
        over.
      </p>
      <Table
        caption="Promises by severity"
        head={["Severity", "Promise", "Kept", "", "Late", "Missed", "Still running"]}
      >
        {data.rows.map((row) => {
          const over = row.kept + row.late + row.missed;
          return (
            <tr key={`${row.severity} ${row.kind}`}>
              <td>
                <Severity severity={row.severity} />
              </td>
              <td>{capital(row.kind)}</td>
              <td>
                {over === 0
                  ? "none is over"
                  : `${row.kept} of ${over} (${Math.round((100 * row.kept) / over)} %)`}
              </td>
              <td>
                <Bar part={over === 0 ? 0 : row.kept / over} />
              </td>
              <td>{row.late}</td>
              <td className={row.missed > 0 ? "redink b" : ""}>{row.missed}</td>
              <td>{row.running}</td>
            </tr>
          );
        })}
      </Table>
    </>
  );
}

function Pages({ query }: { query: Query }) {
  const { data, error, refetch } = useRoute(readPageCounts, { query });
  if (data === undefined) return <NotYet error={error} again={() => void refetch()} />;
  if (data.rows.length === 0) return <p className="empty">Nobody was paged in this span.</p>;
  const most = Math.max(...data.rows.map(({ pages }) => pages));
  return (
    <>
      <p className="q">
        Several messages of one page count once. Night is from {data.night.from}:00 to 0
        {data.night.to}:00 where the person is.
      </p>
      <Table
        caption="Pages by person"
        head={["Person", "Pages", "", "At night", "Nights", "Acknowledged", "Zone"]}
      >
        {data.rows.map((row) => (
          <tr key={row.person}>
            <td className="b">{row.name}</td>
            <td>{row.pages}</td>
            <td>
              <Bar part={row.pages / most} dark={row.atNight / most} />
            </td>
            <td>{row.atNight}</td>
            <td>{row.nights}</td>
            <td>{row.acknowledged}</td>
            <td className="qq">{row.zone}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}

function Rules({ query }: { query: Query }) {
  const { data, error, refetch } = useRoute(readNoisyRules, { query });
  if (data === undefined) return <NotYet error={error} again={() => void refetch()} />;
  if (data.rows.length === 0)
    return <p className="empty">No rule declared an incident in this span that you may see.</p>;
  return (
    <>
      <p className="q">
        Acted: a person did more than acknowledge or cancel it. A rule that pages often and leads to
        nothing wakes people for nothing.
      </p>
      <Table
        caption="Rules, the noisiest first"
        head={["Rule", "In short", "Incidents", "False alarms", "Where it stands"]}
      >
        {data.rows.map((row) => (
          <tr key={row.rule}>
            <td className="b">{row.rule}</td>
            <td className={row.paged > 3 && row.acted * 4 < row.paged ? "amberink b" : ""}>
              paged {row.paged}, acted {row.acted}
            </td>
            <td>{row.incidents}</td>
            <td>{row.falseAlarms}</td>
            <td className="mono">{row.source}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}

/** A length beside its number; the dark part is of it. */
function Bar({ part, dark = 0 }: { part: number; dark?: number }) {
  return (
    <svg className="bar" viewBox="0 0 120 10" aria-hidden="true">
      <rect className="all" width={120} height={10} />
      <rect className="part" width={120 * part} height={10} />
      <rect className="dark" width={120 * dark} height={10} />
    </svg>
  );
}

function Table(props: {
  readonly caption: string;
  readonly head: readonly string[];
  readonly children: React.ReactNode;
}) {
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label={props.caption}>
      <table>
        <caption>{props.caption}</caption>
        <thead>
          <tr>
            {props.head.map((word, index) =>
              word === "" ? (
                <td key={`${index}`} />
              ) : (
                <th key={word} scope="col">
                  {word}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </div>
  );
}
