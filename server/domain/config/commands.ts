/** Changing configuration: one writer at a time, every change recorded with before and after. */
import type { ConfigKind } from "../../../contract/config.ts";
import {
  type ApplyReport,
  type ApplyRequest,
  type ConfigFinding,
  findingText,
  type OnCallChange,
} from "../../../contract/configuration.ts";
import { pathText } from "../../../contract/expected.ts";
import type { Tx } from "../../base/db.ts";
import { assert, Refusal } from "../../base/errors.ts";
import type { Instant } from "../../base/instant.ts";
import { record } from "../../base/ledger.ts";
import type { World } from "../../base/world.ts";
import { type Change, type Desired, patched, planApply } from "./apply.ts";
import { readBody } from "./body.ts";
import { checkSnapshot, type Problem, referrersOf, type ObjectCheck } from "./check.ts";
import { type AnyEntry, anyEntry, type Snapshot } from "./config.ts";
import { sameBody } from "./difference.ts";
import { objectText } from "./files.ts";
import {
  compareOnCall,
  laterWindows,
  nearOf,
  onCallHorizon,
  type OnCallSpan,
} from "./oncallDiff.ts";
import { presentChange, reportText } from "./report.ts";
import { hashedKey, hasKeySecret } from "./secrets.ts";
import {
  type CountsFrom,
  type NewVersion,
  newVersions,
  saveVersions,
  withVersions,
} from "./versions.ts";
import {
  findConfigVersion,
  findSnapshot,
  lockConfig,
  removeEntry,
  saveChange,
  saveEntry,
  setConfigVersion,
} from "./store.ts";

/** Who changes configuration, as the change log and the ledger name them; may do so already. */
export type Author = { readonly ref: string; readonly mark: unknown };

/** What commands need from outside this noun. */
export type ConfigTools = {
  readonly world: World;
  readonly checkObjects: ObjectCheck;
  /** Who holds each schedule of the snapshot, or one, overrides counted, in spans that cover [from, to). */
  readonly onCallSpans: (
    tx: Tx,
    snapshot: Snapshot,
    from: Instant,
    to: Instant,
    schedule?: string,
  ) => Promise<readonly OnCallSpan[]>;
  readonly countsFrom: CountsFrom;
  /** In the same transaction: what was known of these ids ends, since they stand for nobody any more, or for somebody else. */
  readonly endWhatWas: (tx: Tx, change: PeopleChange, now: Instant) => Promise<void>;
};

/** Whose ids begin to stand for somebody, or stop. */
export type PeopleChange = {
  readonly author: Author;
  readonly came: readonly AnyEntry[];
  readonly left: readonly AnyEntry[];
};

/**
 * Makes the objects of a set what its files say: all of it, or a refusal with every finding. A dry
 * run decides and shows the same and changes nothing.
 */
export async function applyConfig(
  tx: Tx,
  tools: ConfigTools,
  author: Author,
  request: ApplyRequest,
  now: Instant,
): Promise<ApplyReport> {
  const { dryRun } = request;
  const version = dryRun ? await findConfigVersion(tx) : await lockConfig(tx);
  const before = await findSnapshot(tx, version);
  const { objects, findings } = readObjects(request);
  refuseOver(findings);
  const newRef = (): string => tools.world.chance.id(now);
  const plan = planApply(before, { ...request, objects }, newRef);
  const { refused, warnings } = judged(before, plan.after, tools.checkObjects, objects);
  refuseOver([...plan.conflicts, ...refused]);
  const { countsFrom } = tools;
  const { atOnce } = request;
  const made = newVersions(plan.changes, { before, after: plan.after, countsFrom, now, atOnce });
  const onCall = await compared(tx, tools, { before, after: plan.after, made, now });
  if (!dryRun) {
    await save(tx, tools, { author, changes: plan.changes, now });
    await saveVersions(tx, made, now);
    for (const entry of plan.moved) await saveEntry(tx, entry, now);
    if (plan.after.version !== version) await setConfigVersion(tx, plan.after.version);
  }
  const report = {
    dryRun,
    version: dryRun ? version : plan.after.version,
    changes: plan.changes.map(presentChange),
    unchanged: plan.unchanged,
    warnings: [...warnings],
    onCall: [...onCall],
  };
  return { ...report, text: reportText(report) };
}

/** Who would be on call in every schedule, before and after, and from when on a changed one counts. */
async function compared(
  tx: Tx,
  tools: ConfigTools,
  change: {
    readonly before: Snapshot;
    readonly after: Snapshot;
    readonly made: readonly NewVersion[];
    readonly now: Instant;
  },
): Promise<readonly OnCallChange[]> {
  const { before, after, made, now } = change;
  const to = onCallHorizon(now);
  const countsFrom = new Map(made.map(({ scheduleId, next }) => [scheduleId, next.from]));
  const later = laterWindows(countsFrom, now);
  const spansOf = async (config: Snapshot): Promise<readonly OnCallSpan[]> => {
    const spans = [...nearOf(await tools.onCallSpans(tx, config, now, to), later, now)];
    for (const [schedule, window] of later) {
      const found = await tools.onCallSpans(tx, config, window.from, window.to, schedule);
      spans.push(...found.filter((span) => span.schedule === schedule));
    }
    return spans;
  };
  const [was, will] = [await spansOf(before), await spansOf(withVersions(after, made))];
  return compareOnCall(was, will, { now, to, countsFrom, later });
}

/** One object of the API as somebody wants it. */
type Wanted = {
  readonly kind: ConfigKind;
  readonly id: string;
  readonly body: unknown;
  /** A changed schedule counts now, even in the middle of a turn. */
  readonly atOnce: boolean;
};

/** Creates or replaces one object of the API. `key`: a generated intake key, to be shown once. */
export async function putObject(
  tx: Tx,
  tools: ConfigTools,
  author: Author,
  wanted: Wanted,
  now: Instant,
): Promise<{ entry: AnyEntry; key: string | null }> {
  const before = await findSnapshot(tx, await lockConfig(tx));
  const { change, made, next, entry, key } = planPut(
    tools,
    before,
    { ...wanted, isKept: true },
    now,
  );
  if (change === null) return { entry, key: null };
  await save(tx, tools, { author, changes: [change], now });
  await saveVersions(tx, made, now);
  await setConfigVersion(tx, next.version);
  return { entry, key };
}

/**
 * What putting an object would change, and who would be on call before and after. Of what a file owns it tells the
 * same, as if the file said so. Changes nothing.
 */
export async function previewObject(
  tx: Tx,
  tools: ConfigTools,
  wanted: Wanted,
  now: Instant,
): Promise<ApplyReport> {
  const version = await findConfigVersion(tx);
  const before = await findSnapshot(tx, version);
  const { change, made, next, warnings } = planPut(
    tools,
    before,
    { ...wanted, isKept: false },
    now,
  );
  const onCall = await compared(tx, tools, { before, after: next, made, now });
  const report = {
    dryRun: true,
    version,
    changes: change === null ? [] : [presentChange(change)],
    unchanged: change === null ? 1 : 0,
    warnings: [...warnings],
    onCall: onCall.filter(({ changes }) => changes),
  };
  return { ...report, text: reportText(report) };
}

const NOBODYS = { owner: "api", source: null } as const;

function planPut(
  tools: ConfigTools,
  before: Snapshot,
  wanted: Wanted & { readonly isKept: boolean },
  now: Instant,
): {
  readonly change: Change | null;
  readonly made: readonly NewVersion[];
  readonly next: Snapshot;
  readonly entry: AnyEntry;
  readonly key: string | null;
  readonly warnings: readonly ConfigFinding[];
} {
  const { kind, id } = wanted;
  const found = anyEntry(before, kind, id);
  const { body: value, key } = hasKeySecret(kind)
    ? keyed(wanted.body, found, tools.world)
    : { body: wanted.body, key: null };
  const { body, problems } = readBody(kind, value, false);
  if (problems !== null) {
    throw refusalOver(
      problems.map(({ path, expected }) => `${pathText([kind, id, ...path])}: ${expected}`),
    );
  }
  if (found !== null && sameBody(found.body, body))
    return { change: null, made: [], next: before, entry: found, key: null, warnings: [] };
  if (wanted.isKept && found?.source) {
    const { file, line } = found.source;
    throw new Refusal("config.owned_by_file", {
      kind,
      id,
      file,
      line,
      patch: objectText(kind, id, body),
    });
  }
  const ref = found?.ref ?? tools.world.chance.id(now);
  const owned = found?.source ? { owner: "file", source: found.source } : NOBODYS;
  const after = { kind, id, body, ...owned, ref } as AnyEntry;
  const change: Change =
    found === null
      ? { verb: "create", before: null, after }
      : { verb: "update", before: found, after };
  const next = patched(before, [change]);
  const { refused, warnings } = judged(before, next, tools.checkObjects, [after]);
  refuseOver(refused);
  const { countsFrom } = tools;
  const { atOnce } = wanted;
  const made = newVersions([change], { before, after: next, countsFrom, now, atOnce });
  return { change, made, next, entry: after, key, warnings };
}

/** Removes one object of the API that nothing refers to. */
export async function removeObject(
  tx: Tx,
  tools: ConfigTools,
  author: Author,
  { kind, id }: { readonly kind: ConfigKind; readonly id: string },
  now: Instant,
): Promise<void> {
  const before = await findSnapshot(tx, await lockConfig(tx));
  const found = anyEntry(before, kind, id);
  if (found === null) throw new Refusal("config.unknown", { kind, id });
  if (found.source !== null) {
    const { file, line } = found.source;
    throw new Refusal("config.owned_by_file_remove", { kind, id, file, line, patch: "" });
  }
  const by = referrersOf(before, kind, id);
  if (by.length > 0) throw new Refusal("config.referenced", { kind, id, by });
  const changes: readonly Change[] = [{ verb: "remove", before: found, after: null }];
  await save(tx, tools, { author, changes, now });
  const { countsFrom } = tools;
  const after = patched(before, changes);
  await saveVersions(
    tx,
    newVersions(changes, { before, after, countsFrom, now, atOnce: true }),
    now,
  );
  await setConfigVersion(tx, before.version + 1);
}

/** Reads all bodies; the position of each finding is that of its object. */
function readObjects(request: ApplyRequest): {
  objects: readonly Desired[];
  findings: readonly ConfigFinding[];
} {
  const objects: Desired[] = [];
  const findings: ConfigFinding[] = [];
  const places = new Map<string, string>();
  for (const { kind, id, body, source } of request.objects) {
    const place = { file: `${request.set}/${source.file}`, line: source.line };
    const first = places.get(`${kind}/${id}`);
    if (first !== undefined) {
      findings.push({
        source: place,
        path: `${kind}.${id}`,
        message: `stands already in ${first}`,
      });
      continue;
    }
    places.set(`${kind}/${id}`, `${place.file}:${place.line}`);
    const read = readBody(kind, body, request.sample);
    if (read.problems === null) objects.push({ kind, id, body: read.body, source: place });
    for (const { path, expected } of read.problems ?? []) {
      findings.push({ source: place, path: pathText([kind, id, ...path]), message: expected });
    }
  }
  return { objects, findings };
}

/**
 * What is wrong afterwards. An old problem of somebody else's object does not stop this change; it
 * is shown as a warning.
 */
function judged(
  before: Snapshot,
  after: Snapshot,
  checkObjects: ObjectCheck,
  own: readonly { readonly kind: ConfigKind; readonly id: string }[],
): { refused: readonly ConfigFinding[]; warnings: readonly ConfigFinding[] } {
  const old = new Set(
    checkSnapshot(before, checkObjects).map(({ path, message }) => `${path}: ${message}`),
  );
  const mine = new Set(own.map(({ kind, id }) => `${kind}/${id}`));
  const stops = ({ level, kind, id, path, message }: Problem): boolean =>
    level === "refused" && (mine.has(`${kind}/${id}`) || !old.has(`${path}: ${message}`));
  const found = checkSnapshot(after, checkObjects);
  const strip = ({ source, path, message }: Problem): ConfigFinding => ({ source, path, message });
  return {
    refused: found.filter(stops).map(strip),
    warnings: found.filter((problem) => !stops(problem)).map(strip),
  };
}

/**
 * The body of an intake key, or a heartbeat, with its secret: as given; kept when the key exists and none is given;
 * else, or when “generate” is asked for, a new one of 192 random bits.
 */
function keyed(
  body: unknown,
  found: AnyEntry | null,
  world: World,
): { body: unknown; key: string | null } {
  if (typeof body !== "object" || body === null) return { body, key: null };
  const secret = (body as { secret?: unknown }).secret;
  if (secret === undefined && found !== null && "secret" in found.body) {
    return { body: { ...body, secret: found.body.secret }, key: null };
  }
  if (secret !== undefined && secret !== "generate") return { body, key: null };
  const key = world.chance.bytes(24).toString("base64url");
  return { body: { ...body, secret: hashedKey(key) }, key };
}

function refuseOver(findings: readonly ConfigFinding[]): void {
  if (findings.length > 0) throw refusalOver(findings.map(findingText));
}

const refusalOver = (findings: readonly string[]): Refusal =>
  new Refusal("config.findings", { count: findings.length, findings });

async function save(
  tx: Tx,
  { world, endWhatWas }: Pick<ConfigTools, "world" | "endWhatWas">,
  { author, changes, now }: { author: Author; changes: readonly Change[]; now: Instant },
): Promise<void> {
  for (const { verb, before, after } of changes) {
    const subject = after ?? before;
    assert(subject, "a change has a before or an after");
    if (after === null) await removeEntry(tx, subject.kind, subject.id);
    else await saveEntry(tx, after, now);
    const bodies = { before: before?.body ?? null, after: after?.body ?? null };
    const { kind, id: objectId } = subject;
    const id = world.chance.id(now);
    await saveChange(tx, { id, at: now, actor: author.mark, verb, kind, objectId, ...bodies });
    await record(tx, world, {
      stream: "config",
      at: now,
      actorRef: author.ref,
      action: `config ${verb}`,
      objectRef: `${kind}:${subject.ref}`,
      payload: { id: objectId, ...bodies },
    });
  }
  const people = changes.filter(({ before, after }) => (after ?? before)?.kind === "people");
  const came = people.flatMap(({ verb, after }) => (verb === "create" ? [after] : []));
  const left = people.flatMap(({ verb, before }) => (verb === "remove" ? [before] : []));
  if (came.length + left.length > 0) await endWhatWas(tx, { author, came, left }, now);
}
