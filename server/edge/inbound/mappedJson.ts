/** JSON that a key's own mapping explains; what the mapping leaves open is found by the usual names. */
import { type Mapping, type MappedFields } from "../../domain/signal/mapping.ts";
import { type Adapter, type ReadResult, type Signal } from "../../domain/signal/signal.ts";
import { genericJson, statusOf } from "./genericJson.ts";
import { isObject, Reading, refusedWhole } from "./reading.ts";
import { severityOfWord } from "./severityWords.ts";
import { tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** The adapter of one key. */
export const mappedJson = (mapping: Mapping): Adapter => ({
  about: { id: "generic", name: "The key's own mapping", docs: "docs/intake.md" },
  setUp: genericJson.setUp,
  resendsByContract: false,
  recognise: ({ body }) => Number(isObject(body)),
  read(input): ReadResult {
    if (!isObject(input.body))
      return refusedWhole("body", "a JSON object, which the mapping reads");
    const usual = genericJson.read(input).signals[0];
    if (usual === undefined) return refusedWhole("body", "a JSON object that is not empty");
    const fields = mapping(input.body);
    const reading = new Reading();
    if (fields.title === undefined)
      reading.find(0, "title", "the mapping gives none: found by the usual names");
    tell(reading, 0, toldBy(fields, usual.signal, usual.told ?? "warning"));
    return reading;
  },
});

function toldBy(fields: MappedFields, usual: Signal, severity: NonNullable<Signal["severity"]>) {
  return {
    status:
      (fields.status === undefined ? null : statusOf(fields.status)) ?? STATUS_OF[usual.action],
    title: fields.title ?? usual.title,
    severity: fields.severity === undefined ? severity : severityOfWord(fields.severity),
    dedupKey: fields.dedupKey ?? usual.dedupKey,
    service: fields.service ?? usual.service,
    source: fields.source ?? usual.source,
    link: fields.link ?? usual.link,
    startedAt: fields.startedAt === undefined ? usual.startedAt : momentOf(fields.startedAt),
    labels: usual.labels,
    details: usual.details,
  };
}

const STATUS_OF = { trigger: "firing", acknowledge: "acknowledged", resolve: "resolved" } as const;
