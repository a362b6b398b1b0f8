/** The document as its team wrote it, with its line numbers; what was read in it is marked on its words. */
import { useEffect, useMemo, useRef } from "react";
import { getRunbookPage, type PageMark, type RunbookDetail } from "../../contract/published.ts";
import { useRoute } from "../kit/client.ts";
import { AskAgain, Waiting } from "../kit/parts.tsx";
import { markLabel, markName } from "./markWords.ts";
import { t } from "../kit/words.ts";

export type Looking = {
  readonly book: RunbookDetail;
  readonly selected: string | undefined;
  readonly select: (at: string) => void;
};

/** Kinds with a line style of their own; all others are only found by a click. */
const STYLES = {
  step: "read",
  trigger: "read",
  role: "role",
  deadline: "clock",
  guard: "guard",
  finding: "finding",
} as const;

export function DocumentView({ book, selected, select }: Looking) {
  const box = useRef<HTMLDivElement>(null);
  const { data, error, refetch } = useRoute(getRunbookPage, {
    params: { id: book.id },
    query: { digest: book.digest },
  });
  const marks = useMemo(() => new Map(data?.marks.map((mark) => [mark.id, mark])), [data]);
  // One object for one text: what was marked in it is not thrown away when the selection changes.
  const html = useMemo(() => ({ __html: data?.html ?? "" }), [data]);
  useEffect(() => {
    for (const span of spansOf(box.current)) {
      const own = marksOf(span, marks);
      for (const { kind, confidence } of own) {
        const style = STYLES[kind as keyof typeof STYLES];
        if (style !== undefined) span.classList.add(`mk-${style}`);
        if (confidence !== "certain") span.classList.add("mk-suggestion");
      }
      const [inner] = own.toReversed();
      if (inner !== undefined)
        span.title = `${markName(inner.kind)}: ${markLabel(inner)}. ${inner.reason}`;
    }
  }, [marks, html]);
  useEffect(() => {
    let first: HTMLElement | null = null;
    for (const span of spansOf(box.current)) {
      const on =
        selected !== undefined && marksOf(span, marks).some((mark) => nameOf(mark) === selected);
      span.classList.toggle("on", on);
      if (on) first ??= span;
    }
    first?.scrollIntoView({ block: "nearest" });
  }, [selected, marks, html]);
  return (
    <section className="col doc-col" aria-label={t("As written")}>
      <div className="ch">
        <h2>{t("As written")}</h2>
        <span className="qq t13">{t("never rewritten")}</span>
        <span className="grow" />
        <span className="legend t12" aria-hidden="true">
          <span className="mk-read">{t("was read")}</span>{" "}
          <span className="mk-role">{t("role")}</span>{" "}
          <span className="mk-clock">{t("clock")}</span>{" "}
          <span className="mk-suggestion">{t("suggestion")}</span>{" "}
          <span className="mk-finding">{t("finding")}</span>
        </span>
      </div>
      {error === null ? null : <AskAgain error={error} again={() => void refetch()} />}
      {data === undefined && error === null ? <Waiting what={t("the document")} /> : null}
      <div
        ref={box}
        className="doc serif"
        tabIndex={0}
        role="document"
        aria-label={book.source.path}
        onClick={(event) => {
          const span = (event.target as HTMLElement).closest<HTMLElement>("[data-marks]");
          const [inner] = span === null ? [] : marksOf(span, marks).toReversed();
          if (inner !== undefined) select(nameOf(inner));
        }}
        onKeyDown={() => undefined}
        dangerouslySetInnerHTML={html}
      />
    </section>
  );
}

const spansOf = (box: HTMLElement | null): readonly HTMLElement[] => [
  ...(box?.querySelectorAll<HTMLElement>("[data-marks]") ?? []),
];

const marksOf = (span: HTMLElement, marks: ReadonlyMap<string, PageMark>): readonly PageMark[] =>
  (span.dataset["marks"] ?? "").split(" ").flatMap((id) => marks.get(id) ?? []);

/** Findings are by themselves; everything else belongs to its step or phase. */
export const nameOf = (mark: Pick<PageMark, "kind" | "of" | "label" | "line">): string =>
  mark.kind === "finding" ? `${mark.label}:${mark.line}` : (mark.of ?? mark.label);
