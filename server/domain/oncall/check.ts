/** What only this noun can say of a schedule that is being configured. */
import type { ObjectCheck } from "../config/check.ts";
import { ruleProblem } from "./turns.ts";

/** Rules of turns must be rules, and go on for ever; who have a turn together are several. */
export const checkSchedules: ObjectCheck = (snapshot) =>
  snapshot.all("schedules").flatMap(({ id, body }) =>
    body.layers.flatMap((layer, at) => {
      const found = (path: string, message: string) => ({
        kind: "schedules" as const,
        id,
        path: `layers.${at}.${path}`,
        message,
      });
      const rule = ruleProblem(layer);
      const alone = layer.people.flatMap((turn, index) =>
        Array.isArray(turn) && new Set(turn).size < turn.length
          ? [found(`people.${index}`, "names somebody twice who has this turn together")]
          : [],
      );
      return [...(rule === null ? [] : [found("rule", rule)]), ...alone];
    }),
  );
