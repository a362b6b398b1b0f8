/**
 * The API of Alertmanager, version 2, as amtool, Grafana and Karma ask it: with a token instead of an intake
 * key. Its shapes are theirs, not ours.
 * https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 */
import { z } from "zod";
import { MatcherText } from "./matcher.ts";
import { route } from "./route.ts";

/** A parameter that may be given several times. */
const Filters = z
  .union([MatcherText.transform((one) => [one]), z.array(MatcherText).max(50)])
  .default([]);
const Switch = z.enum(["true", "false"]).default("true");
const Named = z.object({ name: z.string() });

const AlertmanagerAlert = z.object({
  fingerprint: z.string(),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  startsAt: z.string(),
  updatedAt: z.string(),
  endsAt: z.string(),
  generatorURL: z.string(),
  receivers: z.array(Named),
  status: z.object({
    state: z.enum(["active", "suppressed", "unprocessed"]),
    silencedBy: z.array(z.string()),
    inhibitedBy: z.array(z.string()),
    mutedBy: z.array(z.string()),
  }),
});

const AlertsQuery = z.object({
  filter: Filters,
  active: Switch,
  silenced: Switch,
  inhibited: Switch,
  muted: Switch,
  unprocessed: Switch,
  /** A pattern for the name of a receiver, which is a team here. */
  receiver: z.string().max(1_000).optional(),
});

export const listAlertmanagerAlerts = route({
  method: "GET",
  path: "/api/v2/alerts",
  access: "alerts.read",
  tag: "alerts",
  summary: "Open alerts as Alertmanager's API shows them; a receiver is the team of the service.",
  query: AlertsQuery,
  reply: z.array(AlertmanagerAlert),
});

export const listAlertmanagerGroups = route({
  method: "GET",
  path: "/api/v2/alerts/groups",
  access: "alerts.read",
  tag: "alerts",
  summary: "The same in groups: by incident, and by service what stands in none.",
  query: AlertsQuery,
  reply: z.array(
    z.object({
      labels: z.record(z.string(), z.string()),
      receiver: Named,
      alerts: z.array(AlertmanagerAlert),
    }),
  ),
});

export const listAlertmanagerReceivers = route({
  method: "GET",
  path: "/api/v2/receivers",
  access: "alerts.read",
  tag: "alerts",
  summary: "The teams, as receivers.",
  reply: z.array(Named),
});

export const getAlertmanagerStatus = route({
  method: "GET",
  path: "/api/v2/status",
  access: "alerts.read",
  tag: "alerts",
  summary: "Which version of Alertmanager's API is spoken here, for tools that ask first.",
  reply: z.object({
    cluster: z.object({ status: z.literal("disabled"), peers: z.array(z.string()) }),
    config: z.object({ original: z.string() }),
    uptime: z.string(),
    versionInfo: z.object({
      version: z.string(),
      revision: z.string(),
      branch: z.string(),
      buildUser: z.string(),
      buildDate: z.string(),
      goVersion: z.string(),
    }),
  }),
});

const AlertmanagerMatcher = z.object({
  name: z.string().min(1).max(1_000),
  value: z.string().max(2_000),
  isRegex: z.boolean().default(false),
  isEqual: z.boolean().default(true),
});

const AlertmanagerSilence = z.object({
  id: z.string(),
  status: z.object({ state: z.enum(["active", "pending", "expired"]) }),
  updatedAt: z.string(),
  matchers: z.array(AlertmanagerMatcher),
  startsAt: z.string(),
  endsAt: z.string(),
  createdBy: z.string(),
  comment: z.string(),
});

export const listAlertmanagerSilences = route({
  method: "GET",
  path: "/api/v2/silences",
  access: "alerts.read",
  tag: "silences",
  summary: "Silences as Alertmanager's API shows them, for tools that know it; with an API token.",
  query: z.object({ filter: Filters }),
  reply: z.array(AlertmanagerSilence),
});

export const postAlertmanagerSilence = route({
  method: "POST",
  path: "/api/v2/silences",
  access: "silences.write",
  tag: "silences",
  summary: "Creates a silence in Alertmanager's form; one with an id takes that one's place.",
  body: z.object({
    id: z.string().max(100).nullish(),
    matchers: z.array(AlertmanagerMatcher).min(1).max(50),
    startsAt: z.iso.datetime({ offset: true }),
    endsAt: z.iso.datetime({ offset: true }),
    createdBy: z.string().max(200),
    comment: z.string().trim().min(1).max(1_000),
  }),
  reply: z.object({ silenceID: z.string() }),
});

const SilenceById = z.object({ id: z.uuid() });

export const getAlertmanagerSilence = route({
  method: "GET",
  path: "/api/v2/silence/:id",
  access: "alerts.read",
  tag: "silences",
  summary: "One silence as Alertmanager's API shows it.",
  params: SilenceById,
  reply: AlertmanagerSilence,
});

export const expireAlertmanagerSilence = route({
  method: "DELETE",
  path: "/api/v2/silence/:id",
  access: "silences.write",
  tag: "silences",
  summary: "Ends a silence now, as Alertmanager's API spells it.",
  params: SilenceById,
  reply: z.object({}),
});
