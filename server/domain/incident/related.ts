/** Which other incidents a responder should know of: those that burn around it, then those that were like it. */
import { RELATED } from "../../../contract/nearTexts.ts";
import type { Sentence } from "../../../contract/route.ts";
import { spoken } from "../../base/duration.ts";
import { DAY } from "../../base/instant.ts";
import { type Incident, isOpen } from "./incident.ts";

/** How far back an incident is still worth reading. */
export const RELATED_BACK_MS = 180 * DAY;

export type Around = {
  /** Services that it needs, with how many steps away; its own are at 0. */
  readonly needs: ReadonlyMap<string, number>;
  /** Services that need it. */
  readonly needing: ReadonlyMap<string, number>;
};

type Facts = Pick<
  Incident,
  "number" | "services" | "ruleId" | "declaredAt" | "state" | "mergedInto"
>;
export type Related<T> = { readonly incident: T; readonly because: Sentence };

/** The nearest first; what has nothing to do with it is left out. */
export function rankRelated<T extends Facts>(
  subject: Facts,
  others: readonly T[],
  around: Around,
): readonly Related<T>[] {
  return others
    .flatMap((incident) => {
      const tie = tieOf(subject, incident, around);
      return tie === null ? [] : [{ incident, because: tie.because, weight: tie.weight }];
    })
    .toSorted((a, b) => a.weight - b.weight || b.incident.number - a.incident.number)
    .map(({ incident, because }) => ({ incident, because }));
}

/** A service between them counts as much as this much time. */
const STEP_MS = 30 * DAY;

function tieOf(
  subject: Facts,
  other: Facts,
  { needs, needing }: Around,
): { readonly because: Sentence; readonly weight: number } | null {
  if (other.mergedInto === subject.number) return { because: merged("merged here"), weight: -2 };
  if (subject.mergedInto === other.number) return { because: merged("merged there"), weight: -2 };
  const near = nearest(other.services, needs);
  const far = nearest(other.services, needing);
  const isSame = near?.distance === 0;
  const sameRule = subject.ruleId !== null && subject.ruleId === other.ruleId && isSame;
  const at = near ?? far;
  if (at === null) return null;
  const place = isSame ? (sameRule ? "rule" : "service") : near !== null ? "needs" : "needed";
  const tie = (when: "now" | "before" | "after", length = ""): Sentence => ({
    template: RELATED[place][when],
    params: { length, service: at.service },
  });
  if (isOpen(other.state)) return { because: tie("now"), weight: -1 + at.distance / 100 };
  const apart = other.declaredAt - subject.declaredAt;
  const because = tie(apart <= 0 ? "before" : "after", spoken(roughly(Math.abs(apart))));
  const steps = isSame ? 0 : at.distance;
  const weight = (Math.abs(apart) * (sameRule ? 0.5 : 1) + steps * STEP_MS) / RELATED_BACK_MS;
  return { because, weight };
}

const merged = (how: "merged here" | "merged there"): Sentence => ({
  template: RELATED[how],
  params: {},
});

/** Days from the second on: nobody compares seconds with last month. */
const roughly = (ms: number): number =>
  ms >= 2 * DAY ? Math.round(ms / DAY) * DAY : ms >= 60_000 ? Math.round(ms / 60_000) * 60_000 : ms;

function nearest(
  services: readonly string[],
  distances: ReadonlyMap<string, number>,
): { readonly service: string; readonly distance: number } | null {
  return services.reduce<{ service: string; distance: number } | null>((best, service) => {
    const distance = distances.get(service);
    if (distance === undefined || (best !== null && best.distance <= distance)) return best;
    return { service, distance };
  }, null);
}
