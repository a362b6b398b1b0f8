/**
 * StatusCake's webhook of a contact group: a form, or the same fields as JSON.
 * Samples: golden/statuscake.*
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { bodyOf } from "../body.ts";
import { isObject, Reading, refusedWhole } from "../reading.ts";
import { showsSecret } from "../signatures.ts";
import { firstText, has, joinKey, recogniseObject, severityBy, tell } from "../telling.ts";

const SEVERITIES = { Down: "critical", Up: "info" } satisfies Record<string, AlertSeverity>;

export const statusCake: Adapter = {
  about: {
    id: "statuscake",
    name: "StatusCake",
    docs: "https://www.statuscake.com/kb/knowledge-base/how-to-use-the-web-hook-url/",
  },
  setUp: {
    steps: [
      "Alerting → Contact groups: webhook URL {url}, method POST, and choose the group in the tests.",
      "Where the sender is to be proved, put the field Token, which StatusCake sends along (the MD5 of user name and API key), into the environment and name it in the key's signedWith.",
    ],
    sample: "statuscake.down.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify({ rawBody }, secret) {
    const read = bodyOf(rawBody.toString("utf8"));
    return read.kind === "body" && isObject(read.body) && showsSecret(read.body["Token"], secret);
  },
  recognise: recogniseObject(
    (body) =>
      /^(up|down)$/i.test(firstText(body["Status"]) ?? "") &&
      has(body, "StatusCode") &&
      (has(body, "URL") || has(body, "Name")),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "a form or one JSON object of a webhook");
    const status = firstText(body["Status"]);
    if (status === null || !/^(up|down)$/i.test(status))
      return refusedWhole("Status", "Up or Down");
    const url = firstText(body["URL"]);
    const name = firstText(body["Name"], url);
    if (name === null) return refusedWhole("Name", "the name of a test (or its URL)");
    const reading = new Reading();
    const up = /^up$/i.test(status);
    const code = firstText(body["StatusCode"]);
    tell(reading, 0, {
      status: up ? "resolved" : "firing",
      title: `${name} is ${up ? "up" : "down"}${code === null || code === "0" ? "" : ` (HTTP ${code})`}`,
      severity: severityBy(SEVERITIES, "Down"),
      dedupKey: joinKey("test", firstText(body["TestID"], body["ID"]) ?? name, url),
      service: name,
      source: url ?? body["IP"],
      link: url !== null && /^https?:\/\//i.test(url) ? url : null,
      labels: { tags: body["Tags"], code, ip: body["IP"], method: body["Method"] },
      details: {
        rate: firstText(body["Checkrate"], body["CheckRate"]),
        group: body["ContactGroup"],
      },
    });
    return reading;
  },
};
