/**
 * A mail to the address of a key: for tools that can do nothing else. The subject is the alert; what
 * repeats it but for the words of its state is the same condition. Samples: golden/email.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter, clip, fingerprint } from "../../domain/signal/signal.ts";
import { isObject, Reading, refusedWhole } from "./reading.ts";
import { severityOfWord } from "./severityWords.ts";
import { firstText, has, joinKey, recogniseObject, type Status, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** Words in a subject; one without any is a warning. */
const SEVERITIES = {
  critical: "critical",
  emergency: "critical",
  down: "critical",
  error: "error",
  failed: "error",
  failure: "error",
  high: "error",
  warning: "warning",
  info: "info",
  notice: "info",
} satisfies Record<string, AlertSeverity>;

const SEVERITY = new RegExp(`\\b(${Object.keys(SEVERITIES).join("|")})\\b`, "i");
const OVER = /\b(resolved|recovered|recovery|cleared|closed|ok|up again|back to normal)\b/i;
const SEEN = /\b(acknowledged|acknowledgement)\b/i;
/** What a subject says of the state, the severity and the time, and not of what is ill. */
const STATE =
  /\b(re|fwd?|problem|triggered|firing|alert|down|up|up again|back to normal|resolved|recovered|recovery|cleared|closed|ok|acknowledged|acknowledgement|critical|emergency|error|failed|failure|high|warning|info|notice)\b|\d{1,4}[-:./]\d{1,2}([-:./]\d{1,4})?|[^\p{L}\p{N}]+/giu;
const TEXT_MAX = 50_000;

export const email: Adapter = {
  about: { id: "email", name: "E-mail", docs: "docs/intake.md" },
  setUp: {
    steps: [
      "Start Tocsin with TOCSIN_MAIL_PORT, and let mail for one host name arrive there (an MX record, or a relay in front).",
      "Let the tool send to {key}@that host name. Words in the subject tell the severity and the end: CRITICAL, WARNING, RESOLVED.",
    ],
    sample: "email.problem.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  // Others may post mails as JSON; what comes by mail needs no recognising.
  recognise: recogniseObject((body) => (has(body, "subject", "from", "messageId") ? 0.6 : 0)),
  read({ body }) {
    const subject = isObject(body) ? firstText(body["subject"]) : null;
    const text = isObject(body) ? firstText(body["text"]) : null;
    const title = subject ?? text?.split("\n", 1)[0] ?? null;
    if (!isObject(body) || title === null)
      return refusedWhole("subject", "a text (or text in the mail)");
    const reading = new Reading();
    const from = firstText(body["from"]);
    const word = SEVERITY.exec(title)?.[0]?.toLowerCase();
    const what = title.replaceAll(STATE, " ").replaceAll(/\s+/g, " ").trim().toLowerCase();
    const status: Status = OVER.test(title)
      ? "resolved"
      : SEEN.test(title)
        ? "acknowledged"
        : "firing";
    tell(reading, 0, {
      status,
      title,
      severity:
        word === undefined ? severityOfWord(null) : SEVERITIES[word as keyof typeof SEVERITIES],
      dedupKey: joinKey("mail", from, what === "" ? fingerprint({ title }) : what),
      source: from,
      startedAt: momentOf(body["date"]),
      labels: { from, messageId: body["messageId"] },
      details: { text: text === null ? null : clip(text, TEXT_MAX), to: body["to"] },
    });
    return reading;
  },
};
