/** Who changed what, and who came in how: the ledger's entries, found by part, person and day. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { AUDIT_PARTS, type AuditEntry, type AuditPart, listAudit } from "../../contract/audit.ts";
import { CONFIG_KINDS } from "../../contract/config.ts";
import { useNames } from "../app/me.ts";
import { call } from "../kit/call.ts";
import { AskAgain, Button, Time, Waiting } from "../kit/parts.tsx";
import { said, t } from "../kit/words.ts";
import { kindName } from "./kindName.ts";

const PART = 100;

const PARTS: Readonly<Record<AuditPart, () => string>> = {
  access: () => t("Access"),
  config: () => t("Configuration"),
  oncall: () => t("On call"),
  silences: () => t("Silences"),
  runbook: () => t("Runbooks"),
};

/** From the first instant of a day to the last of another, as the reader counts days. */
const startOf = (day: string): string | undefined =>
  day === "" ? undefined : new Date(`${day}T00:00`).toISOString();
function endOf(day: string): string | undefined {
  if (day === "") return undefined;
  const date = new Date(`${day}T00:00`);
  date.setDate(date.getDate() + 1);
  return date.toISOString();
}

export function Audit() {
  const names = useNames();
  const [part, setPart] = useState<AuditPart | "">("");
  const [person, setPerson] = useState("");
  const [since, setSince] = useState("");
  const [until, setUntil] = useState("");
  const filter = {
    limit: PART,
    part: part === "" ? undefined : part,
    person: person === "" ? undefined : person,
    since: startOf(since),
    until: endOf(until),
  };
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    {
      queryKey: [listAudit.path, {}, filter],
      queryFn: ({ pageParam }) =>
        call(listAudit, { query: pageParam === null ? filter : { ...filter, cursor: pageParam } }),
      initialPageParam: null as string | null,
      getNextPageParam: ({ next }) => next,
    },
  );
  const entries = data?.pages.flatMap(({ items }) => items);
  return (
    <section className="settings-wide" aria-label={t("Audit trail")}>
      <h2>{t("Audit trail")}</h2>
      <p className="q t13">
        {t(
          "Who came in, and who changed access, configuration, duty, silences and runbooks. Incidents and runs keep timelines of their own.",
        )}
      </p>
      <div className="row wrap audit-filter">
        <select
          className="input fit"
          aria-label={t("Part")}
          value={part}
          onChange={(event) => setPart(event.target.value as AuditPart | "")}
        >
          <option value="">{t("every part")}</option>
          {AUDIT_PARTS.map((each) => (
            <option key={each} value={each}>
              {PARTS[each]()}
            </option>
          ))}
        </select>
        <select
          className="input fit"
          aria-label={t("Person")}
          value={person}
          onChange={(event) => setPerson(event.target.value)}
        >
          <option value="">{t("everybody")}</option>
          {names.directory?.people.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </select>
        <label className="row">
          {t("from")}
          <input
            className="input fit"
            type="date"
            value={since}
            onChange={(event) => setSince(event.target.value)}
          />
        </label>
        <label className="row">
          {t("to")}
          <input
            className="input fit"
            type="date"
            value={until}
            onChange={(event) => setUntil(event.target.value)}
          />
        </label>
      </div>
      {error !== null ? <AskAgain error={error} again={() => void refetch()} /> : null}
      {entries === undefined && error === null ? <Waiting what={t("the audit trail")} /> : null}
      {entries?.length === 0 ? (
        <p className="empty">{t("Nothing was recorded like that.")}</p>
      ) : null}
      {entries === undefined || entries.length === 0 ? null : (
        <table className="stacked">
          <thead>
            <tr>
              <th scope="col">{t("When")}</th>
              <th scope="col">{t("Who")}</th>
              <th scope="col">{t("What")}</th>
              <th scope="col">{t("About")}</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <tr key={entry.id}>
                <td className="nowrap">
                  <Time iso={entry.at} seconds />
                </td>
                <td>
                  <Named of={entry.by} />
                </td>
                <td>{said(entry.action)}</td>
                <td>
                  <Named of={entry.about} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {hasNextPage ? (
        <p>
          <Button onClick={() => void fetchNextPage()}>
            {isFetchingNextPage ? t("Fetching") : t("Older ones")}
          </Button>
        </p>
      ) : null}
    </section>
  );
}

function Named({ of: { kind, id } }: { of: AuditEntry["by"] }) {
  const names = useNames();
  if (kind === "person")
    return <span>{id === null ? t("somebody who is gone") : names.person(id)}</span>;
  if (kind === "engine") return <span>Tocsin</span>;
  if (kind === "token" && id === null) return <span>{t("an administrator by link or code")}</span>;
  if (id === null) return <span>{t("{kind}, gone since", { kind: said(kind) })}</span>;
  if (Object.hasOwn(CONFIG_KINDS, kind))
    return (
      <Link to="/settings/$noun" params={{ noun: kind }} search={{ id }}>
        {kindName(kind)} {id}
      </Link>
    );
  return (
    <span>
      {said(kind)} <span className="mono t12">{id.length > 24 ? `${id.slice(0, 13)}…` : id}</span>
    </span>
  );
}
