/** `tocsin intake try`: what files would become and do, without a server and without a trace. */
import { readFile } from "node:fs/promises";
import { CONFIG_KINDS, type ConfigKind } from "../../../contract/config.ts";
import { INTAKE_BYTES_MAX, type TriedFile } from "../../../contract/intake.ts";
import { textOf } from "../../base/charsets.ts";
import { Refusal } from "../../base/errors.ts";
import { MAIL_BYTES_KEPT } from "../../base/mailListener.ts";
import { type Instant, toIsoOrNull } from "../../base/instant.ts";
import { type AnyEntry, type Snapshot, snapshot } from "../../domain/config/config.ts";
import { hintOf, type ReadSignal, type Signal } from "../../domain/signal/signal.ts";
import { bodyOf } from "../../edge/inbound/body.ts";
import { email } from "../../edge/inbound/email.ts";
import { ADAPTERS } from "../../edge/inbound/index.ts";
import { joined, readBody, type ReadPart } from "../../edge/inbound/recognise.ts";
import { refusedWhole } from "../../edge/inbound/reading.ts";
import { decisionFor, ruleSets } from "../intake.ts";
import { placed } from "../intakeDoor.ts";
import { isMail, mailBody } from "../mailBody.ts";
import { readDirectory } from "./configDirectory.ts";

const FILE_BYTES_MAX = 64 * 1024 * 1024;
const STATUS_OF = {
  trigger: "firing",
  acknowledge: "acknowledged",
  resolve: "resolved",
} as const;

export type Tried = {
  readonly shown: TriedFile;
  /** What the configuration would do with each alert; empty without one. */
  readonly decisions: readonly string[];
  /** Whether anything of it was refused. */
  readonly refused: boolean;
  /** Why nothing of it could be read; null when it could. */
  readonly unreadable: string | null;
};

export type TryOptions = {
  readonly tool?: string | undefined;
  /** A directory of configuration whose rules decide. */
  readonly config?: string | undefined;
  /** The intake key of that directory; its first when absent. */
  readonly key?: string | undefined;
  readonly now: Instant;
};

/** What became of the files, in their order; one that cannot be read costs the others nothing. */
export async function tryFiles(
  files: readonly string[],
  options: TryOptions,
): Promise<readonly Tried[]> {
  const { tool } = options;
  const named = tool === undefined ? null : ADAPTERS.get(tool);
  if (named === undefined) {
    throw new Refusal("signal.tool_unknown", {
      tool: tool ?? "",
      known: [...ADAPTERS.keys()].join(", "),
    });
  }
  const decided = options.config === undefined ? null : await decider(options.config, options.key);
  const tried: Tried[] = [];
  for (const file of files) {
    const content = await contentOf(file);
    if (content instanceof Unreadable) {
      tried.push(unreadable(file, content.message));
      continue;
    }
    const parts = await readParts(content, named, options.now);
    const result = joined(parts);
    const alerts = result.signals.map(alertOf);
    const findings = [
      ...result.refused.map(
        ({ index, field, expected }) => `refused: item ${index}: ${field} must be ${expected}`,
      ),
      ...(content.bytes.length > INTAKE_BYTES_MAX && parts[0]?.adapter !== email
        ? [`longer than ${INTAKE_BYTES_MAX} bytes: the server takes it in parts only`]
        : []),
      ...result.findings.map(({ index, field, finding }) => `item ${index}: ${field}: ${finding}`),
    ];
    tried.push({
      shown: {
        file,
        tool: toolOf(parts) ?? tool ?? "generic",
        alerts,
        indicators: result.indicators.map(({ indicator }) => ({
          ...indicator,
          validFrom: toIsoOrNull(indicator.validFrom),
          validUntil: toIsoOrNull(indicator.validUntil),
          labels: [...indicator.labels],
        })),
        changes: result.changes.map(({ change }) => ({ ...change, at: toIsoOrNull(change.at) })),
        findings,
      },
      decisions:
        decided === null
          ? []
          : parts.flatMap(({ adapter, result: one }) =>
              one.signals.map(({ signal }) => decided(adapter.about.id, signal)),
            ),
      refused: result.refused.length > 0,
      unreadable: null,
    });
  }
  return tried;
}

const unreadable = (file: string, because: string): Tried => ({
  shown: {
    file,
    tool: null,
    alerts: [],
    indicators: [],
    changes: [],
    findings: [`cannot be read (${because})`],
  },
  decisions: [],
  refused: true,
  unreadable: because,
});

class Unreadable extends Error {}

type Content = { readonly bytes: Buffer; readonly text: string };

/** The system's words for what people meet most. */
const WHY_UNREAD: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "a directory: name its files, as in DIR/*",
  EACCES: "its permissions forbid it",
  EPERM: "its permissions forbid it",
  ELOOP: "its links lead in a circle",
  ENOTDIR: "there is no such file",
};

async function contentOf(file: string): Promise<Content | Unreadable> {
  try {
    const bytes = await readFile(file);
    if (bytes.length > FILE_BYTES_MAX) return new Unreadable(`longer than ${FILE_BYTES_MAX} bytes`);
    const text = textOf(bytes);
    if (text === null) return new Unreadable("no text: compressed, or a format of its own");
    return text.trim() === "" ? new Unreadable("empty") : { bytes, text };
  } catch (error) {
    const code = (error as { code?: string }).code ?? "";
    return new Unreadable(WHY_UNREAD[code] ?? (code === "" ? "not readable" : code));
  }
}

async function readParts(
  { bytes, text }: Content,
  named: Parameters<typeof readBody>[1],
  now: Instant,
): Promise<readonly ReadPart[]> {
  // A mail comes to its own door, which knows what it is.
  if ((named === null || named === email) && isMail(text)) {
    const kept = bytes.subarray(0, MAIL_BYTES_KEPT);
    const body = await mailBody(kept, bytes.length > kept.length);
    const result = email.read({ body, headers: {}, now });
    return [{ adapter: email, result }];
  }
  const read = bodyOf(text);
  if (read.kind === "body") return readBody(ADAPTERS, named, { body: read.body, headers: {}, now });
  const expected = read.kind === "empty" ? "not empty" : "nested less deeply";
  return [{ adapter: named ?? ADAPTERS.get("generic")!, result: refusedWhole("body", expected) }];
}

/** The tool of most parts: a file may hold messages of several. */
function toolOf(parts: readonly ReadPart[]): string | null {
  const counts = new Map<string, number>();
  for (const { adapter } of parts) {
    counts.set(adapter.about.id, (counts.get(adapter.about.id) ?? 0) + 1);
  }
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
  return most?.[0] ?? null;
}

function alertOf({ signal, told }: ReadSignal): TriedFile["alerts"][number] {
  return {
    // An end may come without a title; its identity says what ends.
    title: signal.title === "" ? (signal.dedupKey ?? "") : signal.title,
    severity: signal.severity ?? told ?? null,
    status: STATUS_OF[signal.action],
    dedupKey: signal.dedupKey,
    service: hintOf(signal),
    link: signal.link,
    startedAt: toIsoOrNull(signal.startedAt),
  };
}

/** What the rules of a directory say of a signal that comes with one of its keys. */
async function decider(
  directory: string,
  keyId: string | undefined,
): Promise<(adapter: string, signal: Signal) => string> {
  const config = await snapshotOf(directory);
  const key = keyId === undefined ? config.all("keys")[0] : config.get("keys", keyId);
  if (key === undefined || key === null) {
    const expected = `an intake key of ${directory}`;
    throw new Refusal("request.invalid", { field: "--key", expected });
  }
  const rules = ruleSets()(config);
  return (adapter, said) => {
    const { signal, serviceId } = placed(config, key, said);
    const arrival = {
      keyId: key.id,
      adapter,
      resends: false,
      serviceId,
      signal: { ...signal, dedupKey: signal.dedupKey ?? "" },
      raw: Buffer.alloc(0),
    };
    const decision = decisionFor(config, rules, arrival);
    const what =
      signal.action !== "trigger"
        ? `${signal.action}s the open alert with this dedup key`
        : decision.outcome === "declare"
          ? `declares ${decision.declareSeverity ?? ""}`
          : "is recorded only";
    const place = decision.ruleFile === null ? "" : ` (${decision.ruleFile}:${decision.ruleLine})`;
    const why = decision.ruleId === null ? decision.because : `rule ${decision.ruleId}${place}`;
    return `service ${serviceId}: ${what}, by ${why}`;
  };
}

async function snapshotOf(directory: string): Promise<Snapshot> {
  const { request, findings } = await readDirectory(directory);
  const [first] = findings;
  if (first !== undefined) {
    const place = first.source === null ? "" : `${first.source.file}:${first.source.line}: `;
    throw new Refusal("config.findings", {
      count: findings.length,
      findings: `${place}${first.path}: ${first.message}`,
    });
  }
  const entries = request.objects.map(({ kind, id, body, source }) => ({
    kind,
    id,
    body: CONFIG_KINDS[kind as ConfigKind].parse(body),
    owner: "file",
    source,
    ref: "",
  }));
  return snapshot(1, entries as unknown as AnyEntry[]);
}
