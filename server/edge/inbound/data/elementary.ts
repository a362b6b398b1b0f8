/**
 * Elementary's alerts as it writes them for Microsoft Teams (adaptive cards) and Slack (blocks), and the
 * rows of its tables. The messages are prose: a headline, a line of `name: value` parts, and sections. They
 * tell no end; a row whose test passed does, and so does a run of dbt.
 * https://docs.elementary-data.com/oss/guides/alerts/alerts-configuration
 * Samples: golden/elementary.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, textAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { momentOf } from "../times.ts";
import { tellCheck } from "./check.ts";
import { isRow, readRow } from "./elementaryRow.ts";

const TEXTS_MAX = 400;
const HEADLINE = /^(?:[^\w"]{0,6})?(Failure|Error|Warning|Warn|Runtime Error|Fail): (.+)$/i;
/** The same where Elementary does not know the status: no word stands before it. */
const BARE =
  /^(?:[^\w"]{0,6})?()("[^"]{1,200}" test failed.*|dbt failed to .+|.*source freshness.*|.+: \d+ issues? detected)$/i;
const FIELD = /\*{1,2}([A-Z][A-Za-z ]{1,40}):\*{1,2} *([^|\n]+)/g;
const OWN_WORDS =
  /View in Elementary|issues? detected|test failed|failed to build|source freshness|dbt failed|Elementary/i;

/** All texts of a card or of blocks, in their order. */
function textsOf(value: unknown, found: string[] = []): readonly string[] {
  if (found.length >= TEXTS_MAX) return found;
  if (Array.isArray(value)) for (const one of value) textsOf(one, found);
  else if (isObject(value)) {
    for (const name of [
      "text",
      "body",
      "blocks",
      "attachments",
      "content",
      "items",
      "columns",
      "inlines",
      "fields",
      "elements",
      "facts",
    ]) {
      const inner = value[name];
      if (typeof inner === "string") found.push(inner);
      else textsOf(inner, found);
    }
    if (typeof value["title"] === "string" && typeof value["value"] === "string") {
      found.push(`**${value["title"]}:** ${value["value"]}`);
    }
  }
  return found;
}

const isCard = (body: Json): boolean =>
  body["type"] === "AdaptiveCard" ||
  Array.isArray(body["blocks"]) ||
  dig(body, "attachments.0.contentType") === "application/vnd.microsoft.card.adaptive";

/** The headline among the first texts; one without a word only beside Elementary's own line of facts. */
const headlineOf = (texts: readonly string[]): RegExpExecArray | null => {
  const first = texts.slice(0, 5).map((text) => text.slice(0, 1_000).trim());
  const facts = texts.some((text) => /\*(Status|Test|Model|Snapshot|Source|Time):\*/.test(text));
  for (const form of facts ? [HEADLINE, BARE] : [HEADLINE]) {
    for (const text of first) {
      const found = form.exec(text);
      if (found !== null) return found;
    }
  }
  return null;
};

export const elementary: Adapter = {
  about: {
    id: "elementary",
    name: "Elementary",
    docs: "https://docs.elementary-data.com/oss/guides/alerts/alerts-configuration",
  },
  setUp: {
    steps: [
      "Run `edr monitor --teams-webhook {url}`: Tocsin reads the card that is meant for Teams.",
      "Let a later `dbt build` be posted to the dbt adapter too: Elementary's messages do not tell when a test passes again.",
      "Or post the rows of elementary_test_results as JSON, one object, a list or lines: those that passed end their alerts.",
    ],
    sample: "elementary.card.json",
  },
  severities: {
    Failure: "error",
    Fail: "error",
    Error: "error",
    "Runtime Error": "error",
    Warning: "warning",
    Warn: "warning",
  },
  resendsByContract: false,
  recognise: recogniseObject((body) => {
    if (!isCard(body)) return Number(isRow(body));
    const texts = textsOf(body);
    return headlineOf(texts) !== null && texts.some((text) => OWN_WORDS.test(text)) ? 0.9 : 0;
  }),
  read: readObject("an alert of Elementary as card or blocks, or a row", (reading, body) => {
    if (!isCard(body) && isRow(body)) return readRow(reading, body, elementary.severities!);
    const texts = isCard(body) ? textsOf(body) : [];
    const headline = headlineOf(texts);
    if (headline === null) return reading.refuse(0, "body", "a headline such as “Failure: …”");
    readAlert(reading, body, texts, headline);
  }),
};

function readAlert(
  reading: Reading,
  body: Json,
  texts: readonly string[],
  headline: RegExpExecArray,
): void {
  const [, word = "", rest = ""] = headline;
  const fields = fieldsOf(texts);
  const field = (...names: readonly string[]): string | null => textAt(fields, ...names);
  const status = field("Status");
  const subject = field("Test", "Model", "Snapshot", "Seed", "Source");
  const quoted = /"([^"]+)"/.exec(rest)?.[1];
  const on = / on ([\w.$-]+)$/.exec(rest)?.[1];
  const at = momentOf(field("Time"));
  tellCheck(reading, 0, {
    // Numbers change from one message to the next; the condition does not.
    key: ["elementary", rest.replaceAll(/\d+ issues?/g, "issues")],
    title: rest,
    passed: false,
    severity: severityBy(elementary.severities!, status === "warn" ? "Warning" : word || "Failure"),
    product: "Elementary",
    at,
    dataset:
      on ??
      field("Table") ??
      field("Source") ??
      (rest.startsWith("dbt failed") ? quoted : (/^([\w.]+): /.exec(rest)?.[1] ?? null)),
    column: field("Column"),
    job: field("Model", "Snapshot", "Seed") ?? quoted,
    link: linkIn(body, texts),
    labels: {
      status,
      subject,
      environment: field("Env"),
      owners: field("Owners"),
      tags: field("Tags"),
    },
    details: { message: texts.slice(1, 30).map((text) => text.slice(0, 1_000)) },
  });
}

/** `**Name:** value | **Name:** value`, with one star in Slack; underscored values mean “none”. */
function fieldsOf(texts: readonly string[]): Json {
  const fields: Record<string, string> = {};
  for (const text of texts) {
    for (const [, name = "", value = ""] of text.slice(0, 4_000).matchAll(FIELD)) {
      const plain = value.trim();
      if (name !== "__proto__" && plain !== "" && plain !== "N/A" && !/^_.*_$/.test(plain))
        fields[name] ??= plain;
    }
  }
  return fields;
}

/** The address behind “View in Elementary”, in either markup, or that of a button. */
function linkIn(body: Json, texts: readonly string[]): string | null {
  for (const text of texts) {
    const found =
      /\]\((https?:\/\/[^)\s]+)\)/.exec(text) ?? /<(https?:\/\/[^|>\s]+)[|>]/.exec(text);
    if (found?.[1] !== undefined) return found[1];
  }
  return buttonIn(body, 0);
}

function buttonIn(value: unknown, depth: number): string | null {
  if (typeof value !== "object" || value === null || depth > 12) return null;
  const url = isObject(value) ? textAt(value, "url") : null;
  if (url !== null && /^https?:/.test(url)) return url;
  for (const inner of Object.values(value)) {
    const found = buttonIn(inner, depth + 1);
    if (found !== null) return found;
  }
  return null;
}
