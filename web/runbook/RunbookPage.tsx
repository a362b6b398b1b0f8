/** A runbook: the document as written, the plan it gives, what is wrong with it. One selection for all three. */
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { getRunbook, reviewRunbook, type RunbookDetail } from "../../contract/published.ts";
import { may, useMe, useNames } from "../app/me.ts";
import { useRoute, useSend } from "../kit/client.ts";
import { useKeys } from "../kit/keys.ts";
import { Button, RefusedLine, Time, NotYet } from "../kit/parts.tsx";
import { useTitle } from "../kit/title.ts";
import { Bindings } from "./Bindings.tsx";
import { DocumentView } from "./DocumentView.tsx";
import { Findings } from "./Findings.tsx";
import { PlanView } from "./PlanView.tsx";
import { givesOf } from "./Runbooks.tsx";
import { StartRun } from "./StartRun.tsx";
import { Versions } from "./Versions.tsx";
import "../incident/room.css";
import "./runbooks.css";
import { t, tParts } from "../kit/words.ts";

const route = getRouteApi("/runbooks/$name");

export type RunbookSearch = {
  readonly version?: string | undefined;
  /** The step, phase or finding that is looked at. */
  readonly at?: string | undefined;
  readonly part?: "bindings" | "versions" | "start" | undefined;
};

export function RunbookPage() {
  const { name } = route.useParams();
  const { version } = route.useSearch();
  const { data, error, refetch } = useRoute(getRunbook, {
    params: { id: name },
    query: { digest: version },
  });
  useTitle(data?.title ?? name);
  if (data !== undefined) return <Book book={data} key={data.digest} />;
  return <NotYet title={name} what={name} error={error} again={() => void refetch()} />;
}

function Book({ book }: { book: RunbookDetail }) {
  const { at: selected, part, version } = route.useSearch();
  const navigate = useNavigate();
  const me = useMe();
  const go = (change: RunbookSearch): void =>
    void navigate({
      to: "/runbooks/$name",
      params: { name: book.id },
      search: (old: RunbookSearch) => ({ ...old, ...change }),
      replace: true,
    });
  const select = (at: string): void => go({ at: at === selected ? undefined : at });
  const toggle = (what: NonNullable<RunbookSearch["part"]>): void =>
    go({ part: part === what ? undefined : what });
  useKeys([
    { keys: "C", what: t("Compare versions"), run: () => toggle("versions") },
    { keys: "B", what: t("Bindings"), run: () => toggle("bindings") },
    { keys: "R", what: t("Start a run"), run: () => toggle("start") },
  ]);
  const denied = may(me, "runbooks.run", book.owner ?? "any")
    ? null
    : t("This needs the right “runbooks.run”.");
  const nothing = book.plans.length === 0 ? t("Nothing in this document can be run.") : null;
  return (
    <main className="book">
      <section className="book-head" aria-label={book.title}>
        <div className="title">
          <h1>{book.title}</h1>
          <span className="q t13 path-of">{book.source.path}</span>
          <span className="chip">{t("version {version}", { version: book.version })}</span>
          <span className="chip mono" title={book.digest}>
            {book.digest.slice(0, 8)}
          </span>
          {version === undefined ? null : (
            <Link to="/runbooks/$name" params={{ name: book.id }} className="t13">
              {t("to the version in use")}
            </Link>
          )}
          <span className="grow" />
          <span className="verbs">
            <Button
              letter="B"
              aria-expanded={part === "bindings"}
              onClick={() => toggle("bindings")}
            >
              {t("Bindings")}
            </Button>
            <Button
              letter="C"
              aria-expanded={part === "versions"}
              onClick={() => toggle("versions")}
            >
              {t("Compare versions")}
            </Button>
            <Link className="btn" to="/runbooks/$name/print" params={{ name: book.id }}>
              {t("Print")}
            </Link>
            <Button
              look="do"
              letter="R"
              because={nothing ?? denied}
              aria-expanded={part === "start"}
              onClick={() => toggle("start")}
            >
              {t("Start a run")}
            </Button>
          </span>
        </div>
        <Clocks book={book} />
        {part === "start" ? (
          <div className="book-part">
            <StartRun
              incident={null}
              runbook={book.id}
              because={nothing ?? denied}
              onStarted={({ id }) => void navigate({ to: "/runs/$id", params: { id } })}
            />
          </div>
        ) : null}
        {part === "versions" ? <Versions id={book.id} digest={book.digest} /> : null}
        {part === "bindings" ? <Bindings book={book} /> : null}
      </section>
      <div className="book-cols">
        <DocumentView book={book} selected={selected} select={select} />
        <PlanView book={book} selected={selected} select={select} />
        <Findings
          book={book}
          selected={selected}
          select={select}
          open={() => go({ part: "bindings" })}
        />
      </div>
    </main>
  );
}

/** Three clocks, kept apart: read, exercised, moved. */
function Clocks({ book }: { book: RunbookDetail }) {
  const names = useNames();
  const [said, setSaid] = useState(false);
  const send = useSend(reviewRunbook, (queries, reply) => {
    queries.setQueryData([getRunbook.path, { id: book.id }, {}], reply);
    setSaid(true);
  });
  const read = book.freshness.flatMap(({ readAt }) => readAt ?? []).toSorted();
  const exercised = book.freshness.flatMap(({ exercisedAt }) => exercisedAt ?? []).toSorted();
  const never = book.freshness.filter(({ exercisedAt }) => exercisedAt === null).length;
  const unread = book.freshness.filter(({ readAt }) => readAt === null).length;
  const moved = [...new Set(book.freshness.flatMap((step) => step.moved.map(({ what }) => what)))];
  const [firstRead] = read;
  const lastExercised = exercised.at(-1);
  return (
    <p className="sum">
      <span>
        {tParts("{givesOf}, owner {part}", {
          givesOf: givesOf(book),
          part:
            book.owner === null ? <b className="redink">{t("nobody")}</b> : names.team(book.owner),
        })}
      </span>
      <span>
        <b>{t("Read")}</b>{" "}
        {firstRead === undefined ? (
          t("never")
        ) : (
          <>
            {tParts("since {time}", { time: <Time iso={firstRead} /> })}
            {unread === 0 ? "" : t("; {unread} steps never", { unread })}
          </>
        )}
        {book.claimedReview === null ? null : (
          <span className="qq">
            {" "}
            {t("(the document claims {claimedReview})", { claimedReview: book.claimedReview })}
          </span>
        )}
      </span>
      <span>
        <b>{t("Exercised")}</b>{" "}
        {lastExercised === undefined ? (
          t("never")
        ) : (
          <>
            <Time iso={lastExercised} />
            {never === 0 ? "" : t("; {never} steps never", { never })}
          </>
        )}
      </span>
      {moved.length === 0 ? null : (
        <span className="amberink">
          <b>{t("Moved")}</b> {moved.join(", ")}
        </span>
      )}
      {book.stale ? <span className="chip warn">{t("nobody has read it for long")}</span> : null}
      <span>
        <Button
          small
          onClick={() => send.mutate({ params: { id: book.id }, body: { digest: book.digest } })}
        >
          {said ? t("Noted") : t("I have read it")}
        </Button>
      </span>
      <RefusedLine error={send.error} />
    </p>
  );
}
