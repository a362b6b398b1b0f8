/**
 * Suricata's EVE log, one event a line. Alerts and anomalies are conditions; flows, statistics and
 * protocol records are told as such and raise nothing.
 * https://docs.suricata.io/en/latest/output/eve/eve-json-format.html Samples: golden/suricata.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "./finding.ts";

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
  recognise: recogniseObject(
    (body) =>
      isObject(dig(body, "suricata.eve")) ||
      (typeof body["event_type"] === "string" &&
        (isObject(body["alert"]) || isObject(body["anomaly"]) || Object.hasOwn(body, "flow_id")) &&
        typeof body["timestamp"] === "string"),
  ),
  read: readObject("one event of eve.json", (reading, given) => {
    const body = eventOf(given);
    const type = textAt(body, "event_type");
    if (type === "alert") return readAlert(reading, body);
    if (type === "anomaly") return readAnomaly(reading, body);
    if (type === null) return reading.refuse(0, "event_type", "alert, anomaly or another EVE type");
    reading.find(0, "event_type", `“${type.slice(0, 40)}” is a record of traffic: no alert`);
  }),
};

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

function readAlert(reading: Reading, body: Json): void {
  const signature = textAt(body, "alert.signature");
  if (signature === null) return reading.refuse(0, "alert.signature", "a text");
  tellFinding(reading, 0, {
    ...flowOf(reading, body),
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
    techniques: dig(body, "alert.metadata.mitre_technique_id"),
  });
}

function readAnomaly(reading: Reading, body: Json): void {
  const what = textAt(body, "anomaly.event", "anomaly.type");
  if (what === null) return reading.refuse(0, "anomaly.event", "a text");
  tellFinding(reading, 0, {
    ...flowOf(reading, body),
    uid: ["anomaly", what, textAt(body, "src_ip"), textAt(body, "dest_ip")],
    title: `Anomaly: ${what}`,
    severity: "info",
    rule: what,
    category: textAt(body, "anomaly.type"),
  });
}

function flowOf(reading: Reading, body: Json) {
  const [source, target] = [textAt(body, "src_ip"), textAt(body, "dest_ip")];
  return {
    status: "open",
    firstSeenAt: timeAt(reading, 0, body, "timestamp", "flow.start"),
    product: "Suricata",
    resource: target,
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
