/**
 * Zeek's notices in JSON. Its other logs (connections, names, files) are records of traffic: they are told
 * as such and raise nothing.
 * https://docs.zeek.org/en/current/logs/notice.html Samples: golden/zeek.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { type Json } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { listText, tellFinding } from "./finding.ts";

const isNotice = (body: Json): boolean =>
  has(body, "ts", "note") &&
  /^[A-Za-z0-9_]+::[A-Za-z0-9_]+$/.test(textAt(body, "note") ?? "") &&
  ["msg", "actions", "suppress_for", "peer_descr"].some((name) => has(body, name));
const isRecord = (body: Json): boolean =>
  has(body, "ts", "uid") && (has(body, "id.orig_h") || dig(body, "id.orig_h") !== undefined);

export const zeek: Adapter = {
  about: {
    id: "zeek",
    name: "Zeek",
    docs: "https://docs.zeek.org/en/current/logs/notice.html",
  },
  setUp: {
    steps: [
      "Load the policy tuning/json-logs, so that notice.log is JSON.",
      "Have your log shipper post the lines of notice.log as they are to {url}.",
    ],
    sample: "zeek.notice.json",
  },
  // What the policy asked Zeek to do with a notice; without an action of this kind it is only logged.
  severities: {
    "Notice::ACTION_PAGE": "critical",
    "Notice::ACTION_ALARM": "error",
    "Notice::ACTION_EMAIL": "warning",
    "Notice::ACTION_DROP": "warning",
    "Notice::ACTION_LOG": "warning",
  },
  resendsByContract: false,
  recognise: recogniseObject((body) => (isNotice(body) ? 1 : isRecord(body) ? 0.6 : 0)),
  read: readObject("a line of notice.log in JSON", (reading, body) => {
    if (!isNotice(body) && isRecord(body))
      return reading.find(0, "note", "a record of traffic, not a notice: no alert");
    const note = textAt(body, "note");
    if (note === null) return reading.refuse(0, "note", "a text such as Scan::Port_Scan");
    const source = textAt(body, "src", "id.orig_h");
    const target = textAt(body, "dst", "id.resp_h");
    const actions = Array.isArray(body["actions"]) ? body["actions"] : [];
    tellFinding(reading, 0, {
      // Beside addresses the rest of it is what was seen this time, such as a sample of the servers.
      uid: [note, source, target, source === null && target === null ? textAt(body, "sub") : null],
      title: textAt(body, "msg") ?? note,
      description: textAt(body, "sub"),
      severity: severityBy(
        zeek.severities!,
        Object.keys(zeek.severities!).find((action) => actions.includes(action)) ??
          "Notice::ACTION_LOG",
      ),
      status: "open",
      firstSeenAt: timeAt(reading, 0, body, "ts"),
      product: "Zeek",
      rule: note,
      category: note.split("::")[0],
      host: textAt(body, "peer_descr"),
      resource: target ?? source,
      sourceIp: source,
      destinationIp: target,
      observables: [["any", textAt(body, "file_desc")]],
      labels: {
        protocol: textAt(body, "proto"),
        destination_port: textAt(body, "p", "id.resp_p"),
        actions: listText(actions),
      },
      details: { uid: textAt(body, "uid"), fuid: textAt(body, "fuid") },
    });
  }),
};
