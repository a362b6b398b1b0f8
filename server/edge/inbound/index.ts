/** Every way in, by its id. A new tool is one file beside these and one line in its list. */
import { type Adapter } from "../../domain/signal/signal.ts";
import { alertmanagerApi } from "./alertmanagerApi.ts";
import { alertmanagerWebhook } from "./alertmanagerWebhook.ts";
import { CHANGE_ADAPTERS } from "./change.ts";
import { cloudEvents } from "./cloudEvents.ts";
import { COST_ADAPTERS } from "./cost.ts";
import { DATA_ADAPTERS } from "./data.ts";
import { genericJson } from "./genericJson.ts";
import { INTELLIGENCE_ADAPTERS } from "./intelligence.ts";
import { MONITORING_ADAPTERS } from "./monitoring.ts";
import { notAnAlert } from "./notAnAlert.ts";
import { ownJson } from "./ownJson.ts";
import { pagerDutyEvents } from "./pagerDutyEvents.ts";
import { SECURITY_ADAPTERS } from "./security.ts";

/** Protocols of our own and of no single tool. */
const PROTOCOLS = [pagerDutyEvents, alertmanagerApi, alertmanagerWebhook, ownJson, cloudEvents];

export const ADAPTER_LIST: readonly Adapter[] = [
  ...PROTOCOLS,
  ...MONITORING_ADAPTERS,
  ...SECURITY_ADAPTERS,
  ...DATA_ADAPTERS,
  ...COST_ADAPTERS,
  ...CHANGE_ADAPTERS,
  ...INTELLIGENCE_ADAPTERS,
  notAnAlert,
  genericJson,
];

export const ADAPTERS: ReadonlyMap<string, Adapter> = new Map(
  ADAPTER_LIST.map((adapter) => [adapter.about.id, adapter] as const),
);
