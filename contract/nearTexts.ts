/** Why a change or another incident is shown beside an incident. Whole sentences, so that each has its own in every language. */
export const NEAR = {
  "before, itself": "{length} before it was detected, on {service} itself",
  "after, itself": "{length} after it was detected, on {service} itself",
  "before, directly": "{length} before it was detected, on {service}, which it needs directly",
  "after, directly": "{length} after it was detected, on {service}, which it needs directly",
  "before, by steps":
    "{length} before it was detected, on {service}, which it needs by {steps} steps",
  "after, by steps":
    "{length} after it was detected, on {service}, which it needs by {steps} steps",
} as const satisfies Record<string, string>;

const related = <Place extends string>(place: Place) =>
  ({
    now: `burns now: ${place}`,
    before: `{length} before: ${place}`,
    after: `{length} after: ${place}`,
  }) as const;

export const RELATED = {
  "merged here": "merged into this one",
  "merged there": "this one is merged into it",
  rule: related("the same rule and service"),
  service: related("the same service"),
  needs: related("{service}, which it needs"),
  needed: related("{service}, which needs it"),
} as const;
