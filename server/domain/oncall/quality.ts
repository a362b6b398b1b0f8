/** What is wrong with how the shifts to come are shared: what people cannot bear, and what hangs on one of them. Pure. */
import type { LoadFinding } from "../../../contract/load.ts";
import { DAY, HOUR, toIso } from "../../base/instant.ts";
import { type Duty, stretchesOf } from "./load.ts";
import type { Span } from "./rotation.ts";

/** A week and a day: a weekly turn with a late handoff is not too long yet. */
const LONGEST_MS = 8 * DAY;
/** Between two shifts somebody sleeps, eats and travels. */
const REST_MS = 11 * HOUR;
/** Shorter ones leave the rest of the day. */
const SHIFT_MS = 6 * HOUR;

type Told = Pick<LoadFinding, "kind" | "schedule" | "person"> & { readonly span: Span };

/** Findings of the shifts within a span; each kind once for each schedule and person, at its first time. */
export function findingsOf(duties: readonly Duty[], within: Span): readonly LoadFinding[] {
  const told = [
    ...tooLong(duties),
    ...backToBack(duties),
    ...twiceAtOnce(duties),
    ...singlePoints(duties, within),
  ];
  const found = new Map<string, LoadFinding>();
  for (const { span, ...finding } of told) {
    const name = `${finding.kind} ${finding.schedule} ${finding.person}`;
    const [startsAt, endsAt] = [toIso(span.startsAt), toIso(span.endsAt)];
    if (!found.has(name))
      found.set(name, { ...finding, startsAt, endsAt, text: TEXTS[finding.kind] });
  }
  return [...found.values()];
}

const TEXTS: Readonly<Record<LoadFinding["kind"], string>> = {
  "too long": "more than eight days without a break",
  "back to back": "less than eleven hours between two shifts",
  "twice at once": "on call in two schedules at once: when one rings, the other has nobody",
  "single point of failure": "nobody else is ever on call",
};

const tooLong = (duties: readonly Duty[]): readonly Told[] =>
  each(duties, ({ person, schedule }) => `${schedule} ${person}`).flatMap((own) =>
    stretchesOf(own)
      .filter(({ startsAt, endsAt }) => endsAt - startsAt > LONGEST_MS)
      .map((span) => ({ kind: "too long", ...placeOf(own), span })),
  );

function backToBack(duties: readonly Duty[]): readonly Told[] {
  return each(duties, ({ person }) => person).flatMap((own) => {
    const stretches = stretchesOf(own).filter((one) => one.endsAt - one.startsAt >= SHIFT_MS);
    return stretches.slice(1).flatMap((next, index): readonly Told[] => {
      const before = stretches[index]!;
      if (next.startsAt - before.endsAt >= REST_MS) return [];
      const { schedule, person } = own.find(({ startsAt }) => startsAt === next.startsAt)!;
      const span = { startsAt: before.endsAt, endsAt: next.startsAt };
      return [{ kind: "back to back", schedule, person, span }];
    });
  });
}

function twiceAtOnce(duties: readonly Duty[]): readonly Told[] {
  return each(duties, ({ person }) => person).flatMap((own) => {
    const inOrder = own.toSorted((a, b) => a.startsAt - b.startsAt);
    return inOrder.flatMap((later, index): readonly Told[] => {
      const earlier = inOrder
        .slice(0, index)
        .find((other) => other.endsAt > later.startsAt && other.schedule !== later.schedule);
      if (earlier === undefined) return [];
      const endsAt = earlier.endsAt < later.endsAt ? earlier.endsAt : later.endsAt;
      return [{ kind: "twice at once", ...placeOf([later]), span: { ...later, endsAt } }];
    });
  });
}

const singlePoints = (duties: readonly Duty[], within: Span): readonly Told[] =>
  each(duties, ({ schedule }) => schedule)
    .filter((own) => new Set(own.map(({ person }) => person)).size === 1)
    .map((own) => ({ kind: "single point of failure", ...placeOf(own), span: within }));

const each = (
  duties: readonly Duty[],
  nameOf: (duty: Duty) => string,
): readonly (readonly Duty[])[] => [...Map.groupBy(duties, nameOf).values()];

const placeOf = (own: readonly Duty[]): Pick<Duty, "schedule" | "person"> => {
  const { schedule, person } = own[0]!;
  return { schedule, person };
};
