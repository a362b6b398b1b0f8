/** From what a tool tells of a change to a change under its limits. */
import { type Instant } from "../../base/instant.ts";
import {
  type Change,
  type ChangeKind,
  type ChangeStatus,
} from "../../domain/deployment/deployment.ts";
import {
  cleanText,
  clip,
  httpLink,
  LABEL_NAME_MAX,
  LABEL_VALUE_MAX,
} from "../../domain/signal/signal.ts";
import { type Json, scalarText, setLabel } from "./reading.ts";
import { keyOf, titleOf } from "./telling.ts";

export type ChangeTold = {
  readonly kind: ChangeKind;
  readonly dedupKey: string;
  readonly title: string;
  readonly status: ChangeStatus;
  readonly service?: unknown;
  readonly environment?: unknown;
  readonly version?: unknown;
  readonly by?: unknown;
  readonly link?: unknown;
  readonly at?: Instant | null;
  readonly labels?: Json;
};

const LABELS_MAX = 50;

export function changeTold(told: ChangeTold): Change {
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries(told.labels ?? {}).slice(0, LABELS_MAX)) {
    const text = short(value);
    if (text !== null) setLabel(labels, clip(cleanText(name), LABEL_NAME_MAX), text);
  }
  return {
    kind: told.kind,
    dedupKey: keyOf(told.dedupKey),
    title: titleOf(told.title),
    status: told.status,
    service: short(told.service),
    environment: short(told.environment),
    version: short(told.version),
    by: short(told.by),
    link: typeof told.link === "string" ? httpLink(told.link) : null,
    at: told.at ?? null,
    labels,
  };
}

function short(value: unknown): string | null {
  const text = scalarText(value)?.trim() ?? "";
  return text === "" ? null : clip(text, LABEL_VALUE_MAX);
}
