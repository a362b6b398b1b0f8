/** HTTP of reading: a document in, what it says out. Nothing of it is kept. */
import { lintRunbook, parseRunbook } from "../../../../contract/runbook.ts";
import { bind, type BoundRoute, type RequestFacts } from "../../../base/routes.ts";
import type { Actor } from "../../account/account.ts";
import type { RunbookReader } from "./safely.ts";
import { toSarif } from "./sarif.ts";

export const readingRoutes = (reader: RunbookReader): readonly BoundRoute<Actor>[] => [
  bind(parseRunbook, ({ query, body, request }) => reader.read(query.path, bytesOf(body, request))),
  bind(lintRunbook, async ({ query, body, request }) => {
    const document = await reader.read(query.path, bytesOf(body, request));
    if (query.format === "sarif") return toSarif([document]);
    const { path, sha256, kind, findings } = document;
    return { path, sha256, kind, findings };
  }),
];

/** The document as it came; where a client sent it as a JSON text, that text. */
const bytesOf = (body: string, request: RequestFacts): Uint8Array =>
  (request.headers["content-type"] ?? "").startsWith("text/markdown")
    ? request.rawBody
    : Buffer.from(body, "utf8");
