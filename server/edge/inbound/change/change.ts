/** What the tools that change things tell: one place where a change is put together under its limits. */
import {
  type Change,
  type ChangeKind,
  type ChangeStatus,
} from "../../../domain/deployment/deployment.ts";
import { type Instant } from "../../../base/instant.ts";
import { clip, LABEL_VALUE_MAX } from "../../../domain/signal/signal.ts";
import {
  type Json,
  type LabelBox,
  putLabel,
  type Reading,
  safeLink,
  scalarText,
} from "../reading.ts";
import { joinKey, keyOf, titleOf } from "../telling.ts";

export type ToldChange = {
  readonly kind: ChangeKind;
  /** The same parts for everything that is told of one change. */
  readonly key: readonly unknown[];
  readonly title: string;
  readonly status: ChangeStatus;
  readonly service?: unknown;
  readonly environment?: unknown;
  readonly version?: unknown;
  readonly by?: unknown;
  readonly link?: unknown;
  readonly at: Instant | null;
  readonly labels?: Json;
};

export function tellChange(reading: Reading, index: number, told: ToldChange): void {
  const box: LabelBox = { labels: {}, overflow: null };
  for (const [name, value] of Object.entries(told.labels ?? {})) {
    const text = plain(value);
    if (text !== null) putLabel(reading, index, box, [name, text]);
  }
  const change: Change = {
    kind: told.kind,
    dedupKey: keyOf(joinKey(...told.key)),
    title: titleOf(told.title),
    status: told.status,
    service: plain(told.service),
    environment: plain(told.environment),
    version: plain(told.version),
    by: plain(told.by),
    link: safeLink(reading, index, "link", told.link),
    at: told.at,
    labels: box.labels,
  };
  reading.change(index, change);
}

/** A short text on one line, or null. */
function plain(value: unknown): string | null {
  const text = scalarText(value)?.trim() ?? "";
  return text === "" ? null : clip(titleOf(text), LABEL_VALUE_MAX);
}

/** The first seven digits of a commit, as people name it; any other version as it is. */
export const shortVersion = (version: string | null): string | null =>
  version !== null && /^[0-9a-f]{40}([0-9a-f]{24})?$/i.test(version)
    ? version.slice(0, 7)
    : version;
