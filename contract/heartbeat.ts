/** Heartbeats: jobs and monitors that say “I am well”, and ring by falling silent. */
import { z } from "zod";
import { FixedDuration, PositiveDuration } from "./duration.ts";
import { InstantText, Severity, Slug, Zone } from "./ids.ts";
import { page, PageQuery, route } from "./route.ts";
import { AlertSeverity, KeySecret } from "./signal.ts";

export const Heartbeat = z
  .strictObject({
    name: z.string().min(1).max(200).optional(),
    /** The service that is ill when it falls silent. */
    service: Slug,
    /** At the latest so long after the ping before. */
    every: PositiveDuration.optional(),
    /** Or at these times of day, as in a crontab: “30 2 * * *”. */
    cron: z.string().min(1).max(200).optional(),
    timezone: Zone.optional(),
    /** How late a ping may be, and how long a run may take that said that it started. */
    grace: FixedDuration.default("PT5M"),
    /** In its address; as the secret of an intake key. */
    secret: KeySecret,
    severity: AlertSeverity.default("critical"),
    declare: Severity.default("SEV3"),
    description: z.string().max(500).optional(),
  })
  .refine(({ every, cron }) => (every === undefined) !== (cron === undefined), {
    path: ["every"],
    message: "either every or cron",
  })
  .refine(({ cron, timezone }) => (cron === undefined) === (timezone === undefined), {
    path: ["timezone"],
    message: "an IANA time zone, together with cron",
  });
export type Heartbeat = z.infer<typeof Heartbeat>;

/** `waiting`: it was never heard. `missed`: it should have been. `failed`: it said so itself. */
export const HeartbeatStatus = z.enum(["waiting", "up", "missed", "failed"]);
export type HeartbeatStatus = z.infer<typeof HeartbeatStatus>;

export const HeartbeatView = z.object({
  id: Slug,
  name: z.string(),
  service: Slug,
  status: HeartbeatStatus,
  /** Since when it has this status. */
  since: InstantText,
  /** “every PT5M” or “30 2 * * * in Europe/Berlin”. */
  rhythm: z.string(),
  grace: z.string(),
  pings: z.int(),
  lastPingAt: InstantText.nullable(),
  /** “ok”, “start”, “fail”, “exit 3”. */
  lastPing: z.string().nullable(),
  /** A run that said that it started, and has not said how it ended. */
  startedAt: InstantText.nullable(),
  /** When the next ping is expected, and when its absence rings. */
  expectedAt: InstantText,
  dueAt: InstantText,
  /** The last ping that may have been sent while no node could hear it: nobody was paged for it. */
  excused: z.object({ at: InstantText, expectedAt: InstantText }).nullable(),
});
export type HeartbeatView = z.infer<typeof HeartbeatView>;

const Secret = z.string().min(4).max(128);
const Word = z
  .string()
  .regex(/^(start|fail|log|\d{1,3})$/, "start, fail, log or an exit code such as 0");
const bySecret = z.object({ secret: Secret });
const bySecretAndWord = z.object({ secret: Secret, word: Word });
const Anything = z.unknown();

export const pingHeartbeat = route({
  method: "GET",
  path: "/ping/:secret",
  access: "key",
  tag: "heartbeats",
  summary: "“I am well”. The secret of the heartbeat stands in the path.",
  params: bySecret,
  reply: z.string(),
});

export const postHeartbeat = route({
  method: "POST",
  path: "/ping/:secret",
  access: "key",
  tag: "heartbeats",
  summary: "The same by POST, with whatever body; it is not kept.",
  params: bySecret,
  body: Anything,
  reply: z.string(),
});

export const pingHeartbeatWord = route({
  method: "GET",
  path: "/ping/:secret/:word",
  access: "key",
  tag: "heartbeats",
  summary: "start, fail, log, or the exit code of the job, of which only 0 is well.",
  params: bySecretAndWord,
  reply: z.string(),
});

export const postHeartbeatWord = route({
  method: "POST",
  path: "/ping/:secret/:word",
  access: "key",
  tag: "heartbeats",
  summary: "The same by POST, with whatever body; it is not kept.",
  params: bySecretAndWord,
  body: Anything,
  reply: z.string(),
});

export const listHeartbeats = route({
  method: "GET",
  path: "/v1/heartbeats",
  access: "alerts.read",
  tag: "heartbeats",
  summary: "Heartbeats of the services that you may see, by id, with when each was heard last.",
  query: PageQuery.extend({ service: Slug.optional() }),
  reply: page(HeartbeatView),
});

export const getHeartbeat = route({
  method: "GET",
  path: "/v1/heartbeats/:id",
  access: "alerts.read",
  tag: "heartbeats",
  summary: "One heartbeat.",
  params: z.object({ id: Slug }),
  reply: HeartbeatView,
});
