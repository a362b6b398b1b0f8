/**
 * Wazuh alerts in the short form of Keep's integration script: message, severity, and a description
 * whose lines name rule, level and agent. Samples: golden/wazuh-form.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { firstText, joinKey, recogniseObject, severityBy, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** The script makes one word of Wazuh's levels. */
const SEVERITIES = {
  critical: "critical",
  high: "error",
  warning: "warning",
  medium: "warning",
  info: "info",
  low: "info",
} satisfies Record<string, AlertSeverity>;

const LINE = /^(Rule ID|Level|Agent ID|Agent Name|Title|Full Log) (.*)$/;

export const wazuhForm: Adapter = {
  about: {
    id: "wazuh-form",
    name: "Wazuh, by Keep's script",
    docs: "https://docs.keephq.dev/providers/documentation/wazuh-provider",
  },
  setUp: {
    steps: [
      "Leave the script in Wazuh's integrations folder, and change only its hook_url to {url}.",
    ],
    sample: "wazuh-form.alert.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject((body) => fieldsOf(body)["Rule ID"] !== undefined),
  read({ body }) {
    const fields = isObject(body) ? fieldsOf(body) : {};
    const rule = firstText(fields["Rule ID"]);
    if (!isObject(body) || rule === null)
      return refusedWhole("description", "lines such as “Rule ID 2902”");
    const reading = new Reading();
    const agent = firstText(fields["Agent Name"], fields["Agent ID"]);
    tell(reading, 0, {
      status: "firing",
      title: firstText(body["message"], fields["Title"]) ?? `Wazuh rule ${rule}`,
      severity: severityBy(SEVERITIES, body["severity"]),
      dedupKey: joinKey("rule", rule, firstText(fields["Agent ID"], agent)),
      service: agent,
      source: agent,
      // The script writes the offset with a point.
      startedAt: momentOf(firstText(body["created_at"])?.replace(/([+-]\d{2})\.(\d{2})$/, "$1:$2")),
      labels: { rule, level: fields["Level"], agent, agentId: fields["Agent ID"] },
      details: { log: fields["Full Log"], description: body["description"] },
    });
    return reading;
  },
};

function fieldsOf(body: Json): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  const text = body["description"];
  if (typeof text !== "string" || text.length > 100_000) return fields;
  for (const line of text.split("\n").slice(0, 50)) {
    const [, name, value] = LINE.exec(line) ?? [];
    if (name !== undefined && value !== undefined) fields[name] = value;
  }
  return fields;
}
