/** Actions within Tocsin: a status update, a page, the Safe Mode banner. */
import { z } from "zod";
import { Slug } from "../../../contract/ids.ts";
import { action, type ActionResult, type EffectReply } from "../../domain/runbook/action.ts";
import { lost } from "./replies.ts";

const Update = z.strictObject({
  text: z.string().trim().min(1).max(5_000),
  audiences: z.array(Slug).max(20).default([]),
});
const Page = z.strictObject({ person: Slug, text: z.string().trim().min(1).max(1_000) });
const Banner = z.strictObject({
  /** What is stale: a dashboard, a table, or "all". */
  scope: z.string().trim().min(1).max(200).default("all"),
  message: z.string().trim().min(1).max(500).default("The numbers shown here are not up to date."),
});

const common = {
  connection: null,
  permission: "runbooks.run" as const,
  timeoutMs: 10_000,
  fixed: [],
  repeatable: true,
  output: z.object({ what: z.string() }),
  read: (reply: EffectReply): ActionResult =>
    reply.via === "own"
      ? { kind: "done", output: { what: reply.what }, learned: reply.what }
      : reply.via === "error"
        ? lost(reply)
        : { kind: "failed", learned: "the reply is of another kind" },
};

export const statusUpdate = action<z.infer<typeof Update>>({
  ...common,
  name: "status.update",
  version: 1,
  title: "Post a status update to audiences",
  input: Update,
  risk: () => "write",
  prose: ["text"],
  plan: ({ input }) => ({ via: "own", verb: { kind: "status update", ...input } }),
  dryRun: ({ input }) => ({ words: `would tell ${input.audiences.join(", ")}: ${input.text}` }),
  undo: null,
});

export const pagePerson = action<z.infer<typeof Page>>({
  ...common,
  name: "person.page",
  version: 1,
  title: "Page somebody",
  input: Page,
  risk: () => "write",
  prose: ["text"],
  plan: ({ input }) => ({ via: "own", verb: { kind: "page", ...input } }),
  dryRun: ({ input }) => ({ words: `would page ${input.person}: ${input.text}` }),
  undo: null,
});

const banner = (on: boolean, input: z.infer<typeof Banner>) =>
  ({ via: "own", verb: { kind: "safe mode", on, ...input } }) as const;

const safeMode = (name: string, title: string, on: boolean) =>
  action<z.infer<typeof Banner>>({
    ...common,
    name,
    version: 1,
    title,
    input: Banner,
    risk: () => "write",
    prose: ["message"],
    plan: ({ input }) => banner(on, input),
    dryRun: ({ input }) => ({
      words: `would turn the banner ${on ? "on" : "off"} for ${input.scope}`,
    }),
    undo: ({ input }) => banner(!on, input),
  });

export const safeModeOn = safeMode("safe-mode.on", "Show the Safe Mode banner", true);
export const safeModeOff = safeMode("safe-mode.off", "Take the Safe Mode banner away", false);
