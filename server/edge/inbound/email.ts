/**
 * A mail to the address of a key: for tools that can do nothing else. The subject is the alert; what
 * repeats it but for the words of its state is the same condition. What a mail program answers by itself
 * is no alert. Samples: golden/email.*.json
 */
import { type Adapter, clip, fingerprint } from "../../domain/signal/signal.ts";
import { MAIL_SEVERITIES, mailSeverity, mailStatus, mailSubject } from "./mailSubject.ts";
import { isObject, Reading, refusedWhole } from "./reading.ts";
import { firstText, has, joinKey, recogniseObject, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

const TEXT_MAX = 50_000;
/** Where the tool's page is looked for; what stands further below is what the whole company writes under its mails. */
const LINK_WITHIN = 5_000;
const NO_LINK = /unsubscribe|privacy|w3\.org|schemas\./i;

export const email: Adapter = {
  about: { id: "email", name: "E-mail", docs: "docs/intake.md" },
  setUp: {
    steps: [
      "Start Tocsin with TOCSIN_MAIL_PORT, and let mail for one host name arrive there (an MX record, or a relay in front).",
      "Let the tool send to {key}@that host name. Words in the subject tell the severity and the end: CRITICAL, WARNING, RESOLVED.",
    ],
    sample: "email.problem.json",
  },
  severities: MAIL_SEVERITIES,
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
    const automatic = firstText(body["automatic"]);
    if (automatic !== null) {
      reading.find(
        0,
        "headers",
        `${automatic}, which no tool sends to tell of something: no alert`,
      );
      return reading;
    }
    if (body["cut"] === true)
      reading.find(0, "attachments", "more than is kept of a mail: cut off behind its beginning");
    const from = firstText(body["from"]);
    const what = mailSubject(title);
    tell(reading, 0, {
      status: mailStatus(title),
      title,
      severity: mailSeverity(title),
      dedupKey: joinKey("mail", from, what === "" ? fingerprint({ title }) : what),
      source: from,
      link: text === null ? null : linkIn(text.slice(0, LINK_WITHIN)),
      startedAt: momentOf(body["date"]),
      labels: { from, messageId: body["messageId"] },
      details: { text: text === null ? null : clip(text, TEXT_MAX), to: body["to"] },
    });
    return reading;
  },
};

/** The first address in the text; null when there is none that leads anywhere of use. */
const linkIn = (text: string): string | null =>
  [...text.matchAll(/\bhttps?:\/\/[^\s<>"'()[\]]{4,2000}/gi)]
    .slice(0, 20)
    .map(([url]) => url.replace(/[.,;:!?]+$/, ""))
    .find((url) => !NO_LINK.test(url) && URL.canParse(url)) ?? null;
