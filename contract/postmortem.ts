/**
 * Postmortems, a Markdown document of nine sections, and the action items that follow from them.
 */
import { z } from "zod";
import { ActionItemId, IncidentId, InstantText, Slug } from "./ids.ts";
import { page, PageQuery, route } from "./route.ts";

/** The nine sections in their order, each with its heading. */
export const SECTION_TITLES = {
  summary: "Summary",
  impact: "Impact",
  timeline: "Timeline",
  "root-cause": "Root cause",
  "went-well": "What went well",
  "went-poorly": "What went poorly",
  "action-items": "Action items",
  prevention: "Prevention and detection",
  lessons: "Lessons learned",
} as const satisfies Record<string, string>;

export type SectionKey = keyof typeof SECTION_TITLES;
export const SECTION_KEYS = Object.keys(SECTION_TITLES) as readonly SectionKey[];
export const SectionKey = z.enum(Object.keys(SECTION_TITLES) as [SectionKey, ...SectionKey[]]);

export const Priority = z.enum(["P0", "P1", "P2"]);
export type Priority = z.infer<typeof Priority>;

export const ActionItemStatus = z.enum(["open", "in progress", "done", "dropped"]);
export type ActionItemStatus = z.infer<typeof ActionItemStatus>;

export const ActionItem = z.object({
  id: ActionItemId,
  incident: IncidentId,
  priority: Priority,
  title: z.string(),
  owner: Slug,
  dueAt: InstantText,
  status: ActionItemStatus,
  /** Its due time has passed and it is neither done nor dropped. */
  overdue: z.boolean(),
  createdAt: InstantText,
  doneAt: InstantText.nullable(),
  note: z.string().nullable(),
});
export type ActionItem = z.infer<typeof ActionItem>;

export const PostmortemSection = z.object({
  key: SectionKey,
  title: z.string(),
  /** Markdown. */
  body: z.string(),
  /** To be sent back with an edit; 1 is what Tocsin drafted. */
  version: z.int(),
});
export type PostmortemSection = z.infer<typeof PostmortemSection>;

export const Postmortem = z.object({
  incident: IncidentId,
  state: z.enum(["draft", "published"]),
  /** Whether the severity policy demands it. */
  required: z.boolean(),
  dueAt: InstantText.nullable(),
  /** Its due time has passed and it is not published. */
  overdue: z.boolean(),
  publishedAt: InstantText.nullable(),
  audiences: z.array(Slug),
  sections: z.array(PostmortemSection),
  actionItems: z.array(ActionItem),
});
export type Postmortem = z.infer<typeof Postmortem>;

const ById = z.object({ id: IncidentId });

export const getPostmortem = route({
  method: "GET",
  path: "/v1/incidents/:id/postmortem",
  access: "incidents.read",
  tag: "postmortems",
  summary: "The nine sections; drafted on the spot for a resolved incident that has none yet.",
  params: ById,
  reply: Postmortem,
});

export const exportPostmortemMarkdown = route({
  method: "GET",
  path: "/v1/incidents/:id/postmortem.md",
  access: "incidents.read",
  tag: "postmortems",
  summary: "The postmortem as one Markdown file.",
  params: ById,
  reply: z.string(),
});

export const exportPostmortemHtml = route({
  method: "GET",
  path: "/v1/incidents/:id/postmortem.html",
  access: "incidents.read",
  tag: "postmortems",
  summary: "The postmortem as one HTML page without scripts or outside resources.",
  params: ById,
  reply: z.string(),
});

export const exportPostmortemPdf = route({
  method: "GET",
  path: "/v1/incidents/:id/postmortem.pdf",
  access: "incidents.read",
  tag: "postmortems",
  summary: "The postmortem as PDF, on A4.",
  params: ById,
  reply: z.string(),
});

export const editSection = route({
  method: "PUT",
  path: "/v1/incidents/:id/postmortem/sections/:key",
  access: "postmortems.write",
  tag: "postmortems",
  summary: "Replace the Markdown of one section; refused when somebody else changed it meanwhile.",
  params: ById.extend({ key: SectionKey }),
  body: z.strictObject({
    body: z.string().max(100_000),
    /** The version that was read before editing. */
    version: z.int().min(1),
  }),
  reply: PostmortemSection,
});

export const publishPostmortem = route({
  method: "POST",
  path: "/v1/incidents/:id/postmortem/publish",
  access: "postmortems.publish",
  tag: "postmortems",
  summary: "Share it with audiences; without any named, with engineering and leadership.",
  params: ById,
  body: z.strictObject({ audiences: z.array(Slug).max(20).default([]) }).nullish(),
  reply: Postmortem,
});

export const addActionItem = route({
  method: "POST",
  path: "/v1/incidents/:id/action-items",
  access: "postmortems.write",
  tag: "action items",
  summary: "Promise a change, with owner and due date (by default 7, 30 or 90 days by priority).",
  status: 201,
  params: ById,
  body: z.strictObject({
    priority: Priority,
    title: z.string().trim().min(1).max(300),
    owner: Slug,
    dueAt: InstantText.optional(),
    note: z.string().trim().min(1).max(5_000).optional(),
  }),
  reply: ActionItem,
});

export const listActionItems = route({
  method: "GET",
  path: "/v1/action-items",
  access: "incidents.read",
  tag: "action items",
  summary: "Action items, the earliest due first.",
  query: PageQuery.extend({
    /** “unfinished” is open or in progress. */
    status: ActionItemStatus.or(z.literal("unfinished")).optional(),
    owner: Slug.optional(),
    incident: IncidentId.optional(),
    priority: Priority.optional(),
    overdue: z.enum(["true", "false"]).optional(),
  }),
  reply: page(ActionItem),
});

export const changeActionItem = route({
  method: "PATCH",
  path: "/v1/action-items/:id",
  access: "postmortems.write",
  tag: "action items",
  summary: "Change status, owner, due date or note; what is left out stays.",
  params: z.object({ id: ActionItemId }),
  body: z.strictObject({
    status: ActionItemStatus.optional(),
    owner: Slug.optional(),
    dueAt: InstantText.optional(),
    note: z.string().trim().min(1).max(5_000).optional(),
  }),
  reply: ActionItem,
});
