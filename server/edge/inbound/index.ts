/** Every way in, by its id. A new tool is one file beside these and one line here. */
import { type Adapter } from "../../domain/signal/signal.ts";
import { alertmanagerApi } from "./alertmanagerApi.ts";
import { alertmanagerWebhook } from "./alertmanagerWebhook.ts";
import { cloudEvents } from "./cloudEvents.ts";
import { ownJson } from "./ownJson.ts";
import { pagerDutyEvents } from "./pagerDutyEvents.ts";

export const ADAPTERS: ReadonlyMap<string, Adapter> = new Map(
  [pagerDutyEvents, alertmanagerApi, alertmanagerWebhook, ownJson, cloudEvents].map(
    (adapter) => [adapter.about.id, adapter] as const,
  ),
);
