/** What a policy test names that the configuration beside it does not have, and what comes too late to happen. */
import type { PolicyTest } from "../../../../contract/policyTest.ts";
import type { DesiredObject } from "../../../../contract/configuration.ts";
import { durationMs } from "../../../base/duration.ts";

export type Mistake = {
  /** From the test on. */
  readonly path: readonly (string | number)[];
  readonly expected: string;
};

type Named = readonly [path: Mistake["path"], kind: string, word: string, id: string | undefined];

/** Pure. A name of which nothing of its kind exists is a slip: played, it would only fail in other words. */
export function mistakesIn(
  test: PolicyTest,
  objects: readonly Pick<DesiredObject, "kind" | "id">[],
): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  for (const [path, kind, word, id] of namesIn(test)) {
    const known = objects.filter((object) => object.kind === kind).map((object) => object.id);
    if (id === undefined || known.includes(id)) continue;
    mistakes.push({
      path,
      expected: `no ${word} “${id}” stands in these files${nearest(id, known)}`,
    });
  }
  const lastsMs = durationMs(test.lasts);
  for (const list of ["alerts", "measurements", "silences", "acknowledges"] as const) {
    test[list].forEach(({ at }, index) => {
      if (durationMs(at) > lastsMs)
        mistakes.push({
          path: [list, index, "at"],
          expected: `after the end: the test lasts ${test.lasts}`,
        });
    });
  }
  return mistakes;
}

function namesIn({ alerts, measurements, silences, acknowledges, expect }: PolicyTest): Named[] {
  const named: Named[] = [];
  alerts.forEach(({ key }, n) => named.push([["alerts", n, "key"], "keys", "intake key", key]));
  measurements.forEach(({ key }, n) =>
    named.push([["measurements", n, "key"], "keys", "intake key", key]),
  );
  silences.forEach(({ owner }, n) =>
    named.push([["silences", n, "owner"], "people", "person", owner]),
  );
  acknowledges.forEach(({ person }, n) =>
    named.push([["acknowledges", n, "person"], "people", "person", person]),
  );
  expect.incidents?.forEach(({ service, rule }, n) => {
    const place = ["expect", "incidents", n] as const;
    named.push([[...place, "service"], "services", "service", service]);
    named.push([[...place, "rule"], "rules", "rule", rule]);
  });
  expect.pages?.forEach(({ person, channel }, n) => {
    const place = ["expect", "pages", n] as const;
    named.push([[...place, "person"], "people", "person", person]);
    named.push([[...place, "channel"], "channels", "channel", channel]);
  });
  return named;
}

const SHOWN_MAX = 10;

const nearest = (id: string, known: readonly string[]): string => {
  const near = known.filter((one) => one.startsWith(id.slice(0, 3)));
  const shown = (near.length > 0 ? near : known).toSorted().slice(0, SHOWN_MAX);
  return shown.length === 0
    ? ""
    : `; there ${shown.length === 1 ? "is" : "are"} ${shown.join(", ")}`;
};
