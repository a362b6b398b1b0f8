import { expect, test } from "vitest";
import { z } from "zod";
import { bodyOf } from "../edge/inbound/body.ts";
import { ADAPTERS } from "../edge/inbound/index.ts";
import { joined, readBody } from "../edge/inbound/recognise.ts";
import { instant } from "./instant.ts";
import { convertible, safeParse } from "./convertible.ts";

const ODD = JSON.parse(`{"length":{"toString":1,"valueOf":1}}`) as unknown;

test("what cannot be converted is refused as what it is, not thrown", () => {
  const shape = z.object({ title: z.string().max(10), tags: z.array(z.string()).min(1) });
  expect(() => shape.safeParse({ title: ODD, tags: ODD })).toThrow(TypeError);
  const { success, error } = safeParse(shape, { title: ODD, tags: ODD });
  expect(success).toBe(false);
  expect(error?.issues.map(({ code }) => code)).toContain("invalid_type");
  expect(safeParse(shape, { title: "a", tags: ["b"] }).data).toEqual({ title: "a", tags: ["b"] });
  expect(convertible([ODD, 1, null, "a"])).toEqual([{ length: {} }, 1, null, "a"]);
});

test("a body that holds such a thing is read by whoever knows the rest of it", () => {
  const text = `{"eventType":"FAIL","source":{"length":{"toString":1,"valueOf":1}},"title":"Disk full","producer":{"length":{"toString":1,"valueOf":1}}}`;
  const form = bodyOf(text);
  const body = form.kind === "body" ? form.body : "";
  const now = instant(Date.UTC(2026, 10, 26));
  const { signals } = joined(readBody(ADAPTERS, null, { body, headers: {}, now }));
  expect(signals.map(({ signal }) => signal.title)).toEqual(["Disk full"]);
});
