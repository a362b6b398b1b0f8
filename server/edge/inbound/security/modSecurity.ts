/**
 * ModSecurity and Coraza: audit logs in JSON of version 3 (`transaction.messages`), 2 (`audit_data`) and
 * Coraza (`messages` beside the transaction), the native audit log in its lettered parts, and the lines of
 * an Apache or nginx error log.
 * https://github.com/owasp-modsecurity/ModSecurity/wiki/Reference-Manual-(v3.x)#secauditlogformat
 * Samples: golden/modsecurity.*
 */
import { type Adapter, type ReadResult } from "../../../domain/signal/signal.ts";
import { type Instant } from "../../../base/instant.ts";
import { readLines } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { severityBy } from "../telling.ts";
import { momentOf } from "../times.ts";
import { tellFinding } from "./finding.ts";

const EXPECTED = "an entry of the audit log, or lines of the error log";
/** The rules that only add up what others found: score and its threshold. */
const SUMMING = /^(949|959|980)\d{3}$/;
const TEXT = /(?:ModSecurity|Coraza): (?:Warning|Access denied|Access allowed|Audit log)/;
/** Where an entry of the native audit log begins, and where one of its parts does. */
const ENTRY = /^--[\da-zA-Z]{4,20}-A--\s*$/m;
const PART = /^--[\da-zA-Z]{4,20}-([A-Z])--[ \t]*\r?$/gm;

/** A match as all forms tell it. */
type Match = {
  readonly message: string;
  readonly rule: string | null;
  readonly severity: string | null;
  readonly tags: readonly string[];
};
type Transaction = {
  readonly matches: readonly Match[];
  readonly client: string | null;
  readonly host: string | null;
  readonly uri: string | null;
  readonly method: string | null;
  readonly status: string | null;
  readonly id: string | null;
  readonly blocked: boolean;
  readonly at: Instant | null;
};

const isThree = (body: Json): boolean =>
  isObject(body["transaction"]) && Array.isArray(dig(body, "transaction.messages"));
const isCoraza = (body: Json): boolean =>
  isObject(body["transaction"]) &&
  Object.hasOwn(body["transaction"], "client_ip") &&
  (Array.isArray(body["messages"]) || dig(body, "transaction.producer.connector") !== undefined);
const isTwo = (body: Json): boolean =>
  isObject(body["transaction"]) && isObject(body["audit_data"]);

export const modSecurity: Adapter = {
  about: {
    id: "modsecurity",
    name: "ModSecurity",
    docs: "https://github.com/owasp-modsecurity/ModSecurity/wiki/Reference-Manual-(v3.x)#secauditlogformat",
  },
  setUp: {
    steps: [
      "Set `SecAuditLogFormat JSON`, `SecAuditEngine RelevantOnly` and `SecAuditLogParts ABHZ`.",
      "Have your log shipper post the lines as they are to {url}.",
    ],
    sample: "modsecurity.three.json",
  },
  // Numbers and words of SecRule's action `severity`.
  severities: {
    "0": "critical",
    EMERGENCY: "critical",
    "1": "critical",
    ALERT: "critical",
    "2": "error",
    CRITICAL: "error",
    "3": "error",
    ERROR: "error",
    "4": "warning",
    WARNING: "warning",
    "5": "info",
    NOTICE: "info",
    "6": "info",
    INFO: "info",
    "7": "info",
    DEBUG: "info",
  },
  resendsByContract: false,
  recognise({ body }) {
    if (typeof body === "string") {
      const head = body.slice(0, 4_000);
      return ENTRY.test(head.slice(0, 200)) || TEXT.test(head) ? 1 : 0;
    }
    return isObject(body) && (isThree(body) || isTwo(body) || isCoraza(body)) ? 1 : 0;
  },
  read({ body }): ReadResult {
    if (typeof body === "string" && ENTRY.test(body.slice(0, 200))) return readNative(body);
    if (typeof body === "string") {
      return readLines(body, EXPECTED, (reading, index, line) => {
        if (TEXT.test(line)) tellTransaction(reading, index, ofLine(line));
        else reading.refuse(index, "line", "a line of ModSecurity");
      });
    }
    const reading = new Reading();
    if (isObject(body) && isThree(body)) tellTransaction(reading, 0, ofThree(reading, body));
    else if (isObject(body) && isTwo(body)) tellTransaction(reading, 0, ofTwo(reading, body));
    else if (isObject(body) && isCoraza(body)) {
      tellTransaction(reading, 0, ofCoraza(reading, body));
    } else return refusedWhole("body", EXPECTED);
    return reading;
  },
};

const ENTRIES_MAX = 1_000;
const MESSAGES_MAX = 100;

/** The native audit log: an entry is the parts from A (who, when) to Z. */
function readNative(text: string): ReadResult {
  const reading = new Reading();
  const entries: Map<string, string>[] = [];
  const marks = [...text.slice(0, 8_000_000).matchAll(PART)];
  marks.forEach((mark, position) => {
    const [all, letter = ""] = mark;
    if (letter === "A") entries.push(new Map());
    const end = marks[position + 1]?.index ?? text.length;
    entries.at(-1)?.set(letter, text.slice(mark.index + all.length, end).trim());
  });
  if (entries.length === 0 || entries.length > ENTRIES_MAX)
    return refusedWhole("body", `1 to ${ENTRIES_MAX} entries of the audit log`);
  entries.forEach((parts, index) => tellTransaction(reading, index, ofNative(parts)));
  return reading;
}

function ofNative(parts: ReadonlyMap<string, string>): Transaction {
  const part = (letter: string): string => parts.get(letter)?.slice(0, 64 * 1_024) ?? "";
  const [, time, id, client] =
    /^\[([^\]\n]{1,60})\] (\S{1,100}) ([\da-fA-F.:]{1,60}) \d+ /.exec(part("A")) ?? [];
  const [line = ""] = part("B").split("\n", 1);
  const [method, uri] = line.split(" ");
  return {
    matches: part("H")
      .split("\n")
      .filter((one) => one.startsWith("Message: "))
      .slice(0, MESSAGES_MAX)
      .map((one) => matchOf(one.slice("Message: ".length))),
    client: client ?? null,
    host: /^host: ([^\r\n]{1,255})/im.exec(part("B"))?.[1]?.trim() ?? null,
    uri: uri ?? null,
    method: method === undefined || method === "" ? null : method,
    status: /^HTTP\/[\d.]{1,4} (\d{3})/.exec(part("F"))?.[1] ?? null,
    id: id ?? null,
    blocked: /^Action: Intercepted/m.test(part("H")),
    at: apacheTime(time ?? null),
  };
}

function ofCoraza(reading: Reading, body: Json): Transaction {
  const transaction = body["transaction"];
  return {
    matches: listAt(body, "messages").map((one) => ({
      message: textAt(one, "data.msg", "message") ?? "Rule matched",
      rule: textAt(one, "data.id"),
      severity: textAt(one, "data.severity"),
      tags: listAt(one, "data.tags").filter((tag): tag is string => typeof tag === "string"),
    })),
    client: textAt(transaction, "client_ip"),
    host: headerOf(transaction, "Host") ?? textAt(transaction, "server_id", "host_ip"),
    uri: textAt(transaction, "request.uri"),
    method: textAt(transaction, "request.method"),
    status: textAt(transaction, "response.status"),
    id: textAt(transaction, "id"),
    blocked: dig(transaction, "is_interrupted") === true,
    at: timeAt(reading, 0, transaction, "unix_timestamp", "timestamp"),
  };
}

function ofThree(reading: Reading, body: Json): Transaction {
  const transaction = body["transaction"];
  return {
    matches: listAt(transaction, "messages").map((one) => ({
      message: textAt(one, "message") ?? textAt(one, "details.match") ?? "Rule matched",
      rule: textAt(one, "details.ruleId"),
      severity: textAt(one, "details.severity"),
      tags: listAt(one, "details.tags").filter((tag): tag is string => typeof tag === "string"),
    })),
    client: textAt(transaction, "client_ip"),
    host: headerOf(transaction, "Host") ?? textAt(transaction, "host_ip"),
    uri: textAt(transaction, "request.uri"),
    method: textAt(transaction, "request.method"),
    status: textAt(transaction, "response.http_code"),
    id: textAt(transaction, "id", "unique_id"),
    blocked: /^(403|406|501)$/.test(textAt(transaction, "response.http_code") ?? ""),
    at: timeAt(reading, 0, transaction, "time_stamp"),
  };
}

function ofTwo(reading: Reading, body: Json): Transaction {
  const line = textAt(body, "request.request_line")?.split(" ") ?? [];
  return {
    matches: listAt(body, "audit_data.messages").flatMap((one) =>
      typeof one === "string" ? matchOf(one) : [],
    ),
    client: textAt(body, "transaction.remote_address"),
    host: headerOf(body, "Host") ?? textAt(body, "transaction.local_address"),
    uri: line[1] ?? null,
    method: line[0] ?? null,
    status: textAt(body, "response.status"),
    id: textAt(body, "transaction.transaction_id"),
    blocked: dig(body, "audit_data.action.intercepted") === true,
    at:
      apacheTime(textAt(body, "transaction.time")) ??
      timeAt(reading, 0, body, "transaction.timestamp"),
  };
}

function ofLine(line: string): Transaction {
  const tag = (name: string): string | null =>
    new RegExp(`\\[${name} "([^"]{0,2000})"\\]`).exec(line)?.[1] ?? null;
  return {
    matches: [matchOf(line)],
    client:
      /\[client "?([\da-fA-F.:]+?)(?::\d+)?"?\]/.exec(line)?.[1] ??
      /client: ([\da-fA-F.:]+)/.exec(line)?.[1] ??
      null,
    // nginx's module says the address of the server there, and nginx behind it which of its hosts was asked.
    host: /, host: "([^"]{1,255})"/.exec(line)?.[1] ?? tag("hostname"),
    uri: tag("uri"),
    method: null,
    status: /with code (\d{3})/.exec(line)?.[1] ?? null,
    id: tag("unique_id"),
    blocked: line.includes("Access denied"),
    at: lineTime(line),
  };
}

function matchOf(text: string): Match {
  const tag = (name: string): string | null =>
    new RegExp(`\\[${name} "([^"]{0,2000})"\\]`).exec(text)?.[1] ?? null;
  return {
    message: tag("msg") ?? text.slice(0, 300),
    rule: tag("id"),
    severity: tag("severity"),
    tags: [...text.matchAll(/\[tag "([^"]{1,200})"\]/g)].map(([, one = ""]) => one),
  };
}

function headerOf(holder: unknown, name: string): string | null {
  const headers = dig(holder, "request.headers");
  if (!isObject(headers)) return null;
  const found = Object.keys(headers).find((key) => key.toLowerCase() === name.toLowerCase());
  // Coraza gives every header as a list.
  return found === undefined ? null : textAt({ value: headers[found] }, "value", "value.0");
}

/** 14/May/2021:15:11:52 +0000, with or without a fraction. */
function apacheTime(text: string | null): Instant | null {
  const parts = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d)(?:\.\d+)? ([+-]\d{4})$/.exec(
    text ?? "",
  );
  if (parts === null) return null;
  const month = String("JanFebMarAprMayJunJulAugSepOctNovDec".indexOf(parts[2]!) / 3 + 1).padStart(
    2,
    "0",
  );
  return momentOf(`${parts[3]}-${month}-${parts[1]}T${parts[4]}${parts[5]}`);
}

/** [Fri May 14 14:52:47.123456 2021] of Apache, 2021/05/14 14:52:47 of nginx. */
function lineTime(line: string): Instant | null {
  const apache =
    /^\[([A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d)(?:\.\d+)? (\d{4})\]/.exec(line);
  if (apache !== null) return momentOf(`${apache[1]} ${apache[2]}`);
  return momentOf(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/.exec(line)?.[0].replaceAll("/", "-"));
}

function tellTransaction(reading: Reading, index: number, transaction: Transaction): void {
  const { matches, client, host } = transaction;
  const worst = worstOf(matches);
  if (worst === null) return reading.find(index, "messages", "no rule matched: no alert");
  tellFinding(reading, index, {
    uid: [worst.rule ?? worst.message, host, client],
    title: `${worst.message}${client === null ? "" : ` from ${client}`}`,
    severity: severityBy(modSecurity.severities!, worst.severity),
    status: "open",
    firstSeenAt: transaction.at,
    product: "ModSecurity",
    rule: worst.rule,
    category: worst.tags.filter((tag) => tag.startsWith("attack-") || tag.startsWith("OWASP_CRS/")),
    host,
    sourceIp: client,
    labels: {
      method: transaction.method,
      status: transaction.status,
      blocked: transaction.blocked,
    },
    details: {
      uri: transaction.uri,
      rules: matches
        .slice(0, 20)
        .map(({ rule, message }) => `${rule ?? "?"}: ${message.slice(0, 200)}`),
      transaction: transaction.id,
    },
  });
}

/** The most severe match; one that says what was tried goes before one that only adds up. */
function worstOf(matches: readonly Match[]): Match | null {
  const rank = { critical: 0, error: 1, warning: 2, info: 3 };
  const sorted = matches.toSorted((a, b) => {
    const summing = Number(SUMMING.test(a.rule ?? "")) - Number(SUMMING.test(b.rule ?? ""));
    return summing !== 0
      ? summing
      : rank[severityBy(modSecurity.severities!, a.severity)] -
          rank[severityBy(modSecurity.severities!, b.severity)];
  });
  return sorted[0] ?? null;
}
