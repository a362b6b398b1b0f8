/** What lies near an incident: what was changed before it, and the incidents around it and before. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type ChangeView, listIncidentChanges } from "../../contract/deployment.ts";
import { listRelated, type RelatedIncident } from "../../contract/related.ts";
import type { Sentence } from "../../contract/route.ts";
import { useRoute } from "../kit/client.ts";
import { Button, Time } from "../kit/parts.tsx";
import { said, t, toldBy, tParts } from "../kit/words.ts";
import { Severity } from "./marks.tsx";

/** The likeliest; the others are a press away. */
const FIRST = 4;

type Near = ChangeView & {
  readonly because: string;
  readonly becauseSaid?: Sentence | undefined;
};

export function Changes({ id }: { id: string }) {
  const [whole, setWhole] = useState(false);
  const { data } = useRoute(listIncidentChanges, { params: { id } });
  if (data === undefined) return null;
  const shown = whole ? data.changes : data.changes.slice(0, FIRST);
  return (
    <section className="sec" aria-label={t("Changes")}>
      <header>
        <h2>{t("Changes")}</h2>
        <span className="qq t13">{t("likeliest cause first")}</span>
      </header>
      {data.changes.length === 0 ? (
        <p className="t13 q">
          {t("Nothing that it needs was changed in the day before, as far as tools told.")}
        </p>
      ) : (
        <ol className="near">
          {shown.map((change) => (
            <Change key={change.id} change={change} />
          ))}
        </ol>
      )}
      {whole || data.changes.length <= FIRST ? null : (
        <Button look="bare" small onClick={() => setWhole(true)}>
          {t("{count} more", { count: data.changes.length - FIRST })}
        </Button>
      )}
    </section>
  );
}

function Change({ change }: { change: Near }) {
  const { title, link, version, status, by, because, becauseSaid, at, tool } = change;
  const isBad = status === "failed" || status === "cancelled";
  return (
    <li>
      <span className="near-title">
        {link === null ? (
          <span>{title}</span>
        ) : (
          <a href={link} target="_blank" rel="noreferrer">
            {title}
          </a>
        )}
        {version === null ? null : <span className="mono t12 q"> {version.slice(0, 12)}</span>}
        {isBad ? <span className="redink t12"> {said(status)}</span> : null}
      </span>
      <span className="t12 q">{toldBy(becauseSaid, because)}</span>
      <span className="t12 qq">
        <Time iso={at} />
        {by === null ? "" : `, ${by}`}, {tool}
      </span>
    </li>
  );
}

export function Related({ id }: { id: string }) {
  const { data } = useRoute(listRelated, { params: { id } });
  if (data === undefined) return null;
  return (
    <section className="sec" aria-label={t("Related incidents")}>
      <header>
        <h2>{t("Related incidents")}</h2>
      </header>
      {data.incidents.length === 0 ? (
        <p className="t13 q">{t("None around it, and none like it in half a year.")}</p>
      ) : (
        <ul className="near">
          {data.incidents.map((each) => (
            <Incident key={each.id} incident={each} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Incident({ incident }: { incident: RelatedIncident }) {
  const { id, title, severity, because, becauseSaid, cause } = incident;
  const burns = because.startsWith("burns");
  return (
    <li>
      <span className="near-title">
        <Severity severity={severity} />{" "}
        <Link to="/incidents/$id" params={{ id }}>
          {id} {title}
        </Link>
      </span>
      <span className={burns ? "t12 redink" : "t12 q"}>{toldBy(becauseSaid, because)}</span>
      {cause === null ? null : (
        <span className="t12 q clamp" title={cause}>
          {tParts("It was: {cause}", { cause })}
        </span>
      )}
    </li>
  );
}
