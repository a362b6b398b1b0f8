/**
 * `tocsin import`: an export of another tool becomes configuration, and what that tool says who will be on call is
 * compared with what Tocsin will do. Runs without a server.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ConfigBody } from "../../../contract/config.ts";
import type { Schedule } from "../../../contract/oncall.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, DAY, type Instant, instant, toIso } from "../../base/instant.ts";
import type { AnyEntry } from "../../domain/config/config.ts";
import { writeFiles } from "../../domain/config/files.ts";
import { type Difference, differencesOf, heldBy } from "../../domain/oncall/equality.ts";
import type { Override } from "../../domain/oncall/oncall.ts";
import type { ExportDocument, Imported, ImportedSchedule } from "../../edge/importing/imported.ts";
import { IMPORTERS } from "../../edge/importing/index.ts";

/** Larger is no export of an API, and parsing it would take all memory. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;
const WEEKS = 52;

export type Proof = {
  readonly schedule: string;
  readonly parts: readonly string[];
  /** `short`: the same as far as the export reaches, which is less than a year. */
  readonly verdict: "same" | "different" | "short" | "not proved";
  /** Why it is not proved; null for every other verdict. */
  readonly because: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly differences: readonly {
    readonly from: string;
    readonly to: string;
    readonly here: readonly string[];
    readonly there: readonly string[];
    readonly because: string;
  }[];
};

export type ImportReport = {
  readonly tool: string;
  /** How many objects of each kind. */
  readonly counts: Readonly<Record<string, number>>;
  readonly proofs: readonly Proof[];
  /** They are no configuration: to be added once it is applied. */
  readonly overrides: readonly {
    readonly schedule: string;
    readonly person: string;
    readonly startsAt: string;
    readonly endsAt: string;
  }[];
  readonly notes: readonly string[];
  readonly files: Readonly<Record<string, string>>;
};

export async function importFiles(tool: string, paths: readonly string[]): Promise<ImportReport> {
  const importer = IMPORTERS[tool];
  if (importer === undefined)
    throw new Refusal("import.unknown_tool", { tool, known: Object.keys(IMPORTERS).join(", ") });
  const documents = await readExport(paths);
  return reportOf(tool, importer(documents), documents);
}

/** What an import says, from what was read. */
export function reportOf(
  tool: string,
  imported: Imported,
  documents: readonly ExportDocument[],
): ImportReport {
  const { objects, schedules } = imported;
  const notes = [...imported.notes, ...documents.flatMap(pageNote)];
  const counts: Record<string, number> = {};
  for (const { kind } of objects) counts[kind] = (counts[kind] ?? 0) + 1;
  const entries = objects.map(
    ({ kind, id, body }) =>
      ({ kind, id, body: body as ConfigBody, owner: "file", source: null, ref: id }) as AnyEntry,
  );
  const bodies = new Map(
    entries.flatMap((entry) => (entry.kind === "schedules" ? [[entry.id, entry.body]] : [])),
  );
  const last = Math.max(0, ...schedules.map(({ rendered }) => rendered?.from ?? 0));
  return {
    tool,
    counts,
    proofs: schedules.map((schedule) => proofOf(schedule, bodies)),
    overrides: schedules.flatMap(({ overrides }) =>
      overrides
        .filter(({ endsAt }) => endsAt > last)
        .map(({ schedule, person, startsAt, endsAt }) => ({
          schedule,
          person,
          startsAt: toIso(startsAt),
          endsAt: toIso(endsAt),
        })),
    ),
    notes,
    files: writeFiles(tool, entries),
  };
}

/** APIs answer in pages, and a page that was not saved is missed by nobody. */
function pageNote({ file, value }: ExportDocument): readonly string[] {
  const { more, next, paging } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const isPage = more === true || typeof next === "string" || typeof paging === "object";
  return isPage ? [`${file} is one page of several: see that all of them are there`] : [];
}

function proofOf(
  { name, parts, overrides, timezone, rendered, lost }: ImportedSchedule,
  bodies: ReadonlyMap<string, Schedule>,
): Proof {
  const about = { schedule: name, parts };
  if (rendered === null || lost !== undefined) {
    const because = lost ?? "the export holds no rendered shifts";
    return { ...about, verdict: "not proved", because, from: null, to: null, differences: [] };
  }
  const { from } = rendered;
  const year = addMs(from, WEEKS * 7 * DAY);
  const to = instant(Math.min(rendered.to, year));
  const ours = heldBy(
    parts.flatMap((part) => {
      const schedule = bodies.get(part);
      return schedule === undefined ? [] : [{ schedule, overrides: overridesOf(part, overrides) }];
    }),
    from,
    to,
  );
  const differences = differencesOf(ours, rendered.shifts, { from, to, zone: timezone });
  const verdict = differences.length > 0 ? "different" : to < year ? "short" : "same";
  return {
    ...about,
    verdict,
    because: null,
    from: toIso(from),
    to: toIso(to),
    differences: differences.map(shown),
  };
}

const overridesOf = (part: string, overrides: ImportedSchedule["overrides"]): readonly Override[] =>
  overrides
    .filter(({ schedule }) => schedule === part)
    .map(({ person, startsAt, endsAt }, at) => ({
      id: String(at),
      person,
      startsAt,
      endsAt,
      replaces: null,
    }));

const shown = ({ startsAt, endsAt, ours, theirs, because }: Difference) => ({
  from: toIso(startsAt as Instant),
  to: toIso(endsAt as Instant),
  here: ours,
  there: theirs,
  because,
});

async function readExport(paths: readonly string[]): Promise<readonly ExportDocument[]> {
  const documents: ExportDocument[] = [];
  for (const file of (await Promise.all(paths.map(filesOf))).flat()) {
    const { size } = await stat(file);
    if (size > FILE_BYTES_MAX) throw unreadable(file, `larger than ${FILE_BYTES_MAX} bytes`);
    try {
      documents.push({ file, value: JSON.parse(await readFile(file, "utf8")) as unknown });
    } catch {
      throw unreadable(file, "no JSON");
    }
  }
  if (documents.length === 0) throw unreadable(paths.join(", "), "no .json file is there");
  return documents;
}

const unreadable = (file: string, problem: string): Refusal =>
  new Refusal("import.unreadable", { file, problem });

/** A file itself, or the .json files of a directory. */
async function filesOf(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = await readdir(path);
    return names
      .filter((name) => name.endsWith(".json"))
      .toSorted()
      .map((name) => join(path, name));
  } catch (error) {
    throw unreadable(path, (error as NodeJS.ErrnoException).code ?? "cannot be read");
  }
}
