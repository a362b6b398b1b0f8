/** Where a page ends that could not be drawn: what happened, and two ways on. The rest stays as it is. */
import { Button } from "./parts.tsx";
import { t } from "./words.ts";

export function Broken({ error }: { readonly error: unknown }) {
  return (
    <main className="page" role="alert">
      <h1>{t("This page could not be drawn")}</h1>
      <p className="q">{t("Nothing was lost on the server; pages and clocks go on.")}</p>
      <pre>{error instanceof Error ? error.message : String(error)}</pre>
      <p>
        <Button onClick={() => location.reload()}>{t("Load it again")}</Button>
      </p>
    </main>
  );
}
