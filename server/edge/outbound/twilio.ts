/**
 * What Twilio answers to a message or a call: https://www.twilio.com/docs/api/errors names the codes,
 * https://www.twilio.com/docs/usage/twilios-response the form. Calls beyond one a second wait in its own queue.
 */
import type { Reply } from "../../base/transport.ts";
import type { Verdict } from "../../domain/notification/channel.ts";
import { refusedBy } from "./phone.ts";
import { idIn, verdictOnJson } from "./request.ts";
import { retryAfterMs } from "./verdict.ts";
import { cut, oneLine } from "./words.ts";

/** Whoever has the number said STOP to ours. */
const STOPPED = 21_610;
/** Our number has as many messages waiting as its queue holds; a 429 is about the whole account as well. */
const QUEUE_FULL = 21_611;
/** No number, or none that can be called or texted. 13224 may be an outage of a network as well. */
const BOUNCED: readonly number[] = [13_223, 21_211, 21_214, 21_217, 21_265, 21_614];

export const twilioVerdict = (reply: Reply): Verdict =>
  verdictOnJson(
    reply,
    (answer) => {
      const sid = idIn(answer["sid"]);
      return sid === null
        ? { kind: "unknown", because: "Twilio's answer names no message" }
        : { kind: "accepted", providerId: sid, reference: null };
    },
    (answer, http) => {
      const { status } = http;
      // What is their own fault is judged by its status.
      if (status >= 500) return null;
      const code = Number(answer["code"]);
      if (status === 429 || code === QUEUE_FULL) {
        const because = `Twilio says: ${cut(oneLine(String(answer["message"] ?? "too many")), 200)}`;
        return { kind: "retry", because, afterMs: retryAfterMs(http), limits: "channel" };
      }
      const mark = code === STOPPED ? "stopped" : BOUNCED.includes(code) ? "bounced" : null;
      return refusedBy("Twilio", answer["message"], mark);
    },
  );
