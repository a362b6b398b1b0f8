/**
 * IBM's Log Event Extended Format, version 1 with tabs and version 2 with the delimiter that it names,
 * alone or behind a syslog header, one event a line.
 * https://www.ibm.com/docs/en/dsm?topic=leef-overview Samples: golden/leef.*.log
 */
import { type Adapter, type ReadResult } from "../../../domain/signal/signal.ts";
import { type Instant } from "../../../base/instant.ts";
import { readLines } from "../items.ts";
import { textAt } from "../paths.ts";
import { isObject, type Json, type Reading, refusedWhole } from "../reading.ts";
import { ONE_TO_TEN } from "../severityWords.ts";
import { severityBy } from "../telling.ts";
import { tellFinding } from "./finding.ts";
import { logTime } from "./logTime.ts";

const FIRST_LINE_MAX = 4_096;
const EXPECTED = "lines of LEEF:2.0|vendor|product|version|event|…";
const LEEF =
  /LEEF:([12])(?:\.\d)?\|([^|]{0,200})\|([^|]{0,200})\|([^|]{0,100})\|([^|]{0,300})\|(?:(x?[\da-fA-F]{2,4}|0x[\da-fA-F]{1,4}|[^|]?)\|)?(.*)$/s;
const FIELDS_MAX = 200;

export const leef: Adapter = {
  about: {
    id: "leef",
    name: "Log Event Extended Format (LEEF)",
    docs: "https://www.ibm.com/docs/en/dsm?topic=leef-overview",
  },
  setUp: {
    steps: [
      "Have whatever receives your syslog (rsyslog's omhttp, Vector, Fluent Bit) post the lines as they are to {url}, with the content type text/plain.",
    ],
    sample: "leef.lines.log",
  },
  // The attribute sev, 1 to 10.
  severities: ONE_TO_TEN,
  resendsByContract: false,
  recognise({ body }) {
    const line = textOf(body)?.slice(0, FIRST_LINE_MAX).split("\n", 1)[0] ?? "";
    return LEEF.test(line) ? 1 : 0;
  },
  read({ body, now }): ReadResult {
    const text = textOf(body);
    if (text === null) return refusedWhole("body", EXPECTED);
    return readLines(text, EXPECTED, (reading, index, line) => readLine(reading, index, line, now));
  },
};

const textOf = (body: unknown): string | null => {
  if (typeof body === "string") return body.trimStart();
  if (!isObject(body)) return null;
  const text = textAt(body, "message") ?? textAt(body, "event.original");
  return text?.includes("LEEF:") === true ? text : null;
};

function readLine(reading: Reading, index: number, line: string, now: Instant): void {
  const found = LEEF.exec(line);
  if (found === null) return reading.refuse(index, "line", EXPECTED);
  const [, version, vendor = "", product = "", , event = "", delimiter, rest = ""] = found;
  const fields = fieldsOf(rest, version === "2" ? delimiterOf(delimiter) : "\t");
  const field = (...names: readonly string[]): string | null => textAt(fields, ...names);
  const [source, target] = [field("src"), field("dst")];
  const told = field("devTime");
  tellFinding(reading, index, {
    uid: [vendor, product, event, source, target ?? field("identHostName")],
    title: field("msg", "name", "description") ?? `${product} ${event}`.trim(),
    description: field("reason", "policy"),
    severity: severityBy(ONE_TO_TEN, field("sev", "severity")),
    status: "open",
    firstSeenAt:
      (told === null ? null : logTime(told, now)) ?? headerTime(line.slice(0, found.index), now),
    product: `${vendor} ${product}`.trim() || "LEEF",
    link: field("url"),
    rule: event,
    category: field("cat"),
    host: field("identHostName", "resource", "devname"),
    resource: target ?? field("identHostName", "resource"),
    user: field("usrName", "accountName"),
    sourceIp: source,
    destinationIp: target,
    labels: {
      protocol: field("proto"),
      source_port: field("srcPort"),
      destination_port: field("dstPort"),
      action: field("action"),
    },
    details: { fields },
  });
}

/** The delimiter is a character or its code, as x5E or 0x5E; a tab where none is named. */
function delimiterOf(written: string | undefined): string {
  const code = /^(?:0?x)([\da-fA-F]{1,4})$/.exec(written ?? "")?.[1];
  if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
  return written === undefined || written === "" ? "\t" : written;
}

function fieldsOf(text: string, delimiter: string): Json {
  const fields: Record<string, string> = {};
  for (const part of text.split(delimiter, FIELDS_MAX)) {
    const equals = part.indexOf("=");
    const name = part.slice(0, Math.max(equals, 0)).trim();
    if (/^[\w.-]{1,100}$/.test(name) && name !== "__proto__") {
      fields[name] = part.slice(equals + 1).trim();
    }
  }
  return fields;
}

function headerTime(header: string, now: Instant): Instant | null {
  const stamp =
    /([A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d))/.exec(
      header,
    );
  return stamp === null ? null : logTime(stamp[1]!, now);
}
