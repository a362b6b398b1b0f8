/** How a runbook acts: its sidecar, drafted from what its words suggest, tried, and published. */
import { useState } from "react";
import {
  draftSidecar,
  getRunbook,
  getRunbookText,
  getSidecarText,
  publishRunbook,
  type RunbookDetail,
} from "../../contract/published.ts";
import { may, useMe } from "../app/me.ts";
import { useSend } from "../kit/client.ts";
import { Button, RefusedLine } from "../kit/parts.tsx";
import { Report } from "./BringDocument.tsx";
import { useText } from "./useText.ts";
import { t, tParts } from "../kit/words.ts";

export function Bindings({ book }: { book: RunbookDetail }) {
  const me = useMe();
  const of = [{ id: book.id }, { digest: book.digest }] as const;
  const { data: document } = useText(getRunbookText, ...of);
  const { data: sidecar } = useText(getSidecarText, ...of);
  const [written, setWritten] = useState<string | null>(null);
  const draft = useSend(draftSidecar, (_, reply) => setWritten(reply.sidecar));
  const tried = useSend(publishRunbook);
  const publish = useSend(publishRunbook, (queries) => {
    setWritten(null);
    void queries.invalidateQueries({ queryKey: [getRunbook.path] });
  });
  const text = written ?? sidecar ?? "";
  const denied = may(me, "runbooks.publish", book.owner ?? "any")
    ? null
    : t("This needs the right “runbooks.publish”.");
  const elsewhere =
    book.source.kind === "upload" || book.source.kind === "built in"
      ? null
      : t("It comes from {id}: change it there.", { id: book.source.id ?? book.source.kind });
  const because = denied ?? elsewhere ?? (document === undefined ? t("Not read yet.") : null);
  const send = (dryRun: boolean) => ({
    body: {
      id: book.id,
      path: book.source.path,
      document: document ?? "",
      sidecar: text.trim() === "" ? null : text,
      dryRun,
    },
  });
  return (
    <div className="book-part" role="group" aria-label={t("Bindings")}>
      <span className="field">
        <label htmlFor="sidecar">
          {tParts("Sidecar, {text}.tocsin.yaml", { text: book.source.path.replace(/\.\w+$/, "") })}
        </label>
        <textarea
          id="sidecar"
          className="mono"
          rows={14}
          spellCheck={false}
          value={text}
          onChange={(event) => setWritten(event.target.value)}
        />
        <span className="hint">
          {t(
            "A draft proposes; nothing acts before it is published, and each step keeps its own words as its anchor.",
          )}
        </span>
      </span>
      {draft.data === undefined ? null : (
        <ul className="t13 q">
          {draft.data.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <RefusedLine error={draft.error ?? tried.error ?? publish.error} />
      {tried.data === undefined ? null : <Report report={tried.data} />}
      <span className="row wrap">
        <Button
          because={document === undefined ? t("Not read yet.") : null}
          onClick={() =>
            draft.mutate({
              body: {
                path: book.source.path,
                document: document ?? "",
                sidecar: sidecar === "" ? null : (sidecar ?? null),
              },
            })
          }
        >
          {t("Draft from the document")}
        </Button>
        <Button because={because} onClick={() => tried.mutate(send(true))}>
          {t("Try it")}
        </Button>
        <Button look="do" because={because} onClick={() => publish.mutate(send(false))}>
          {publish.isPending ? t("Sending") : t("Publish these bindings")}
        </Button>
        <a href={`/v1/runbooks/${book.id}/sidecar.yaml`} download>
          {t("Download")}
        </a>
      </span>
    </div>
  );
}
