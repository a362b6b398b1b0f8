/** The column one acts in: the form of the verb at hand, the runbook, the words to stakeholders, what closing asks for. */
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { AcceptancePiece, IncidentDetail } from "../../contract/incident.ts";
import { getRun, listRuns } from "../../contract/run.ts";
import { useMe, useNames } from "../app/me.ts";
import { useRoute } from "../kit/client.ts";
import { Icon } from "../kit/icons.tsx";
import { useTogether } from "../kit/media.ts";
import { useNow } from "../kit/now.ts";
import { Button, Time } from "../kit/parts.tsx";
import { capital, inReadersTime, listText } from "../kit/time.ts";
import { IncidentRuns } from "../runbook/IncidentRuns.tsx";
import { ofIncident, type RunSearch, shownRun } from "../runbook/runsOf.ts";
import { VerbForm } from "./VerbForm.tsx";
import { type Verb, verbNamed, whyNot } from "./verbs.ts";
import { later, said, t, tParts } from "../kit/words.ts";
import { recordedSaid } from "./timelineView.ts";

type ActProps = {
  readonly incident: IncidentDetail;
  readonly open: Verb | null;
  readonly begin: (verb: Verb) => void;
  readonly leave: () => void;
  readonly run: RunSearch;
  readonly look: (change: RunSearch) => void;
};

export function Act({ incident, open, begin, leave, run, look }: ActProps) {
  const column = useRef<HTMLElement>(null);
  useEffect(() => {
    if (open !== null) column.current?.scrollTo({ top: 0 });
  }, [open]);
  // A runbook is long, and all else stands below it.
  const runs = useRoute(listRuns, ofIncident(incident.id));
  const shown = shownRun(runs.data?.items ?? [], run.run)?.id ?? "";
  const shownsAnswer = useRoute(getRun, { params: { id: shown } }, { enabled: shown !== "" });
  const stands = useTogether(runs.isPending, shown !== "" && shownsAnswer.isPending);
  return (
    <section className="col act-col" aria-label={t("Runbook and verbs")} ref={column}>
      {open === null ? null : (
        <VerbForm key={open.name} verb={open} incident={incident} onDone={leave} />
      )}
      {stands ? (
        <>
          <IncidentRuns incident={incident} chosen={run} choose={look} />
          <Updates incident={incident} begin={begin} />
          <Gate incident={incident} begin={begin} />
          <Cause incident={incident} begin={begin} />
        </>
      ) : null}
    </section>
  );
}

function Updates({ incident, begin }: Pick<ActProps, "incident" | "begin">) {
  const me = useMe();
  const names = useNames();
  const verb = verbNamed("update");
  const updates = incident.statusUpdates.toReversed();
  return (
    <section className="sec" aria-label={t("Status updates")}>
      <header>
        <h2>{t("Status updates")}</h2>
        <span className="qq t13">{updates.length === 0 ? t("none yet") : updates.length}</span>
        <span className="grow" />
        <Button
          small
          letter={verb.key}
          because={whyNot(verb, incident, me)}
          onClick={() => begin(verb)}
        >
          {said(verb.label)}
        </Button>
      </header>
      {updates.length === 0 ? (
        <p className="t13 q">{t("Stakeholders have been told nothing since the declaration.")}</p>
      ) : null}
      {updates.slice(0, 5).map((update) => (
        <article key={update.id} className="update">
          <p className="t12 qq">
            {tParts("{time} to {list}", {
              time: <Time iso={update.at} />,
              list: listText(update.audiences.map(names.audience)),
            })}
          </p>
          <p>{update.text}</p>
        </article>
      ))}
      {updates.length > 5 ? (
        <p className="t12 qq">
          {t("{count} earlier ones on the timeline", { count: updates.length - 5 })}
        </p>
      ) : null}
    </section>
  );
}

/** The verb that supplies a piece. */
const SUPPLY: Readonly<Record<AcceptancePiece, string>> = {
  containment: "record",
  verification: "record",
  evidence: "record",
  stakeholders: "update",
  "root cause": "root-cause",
  lessons: "record",
};

const ASKS: Readonly<Record<AcceptancePiece, string>> = {
  containment: later("Contained in time, or the breach explained"),
  verification: later("Restored and verified: metrics normal, no reports"),
  evidence: later("What was preserved, and where"),
  stakeholders: later("Stakeholders told"),
  "root cause": later("Root cause written"),
  lessons: later("A published postmortem with an assigned action item"),
};

export function Gate({
  incident,
  begin,
  isPage = false,
}: Pick<ActProps, "incident" | "begin"> & { readonly isPage?: boolean }) {
  const me = useMe();
  const now = useNow();
  const pieces = incident.acceptance.filter(({ needed, text }) => needed || text !== null);
  if (pieces.length === 0) return null;
  const missing = pieces.filter(({ needed, text }) => needed && text === null).length;
  return (
    <section className="sec" aria-label={t("To close it")}>
      <header>
        <h2>{t("To close it")}</h2>
        <span className="qq t13">
          {missing === 0
            ? t("everything is there")
            : t("{missing} of {count} missing", { missing, count: pieces.length })}
        </span>
        <span className="grow" />
        {isPage ? null : (
          <Link to="/incidents/$id/close" params={{ id: incident.id }} className="t13">
            {t("As a page")}
          </Link>
        )}
        <Link to="/incidents/$id/print" params={{ id: incident.id }} className="t13">
          {t("On paper")}
        </Link>
      </header>
      <ul>
        {pieces.map((piece) => {
          const verb = verbNamed(SUPPLY[piece.piece]);
          const here = piece.text !== null;
          return (
            <li key={piece.piece} className={here ? "gate there" : "gate"}>
              {here ? <Icon name="check" small /> : <span className="ring" aria-hidden="true" />}
              <span>
                <b>{capital(said(piece.piece))}</b>
                {here ? null : <span className="only-read"> {t("is missing")}</span>}
                {piece.overridden ? ` ${t("(closed without it)")}` : ""}
                <span className="t12 q said-piece">
                  {here
                    ? inReadersTime(recordedSaid("acceptance recorded", piece.text ?? ""), { now })
                    : said(ASKS[piece.piece])}
                </span>
              </span>
              {here || piece.piece === "containment" ? null : piece.piece === "lessons" ? (
                incident.resolvedAt === null ? null : (
                  <Link
                    className="btn sm"
                    to="/postmortems/$id"
                    params={{ id: incident.id }}
                    search={{ section: "action-items" }}
                  >
                    {t("Open the postmortem")}
                  </Link>
                )
              ) : (
                <Button small because={whyNot(verb, incident, me)} onClick={() => begin(verb)}>
                  {verb.name === "record"
                    ? t("Record it")
                    : verb.name === "update"
                      ? t("Tell them")
                      : t("Write it")}
                  <span className="only-read">: {said(piece.piece)}</span>
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

const CAUSES = {
  whatHappened: later("What happened"),
  immediate: later("Immediate"),
  contributing: later("Contributing"),
  underlying: later("Underlying"),
} as const;

function Cause({ incident }: Pick<ActProps, "incident" | "begin">) {
  const known = Object.entries(CAUSES).filter(
    ([key]) => (incident.rootCause[key as keyof typeof CAUSES] ?? "") !== "",
  );
  if (known.length === 0) return null;
  return (
    <section className="sec" aria-label={t("Root cause")}>
      <header>
        <h2>{t("Root cause")}</h2>
      </header>
      {known.map(([key, name]) => (
        <div key={key} className="cause">
          <h3>{said(name)}</h3>
          <p>{incident.rootCause[key as keyof typeof CAUSES]}</p>
        </div>
      ))}
    </section>
  );
}
