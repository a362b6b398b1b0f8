/** Every published version, and how one differs from the one before it. */
import { Link } from "@tanstack/react-router";
import { type DiffHunk, getRunbookDiff, listRunbookVersions } from "../../contract/published.ts";
import { useRoute } from "../kit/client.ts";
import { AskAgain, Time, Waiting } from "../kit/parts.tsx";
import { said, t } from "../kit/words.ts";

export function Versions({ id, digest }: { id: string; digest: string }) {
  const { data } = useRoute(listRunbookVersions, { params: { id } });
  const {
    data: diff,
    error,
    refetch,
  } = useRoute(getRunbookDiff, {
    params: { id },
    query: { to: digest },
  });
  const steps = diff?.steps.filter(({ change }) => change !== "same") ?? [];
  return (
    <div className="book-part two" role="group" aria-label={t("Versions")}>
      <ol>
        {data?.items.map((version) => (
          <li key={version.digest} className="t13">
            <Link
              to="/runbooks/$name"
              params={{ name: id }}
              search={{ part: "versions", version: version.current ? undefined : version.digest }}
              aria-current={version.digest === digest ? "true" : undefined}
              className="flt"
            >
              {t("Version {version}", { version: version.version })}
            </Link>{" "}
            <Time iso={version.publishedAt} />
            {version.current ? ` ${t("in use")}` : ""}{" "}
            <span className="mono qq">{version.digest.slice(0, 8)}</span>
          </li>
        ))}
      </ol>
      <div>
        {error === null ? null : <AskAgain error={error} again={() => void refetch()} />}
        {diff === undefined ? (
          error === null ? (
            <Waiting what={t("the difference")} />
          ) : null
        ) : (
          <>
            <h3>
              {diff.from === null
                ? t("The first version")
                : t("Version {version} against {version2}", {
                    version: diff.to.version,
                    version2: diff.from.version,
                  })}
            </h3>
            <ul className="diff serif">
              {diff.from === null
                ? null
                : steps.map(({ change, before, after }) => (
                    <li key={`${before?.id} ${after?.id}`}>
                      <span className="t12 q sans">{said(change)}</span>
                      {before === null ? null : <del>{before.text}</del>}
                      {after === null ? null : <ins>{after.text}</ins>}
                    </li>
                  ))}
            </ul>
            {diff.from === null ? null : (
              <>
                <Hunks what={t("Document")} hunks={diff.document} />
                <Hunks what={t("Sidecar")} hunks={diff.sidecar} />
              </>
            )}
          </>
        )}
      </div>
    </div>
  );
}

function Hunks({ what, hunks }: { what: string; hunks: readonly DiffHunk[] }) {
  if (hunks.length === 0) return null;
  return (
    <details className="t13">
      <summary>{t("{what}, line by line", { what })}</summary>
      <pre tabIndex={0} aria-label={t("{what}, line by line", { what })}>
        {hunks
          .map(
            ({ before, after, lines }) =>
              `@@ ${before} → ${after}\n${lines.map(({ mark, text }) => `${mark} ${text}`).join("\n")}`,
          )
          .join("\n")}
      </pre>
    </details>
  );
}
