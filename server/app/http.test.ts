/** A route without a right, or at another's place, is seen at the start. */
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { route } from "../../contract/route.ts";
import { keyring } from "../base/crypto.ts";
import { silentLog } from "../base/log.ts";
import { bind } from "../base/routes.ts";
import { httpServer } from "./http.ts";

describe("a route", () => {
  const world = {
    db: {} as never,
    chance: {} as never,
    transport: {} as never,
    clock: {} as never,
    keys: keyring(Buffer.alloc(32)),
    log: silentLog,
    publicUrl: "http://x.example",
    secret: () => null,
    nudge: () => undefined,
  };
  const options = {
    trustProxy: false,
    identify: async () => null,
    onAnswered: () => undefined,
    refusalPage: () => {
      throw new Error("nobody asks for a page");
    },
  };
  const declared = route({
    method: "GET",
    path: "/x",
    tag: "x",
    summary: "X.",
    access: "public",
    reply: z.object({}),
  });

  test("that declares no right stops the start", async () => {
    for (const access of [undefined, "everything", null, "toString"]) {
      const bad = bind({ ...declared, access: access as never }, async () => ({}));
      await expect(httpServer(world, [bad], options)).rejects.toThrow(/GET \/x declares no right/);
    }
  });

  test("that another has already taken stops the start", async () => {
    const one = bind(declared, async () => ({}));
    await expect(httpServer(world, [one, one], options)).rejects.toThrow(/already declared/);
  });
});
