/**
 * Other forms in which the same tools write: other events, fields left away, ends, lists, templates of
 * their users. Each is recognised without a header and without its tool being named. To write down
 * what a new row gives, leave its `becomes` away and run with TOCSIN_WRITE_GOLDEN=1; then read it
 * against the page that the adapter names.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { hintOf } from "../../domain/signal/signal.ts";
import { bodyOf } from "./body.ts";
import { NOW } from "./golden/samples.ts";
import { ADAPTERS } from "./index.ts";
import { joined, readBody } from "./recognise.ts";

type Row = {
  readonly what: string;
  /** A text stands for what is no JSON. */
  readonly body: unknown;
  readonly becomes?: unknown;
};
type Rows = Record<string, readonly Row[]>;

const FOLDER = new URL("variants/", import.meta.url);
const WRITING = process.env["TOCSIN_WRITE_GOLDEN"] !== undefined;

/** Short enough to be read in one look: status, severity, title, key, service, start. */
function become(body: unknown): unknown {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const read = bodyOf(text);
  if (read.kind !== "body") return read.kind;
  const parts = readBody(ADAPTERS, null, { body: read.body, headers: {}, now: NOW });
  const { signals, refused, findings, changes, indicators } = joined(parts);
  return {
    tools: [...new Set(parts.map(({ adapter }) => adapter.about.id))],
    ...(signals.length > 0 && {
      alerts: signals.map(({ signal, told }) =>
        [
          signal.action,
          signal.severity ?? told ?? "",
          signal.title,
          signal.dedupKey ?? "",
          hintOf(signal) ?? "",
          signal.startedAt === null ? "" : new Date(signal.startedAt).toISOString(),
          signal.link ?? "",
        ].join(" | "),
      ),
    }),
    ...(changes.length > 0 && {
      changes: changes.map(({ change }) => `${change.kind} ${change.status}: ${change.title}`),
    }),
    ...(indicators.length > 0 && {
      indicators: indicators.map(({ indicator }) => `${indicator.type} ${indicator.value}`),
    }),
    ...(findings.length > 0 && {
      findings: findings.map(({ field, finding }) => `${field}: ${finding}`),
    }),
    ...(refused.length > 0 && { refused: refused.map(({ field }) => field) }),
  };
}

for (const file of readdirSync(FOLDER)) {
  const rows = JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as Rows;
  const written: Record<string, Row[]> = {};

  describe(file, () => {
    for (const [tool, variants] of Object.entries(rows)) {
      test(`${tool}: ${variants.map(({ what }) => what).join("; ")}`, () => {
        for (const { what, body, becomes } of variants) {
          const found = become(body);
          expect.soft(found, what).toMatchObject({ tools: [tool] });
          if (WRITING) (written[tool] ??= []).push({ what, body, becomes: found });
          else expect.soft(found, what).toEqual(becomes);
        }
      });
    }
    afterAll(() => {
      if (WRITING) writeFileSync(new URL(file, FOLDER), `${JSON.stringify(written, null, 2)}\n`);
    });
  });
}
