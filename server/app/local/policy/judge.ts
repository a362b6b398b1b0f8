/** Compares what a policy test expects with what came of it. Pure: lists in, a diff for people out. */
import type { PolicyTest } from "../../../../contract/policyTest.ts";
import { durationMs, spoken } from "../../../base/duration.ts";

export type Outcome = {
  readonly incidents: readonly {
    readonly severity: string;
    readonly title: string;
    readonly service: string;
    readonly rule: string;
    readonly state: string;
    readonly alerts: number;
    readonly merged: boolean;
  }[];
  readonly pages: readonly {
    readonly person: string;
    readonly channel: string;
    readonly incident: number;
    /** Milliseconds since the start. */
    readonly at: number;
  }[];
  readonly silenced: readonly string[];
  readonly quiet: readonly string[];
};

/** One line for each difference: “- ” was expected and is missing, “+ ” is there and was not expected. */
export function differences(expected: PolicyTest["expect"], outcome: Outcome): readonly string[] {
  return [
    ...compare("incidents", expected.incidents, outcome.incidents, sameFields, fieldsText),
    ...compare("pages", expected.pages, outcome.pages, samePage, pageText),
    ...compare("silenced", expected.silenced, outcome.silenced, Object.is, String),
    ...compare("quiet", expected.quiet, outcome.quiet, Object.is, String),
  ];
}

/** Pairs each expected entry with the first one that is left and fits it. */
function compare<E, A>(
  what: string,
  expected: readonly E[] | undefined,
  actual: readonly A[],
  fits: (expected: E, actual: A) => boolean,
  text: (entry: E | A) => string,
): readonly string[] {
  if (expected === undefined) return [];
  const left = [...actual];
  const missing = expected.filter((entry) => {
    const at = left.findIndex((candidate) => fits(entry, candidate));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  if (missing.length === 0 && left.length === 0) return [];
  return [
    `${what}:`,
    ...missing.map((entry) => `  - ${text(entry)}`),
    ...left.map((entry) => `  + ${text(entry)}`),
  ];
}

const sameFields = (expected: object, actual: object): boolean =>
  Object.entries(expected).every(
    ([name, value]) => value === undefined || (actual as Record<string, unknown>)[name] === value,
  );

const fieldsText = (entry: object): string =>
  Object.entries(entry)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => `${name} ${typeof value === "string" ? `“${value}”` : String(value)}`)
    .join(", ");

type ExpectedPage = NonNullable<PolicyTest["expect"]["pages"]>[number];
type ActualPage = Outcome["pages"][number];

function samePage({ at, within, ...rest }: ExpectedPage, actual: ActualPage): boolean {
  if (!sameFields(rest, actual)) return false;
  if (at !== undefined && durationMs(at) !== actual.at) return false;
  return within === undefined || actual.at <= durationMs(within);
}

function pageText(entry: ExpectedPage | ActualPage): string {
  const { person, channel, incident, at } = entry;
  const when =
    typeof at === "number"
      ? ` after ${spoken(at)}`
      : at !== undefined
        ? ` after ${spoken(durationMs(at))}`
        : "within" in entry && entry.within !== undefined
          ? ` within ${spoken(durationMs(entry.within))}`
          : "";
  const by = channel === undefined ? "" : ` by ${channel}`;
  return `${person}${by}${incident === undefined ? "" : ` of incident ${incident}`}${when}`;
}
