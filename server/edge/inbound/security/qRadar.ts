/**
 * IBM QRadar's offenses as its API gives them.
 * https://www.ibm.com/docs/en/qradar-common?topic=versions-rest-api-v20-0-references
 * Samples: golden/qradar.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, listAt, numberAt, textAt, timeAt } from "../paths.ts";
import { type Json } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { namesIn, tellFinding } from "./finding.ts";

const isOffense = (body: Json): boolean =>
  has(body, "id", "magnitude", "status") &&
  ["offense_type", "offense_source", "credibility", "relevance"].some((name) => has(body, name));

/** An address that offenses name. */
const isAddress = (body: Json): boolean =>
  has(body, "id", "magnitude", "offense_ids") || has(body, "id", "source_address_ids", "network");

export const qRadar: Adapter = {
  about: {
    id: "qradar",
    name: "IBM QRadar",
    docs: "https://www.ibm.com/docs/en/qradar-common?topic=versions-rest-api-v20-0-references",
  },
  setUp: {
    steps: [
      "Have a script ask /api/siem/offenses for what was updated, and post each answer, one offense or the list, to {url}.",
      "Closed offenses end their alerts, so ask for those too.",
    ],
    sample: "qradar.offense.json",
  },
  // The magnitude, 1 to 10: how much the offense weighs altogether.
  severities: { "9–10": "critical", "7–8": "error", "4–6": "warning", "0–3": "info" },
  resendsByContract: false,
  recognise: recogniseObject((body) => isOffense(body) || isAddress(body)),
  read: readObject("an offense", (reading, body) => {
    if (isAddress(body)) {
      return reading.find(
        0,
        "offense_ids",
        "an address that offenses name: they come by themselves",
      );
    }
    const id = textAt(body, "id");
    if (!isOffense(body) || id === null)
      return reading.refuse(0, "id", "a number, beside magnitude");
    const status = textAt(body, "status");
    const magnitude = numberAt(body, "magnitude") ?? numberAt(body, "severity") ?? 5;
    tellFinding(reading, 0, {
      uid: ["offense", id],
      title: textAt(body, "description") ?? `Offense ${id}`,
      severity: severityBy(qRadar.severities!, bandOf(magnitude)),
      status: /^(CLOSED|HIDDEN)$/i.test(status ?? "") ? "resolved" : "open",
      firstSeenAt: timeAt(reading, 0, body, "start_time", "first_persisted_time"),
      product: "QRadar",
      rule: namesIn(listAt(body, "rules").slice(0, 1), "id")[0],
      category: dig(body, "categories"),
      resource: textAt(body, "offense_source"),
      service: textAt(body, "destination_networks.0"),
      labels: {
        tool_status: status,
        magnitude: String(magnitude),
        assigned_to: textAt(body, "assigned_to"),
        domain: textAt(body, "domain_id"),
        source_network: textAt(body, "source_network"),
      },
      observables: [["any", textAt(body, "offense_source")]],
      details: {
        events: textAt(body, "event_count"),
        logSources: namesIn(listAt(body, "log_sources").slice(0, 20), "name"),
      },
    });
  }),
};

const bandOf = (magnitude: number): string =>
  magnitude >= 9 ? "9–10" : magnitude >= 7 ? "7–8" : magnitude >= 4 ? "4–6" : "0–3";
