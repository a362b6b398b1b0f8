/** The library: what is published, who owns it, what acts in it, and whether anybody has read it lately. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { listRunbooks, listSources, type Runbook } from "../../contract/published.ts";
import { useNames } from "../app/me.ts";
import { useRoute } from "../kit/client.ts";
import { Icon } from "../kit/icons.tsx";
import { AskAgain, Button, Time, Waiting } from "../kit/parts.tsx";
import { useTitle } from "../kit/title.ts";
import { counted } from "../kit/time.ts";
import { BringDocument } from "./BringDocument.tsx";
import "./runbooks.css";
import { said, t, tParts } from "../kit/words.ts";

export function Runbooks() {
  useTitle(t("Runbooks"));
  const [bringing, setBringing] = useState(false);
  const { data, error, refetch } = useRoute(listRunbooks, { query: { limit: 500 } });
  const stale = data?.items.filter((each) => each.stale).length ?? 0;
  return (
    <main className="page">
      <header className="row wrap">
        <h1>
          {data === undefined
            ? t("Runbooks")
            : `${counted(data.items.length, "runbook")}${stale === 0 ? "" : t(", {stale} unread for long", { stale })}`}
        </h1>
        <span className="grow" />
        <Button look={bringing ? undefined : "do"} onClick={() => setBringing(!bringing)}>
          {bringing ? t("Leave") : t("Bring a document")}
        </Button>
      </header>
      {bringing ? <BringDocument /> : null}
      {error === null ? null : <AskAgain error={error} again={() => void refetch()} />}
      {data === undefined && error === null ? <Waiting what={t("the runbooks")} /> : null}
      {data?.items.length === 0 ? (
        <p className="empty">
          {tParts(
            "No runbook yet. Bring the Markdown document that your team has, or {part}. It is read as it is and never rewritten.",
            { part: <span className="mono">{t("./bin/tocsin runbook publish file.md")}</span> },
          )}
        </p>
      ) : null}
      {data === undefined || data.items.length === 0 ? null : <Library items={data.items} />}
      <Sources />
    </main>
  );
}

function Library({ items }: { items: readonly Runbook[] }) {
  const names = useNames();
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label={t("Published runbooks")}>
      <table className="stacked">
        <thead>
          <tr>
            <th scope="col">{t("Runbook")}</th>
            <th scope="col">{t("Gives")}</th>
            <th scope="col">{t("Acts")}</th>
            <th scope="col">{t("Findings")}</th>
            <th scope="col">{t("Owner")}</th>
            <th scope="col">{t("Version")}</th>
            <th scope="col">{t("To be read by")}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((each) => (
            <tr key={each.id}>
              <td className="line">
                <Link to="/runbooks/$name" params={{ name: each.id }} className="b serif">
                  {each.title}
                </Link>
                <br />
                <span className="qq t12">
                  {each.source.path}, {said(each.source.kind)}
                </span>
              </td>
              <td>{givesOf(each)}</td>
              <td>
                {each.bound === 0 ? (
                  <span className="qq">{t("all by hand")}</span>
                ) : (
                  t("{bound} bound", { bound: each.bound })
                )}
                {each.suspended === 0 ? null : (
                  <span className="amberink">
                    {" "}
                    {t("{suspended} suspended", { suspended: each.suspended })}
                  </span>
                )}
              </td>
              <td data-what={t("Findings")}>
                <FindingCounts runbook={each} />
              </td>
              <td data-what={t("Owner")}>
                {each.owner === null ? (
                  <span className="redink b">{t("nobody")}</span>
                ) : (
                  names.team(each.owner)
                )}
              </td>
              <td data-what={t("Version")}>
                {each.version}{" "}
                <span className="qq">
                  <Time iso={each.publishedAt} />
                </span>
              </td>
              <td data-what={t("To be read by")}>
                {each.stale ? (
                  <span className="chip warn">
                    <Icon name="warning" small />
                    {tParts("over since {time}", { time: <Time iso={each.reviewDueAt} /> })}
                  </span>
                ) : (
                  <Time iso={each.reviewDueAt} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What is wrong with it, worst first, and the way there. */
function FindingCounts({ runbook: { id, findings } }: { runbook: Runbook }) {
  const { error, warning, info } = findings;
  if (error + warning + info === 0) return <span className="qq">{t("none")}</span>;
  return (
    <Link to="/runbooks/$name" params={{ name: id }}>
      {error === 0 ? null : <b className="redink">{t("{count} errors", { count: error })} </b>}
      {warning === 0 ? null : (
        <span className="amberink">{t("{count} warnings", { count: warning })} </span>
      )}
      {info === 0 ? null : <span className="q">{t("{count} notes", { count: info })}</span>}
    </Link>
  );
}

export function givesOf(runbook: Pick<Runbook, "plans" | "checklists" | "kind">): string {
  const steps = runbook.plans.reduce((sum, plan) => sum + plan.steps, 0);
  const parts = [
    runbook.plans.length === 0
      ? null
      : `${counted(runbook.plans.length, "plan")}, ${counted(steps, "step")}`,
    runbook.checklists.length === 0 ? null : counted(runbook.checklists.length, "checklist"),
  ].filter((part) => part !== null);
  return parts.length === 0
    ? t("{kind}, nothing to run", { kind: said(runbook.kind) })
    : parts.join(", ");
}

/** Folders and repositories that are looked at by themselves, and what of them failed. */
function Sources() {
  const { data } = useRoute(listSources);
  if (data === undefined || data.items.length === 0) return null;
  return (
    <section aria-label={t("Sources")} className="lower">
      <h2>{t("Where they come from")}</h2>
      <ul>
        {data.items.map((source) => (
          <li key={source.id} className="t13">
            <b>{source.id}</b> {source.type}
            {source.lookedAt === null ? (
              t(", not looked at yet")
            ) : (
              <>{tParts(", looked at {time}", { time: <Time iso={source.lookedAt} /> })}</>
            )}
            {source.commit === null ? null : (
              <span className="mono"> {source.commit.slice(0, 10)}</span>
            )}
            {source.failure === null ? null : <span className="redink"> {source.failure}</span>}
            {source.refused.map(({ path, because }) => (
              <p key={path} className="redink">
                {path}: {because}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
