/**
 * How senders of events ask once whether an address wants them: Azure Event Grid by an event with a code to be told back,
 * whoever sends CloudEvents by OPTIONS.
 * https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
 * https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md#4-abuse-protection
 */
import type { AdapterInput } from "../../domain/signal/signal.ts";
import { at, firstText } from "./telling.ts";

const CODE_MAX = 200;
const ORIGIN = /^[\w.:*-]{1,253}$/;

/** What Event Grid waits for; null for every other request. */
export function validationOf({ headers, body }: Pick<AdapterInput, "headers" | "body">) {
  if ((headers["aeg-event-type"] ?? "").toLowerCase() !== "subscriptionvalidation") return null;
  const [first] = Array.isArray(body) ? (body as readonly unknown[]) : [body];
  const code = firstText(at(first, "data", "validationCode"));
  return code === null || code.length > CODE_MAX ? null : { validationResponse: code };
}

/** The headers by which a sender is allowed whatever rate it likes; null where none asks. */
export function permissionFor(headers: AdapterInput["headers"]): Record<string, string> | null {
  const origin = headers["webhook-request-origin"] ?? "";
  if (!ORIGIN.test(origin)) return null;
  return { allow: "POST", "webhook-allowed-origin": origin, "webhook-allowed-rate": "*" };
}
