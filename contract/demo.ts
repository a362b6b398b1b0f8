/** The demo's mailbox: routes that exist only on a node that `tocsin demo` started. */
import { z } from "zod";
import { route } from "./route.ts";

export const listDemoMail = route({
  method: "GET",
  path: "/demo/mail",
  access: "public",
  tag: "demo",
  summary: "Every mail that the demo sent, newest first.",
  reply: z.string(),
});

export const readDemoMail = route({
  method: "GET",
  path: "/demo/mail/:number",
  access: "public",
  tag: "demo",
  summary: "One mail of the demo, as text; nothing in it is executed.",
  params: z.object({ number: z.coerce.number().int().min(1).max(1_000_000) }),
  reply: z.string(),
});
