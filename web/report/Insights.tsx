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
import { Severity } from "../incident/marks.tsx";
import { addressOf } from "../kit/call.ts";
import { useRoute } from "../kit/client.ts";
import { AskAgain, Time, Waiting } from "../kit/parts.tsx";
import { useTitle } from "../kit/title.ts";
import { capital, DAY, lengthText } from "../kit/time.ts";
import { Strips } from "./Strips.tsx";
import "./insights.css";
import { later, said, t, tParts } from "../kit/words.ts";

const route = getRouteApi("/insights/$topic");

export type InsightsSearch = {
  readonly days?: number | undefined;
  readonly team?: string | undefined;
};

const QUESTIONS: Readonly<Record<InsightTopic, readonly [word: string, question: string]>> = {
  times: [later("How fast"), later("How fast do we acknowledge, mitigate and resolve?")],
  promises: [later("What was kept"), later("Which promises do we keep?")],
  pages: [later("Who was paged"), later("Whom do we wake?")],
  rules: [later("Noisy rules"), later("Which rules page for nothing?")],
};
const DAYS = [7, 30, 90, 365] as const;

export function Insights() {
  const { topic: named } = route.useParams();
  const { days = 90, team } = route.useSearch();
  const names = useNames();
  const navigate = useNavigate();
  const topic =
    (Object.keys(QUESTIONS) as InsightTopic[]).find((each) => each === named) ?? "times";
  const question = said(QUESTIONS[topic][1]);
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
      <nav className="tabs wrap" aria-label={t("Questions")}>
        {(Object.keys(QUESTIONS) as InsightTopic[]).map((each) => (
          <Link
            key={each}
            to="/insights/$topic"
            params={{ topic: each }}
            search={(old) => old}
            className="flt"
            aria-current={each === topic ? "true" : undefined}
          >
            {said(QUESTIONS[each][0])}
          </Link>
        ))}
      </nav>
      <h1>{question}</h1>
      <div className="row wrap t13">
        <span className="tabs" role="group" aria-label={t("Span")}>
          {DAYS.map((each) => (
            <button
              key={each}
              type="button"
              className="flt"
              aria-pressed={each === days}
              onClick={() => go({ days: each === 90 ? undefined : each })}
            >
              {t("{each} days", { each })}
            </button>
          ))}
        </span>
        <label className="row">
          {tParts("Team {map}", {
            map: (
              <select
                className="input narrow"
                value={team ?? ""}
                onChange={(event) => go({ team: event.target.value || undefined })}
              >
                <option value="">{t("all that you may see")}</option>
                {names.directory?.teams.map((each) => (
                  <option key={each.id} value={each.id}>
                    {each.name}
                  </option>
                ))}
              </select>
            ),
          })}
        </label>
        <span className="grow" />
        <a href={addressOf(exportInsights.path, { topic }, query)} download={`${topic}.csv`}>
          {t("These rows as CSV")}
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
  return error === null ? (
    <Waiting what={t("the numbers")} />
  ) : (
    <AskAgain error={error} again={again} />
  );
}

const None = () => <p className="empty">{t("No incident in this span that you may see.")}</p>;
const length = (ms: number | null): string => (ms === null ? t("none") : lengthText(ms));

function Times({ query }: { query: Query }) {
  const { data, error, refetch } = useRoute(readTimes, { query });
  if (data === undefined) return <NotYet error={error} again={() => void refetch()} />;
  if (data.distributions.length === 0) return <None />;
  return (
    <>
      <p className="q">
        {t("From when it was detected. Each dot is an incident, the line its median.")}
      </p>
      <Strips distributions={data.distributions} points={data.points} />
      <Table
        caption={t("The same as numbers")}
        head={[
          t("Time to"),
          t("Severity"),
          t("Count"),
          t("Median"),
          t("90 % within"),
          t("Longest"),
          t("Open"),
          t("Invalid"),
        ]}
      >
        {data.distributions.map((row) => (
          <tr key={`${row.kind} ${row.severity}`}>
            <td className="b lead">{capital(said(row.kind))}</td>
            <td>
              <Severity severity={row.severity} />
            </td>
            <td data-what={t("Count")}>{row.count}</td>
            <td data-what={t("Median")}>{length(row.medianMs)}</td>
            <td data-what={t("90 % within")}>{length(row.p90Ms)}</td>
            <td data-what={t("Longest")}>{length(row.longestMs)}</td>
            <td data-what={t("Open")}>{row.open}</td>
            <td data-what={t("Invalid")} className={row.invalid > 0 ? "redink" : ""}>
              {row.invalid}
            </td>
          </tr>
        ))}
      </Table>
      {data.cut ? (
        <p className="amberink">{t("Only the newest 10 000 incidents are counted.")}</p>
      ) : null}
      {data.invalid.length === 0 ? null : (
        <Table
          caption={t("Invalid timestamps, in no number above")}
          head={[t("Incident"), t("Declared"), t("Time to"), t("What is wrong")]}
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
              <td>{said(row.kind)}</td>
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
  if (data.rows.length === 0) return <None />;
  return (
    <>
      <p className="q">
        {t(
          "Of the promises that are over. Late: kept after its time. Missed: not kept yet, its time over.",
        )}
      </p>
      <Table
        caption={t("Promises by severity")}
        head={[
          t("Severity"),
          t("Promise"),
          t("Kept"),
          "",
          t("Late"),
          t("Missed"),
          t("Still running"),
        ]}
      >
        {data.rows.map((row) => {
          const over = row.kept + row.late + row.missed;
          return (
            <tr key={`${row.severity} ${row.kind}`}>
              <td>
                <Severity severity={row.severity} />
              </td>
              <td className="b lead">{capital(said(row.kind))}</td>
              <td>
                {over === 0
                  ? t("none is over")
                  : t("{kept} of {over} ({round} %)", {
                      kept: row.kept,
                      over,
                      round: Math.round((100 * row.kept) / over),
                    })}
              </td>
              <td>
                <Bar part={over === 0 ? 0 : row.kept / over} />
              </td>
              <td data-what={t("Late")}>{row.late}</td>
              <td data-what={t("Missed")} className={row.missed > 0 ? "redink b" : ""}>
                {row.missed}
              </td>
              <td data-what={t("Still running")}>{row.running}</td>
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
  if (data.rows.length === 0) return <p className="empty">{t("Nobody was paged in this span.")}</p>;
  const most = Math.max(...data.rows.map(({ pages }) => pages));
  return (
    <>
      <p className="q">
        {t(
          "Several messages of one page count once. Night is from {from}:00 to 0{to}:00 where the person is.",
          data.night,
        )}
      </p>
      <Table
        caption={t("Pages by person")}
        head={[
          t("Person"),
          t("Pages"),
          "",
          t("At night"),
          t("Nights"),
          t("Acknowledged"),
          t("Zone"),
        ]}
      >
        {data.rows.map((row) => (
          <tr key={row.person}>
            <td className="b line">{row.name}</td>
            <td data-what={t("Pages")}>{row.pages}</td>
            <td>
              <Bar part={row.pages / most} dark={row.atNight / most} />
            </td>
            <td data-what={t("At night")}>{row.atNight}</td>
            <td data-what={t("Nights")}>{row.nights}</td>
            <td data-what={t("Acknowledged")}>{row.acknowledged}</td>
            <td className="qq" data-what={t("Zone")}>
              {row.zone}
            </td>
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
    return (
      <p className="empty">{t("No rule declared an incident in this span that you may see.")}</p>
    );
  return (
    <>
      <p className="q">
        {t(
          "Acted: a person did more than acknowledge or cancel it. A rule that pages often and leads to nothing wakes people for nothing.",
        )}
      </p>
      <Table
        caption={t("Rules, the noisiest first")}
        head={[t("Rule"), t("In short"), t("Incidents"), t("False alarms"), t("Where it stands")]}
      >
        {data.rows.map((row) => (
          <tr key={row.rule}>
            <td className="b line">{row.rule}</td>
            <td className={row.paged > 3 && row.acted * 4 < row.paged ? "amberink b" : ""}>
              {t("paged {paged}, acted {acted}", { paged: row.paged, acted: row.acted })}
            </td>
            <td data-what={t("Incidents")}>{row.incidents}</td>
            <td data-what={t("False alarms")}>{row.falseAlarms}</td>
            <td className="mono">{said(row.source)}</td>
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
      <table className="stacked">
        <caption>{props.caption}</caption>
        <thead>
          <tr>
            {props.head.map((word, index) =>
              word === "" ? (
                <td key={`${index}`} />
              ) : (
                <th key={word} scope="col">
                  {said(word)}
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
