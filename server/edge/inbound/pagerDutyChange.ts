/** PagerDuty's change events (POST /v2/change/enqueue). Samples: golden/pagerduty-change.*.json */
import { type Adapter, fingerprint } from "../../domain/signal/signal.ts";
import { changeTold } from "./changeTold.ts";
import { isFilled, isObject, Reading, refusedWhole } from "./reading.ts";
import { at, firstText, has, listOf, recogniseObject } from "./telling.ts";
import { momentOf } from "./times.ts";

export const pagerDutyChange: Adapter = {
  about: {
    id: "pagerduty-change",
    name: "PagerDuty change events",
    docs: "https://developer.pagerduty.com/docs/send-change-event",
  },
  setUp: {
    steps: [
      "Leave the pipeline set up for PagerDuty and change only the address, https://events.pagerduty.com, to Tocsin's.",
      "Use the secret of the intake key as the integration key (routing_key).",
    ],
    sample: "pagerduty-change.deployed.json",
  },
  resendsByContract: false,
  recognise: recogniseObject(
    (body) =>
      has(body, "routing_key") &&
      !has(body, "event_action") &&
      isObject(body["payload"]) &&
      has(body["payload"], "summary") &&
      !has(body["payload"], "severity"),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object, the event");
    const payload = isObject(body["payload"]) ? body["payload"] : {};
    const reading = new Reading();
    if (!isFilled(payload["summary"])) {
      reading.refuse(0, "payload.summary", "a text of 1 to 1024 characters");
      return reading;
    }
    const details = isObject(payload["custom_details"]) ? payload["custom_details"] : {};
    const told = firstText(details["build_state"], details["status"], details["state"]) ?? "";
    const [link] = listOf(body["links"]).map((one) => firstText(at(one, "href")));
    reading.change(
      0,
      changeTold({
        kind: /deploy|release|rollout/i.test(payload["summary"])
          ? "deployment"
          : /build|pipeline/i.test(payload["summary"])
            ? "pipeline"
            : "other",
        // Change events have no identity of their own; the same one sent twice is one change.
        dedupKey: fingerprint({
          summary: payload["summary"],
          source: firstText(payload["source"]) ?? "",
          at: firstText(payload["timestamp"]) ?? "",
          link: link ?? "",
        }),
        title: payload["summary"],
        status: /^(failed|failure|error)$/i.test(told)
          ? "failed"
          : /^(passed|succeeded|success|ok)$/i.test(told)
            ? "succeeded"
            : "told",
        service: firstText(
          details["service"],
          details["application"],
          details["repo"],
          payload["source"],
        ),
        environment: firstText(details["environment"], details["env"]),
        version: firstText(
          details["version"],
          details["revision"],
          details["sha"],
          details["commit"],
        ),
        by: firstText(details["user"], details["author"]),
        link,
        at: momentOf(payload["timestamp"]),
        labels: details,
      }),
    );
    return reading;
  },
};
