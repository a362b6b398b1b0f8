/** What is wrong with inhibitions, and what will hurt about rules that let alerts wait. */
import type { ObjectCheck } from "../config/check.ts";
import { compileMatcher, matchesEmpty } from "../silence/matching.ts";

export const checkCalm: ObjectCheck = (snapshot) => [
  ...snapshot.all("inhibitions").flatMap(({ id, body }) =>
    (["source", "target"] as const).flatMap((side) => {
      const fault = (path: string, message: string) => ({
        kind: "inhibitions" as const,
        id,
        path,
        message,
      });
      const broken = body[side].flatMap((text, index) => {
        const ready = compileMatcher(text);
        if (typeof ready !== "string") return [];
        return [fault(`${side}.${index}`, `expected a valid pattern: ${ready}`)];
      });
      if (broken.length > 0 || !matchesEmpty(body[side])) return broken;
      // Every alert as a target is what a storm's inhibition may want; every alert as a source is none.
      return side === "target" ? [] : [fault(side, "would make every alert a source")];
    }),
  ),
  ...snapshot.all("rules").flatMap(({ id, body }) => {
    if (!("declare" in body.then) || body.then.declare !== "SEV1") return [];
    return (["holdBack", "atLeast"] as const)
      .filter((field) => body[field] !== undefined)
      .map((path) => ({
        kind: "rules" as const,
        id,
        path,
        message: "a SEV1 waits for this before anybody is paged",
        level: "warning" as const,
      }));
  }),
];
