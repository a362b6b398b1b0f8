/** Whether a page would find somebody: policies, schedules and the people in them, for the days ahead. */
import type { Target } from "../../../contract/escalation.ts";
import type { ReadinessFinding } from "../../../contract/readiness.ts";
import { type Instant, toIso } from "../../base/instant.ts";
import type { Entry, Snapshot } from "../config/config.ts";
import { type FinalShift, finalShifts, type Override } from "../oncall/oncall.ts";
import { missingIn, named, orAllWell, warningIn } from "./findings.ts";

export type ReachFacts = {
  readonly config: Snapshot;
  readonly overrides: readonly (Override & { readonly scheduleId: string })[];
  readonly mailServer: boolean;
  readonly unsetSecrets: ReadonlySet<string>;
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
  const todo = "Give it an “escalation” policy.";
  const without = unguarded.map(({ id }) =>
    missing(`Nobody is paged for ${id}: it has no policy.`, todo),
  );
  const policies = config.all("escalations").flatMap((policy) => {
    const reached = policy.body.steps.map(({ notify }) =>
      notify
        .flatMap((target) => peopleOf(facts, target, from, to))
        .some((person) => isReachable(facts, person)),
    );
    const mend = `Name people in ${policy.id} who have a contact on a channel that works.`;
    if (!reached.includes(true)) return [missing(`The policy ${policy.id} reaches nobody.`, mend)];
    return reached.flatMap((reaches, index) =>
      reaches
        ? []
        : [warningIn("escalation")(`Step ${index + 1} of ${policy.id} reaches nobody.`, mend)],
    );
  });
  const count = config.all("escalations").length;
  return orAllWell("escalation", `Every service is paged for; ${count} policies reach people.`, [
    ...without,
    ...policies,
  ]);
}

/** Every schedule that a policy asks is covered, without a gap, until `to`. */
export function onCallFindings(
  facts: ReachFacts,
  from: Instant,
  to: Instant,
): readonly ReadinessFinding[] {
  const schedules = schedulesAsked(facts.config);
  const gaps = schedules.flatMap((schedule) => {
    const open = shiftsOf(facts, schedule, from, to).filter(({ person }) => person === null);
    if (open.length === 0) return [];
    const spans = open.map(({ startsAt, endsAt }) => `${toIso(startsAt)} to ${toIso(endsAt)}`);
    return [
      missingIn("on call")(
        `Nobody is on call in ${schedule.id}: ${named(spans)}.`,
        `Fill it: ./bin/tocsin override add ${schedule.id} PERSON --from … --to …, or another layer.`,
      ),
    ];
  });
  const well =
    schedules.length === 0
      ? "No policy asks a schedule."
      : `${schedules.length} schedules are covered until ${toIso(to)}.`;
  return orAllWell("on call", well, gaps);
}

/** Everybody whom a policy may page until `to` can be reached. */
export function peopleFindings(
  facts: ReachFacts,
  from: Instant,
  to: Instant,
): readonly ReadinessFinding[] {
  const targets = targetsOf(facts.config);
  const paged = new Set(targets.flatMap((target) => peopleOf(facts, target, from, to)));
  const lost = [...paged].filter((person) => !isReachable(facts, person)).toSorted();
  const findings = lost.map((person) =>
    missingIn("people")(
      `${person} may be paged and has no contact on a channel that works.`,
      `Give ${person} a contact on a channel whose secrets and server are set.`,
    ),
  );
  const well =
    paged.size === 0
      ? "No policy pages anybody."
      : `All ${paged.size} people who may be paged can be reached.`;
  return orAllWell("people", well, findings);
}

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
  { id, body }: Entry<"schedules">,
  from: Instant,
  to: Instant,
): readonly FinalShift[] => {
  const own = facts.overrides.filter(({ scheduleId }) => scheduleId === id);
  return finalShifts(body, own, from, to);
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
  return shiftsOf(facts, schedule, from, to).flatMap(({ person }) => person ?? []);
}

function isReachable({ config, mailServer, unsetSecrets }: ReachFacts, personId: string): boolean {
  const contacts = config.get("people", personId)?.body.contacts ?? [];
  return contacts.some((contact) => {
    const channel = config.get("channels", contact.channel)?.body;
    if (channel === undefined || (channel.type === "email" && !mailServer)) return false;
    return !Object.values(channel).some((value) => unsetSecrets.has(value));
  });
}
