/** What only this noun can say of a schedule that is being configured. */
import type { ObjectCheck } from "../config/check.ts";
import { ruleProblem } from "./turns.ts";

/** Rules of turns must be rules, and go on for ever. */
export const checkSchedules: ObjectCheck = (snapshot) =>
  snapshot.all("schedules").flatMap(({ id, body }) =>
    body.layers.flatMap((layer, at) => {
      const problem = ruleProblem(layer);
      return problem === null
        ? []
        : [{ kind: "schedules" as const, id, path: `layers.${at}.rule`, message: problem }];
    }),
  );
