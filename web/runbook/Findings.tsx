/** What is wrong with a document, and what it only suggests; each at its line. */
import { useMemo } from "react";
import { getRunbookPage, type PageMark } from "../../contract/published.ts";
import { useRoute } from "../kit/client.ts";
import { Icon } from "../kit/icons.tsx";
import { Button } from "../kit/parts.tsx";
import { capital, counted } from "../kit/time.ts";
import { type Looking, nameOf } from "./DocumentView.tsx";
import { markLabel, markName } from "./markWords.ts";
import { said, t, toldBy, tParts } from "../kit/words.ts";

export function Findings(props: Looking & { readonly open: () => void }) {
  const { book, selected, select, open } = props;
  const { data } = useRoute(getRunbookPage, {
    params: { id: book.id },
    query: { digest: book.digest },
  });
  const suggestions = useMemo(() => suggestionsOf(data?.marks ?? []), [data]);
  const count = (level: string): number =>
    book.findings.filter((each) => each.level === level).length;
  const row = (name: string): string => (selected === name ? "finding on" : "finding");
  return (
    <section className="col findings-col" aria-label={t("Findings")}>
      <div className="ch">
        <h2>{t("Findings")}</h2>
        <span className="grow" />
        <span className="qq t13">
          {counted(count("error"), "error")}, {counted(count("warning"), "warning")},{" "}
          {counted(suggestions.length, "suggestion")}
        </span>
      </div>
      <ul>
        {suggestions.map((mark) => (
          <li key={mark.id} className={`${row(nameOf(mark))} suggestion`}>
            <Icon name="pen" small />
            <div>
              <button type="button" className="link b" onClick={() => select(nameOf(mark))}>
                {t("Suggestion, line {line}", { line: mark.line })}
              </button>
              <p>
                {tParts("{word} “{label}”: {text}. {word2}, not certain.", {
                  word: markName(mark.kind),
                  label: markLabel(mark),
                  text: <span lang="en">{mark.reason.replace(/\.$/, "")}</span>,
                  word2: capital(said(mark.confidence)),
                })}
              </p>
              <Button small onClick={open}>
                {t("Accept it in the sidecar")}
              </Button>
            </div>
          </li>
        ))}
        {book.findings.map((each) => (
          <li
            key={`${each.code} ${each.file} ${each.line} ${each.message}`}
            className={row(`${each.code}:${each.line}`)}
          >
            <Icon name={each.level === "info" ? "eye" : "warning"} small />
            <div>
              <button
                type="button"
                className={`link b ${each.level === "error" ? "redink" : ""}`}
                onClick={() => select(`${each.code}:${each.line}`)}
              >
                {t("{word} {code}, line {line}", {
                  word: capital(said(each.level)),
                  code: each.code,
                  line: each.line,
                })}
              </button>
              <p>{toldBy(each.said, each.message)}</p>
            </div>
          </li>
        ))}
        <li className="finding">
          <Icon name="seal" small />
          <div>
            <b>{t("What may run")}</b>
            <p>
              {tParts(
                "Only its sidecar grants it{part}. The document can take automation away, never add it.",
                { part: book.owner === null ? "" : t(", owned by {owner}", { owner: book.owner }) },
              )}
            </p>
          </div>
        </li>
      </ul>
    </section>
  );
}

/** What was read without being certain, one for each thing. */
function suggestionsOf(marks: readonly PageMark[]): readonly PageMark[] {
  const seen = new Set<string>();
  return marks.filter((mark) => {
    const key = `${mark.kind} ${nameOf(mark)} ${mark.label}`;
    if (mark.confidence === "certain" || mark.kind === "metadata" || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
