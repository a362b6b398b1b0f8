/**
 * MozDef, Mozilla's security event platform: its alerts and the events that create them.
 * https://mozdef.readthedocs.io/en/latest/alert_development_guide.html Samples: golden/mozdef.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "./finding.ts";

export const mozDef: Adapter = {
  about: {
    id: "mozdef",
    name: "MozDef",
    docs: "https://mozdef.readthedocs.io/en/latest/alert_development_guide.html",
  },
  setUp: {
    steps: ["Write an alert action that posts the alert's document as JSON to {url}."],
    sample: "mozdef.alert.json",
  },
  severities: {
    CRITICAL: "critical",
    ERROR: "error",
    WARNING: "warning",
    NOTICE: "info",
    INFO: "info",
    UNKNOWN: "warning",
  },
  resendsByContract: false,
  recognise: recogniseObject((body) => {
    if (!has(body, "summary", "category")) return 0;
    if (!has(body, "details") && !has(body, "events")) return 0;
    if (has(body, "severity", "tags")) return 0.9;
    return has(body, "tags") || has(body, "severity") ? 0.6 : 0;
  }),
  read: readObject("one alert or event of MozDef", (reading, body) => {
    const summary = textAt(body, "summary");
    if (summary === null) return reading.refuse(0, "summary", "a text");
    const host = textAt(body, "hostname", "events.0.documentsource.hostname");
    const source = textAt(
      body,
      "details.sourceipaddress",
      "details.src",
      "events.0.documentsource.details.sourceipaddress",
    );
    tellFinding(reading, 0, {
      uid: [
        textAt(body, "category"),
        textAt(body, "details.note", "alertname", "classname") ?? summary,
        host,
        source,
      ],
      title: summary,
      severity: severityBy(mozDef.severities!, dig(body, "severity") ?? "INFO"),
      status: /^(resolved|closed)$/i.test(textAt(body, "status") ?? "") ? "resolved" : "open",
      firstSeenAt: timeAt(reading, 0, body, "utctimestamp", "timestamp", "receivedtimestamp"),
      product: "MozDef",
      link: textAt(body, "url"),
      rule: textAt(body, "details.note", "alertname", "classname"),
      category: textAt(body, "category"),
      host,
      sourceIp: source,
      destinationIp: textAt(body, "details.destinationipaddress", "details.dst"),
      labels: {
        tags: listAt(body, "tags")
          .filter((tag) => typeof tag === "string")
          .join(", "),
      },
      details: { details: dig(body, "details") },
    });
  }),
};
