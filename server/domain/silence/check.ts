/** What is wrong with maintenance windows beyond their shape: a pattern, a recurrence, too wide a reach. */
import { durationMs } from "../../base/duration.ts";
import type { ObjectCheck } from "../config/check.ts";
import { compileMatcher, matchesEmpty } from "./matching.ts";
import { muteOfMaintenance, recurrenceFault } from "./silence.ts";

export const checkMaintenance: ObjectCheck = (snapshot) =>
  snapshot.all("maintenance").flatMap((entry) => {
    const { id, body } = entry;
    const fault = (path: string, message: string) => [
      { kind: "maintenance" as const, id, path, message },
    ];
    const matchers = body.matchers ?? [];
    for (const [index, text] of matchers.entries()) {
      const ready = compileMatcher(text);
      if (typeof ready === "string")
        return fault(`matchers.${index}`, `expected a valid pattern: ${ready}`);
    }
    if (body.services === undefined && matchesEmpty(matchers))
      return fault(
        "matchers",
        "would mute every alert: expected one that an empty value does not satisfy",
      );
    const mute = muteOfMaintenance(entry);
    const problem = recurrenceFault(mute);
    if (problem !== null)
      return fault("repeats", `expected a rule that can be followed: ${problem}`);
    if (mute.endsAt - mute.startsAt < durationMs(body.duration))
      return fault("until", "expected an end that leaves room for one time");
    return [];
  });
