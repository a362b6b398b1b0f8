/** Whether a page would find somebody: policies, schedules and people, for the days ahead. */
import type { Target } from "../../../contract/escalation.ts";
import type { ReadinessFinding } from "../../../contract/readiness.ts";
import type { Said } from "../../../contract/texts.ts";
import { type Instant, toIso } from "../../base/instant.ts";
import { inWords } from "../../base/words.ts";
import type { Entry, Snapshot } from "../config/config.ts";
import { type FinalShift, finalShifts, holdersOf, type Override } from "../oncall/oncall.ts";
import { doubtsOf, markOf, type ReachProofs } from "./doubts.ts";
import { missingIn, named, orAllWell, warningIn } from "./findings.ts";

export type ReachFacts = {
  readonly config: Snapshot;
  readonly overrides: readonly (Override & { readonly scheduleId: string })[];
  readonly mailServer: boolean;
  readonly unsetSecrets: ReadonlySet<string>;
  /** What shows that addresses reach their people. */
  readonly proofs: ReachProofs;
  /** Who let a device of theirs be woken. */
  readonly wakeable: ReadonlySet<string>;
};

/** Every service is paged for by a policy that reaches somebody, and every step of it does. */
export function escalationFindings(
  facts: ReachFacts,
  from: Instant,
  to: Instant,
): readonly ReadinessFinding[] {
  const { config } = facts;
  const missing = missingIn("escalation");
  const unguarded = config.all("services").filter(({ body }) => body.escalation === undefined);
  const names = unguarded.map(({ id }) => id);
  const paged =
    names.length === 0
      ? []
      : [missing(`Nobody is paged for ${names.join(", ")}.`, "Give each an “escalation” policy.")];
  const reached = config.all("escalations").map(({ id, body }) => ({
    id,
    steps: body.steps.map(({ notify }) => reachesSomebody(facts, notify, from, to)),
  }));
  const mend = "Name people in them who have a contact on a channel that works.";
  const dead = reached.filter(({ steps }) => !steps.includes(true)).map(({ id }) => id);
  const silent = reached.flatMap(({ id, steps }) =>
    steps.flatMap((reaches, index) =>
      reaches || dead.includes(id) ? [] : [`step ${index + 1} of ${id}`],
    ),
  );
  const well =
    config.all("services").length === 0
      ? "There is no service to page for."
      : `Every service is paged for; ${reached.length} policies reach people.`;
  return orAllWell("escalation", well, [
    ...paged,
    ...(dead.length === 0 ? [] : [missing(`Nobody is reached by ${dead.join(", ")}.`, mend)]),
    ...(silent.length === 0
      ? []
      : [warningIn("escalation")(`Nobody is reached by ${silent.join(", ")}.`, mend)]),
  ]);
}

const reachesSomebody = (
  facts: ReachFacts,
  targets: readonly Target[],
  from: Instant,
  to: Instant,
): boolean =>
  targets
    .flatMap((target) => peopleOf(facts, target, from, to))
    .some((person) => isReachable(facts, person));

/** Every schedule that a policy asks is covered, without a gap, until `to`. */
export function onCallFindings(
  facts: ReachFacts,
  from: Instant,
  to: Instant,
): readonly ReadinessFinding[] {
  const schedules = schedulesAsked(facts.config);
  const gaps = schedules.flatMap((schedule) => {
    const open = shiftsOf(facts, schedule, from, to).filter(({ person }) => person === null);
    if (open.length === 0 || schedule.body.gaps === "allowed") return [];
    const spans = open.map(({ startsAt, endsAt }) => `${toIso(startsAt)} to ${toIso(endsAt)}`);
    return [
      missingIn("on call")(
        `Nobody is on call in ${schedule.id}: ${named(spans)}.`,
        `Fill it by a layer, or: ./bin/tocsin override add ${schedule.id} PERSON --from … --to ….`,
      ),
    ];
  });
  const well =
    schedules.length === 0
      ? "No policy asks a schedule."
      : `${schedules.length} schedules are covered until ${toIso(to)}${meant(schedules)}.`;
  return orAllWell("on call", well, gaps);
}

const meant = (schedules: readonly Entry<"schedules">[]): string => {
  const open = schedules.filter(({ body }) => body.gaps === "allowed").map(({ id }) => id);
  return open.length === 0 ? "" : `, but for gaps that are meant in ${open.join(", ")}`;
};

/** Everybody whom a policy may page until `to` can be reached. */
export function peopleFindings(
  facts: ReachFacts,
  from: Instant,
  to: Instant,
): readonly ReadinessFinding[] {
  const targets = targetsOf(facts.config);
  const paged = new Set(targets.flatMap((target) => peopleOf(facts, target, from, to)));
  const lost = [...paged].filter((person) => !isReachable(facts, person)).toSorted();
  const well =
    paged.size === 0
      ? "No policy pages anybody."
      : `All ${paged.size} people who may be paged can be reached.`;
  if (lost.length === 0) return orAllWell("people", well, doubtFindings(facts, [...paged]));
  const names = lost.join(", ");
  const what = `No page reaches ${names}, who may be paged: no contact on a channel that works.`;
  const todo = "Mend the channels, or give them a contact on one whose secrets and server are set.";
  return [missingIn("people")(what, todo), ...doubtFindings(facts, [...paged])];
}

/** Of whom it is not shown that a page arrives. */
function doubtFindings(facts: ReachFacts, people: readonly string[]): readonly ReadinessFinding[] {
  const doubtful = people.toSorted().filter((person) => doubtsOf(facts, person).length > 0);
  if (doubtful.length === 0) return [];
  const [first] = doubtful;
  const example = inWords(doubtsOf(facts, first ?? "")[0] ?? "", "en");
  return [
    warningIn("people")(
      `It is not sure that pages reach ${named(doubtful)}. ${example}`,
      "Each of them sees what is missing at /you, or by: ./bin/tocsin address list.",
    ),
  ];
}

export type InDoubt = Unreachable & { readonly doubts: readonly Said[] };

/** Who is or will be on call until `to` and could be reached, but nothing shows it: each once for each schedule. */
export const doubtfulAhead = (facts: ReachFacts, from: Instant, to: Instant): readonly InDoubt[] =>
  holdersAhead(facts, from, to).flatMap((each) => {
    const doubts = isReachable(facts, each.person) ? doubtsOf(facts, each.person) : [];
    return doubts.length === 0 ? [] : [{ ...each, doubts }];
  });

export type Unreachable = {
  readonly schedule: string;
  readonly team: string | null;
  readonly person: string;
  /** When the page of somebody else's incident would first look for them. */
  readonly from: Instant;
};

/** Who is or will be on call until `to` and cannot be reached: each once for each schedule. */
export const unreachableAhead = (
  facts: ReachFacts,
  from: Instant,
  to: Instant,
): readonly Unreachable[] =>
  holdersAhead(facts, from, to).filter(({ person }) => !isReachable(facts, person));

/** Who is or will be on call until `to`, with their first shift in each schedule that a policy asks. */
const holdersAhead = (facts: ReachFacts, from: Instant, to: Instant): readonly Unreachable[] =>
  schedulesAsked(facts.config).flatMap((schedule) => {
    const firsts = new Map<string, Instant>();
    for (const shift of shiftsOf(facts, schedule, from, to)) {
      for (const person of holdersOf(shift))
        if (!firsts.has(person)) firsts.set(person, shift.startsAt);
    }
    const team = schedule.body.team ?? null;
    return [...firsts].map(([person, at]) => ({ schedule: schedule.id, team, person, from: at }));
  });

/** Whom escalation policies page and severity policies make commander. */
function targetsOf(config: Snapshot): readonly Target[] {
  const steps = config
    .all("escalations")
    .flatMap(({ body }) => body.steps.flatMap(({ notify }) => notify));
  const commanders = config
    .all("policies")
    .flatMap(({ body }) =>
      Object.values(body.severities).flatMap((terms) => terms?.commander ?? []),
    );
  return [...steps, ...commanders];
}

function schedulesAsked(config: Snapshot): readonly Entry<"schedules">[] {
  const asked = new Set(
    targetsOf(config).flatMap((target) => ("schedule" in target ? [target.schedule] : [])),
  );
  return config.all("schedules").filter(({ id }) => asked.has(id));
}

const shiftsOf = (
  facts: ReachFacts,
  schedule: Entry<"schedules">,
  from: Instant,
  to: Instant,
): readonly FinalShift[] => {
  const own = facts.overrides.filter(({ scheduleId }) => scheduleId === schedule.id);
  return finalShifts(facts.config.versionsOf(schedule), own, from, to);
};

function peopleOf(
  facts: ReachFacts,
  target: Target,
  from: Instant,
  to: Instant,
): readonly string[] {
  if ("person" in target) return [target.person];
  if ("team" in target) return facts.config.get("teams", target.team)?.body.members ?? [];
  const schedule = facts.config.get("schedules", target.schedule);
  if (schedule === null) return [];
  return shiftsOf(facts, schedule, from, to).flatMap(holdersOf);
}

function isReachable(facts: ReachFacts, personId: string): boolean {
  const { config, mailServer, unsetSecrets, wakeable } = facts;
  if (wakeable.has(personId)) return true;
  const contacts = config.get("people", personId)?.body.contacts ?? [];
  return contacts.some((contact) => {
    const channel = config.get("channels", contact.channel)?.body;
    if (markOf(facts, contact) !== null) return false;
    if (channel === undefined || (channel.type === "email" && !mailServer)) return false;
    return !Object.values(channel).some((value) => unsetSecrets.has(String(value)));
  });
}
