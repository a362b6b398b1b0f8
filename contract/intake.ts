/** Where tools send to. The paths, bodies and replies of foreign protocols are theirs, not ours. */
import { z } from "zod";
import { route } from "./route.ts";

const Anything = z.unknown();

const RefusedItem = z.object({ index: z.int(), field: z.string(), expected: z.string() });

export const enqueuePagerDuty = route({
  method: "POST",
  path: "/v2/enqueue",
  access: "key",
  tag: "intake",
  summary:
    "PagerDuty Events API v2: trigger, acknowledge, resolve. The routing_key is the intake key.",
  status: 202,
  body: Anything,
  reply: z.object({ status: z.string(), message: z.string(), dedup_key: z.string() }),
});

export const postAlertmanagerAlerts = route({
  method: "POST",
  path: "/api/v2/alerts",
  access: "key",
  tag: "intake",
  summary: "Alertmanager's own API, so that a Prometheus can name Tocsin as its Alertmanager.",
  body: Anything,
  reply: z.object({}),
});

export const postAlertmanagerWebhook = route({
  method: "POST",
  path: "/v1/intake/:key/alertmanager",
  access: "key",
  tag: "intake",
  summary: "Alertmanager's webhook, version 4. The key stands in the path.",
  params: z.object({ key: z.string().min(4).max(128) }),
  body: Anything,
  reply: z.object({ accepted: z.int(), refused: z.array(RefusedItem) }),
});

export const postSignals = route({
  method: "POST",
  path: "/v1/signals",
  access: "key",
  tag: "intake",
  summary: "Tocsin's own JSON (one or many) and CloudEvents 1.0.",
  status: 202,
  body: Anything,
  reply: z.object({
    accepted: z.array(
      z.object({
        index: z.int(),
        dedupKey: z.string(),
        alert: z.uuid().nullable(),
        what: z.string(),
      }),
    ),
    refused: z.array(RefusedItem),
  }),
});

export const postMeasurements = route({
  method: "POST",
  path: "/v1/measurements",
  access: "key",
  tag: "intake",
  summary: "Numbers over time, judged by sustained conditions.",
  status: 202,
  body: Anything,
  reply: z.object({ accepted: z.int(), refused: z.array(RefusedItem) }),
});
