/**
 * ArcSight's Common Event Format, alone or behind a syslog header of either RFC, one event a line; wrapped
 * by a shipper; and as Filebeat's processor decodes it.
 * https://www.microfocus.com/documentation/arcsight/arcsight-smartconnectors-8.4/pdfdoc/cef-implementation-standard/cef-implementation-standard.pdf
 * Samples: golden/cef.*.log
 */
import { type Adapter, type ReadResult } from "../../../domain/signal/signal.ts";
import { type Instant } from "../../../base/instant.ts";
import { readLines } from "../items.ts";
import { dig, textAt } from "../paths.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { ONE_TO_TEN } from "../severityWords.ts";
import { severityBy } from "../telling.ts";
import { tellFinding } from "./finding.ts";
import { logTime } from "./logTime.ts";

const FIRST_LINE_MAX = 4_096;
const EXPECTED = "lines of CEF:0|vendor|product|version|id|name|severity|…";
/** A part of the header: anything but a bar, where \| and \\ are escaped. */
const PART = String.raw`((?:\\.|[^|\\])*)`;
const CEF = new RegExp(
  String.raw`CEF: ?(\d{1,2})\|${PART}\|${PART}\|${PART}\|${PART}\|${PART}\|${PART}\|(.*)$`,
  "s",
);
const KEY = /(?:^| )([A-Za-z0-9_.[\]-]{1,100})=/g;

export const cef: Adapter = {
  about: {
    id: "cef",
    name: "Common Event Format (CEF)",
    docs: "https://www.microfocus.com/documentation/arcsight/arcsight-smartconnectors-8.4/pdfdoc/cef-implementation-standard/cef-implementation-standard.pdf",
  },
  setUp: {
    steps: [
      "Have whatever receives your syslog (rsyslog's omhttp, Vector, Fluent Bit) post the lines as they are to {url}, with the content type text/plain.",
    ],
    sample: "cef.lines.log",
  },
  // Agent severity: 0–3 low, 4–6 medium, 7–8 high, 9–10 very high, or the word.
  severities: {
    "0": "info",
    ...ONE_TO_TEN,
    Low: "info",
    Medium: "warning",
    High: "error",
    "Very-High": "critical",
    Unknown: "warning",
  },
  resendsByContract: false,
  recognise({ body }) {
    const line = textOf(body)?.slice(0, FIRST_LINE_MAX).split("\n", 1)[0] ?? "";
    return CEF.test(line) || isDecoded(body) ? 1 : 0;
  },
  read({ body, now }): ReadResult {
    const text = textOf(body);
    if (text === null && isDecoded(body)) {
      const reading = new Reading();
      readDecoded(reading, body, now);
      return reading;
    }
    if (text === null) return refusedWhole("body", EXPECTED);
    return readLines(text, EXPECTED, (reading, index, line) => readLine(reading, index, line, now));
  },
};

/** Shippers wrap a line as `message`, or beside what they made of it. */
const WRAPPED = ["message", "event.original", "log", "raw", "_raw", "original"];
const textOf = (body: unknown): string | null => {
  if (typeof body === "string") return body.trimStart();
  const texts = WRAPPED.map((path) => textAt(body, path));
  return texts.find((text) => text !== null && /CEF: ?\d/.test(text.slice(0, 500))) ?? null;
};

/** The event as Filebeat's processor decodes it, where nobody kept the line. */
const isDecoded = (body: unknown): body is Json =>
  isObject(body) && isObject(dig(body, "cef.device")) && textAt(body, "cef.name") !== null;

function readLine(reading: Reading, index: number, line: string, now: Instant): void {
  const found = CEF.exec(line);
  if (found === null) return reading.refuse(index, "line", EXPECTED);
  const [vendor = "", product = "", , id = "", name = "", severity = ""] = found
    .slice(2, 8)
    .map(unescaped);
  const fields = extensionOf(found[8] ?? "");
  readFields(
    reading,
    index,
    { vendor, product, id, name, severity, fields, header: line.slice(0, found.index) },
    now,
  );
}

function readDecoded(reading: Reading, body: Json, now: Instant): void {
  const fields = dig(body, "cef.extensions");
  readFields(
    reading,
    0,
    {
      vendor: textAt(body, "cef.device.vendor") ?? "",
      product: textAt(body, "cef.device.product") ?? "",
      id: textAt(body, "cef.device.event_class_id") ?? "",
      name: textAt(body, "cef.name") ?? "",
      severity: textAt(body, "cef.severity") ?? "",
      fields: isObject(fields) ? fields : {},
      header: textAt(body, "@timestamp") ?? "",
    },
    now,
  );
}

type Event = {
  readonly vendor: string;
  readonly product: string;
  readonly id: string;
  readonly name: string;
  readonly severity: string;
  readonly fields: Json;
  /** What stands before the event, which may tell when it was sent. */
  readonly header: string;
};

function readFields(reading: Reading, index: number, event: Event, now: Instant): void {
  const { vendor, product, id, name, severity, fields } = event;
  const field = (...names: readonly string[]): string | null => textAt(fields, ...names);
  const [source, target] = [
    field("src", "sourceAddress", "c6a2"),
    field("dst", "destinationAddress", "c6a3"),
  ];
  const host = field(
    "dhost",
    "destinationHostName",
    "shost",
    "sourceHostName",
    "dvchost",
    "deviceHostName",
  );
  // An agent on a host names neither, but itself.
  const [from, to] = [source ?? field("shost"), target ?? field("dhost")];
  tellFinding(reading, index, {
    uid: [
      vendor,
      product,
      id,
      ...(from === null && to === null ? [field("dvchost", "deviceHostName", "dvc")] : [from, to]),
    ],
    title: name === "" ? (field("msg", "message") ?? `${product} ${id}`) : name,
    description: field("msg", "message", "reason"),
    // Check Point says “Unknown” in the header, and what it means in a field of its own.
    severity: severityBy(
      cef.severities!,
      /^unknown$/i.test(severity) ? (field("cp_severity") ?? severity) : severity,
    ),
    status: "open",
    firstSeenAt: startOf(
      event.header,
      field("rt", "start", "deviceReceiptTime", "startTime", "end"),
      now,
    ),
    product: `${vendor} ${product}`.trim() || "CEF",
    link: field("requestUrl", "deviceExternalUrl"),
    rule: id,
    category: field("cat", "deviceEventCategory"),
    host,
    resource: field("dhost", "dvchost") ?? target ?? field("dvc"),
    user: field("duser", "destinationUserName", "suser", "sourceUserName"),
    sourceIp: source,
    destinationIp: target,
    observables: [
      ["any", field("fileHash", "oldFileHash")],
      ["file name", field("fname", "filePath")],
      ["any", field("request")],
      ...hashesOf(fields),
      ["domain", field("dhost", "destinationDnsDomain", "sourceDnsDomain")],
    ],
    labels: {
      ...namedFields(fields),
      protocol: field("proto", "transportProtocol", "app"),
      action: field("act", "deviceAction"),
      outcome: field("outcome"),
      tool_severity: severity,
    },
    details: { fields },
  });
}

const HASHES = /^(?:.*File)?(md5|sha1|sha256)$/i;

/** Hashes by the name of their field, or by the label of one that has no name of its own. */
function hashesOf(fields: Json): readonly (readonly ["md5" | "sha1" | "sha256", unknown])[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const kind = HASHES.exec(textAt(fields, `${name}Label`) ?? name)?.[1]?.toLowerCase();
    return kind === "md5" || kind === "sha1" || kind === "sha256" ? [[kind, value] as const] : [];
  });
}

const unescaped = (text: string): string => text.replaceAll(/\\([|\\=])/g, "$1").trim();

/** key=value pairs whose values hold spaces: a value ends where the next key begins. */
function extensionOf(text: string): Json {
  const keys = [...text.matchAll(KEY)].filter(
    ({ 0: all, index }) => text[index + all.length - 2] !== "\\",
  );
  return Object.fromEntries(
    keys.slice(0, 200).map((match, position) => {
      const end = keys[position + 1]?.index ?? text.length;
      const value = text.slice(match.index + match[0].length, end);
      return [match[1]!, unescaped(value).replaceAll(/\\[nr]/g, " ")];
    }),
  );
}

/** cs1 and cs1Label together are a label with a name. */
function namedFields(fields: Json): Json {
  const named: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) {
    const label = /^(?:cs|cn|cfp|c6a|flexString|flexNumber)\d$/.test(name)
      ? textAt(fields, `${name}Label`)
      : null;
    if (label !== null)
      Object.defineProperty(named, label, {
        value: fields[name],
        enumerable: true,
        configurable: true,
        writable: true,
      });
  }
  return named;
}

/** The event's own time, or else that of the syslog header before it. */
function startOf(header: string, own: string | null, now: Instant): Instant | null {
  const at = own === null ? null : logTime(own, now);
  if (at !== null) return at;
  const stamp =
    /([A-Z][a-z]{2} +\d{1,2}(?: +\d{4})? +\d\d:\d\d:\d\d(?:\.\d+)?|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))/.exec(
      header,
    );
  return stamp === null ? null : logTime(stamp[1]!, now);
}
