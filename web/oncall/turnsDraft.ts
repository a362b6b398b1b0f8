/** A schedule while somebody changes its turns: people, their order, how long and when. Pure. */
import type { Layer, Schedule } from "../../contract/oncall.ts";
import { t } from "../kit/words.ts";

/** Who has one turn, alone or together. */
export const turnOf = (entry: Layer["people"][number]): readonly string[] => [entry].flat();

export const withLayer = (draft: Schedule, at: number, change: Partial<Layer>): Schedule => ({
  ...draft,
  layers: draft.layers.map((layer, index) => (index === at ? { ...layer, ...change } : layer)),
});

/** Whoever stands at one place of the turns, moved up (-1) or down (1); those at the ends stay. */
export function moved(people: Layer["people"], at: number, by: -1 | 1): Layer["people"] {
  const to = at + by;
  const [one, other] = [people[at], people[to]];
  if (one === undefined || other === undefined) return people;
  return people.map((entry, index) => (index === at ? other : index === to ? one : entry));
}

export const without = (people: Layer["people"], at: number): Layer["people"] =>
  people.filter((_, index) => index !== at);

/** The wall-clock moment from which on it counts; none: when the turns that it touches have ended. */
export function countedFrom(draft: Schedule, moment: string): Schedule {
  const { effectiveFrom: _, ...rest } = draft;
  return moment === "" ? rest : { ...rest, effectiveFrom: moment };
}

/** Why a draft cannot be looked at yet. */
export function draftProblem(draft: Schedule, saved: Schedule): string | null {
  const empty = draft.layers.find(({ people }) => people.length === 0);
  if (empty !== undefined) return t("Nobody has a turn in {layer}.", { layer: empty.name });
  const wrong = draft.layers.some(({ count }) => !Number.isInteger(count) || count < 1);
  if (wrong) return t("A turn lasts at least one of its units.");
  return JSON.stringify(draft) === JSON.stringify(saved) ? t("Nothing was changed.") : null;
}
