/**
 * Suricata's EVE log, one event a line, and the lines of its fast.log. Alerts and anomalies are
 * conditions; flows, statistics and protocol records are told as such and raise nothing.
 * https://docs.suricata.io/en/latest/output/eve/eve-json-format.html Samples: golden/suricata.*.json
 */
import { type Instant } from "../../../base/instant.ts";
import { type Adapter, type ReadResult } from "../../../domain/signal/signal.ts";
import { readLines } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { severityBy } from "../telling.ts";
import { tellFinding } from "./finding.ts";
import { logTime } from "./logTime.ts";
import { addressOf, textAlert } from "./snortText.ts";

const EXPECTED = "one event of eve.json, or lines of fast.log";
const FIRST_MAX = 2_000;

export const suricata: Adapter = {
  about: {
    id: "suricata",
    name: "Suricata EVE",
    docs: "https://docs.suricata.io/en/latest/output/eve/eve-json-format.html",
  },
  setUp: {
    steps: [
      "In suricata.yaml let `outputs: - eve-log` write the types alert and anomaly.",
      "Have your log shipper (Vector, Fluent Bit, Filebeat) post the lines as they are to {url}.",
    ],
    sample: "suricata.alert.json",
  },
  // The priority of the rule's class, 1 is the highest (classification.config); 255 is “none given”. A
  // signature alone says what was tried, not that it worked: the highest is an error.
  severities: { "1": "error", "2": "warning", "3": "info", "4": "info", "255": "info" },
  resendsByContract: false,
  recognise({ body }) {
    if (typeof body === "string") return ofFastLog(body.slice(0, FIRST_MAX).trim()) ? 1 : 0;
    return Number(isObject(body) && isEve(body));
  },
  read({ body, now }): ReadResult {
    if (typeof body === "string") {
      return readLines(body, EXPECTED, (reading, index, line) => {
        const alert = textAlert(line);
        if (alert === null) return reading.refuse(index, "line", "a line as fast.log has them");
        readAlert(reading, index, eveOf(alert.fields, now));
      });
    }
    if (!isObject(body)) return refusedWhole("body", EXPECTED);
    const reading = new Reading();
    readEvent(reading, 0, eventOf(body));
    return reading;
  },
};

const isEve = (body: Json): boolean =>
  isObject(dig(body, "suricata.eve")) ||
  (typeof body["event_type"] === "string" &&
    // Each record holds what it tells below the name of its type; statistics have no flow.
    (isObject(body["alert"]) ||
      isObject(body[body["event_type"]]) ||
      Object.hasOwn(body, "flow_id")) &&
    typeof body["timestamp"] === "string");

const ofFastLog = (text: string): boolean =>
  textAlert(text.split("\n", 1)[0]!)?.program === "suricata";

/** A line of fast.log in the names of EVE. */
function eveOf(line: Json, now: Instant): Json {
  const [gid, sid, rev] = (textAt(line, "rule") ?? "").split(":");
  const at = logTime(textAt(line, "timestamp") ?? "", now);
  return {
    event_type: "alert",
    timestamp: at === null ? undefined : new Date(at).toISOString(),
    src_ip: addressOf(textAt(line, "src_ap")),
    dest_ip: addressOf(textAt(line, "dst_ap")),
    proto: line["proto"],
    alert: {
      gid,
      signature_id: sid,
      rev,
      signature: line["msg"],
      category: line["class"],
      severity: line["priority"],
    },
  };
}

function readEvent(reading: Reading, index: number, body: Json): void {
  const type = textAt(body, "event_type");
  if (type === "alert") return readAlert(reading, index, body);
  if (type === "anomaly") return readAnomaly(reading, index, body);
  if (type === null)
    return reading.refuse(index, "event_type", "alert, anomaly or another EVE type");
  reading.find(index, "event_type", `“${type.slice(0, 40)}” is a record of traffic: no alert`);
}

/** The event as Suricata wrote it: Filebeat moves it below its own name, and the ends of the flow out of it. */
function eventOf(body: Json): Json {
  const eve = dig(body, "suricata.eve");
  if (!isObject(eve)) return body;
  return {
    src_ip: dig(body, "source.ip"),
    src_port: dig(body, "source.port"),
    dest_ip: dig(body, "destination.ip"),
    dest_port: dig(body, "destination.port"),
    proto: dig(body, "network.transport"),
    timestamp: body["@timestamp"],
    host: dig(body, "host.name"),
    ...eve,
  };
}

function readAlert(reading: Reading, index: number, body: Json): void {
  const signature = textAt(body, "alert.signature");
  if (signature === null) return reading.refuse(index, "alert.signature", "a text");
  tellFinding(reading, index, {
    ...flowOf(reading, index, body),
    uid: [
      textAt(body, "alert.gid") ?? "1",
      textAt(body, "alert.signature_id"),
      textAt(body, "src_ip"),
      textAt(body, "dest_ip"),
    ],
    title: signature,
    description: textAt(body, "alert.category"),
    severity: severityBy(suricata.severities!, dig(body, "alert.severity")),
    rule: textAt(body, "alert.signature_id"),
    category: textAt(body, "alert.category"),
    // Rules of Emerging Threats carry ATT&CK in their metadata, each value as a list.
    tactics: dig(body, "alert.metadata.mitre_tactic_name"),
    techniques:
      dig(body, "alert.metadata.mitre_technique_id") ?? dig(body, "alert.metadata.mitre_attack"),
  });
}

function readAnomaly(reading: Reading, index: number, body: Json): void {
  const what = textAt(body, "anomaly.event", "anomaly.type");
  if (what === null) return reading.refuse(index, "anomaly.event", "a text");
  tellFinding(reading, index, {
    ...flowOf(reading, index, body),
    uid: ["anomaly", what, textAt(body, "src_ip"), textAt(body, "dest_ip")],
    title: `Anomaly: ${what}`,
    severity: "info",
    rule: what,
    category: textAt(body, "anomaly.type"),
  });
}

function flowOf(reading: Reading, index: number, body: Json) {
  const [source, target] = [textAt(body, "src_ip"), textAt(body, "dest_ip")];
  return {
    status: "open",
    firstSeenAt: timeAt(reading, index, body, "timestamp", "flow.start"),
    product: "Suricata",
    // A rule with the keyword “target” says which end of the flow is attacked.
    resource: textAt(body, "alert.target.ip") ?? target,
    host: textAt(body, "host"),
    sourceIp: source,
    destinationIp: target,
    observables: [
      ["domain", textAt(body, "dns.query.0.rrname", "dns.rrname", "tls.sni", "http.hostname")],
      ["url", textAt(body, "http.url")],
      ["sha256", textAt(body, "fileinfo.sha256", "files.0.sha256")],
      ["md5", textAt(body, "fileinfo.md5", "files.0.md5")],
      ["file name", textAt(body, "fileinfo.filename", "files.0.filename")],
    ],
    labels: {
      protocol: textAt(body, "proto"),
      application: textAt(body, "app_proto"),
      source_port: textAt(body, "src_port"),
      destination_port: textAt(body, "dest_port"),
      action: textAt(body, "alert.action"),
    },
    details: {
      http: dig(body, "http"),
      flowId: textAt(body, "flow_id"),
    },
  } as const;
}
