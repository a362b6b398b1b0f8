/** Indicators: values that point to an attacker when they show up in an alert. */
import { z } from "zod";
import { InstantText } from "./ids.ts";
import { page, PageQuery, route } from "./route.ts";

export const IndicatorType = z.enum([
  "ipv4",
  "ipv6",
  "domain",
  "url",
  "email",
  "md5",
  "sha1",
  "sha256",
  "file name",
  "other",
]);

export const IndicatorView = z.object({
  id: z.uuid(),
  type: IndicatorType,
  value: z.string(),
  source: z.string(),
  validFrom: InstantText.nullable(),
  validUntil: InstantText.nullable(),
  labels: z.array(z.string()),
  /** The warning list that the value is on: it is never matched. */
  warning: z.string().nullable(),
  tool: z.string(),
  receivedAt: InstantText,
  /** When the alerts of the last 90 days had been looked through for it. */
  searchedAt: InstantText.nullable(),
  matches: z.int(),
});

/** An indicator that an alert met. */
export const IndicatorMatch = z.object({
  type: z.string(),
  value: z.string(),
  source: z.string(),
  labels: z.array(z.string()),
  matchedAt: InstantText,
  /** The alert was there before the indicator. */
  backwards: z.boolean(),
});

export const listIndicators = route({
  method: "GET",
  path: "/v1/indicators",
  access: "alerts.read",
  tag: "indicators",
  summary: "Indicators from MISP, STIX, TAXII and CSV, newest first.",
  query: PageQuery.extend({
    type: IndicatorType.optional(),
    value: z.string().min(1).max(1_024).optional(),
    source: z.string().min(1).max(255).optional(),
  }),
  reply: page(IndicatorView),
});
