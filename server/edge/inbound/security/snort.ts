/**
 * Snort 3 alerts: `alert_json` with its many optional fields, and the lines of `alert_fast`.
 * https://docs.snort.org/start/alert_logging Samples: golden/snort.*
 */
import { type Adapter, type ReadResult } from "../../../domain/signal/signal.ts";
import { type Instant } from "../../../base/instant.ts";
import { readLines } from "../items.ts";
import { dig, numberAt, textAt } from "../paths.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { severityBy } from "../telling.ts";
import { momentOf } from "../times.ts";
import { logTime } from "./logTime.ts";
import { tellFinding } from "./finding.ts";

const EXPECTED = "an alert of alert_json, or lines of alert_fast";
const FAST =
  /^(?<time>\d\d\/\d\d(?:\/\d\d)?-\d\d:\d\d:\d\d\.\d+) +\[\*\*\] +\[(?<rule>\d+:\d+:\d+)\] +"?(?<msg>.{1,500}?)"? +\[\*\*\](?: +\[Classification: (?<class>[^\]]{1,200})\])?(?: +\[Priority: (?<priority>\d+)\])?.*?(?:\{(?<proto>[^}]{1,30})\} +(?<src>[\da-fA-F.:]{1,60}) +-> +(?<dst>[\da-fA-F.:]{1,60}))?\s*$/;

export const snort: Adapter = {
  about: { id: "snort", name: "Snort", docs: "https://docs.snort.org/start/alert_logging" },
  setUp: {
    steps: [
      "In snort.lua set `alert_json = { file = true, fields = 'seconds action class dst_addr dst_port gid msg priority proto rule sid src_addr src_port timestamp' }`.",
      "Have your log shipper post the lines as they are to {url}; lines of alert_fast are read too.",
    ],
    sample: "snort.alert.json",
  },
  // The priority of the rule's class: 1 is the highest; 0 is a rule without a class.
  severities: { "1": "error", "2": "warning", "3": "info", "4": "info", "0": "info" },
  resendsByContract: false,
  recognise({ body }) {
    if (typeof body === "string") return FAST.test(firstLine(body)) ? 1 : 0;
    return isObject(body) &&
      typeof body["msg"] === "string" &&
      (typeof body["rule"] === "string" || typeof body["sid"] === "number") &&
      ["src_addr", "src_ap", "pkt_num", "dst_ap"].some((name) => Object.hasOwn(body, name))
      ? 1
      : 0;
  },
  read({ body, now }): ReadResult {
    if (isObject(body)) {
      const reading = new Reading();
      readAlert(reading, 0, body, now);
      return reading;
    }
    if (typeof body !== "string") return refusedWhole("body", EXPECTED);
    return readLines(body, EXPECTED, (reading, index, line) => {
      const groups = FAST.exec(line)?.groups;
      if (groups === undefined) {
        return reading.refuse(index, "line", "a line as alert_fast writes it");
      }
      readAlert(reading, index, fastFields(groups), now);
    });
  },
};

const firstLine = (text: string): string => text.slice(0, 2_000).trim().split("\n", 1)[0]!;

function fastFields(groups: Readonly<Record<string, string | undefined>>): Json {
  return {
    msg: groups["msg"],
    rule: groups["rule"],
    class: groups["class"],
    priority: groups["priority"],
    proto: groups["proto"],
    src_ap: groups["src"],
    dst_ap: groups["dst"],
    timestamp: groups["time"],
  };
}

function readAlert(reading: Reading, index: number, alert: Json, now: Instant): void {
  const message = textAt(alert, "msg");
  if (message === null) return reading.refuse(index, "msg", "a text");
  const rule =
    textAt(alert, "rule") ??
    [textAt(alert, "gid") ?? "1", textAt(alert, "sid"), textAt(alert, "rev")].join(":");
  const source = textAt(alert, "src_addr") ?? addressOf(textAt(alert, "src_ap"));
  const target = textAt(alert, "dst_addr") ?? addressOf(textAt(alert, "dst_ap"));
  const kind = textAt(alert, "class");
  tellFinding(reading, index, {
    // Without the revision: an edited rule still speaks of the same condition.
    uid: [rule.split(":").slice(0, 2).join(":"), source, target],
    title: message,
    severity: severityBy(snort.severities!, dig(alert, "priority")),
    status: "open",
    firstSeenAt: startOf(reading, index, alert, now),
    product: "Snort",
    rule,
    category: kind === "none" ? null : kind,
    resource: target,
    sourceIp: source,
    destinationIp: target,
    labels: {
      protocol: textAt(alert, "proto"),
      application: textAt(alert, "service"),
      source_port: textAt(alert, "src_port"),
      destination_port: textAt(alert, "dst_port"),
      action: textAt(alert, "action"),
    },
  });
}

/** The address of “10.0.0.1:443”; a bare IPv6 address has more colons than one. */
function addressOf(pair: string | null): string | null {
  if (pair === null) return null;
  const v4 = /^(\d+\.\d+\.\d+\.\d+)(?::\d+)?$/.exec(pair);
  return (
    v4?.[1] ??
    pair.replace(/:\d{1,5}$/, (port, at: number) =>
      pair.slice(0, at).split(":").length > 7 ? "" : port,
    )
  );
}

/** `seconds` when it was logged; the timestamp has a year only where Snort was told so. */
function startOf(reading: Reading, index: number, alert: Json, now: Instant): Instant | null {
  const seconds = numberAt(alert, "seconds");
  if (seconds !== null) return momentOf(Math.floor(seconds));
  const text = textAt(alert, "timestamp");
  if (text === null) return null;
  const found = logTime(text, now);
  if (found === null) reading.find(index, "timestamp", "not a time that could be read: left out");
  return found;
}
