/**
 * Snort alerts: `alert_json` of version 3 with its many optional fields, and the texts of `alert_fast`,
 * `alert_full`, `alert_csv` and syslog of versions 2 and 3.
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
import { addressOf, textAlert, withoutBlocks } from "./snortText.ts";

const EXPECTED = "an alert of alert_json, or lines of alert_fast, alert_full, alert_csv or syslog";
const FIRST_MAX = 2_000;

export const snort: Adapter = {
  about: { id: "snort", name: "Snort", docs: "https://docs.snort.org/start/alert_logging" },
  setUp: {
    steps: [
      "In snort.lua set `alert_json = { file = true, fields = 'seconds action class dst_addr dst_port gid msg priority proto rule sid src_addr src_port timestamp' }`.",
      "Have your log shipper post the lines as they are to {url}; lines of alert_fast, alert_full, alert_csv and syslog are read too.",
    ],
    sample: "snort.alert.json",
  },
  // The priority of the rule's class: 1 is the highest; 0 is a rule without a class.
  severities: { "1": "error", "2": "warning", "3": "info", "4": "info", "0": "info" },
  resendsByContract: false,
  recognise({ body }) {
    if (typeof body === "string") {
      const first = withoutBlocks(body.slice(0, FIRST_MAX).trim())[0] ?? "";
      const alert = textAlert(first);
      return alert === null || alert.program === "suricata" ? 0 : 1;
    }
    return isObject(body) &&
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
    return readLines(withoutBlocks(body), EXPECTED, (reading, index, line) => {
      const alert = textAlert(line);
      if (alert === null) return reading.refuse(index, "line", "a line as Snort writes its alerts");
      readAlert(reading, index, alert.fields, now);
    });
  },
};

function readAlert(reading: Reading, index: number, alert: Json, now: Instant): void {
  const known = textAt(alert, "rule", "sid");
  if (known === null) return reading.refuse(index, "rule", "gid:sid:rev");
  const rule =
    textAt(alert, "rule") ?? [textAt(alert, "gid") ?? "1", known, textAt(alert, "rev")].join(":");
  const source = textAt(alert, "src_addr") ?? addressOf(textAt(alert, "src_ap"));
  const target = textAt(alert, "dst_addr") ?? addressOf(textAt(alert, "dst_ap"));
  const kind = textAt(alert, "class");
  tellFinding(reading, index, {
    // Without the revision: an edited rule still speaks of the same condition.
    uid: [rule.split(":").slice(0, 2).join(":"), source, target],
    // The fields that Snort writes when none are chosen have no message.
    title: textAt(alert, "msg") ?? `Rule ${rule} matched`,
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
