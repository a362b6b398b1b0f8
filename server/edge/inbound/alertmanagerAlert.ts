/**
 * What Alertmanager's two ways share: labels are the identity, annotations are words for people.
 * An alert that arrives by both has the same dedup key, since only its labels go into it.
 */
import {
  clip,
  cleanText,
  fingerprint,
  LABEL_NAME_MAX,
  LABEL_VALUE_MAX,
  TITLE_MAX,
} from "../../domain/signal/signal.ts";
import { type AlertSeverity } from "../../../contract/signal.ts";
import { isObject, type Json, type LabelBox, putLabel, type Reading, setLabel } from "./reading.ts";
import { severityOfWord } from "./severityWords.ts";

/** Prefix of annotations among the labels. */
const ANNOTATION = "annotation.";

export type AlertParts = {
  readonly dedupKey: string;
  readonly title: string;
  readonly severity: AlertSeverity;
  readonly source: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly overflow: Readonly<Record<string, string>> | null;
};

/** Labels, annotations and what follows from them; null when refused (then `reading` says why). */
export function readAlertParts(reading: Reading, index: number, raw: Json): AlertParts | null {
  const labels = identityOf(raw["labels"]);
  if (typeof labels === "string") {
    reading.refuse(index, "labels", labels);
    return null;
  }
  const dedupKey = fingerprint(labels);
  const severity = severityOfWord(labels["severity"]);
  const source = labels["instance"] ?? null;
  // Before the annotations join the labels, which they do in the same object.
  const name = labels["alertname"] ?? describe(labels);
  const box = boxOf(reading, index, labels);
  const summary = putAnnotations(reading, index, box, raw["annotations"]);
  const title = clip(summary ?? name, TITLE_MAX);
  return {
    dedupKey,
    title,
    severity,
    source: source === null ? null : clip(source, LABEL_VALUE_MAX),
    labels: box.labels,
    overflow: box.overflow,
  };
}

/** The same labels, taken as they are unless one of them is too long. */
function boxOf(reading: Reading, index: number, labels: Record<string, string>): LabelBox {
  let fit = true;
  for (const name in labels) {
    if (name.length > LABEL_NAME_MAX || labels[name]!.length > LABEL_VALUE_MAX) fit = false;
  }
  if (fit) return { labels, overflow: null };
  const box: LabelBox = { labels: {}, overflow: null };
  for (const label of Object.entries(labels)) putLabel(reading, index, box, label);
  return box;
}

/**
 * The cleaned labels, or what was expected of them. Empty values count as absent and at least one
 * label must remain: removeEmptyLabels and Alert.Validate in Alertmanager's api/v2/api.go and
 * prometheus/common/model say so.
 */
function identityOf(value: unknown): Record<string, string> | string {
  if (!isObject(value)) return "an object of label names and text values";
  const labels: Record<string, string> = {};
  let count = 0;
  for (const name in value) {
    const text = value[name];
    if (typeof text !== "string")
      return `text in every value; “${clip(cleanText(name), 60)}” has none`;
    if (text === "") continue;
    if (name === "") return "a name for every value";
    setLabel(labels, cleanText(name), cleanText(text));
    count++;
  }
  return count === 0 ? "at least one label with a value" : labels;
}

/** Adds the annotations as labels and returns the summary, when there is one. */
function putAnnotations(
  reading: Reading,
  index: number,
  box: LabelBox,
  annotations: unknown,
): string | null {
  if (annotations === undefined || annotations === null) return null;
  if (!isObject(annotations)) {
    reading.find(index, "annotations", "not an object: left out");
    return null;
  }
  let summary: string | null = null;
  for (const name in annotations) {
    const value = annotations[name];
    if (value === "") continue;
    if (typeof value !== "string") {
      reading.find(index, `annotations.${clip(cleanText(name), 60)}`, "not text: left out");
      continue;
    }
    const text = cleanText(value);
    if (name === "summary" && text.trim() !== "") summary = text;
    putLabel(reading, index, box, [ANNOTATION + cleanText(name), text]);
  }
  return summary;
}

/** A title for an alert that has neither summary nor name: its labels. */
function describe(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
}
