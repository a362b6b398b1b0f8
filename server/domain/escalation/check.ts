/** What only this noun can say of a policy that is being configured. */
import type { EscalationStep } from "../../../contract/escalation.ts";
import type { ObjectCheck } from "../config/check.ts";
import type { Entry, Snapshot } from "../config/config.ts";

type Problem = ReturnType<ObjectCheck>[number];

/** Hours need a calendar, policies must not hand over in a ring, and somebody must always be paged. */
export const checkEscalations: ObjectCheck = (snapshot) =>
  snapshot
    .all("escalations")
    .flatMap((entry) => [
      ...withoutHours(snapshot, entry),
      ...ring(snapshot, entry),
      ...nobodyOtherwise(entry),
    ]);

const asksHours = ({ when, inBusinessHours }: EscalationStep): boolean =>
  inBusinessHours === true || when?.hours !== undefined;

/** A policy without a team of its own means the hours of the team in charge, which is known only then. */
function withoutHours(snapshot: Snapshot, { id, body }: Entry<"escalations">): readonly Problem[] {
  if (body.calendar !== undefined || body.team === undefined) return [];
  if (snapshot.get("teams", body.team)?.body.calendar !== undefined) return [];
  return body.steps.flatMap((step, index) =>
    asksHours(step)
      ? [
          {
            kind: "escalations" as const,
            id,
            path: `steps.${index}`,
            message: `expected a calendar: neither the policy nor its team “${body.team}” has one`,
          },
        ]
      : [],
  );
}

/** Nobody would ever hear that nobody answered. */
function ring(snapshot: Snapshot, { id, body }: Entry<"escalations">): readonly Problem[] {
  const trail = [id];
  for (let next = body.then; next !== undefined;) {
    if (next === id)
      return [
        {
          kind: "escalations",
          id,
          path: "then",
          message: `hands over to itself: ${[...trail, id].join(" → ")}`,
        },
      ];
    if (trail.includes(next)) return [];
    trail.push(next);
    next = snapshot.get("escalations", next)?.body.then;
  }
  return [];
}

function nobodyOtherwise({ id, body }: Entry<"escalations">): readonly Problem[] {
  if (body.then !== undefined || body.steps.some(({ when }) => when === undefined)) return [];
  return [
    {
      kind: "escalations",
      id,
      path: "steps",
      message:
        "every step has a condition: where none holds, only the manager of the team in charge is paged",
      level: "warning",
    },
  ];
}
