/** The signed heartbeat that a watcher on another host asks for. */
import { z } from "zod";
import { InstantText } from "./ids.ts";
import { route } from "./route.ts";

export const readPulse = route({
  method: "GET",
  path: "/v1/pulse",
  access: "public",
  tag: "system",
  summary: "Signed with TOCSIN_WATCH_SECRET: this node, its store and its engine work.",
  query: z.object({
    nonce: z.string().regex(/^[0-9a-f]{16,64}$/, "16 to 64 hexadecimal digits, new each time"),
  }),
  reply: z.object({
    at: InstantText,
    /** Since the engine's last tick; -1: it has not begun. */
    engineAgeMs: z.int(),
    /** HMAC-SHA-256 over “nonce.at.engineAgeMs”, hexadecimal. */
    signature: z.string().regex(/^[0-9a-f]{64}$/),
  }),
});
