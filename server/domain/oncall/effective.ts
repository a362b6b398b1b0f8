/** From when on a changed schedule counts: nobody is moved in the middle of a turn unless somebody says so. */
import type { Layer, Schedule } from "../../../contract/oncall.ts";
import { type Instant } from "../../base/instant.ts";
import { sameBody } from "../config/difference.ts";
import type { CountsFrom } from "../config/versions.ts";
import { finalShifts, whoIsOnCall } from "./oncall.ts";
import { shiftAt, zoneOf } from "./rotation.ts";
import { versionAt } from "./walk.ts";
import { firstInstantAt } from "./wallclock.ts";

/**
 * The instant that the text names, if it is to come. Otherwise the end of the turns under way in every layer that
 * the change touches, and of the shift of whoever is on call now. At once where it is asked for, where nobody's
 * turns change, and as soon as somebody would hold it who is no longer there.
 */
export const countsFrom: CountsFrom = (before, next, { after, now, atOnce }) => {
  const current = versionAt(before, now);
  if (current === null || atOnce || sameTurns(current, next)) return now;
  const wanted = wantedFrom(next);
  const until = wanted !== null && wanted > now ? wanted : endOfTurns(current, next, now);
  // Overrides are left out: they stand above every version.
  const orphaned = finalShifts(before, [], now, until).find(({ person, others }) =>
    [person ?? [], others].flat().some((each) => after.get("people", each) === null),
  );
  return orphaned?.startsAt ?? until;
};

const sameTurns = (a: Schedule, b: Schedule): boolean =>
  a.timezone === b.timezone && sameBody(a.layers, b.layers);

const wantedFrom = ({ effectiveFrom, timezone }: Schedule): Instant | null =>
  effectiveFrom === undefined
    ? null
    : firstInstantAt(Temporal.PlainDateTime.from(effectiveFrom), timezone);

function endOfTurns(current: Schedule, next: Schedule, now: Instant): Instant {
  const zone = current.timezone;
  const stays = (layer: Layer): boolean =>
    next.layers.some(
      (other) => zoneOf(other, next.timezone) === zoneOf(layer, zone) && sameBody(other, layer),
    );
  const turns = current.layers
    .filter((layer) => !stays(layer))
    .map((layer) => shiftAt({ ...layer, restrictions: [] }, zone, now)?.endsAt ?? now);
  const { person, until } = whoIsOnCall(current, [], now);
  const held = person === null || until === null ? now : until;
  return [...turns, held].reduce((latest, at) => (at > latest ? at : latest), now);
}
