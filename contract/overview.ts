/** The first page: what burns, what waits for whoever asks, who is on call, what is late. */
import { z } from "zod";
import { Alert } from "./alert.ts";
import { DeadlineView } from "./deadline.ts";
import { Incident, IncidentState } from "./incident.ts";
import { IncidentId, InstantText, Severity, Slug } from "./ids.ts";
import { ActionItem } from "./postmortem.ts";
import { route } from "./route.ts";

/** An open incident with its clocks that still run or stand still. */
export const BurningIncident = Incident.extend({ deadlines: z.array(DeadlineView) });
export type BurningIncident = z.infer<typeof BurningIncident>;

/** An incident that something else belongs to, as far as a line needs it. */
const About = z.object({
  incident: IncidentId,
  title: z.string(),
  severity: Severity,
  state: IncidentState,
});

/** Somebody holds a schedule for a span, or nobody does. */
const Span = z.object({ person: Slug.nullable(), startsAt: InstantText, endsAt: InstantText });

export const Overview = z.object({
  now: InstantText,
  /** Where this server says it is reached. */
  publicUrl: z.string(),
  burning: z.array(BurningIncident),
  /** How many burn, when more do than are listed. */
  burningCount: z.int(),
  /** Pages to whoever asks whose incident nobody has acknowledged yet. */
  pages: z.array(About.extend({ id: z.uuid(), pagedAt: InstantText })),
  tasks: z.array(About.extend({ id: z.uuid(), task: z.string(), dueAt: InstantText.nullable() })),
  /** Unfinished action items of whoever asks, the first due first. */
  actionItems: z.array(ActionItem),
  overdueItems: z.array(ActionItem),
  /** Postmortems that are owed, the first due first. */
  postmortems: z.array(About.extend({ deadline: DeadlineView, commander: Slug.nullable() })),
  /** Schedules with who holds them in the next twelve hours. */
  onCall: z.array(z.object({ schedule: Slug, name: z.string(), spans: z.array(Span) })),
  /** Where nobody is on call within the next fourteen days. */
  gaps: z.array(
    z.object({ schedule: Slug, name: z.string(), startsAt: InstantText, endsAt: InstantText }),
  ),
  /** Alerts that fire, belong to no incident and that nobody has acknowledged. */
  firing: z.array(Alert),
  firingCount: z.int(),
  /** Signals of a storm that wait to be decided about, since when, and its incident; null: it does not storm. */
  storm: z
    .object({ waiting: z.int(), oldestAt: InstantText.nullable(), incident: IncidentId.nullable() })
    .nullable(),
  /** Requests that were accepted in a storm and could not be stored. */
  setAside: z.int(),
  /** A key that nothing has come in by, and its secret where that is no secret. */
  silentKey: z.object({ id: Slug, service: Slug, secret: z.string().nullable() }).nullable(),
  /** Whether anything is configured that can ring: services, people, a key. */
  configured: z.object({ services: z.int(), people: z.int(), schedules: z.int(), keys: z.int() }),
});
export type Overview = z.infer<typeof Overview>;

export const readOverview = route({
  method: "GET",
  path: "/v1/overview",
  access: "incidents.read",
  tag: "system",
  summary: "What burns, what waits for you, who is on call, what is late.",
  reply: Overview,
});

/** Names behind ids, for lists to choose from and sentences to read. */
export const Directory = z.object({
  version: z.int(),
  people: z.array(
    z.object({
      id: Slug,
      name: z.string(),
      /** What colleagues call them by, where they gave it. */
      phone: z.string().nullable(),
    }),
  ),
  teams: z.array(z.object({ id: Slug, name: z.string() })),
  services: z.array(
    z.object({
      id: Slug,
      name: z.string(),
      team: Slug,
      tier: z.int(),
      runbook: z.string().nullable(),
    }),
  ),
  audiences: z.array(z.object({ id: Slug, name: z.string(), public: z.boolean() })),
});
export type Directory = z.infer<typeof Directory>;

export const readDirectory = route({
  method: "GET",
  path: "/v1/directory",
  access: "config.read",
  tag: "configuration",
  summary:
    "The names of people, teams, services and audiences, and the numbers that people are called by.",
  reply: Directory,
});
