/** How a document's file names its runbook. */
import { Slug } from "../../../contract/ids.ts";

/** "ops/Data Incident.md" → data-incident. */
export function idOfPath(path: string): string | null {
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.(md|markdown)$/i, "");
  const id = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+|-+$/g, "")
    .slice(0, 63);
  return Slug.safeParse(id).success ? id : null;
}
