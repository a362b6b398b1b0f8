/** A team's own document becomes a runbook: it is read at once, shown what it gives, and published. */
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId, useState } from "react";
import { listRunbooks, publishRunbook, type PublishReport } from "../../contract/published.ts";
import { may, useMe } from "../app/me.ts";
import { useSend } from "../kit/client.ts";
import { Button, RefusedLine } from "../kit/parts.tsx";
import { counted } from "../kit/time.ts";
import { t, tParts } from "../kit/words.ts";

type Brought = { readonly path: string; readonly document: string };

/** “Data incident.md” → “data-incident”. */
const idOf = (path: string): string =>
  path
    .toLowerCase()
    .replace(/\.(md|markdown|txt)$/, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);

export function BringDocument() {
  const me = useMe();
  const queries = useQueryClient();
  const [brought, setBrought] = useState<Brought | null>(null);
  const [sidecar, setSidecar] = useState<string | null>(null);
  const [id, setId] = useState("");
  const field = useId();
  const look = useSend(publishRunbook);
  const publish = useSend(publishRunbook, () => {
    void queries.invalidateQueries({ queryKey: [listRunbooks.path] });
  });
  const body = (dryRun: boolean, from: Brought, as = id, by = sidecar) => ({
    body: { id: as, path: from.path, document: from.document, sidecar: by, dryRun },
  });
  const take = async (files: FileList | null): Promise<void> => {
    for (const file of files ?? []) {
      const text = await file.text();
      if (/\.ya?ml$/.test(file.name)) {
        setSidecar(text);
        if (brought !== null) look.mutate(body(true, brought, id, text));
        continue;
      }
      const from = { path: file.name, document: text };
      const as = idOf(file.name);
      setBrought(from);
      setId(as);
      publish.reset();
      look.mutate(body(true, from, as));
    }
  };
  const because = !may(me, "runbooks.publish", "any")
    ? t("This needs the right “runbooks.publish”.")
    : brought === null
      ? t("No document yet.")
      : look.isError
        ? t("What is refused has to be put right first.")
        : null;
  return (
    <form
      className="panel bring"
      aria-label={t("Bring a document")}
      onSubmit={(event) => {
        event.preventDefault();
        if (because === null && brought !== null) publish.mutate(body(false, brought));
      }}
    >
      <span className="field">
        <label htmlFor={field}>{t("Document, and its sidecar if there is one")}</label>
        <input
          id={field}
          type="file"
          multiple
          accept=".md,.markdown,.txt,.yaml,.yml"
          onChange={(event) => void take(event.target.files)}
        />
        <span className="hint">
          {t("Markdown as your team keeps it. Nothing of it runs or is changed.")}
        </span>
      </span>
      {brought === null ? null : (
        <span className="field">
          <label htmlFor={`${field}id`}>{t("Name in addresses")}</label>
          <input
            id={`${field}id`}
            value={id}
            onChange={(event) => {
              setId(event.target.value);
              look.reset();
            }}
          />
        </span>
      )}
      <RefusedLine error={look.error ?? publish.error} />
      {look.data === undefined ? null : <Report report={look.data} />}
      <span className="row wrap">
        <Button type="submit" look="do" because={because} onClick={() => undefined}>
          {publish.isPending ? t("Sending") : t("Publish it")}
        </Button>
        {publish.data === undefined ? null : (
          <Link to="/runbooks/$name" params={{ name: publish.data.id }}>
            {t("Version {version} is published: read it", { version: publish.data.version })}
          </Link>
        )}
      </span>
    </form>
  );
}

/** What a document would give. */
export function Report({ report }: { report: PublishReport }) {
  const { plans, bindings, findings, kind, replaces } = report;
  return (
    <div className="t13 report" role="status">
      <p>
        {tParts("Read as {kind}: {part} {count}.", {
          kind,
          part:
            plans.length === 0
              ? t("nothing in it can be run; it can be read and found.")
              : `${plans.map((plan) => `${plan.title} (${counted(plan.steps, "step")})`).join(", ")}.`,
          count: counted(bindings.length, "binding"),
        })}
      </p>
      {replaces.map(({ what, line }) => (
        <p key={what} className="amberink">
          {t("Line {line} replaces {what}.", { line, what })}
        </p>
      ))}
      {findings.length === 0 ? (
        <p>{t("No finding.")}</p>
      ) : (
        <ul>
          {findings.slice(0, 30).map((each) => (
            <li key={`${each.code} ${each.file} ${each.line} ${each.message}`}>
              <b className={each.level === "error" ? "redink" : ""}>{each.code}</b>{" "}
              <span className="qq">{t("line {line}", { line: each.line })}</span> {each.message}
            </li>
          ))}
          {findings.length > 30 ? (
            <li className="qq">{t("{count} more", { count: findings.length - 30 })}</li>
          ) : null}
        </ul>
      )}
    </div>
  );
}
