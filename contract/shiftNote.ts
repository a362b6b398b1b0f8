/** What somebody is told who comes on call, and who goes: digests of a shift, to which words may be added. */
import { z } from "zod";
import { InstantText, Slug } from "./ids.ts";
import { page, PageQuery, route } from "./route.ts";

/** `start`: for whoever comes. `end`: of the shift that is over, for whoever went. */
export const ShiftNoteKind = z.enum(["start", "end"]);

export const ShiftNote = z.object({
  id: z.uuid(),
  schedule: Slug,
  kind: ShiftNoteKind,
  person: Slug,
  at: InstantText,
  /** The shift that it is about: of a start note the one before. */
  from: InstantText,
  lines: z.array(z.string()),
  /** What the person who went added. */
  words: z.array(z.object({ at: InstantText, by: Slug, text: z.string() })),
});
export type ShiftNote = z.infer<typeof ShiftNote>;

export const listShiftNotes = route({
  method: "GET",
  path: "/v1/shift-notes",
  access: "oncall.read",
  tag: "on call",
  summary:
    "Start-of-shift digests and hand-over notes of schedules that you may see, the newest first.",
  query: PageQuery.extend({ schedule: Slug.optional(), kind: ShiftNoteKind.optional() }),
  reply: page(ShiftNote),
});

export const addShiftWords = route({
  method: "POST",
  path: "/v1/schedules/:id/hand-over-words",
  access: "oncall.override",
  tag: "on call",
  summary: "Add words to the hand-over note of your last shift; whoever is on call now gets them.",
  status: 201,
  params: z.object({ id: Slug }),
  body: z.strictObject({ text: z.string().trim().min(1).max(4_000) }),
  reply: ShiftNote,
});
