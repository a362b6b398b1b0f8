/** All kinds of configuration objects: what `apply` reads, the API edits and `export` writes. */
import { z } from "zod";
import { Person, Team } from "./account.ts";
import { Inhibition, Table } from "./calm.ts";
import { Connection } from "./action.ts";
import { Service } from "./catalog.ts";
import { Audience } from "./comms.ts";
import { Drill } from "./drill.ts";
import { Calendar } from "./deadline.ts";
import { EscalationPolicy } from "./escalation.ts";
import { Heartbeat } from "./heartbeat.ts";
import { Intelligence } from "./intelligence.ts";
import { Channel } from "./notification.ts";
import { Schedule } from "./oncall.ts";
import { SeverityPolicy } from "./policy.ts";
import { RunbookSource } from "./published.ts";
import { IntakeKey, Rule } from "./signal.ts";
import { Maintenance } from "./silence.ts";

/** Kind → shape, in the order in which they refer to each other. The keys are the YAML's top-level words. */
export const CONFIG_KINDS = {
  calendars: Calendar,
  channels: Channel,
  people: Person,
  teams: Team,
  schedules: Schedule,
  escalations: EscalationPolicy,
  services: Service,
  policies: SeverityPolicy,
  audiences: Audience,
  keys: IntakeKey,
  heartbeats: Heartbeat,
  drills: Drill,
  rules: Rule,
  maintenance: Maintenance,
  inhibitions: Inhibition,
  tables: Table,
  connections: Connection,
  intelligence: Intelligence,
  runbooks: RunbookSource,
} as const;

export type ConfigKind = keyof typeof CONFIG_KINDS;
export const ConfigKind = z.enum(Object.keys(CONFIG_KINDS) as [ConfigKind, ...ConfigKind[]]);
export type ConfigBody<K extends ConfigKind = ConfigKind> = z.infer<(typeof CONFIG_KINDS)[K]>;

/** Who may change an object: the files it was applied from, or the API. */
export const ConfigOwner = z.enum(["file", "api"]);

export const ConfigSource = z.object({ file: z.string(), line: z.int() });
export type ConfigSource = z.infer<typeof ConfigSource>;

/** One object with where it stands. */
export type ConfigEntry<K extends ConfigKind = ConfigKind> = {
  readonly kind: K;
  readonly id: string;
  readonly body: ConfigBody<K>;
  readonly owner: "file" | "api" | "default";
  readonly source: ConfigSource | null;
};
