/**
 * A list of indicators as CSV with a header: type, value, source, valid_from, valid_until, labels.
 * Without a type the form of the value says what it is. Described in docs/intake.md.
 * Samples: golden/indicators.*.csv
 */
import { whenNeeded } from "../../../base/whenNeeded.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { type ObservableKind } from "../../../domain/signal/observable.ts";
import { textAt, timeAt } from "../paths.ts";
import { Reading, refusedWhole } from "../reading.ts";
import { tellIndicator } from "./indicator.ts";

const csv = whenNeeded("csv-parse/sync");

/** Parsed while nobody else is served: longer lists come in several requests. */
const ROWS_MAX = 1_000;
const EXPECTED =
  "CSV with a header that names value, and may name type, source, valid_from, valid_until and labels";
const VALUE = ["value", "indicator", "ioc", "observable", "indicator_value"];
const TYPE = ["type", "indicator_type", "ioc_type", "observable_type"];
const KIND_OF: Readonly<Record<string, ObservableKind | "any">> = {
  ip: "ip",
  ipv4: "ip",
  ipv6: "ip",
  "ip-src": "ip",
  "ip-dst": "ip",
  "ipv4-addr": "ip",
  "ipv6-addr": "ip",
  address: "ip",
  domain: "domain",
  hostname: "domain",
  fqdn: "domain",
  "domain-name": "domain",
  url: "url",
  uri: "url",
  email: "email",
  "email-addr": "email",
  "email-src": "email",
  md5: "md5",
  sha1: "sha1",
  "sha-1": "sha1",
  sha256: "sha256",
  "sha-256": "sha256",
  hash: "any",
  filehash: "any",
  file: "file name",
  filename: "file name",
  "file name": "file name",
};

const headerOf = (text: string): readonly string[] =>
  text
    .slice(0, 2_000)
    .split(/\r?\n/, 1)[0]!
    .split(/[,;\t]/)
    .map((name) => name.trim().replaceAll('"', "").toLowerCase());

export const indicatorCsv: Adapter = {
  about: { id: "indicators", name: "Indicators as CSV", docs: "docs/intake.md" },
  setUp: {
    steps: ["Send the list: curl --data-binary @indicators.csv -H 'content-type: text/csv' {url}"],
    sample: "indicators.list.csv",
  },
  resendsByContract: false,
  recognise({ body }) {
    if (typeof body !== "string") return 0;
    const header = headerOf(body);
    const named =
      VALUE.some((name) => header.includes(name)) && TYPE.some((name) => header.includes(name));
    return named ? 0.9 : 0;
  },
  read({ body }) {
    if (typeof body !== "string" || !VALUE.some((name) => headerOf(body).includes(name))) {
      return refusedWhole("body", EXPECTED);
    }
    if (lineCount(body) > ROWS_MAX + 1) return refusedWhole("body", `at most ${ROWS_MAX} rows`);
    const rows = rowsOf(body);
    if (rows === null || rows.length === 0) return refusedWhole("body", EXPECTED);
    const reading = new Reading();
    rows.forEach((row, index) => readRow(reading, index, row));
    return reading;
  },
};

/** How many filled lines there are, without parsing them. */
const lineCount = (text: string): number => text.match(/[^\r\n]+/g)?.length ?? 0;

function rowsOf(text: string): readonly Record<string, string>[] | null {
  try {
    return csv().parse(text, {
      bom: true,
      columns: (names: string[]) => names.map((name) => name.trim().toLowerCase()),
      delimiter: [",", ";", "\t"],
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      comment: "#",
      comment_no_infix: true,
      max_record_size: 8 * 1_024,
    });
  } catch {
    return null;
  }
}

function readRow(reading: Reading, index: number, row: Record<string, string>): void {
  const value = textAt(row, ...VALUE);
  const type = textAt(row, ...TYPE)?.toLowerCase() ?? null;
  if (value === null) return reading.refuse(index, "value", "a text");
  const kind = type === null ? "any" : Object.hasOwn(KIND_OF, type) ? KIND_OF[type]! : null;
  if (kind === null)
    return reading.refuse(index, "type", "ip, domain, url, email, md5, sha1, sha256 or file");
  const told = tellIndicator(reading, index, {
    kind,
    value,
    source: textAt(row, "source", "feed", "provider") ?? "CSV",
    validFrom: timeAt(reading, index, row, "valid_from", "first_seen", "created"),
    validUntil: timeAt(reading, index, row, "valid_until", "expires", "expiration", "expires_at"),
    labels: [
      ...(textAt(row, "labels", "tags")?.split(/[,;|]/) ?? []),
      textAt(row, "description", "comment"),
    ].filter((label) => label !== null && label !== ""),
  });
  if (!told) reading.refuse(index, "value", `a value of the type ${type ?? "that its form shows"}`);
}
