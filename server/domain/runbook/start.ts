/** Starting a run: a plan of the published version, pinned from then on. */
import { Refusal } from "../../base/errors.ts";
import { type Actor, allow, markOf, may } from "../account/account.ts";
import { allowOn, type Command } from "../incident/commands.ts";
import type { Incident } from "../incident/incident.ts";
import { listRoles } from "../incident/store.ts";
import { recount } from "./carry.ts";
import { planMeant } from "./check.ts";
import { progress } from "./progress.ts";
import { type Carried, type Run, syncOf } from "./run.ts";
import { insertRun, insertSteps, listSteps, nextRunNumber } from "./runStore.ts";
import { runnable, stepsOfPlan, type Version } from "./version.ts";
import { findCurrent, findRunbook } from "./versionStore.ts";

export type Start = {
  readonly runbook: string;
  readonly plan: string | undefined;
  /** Locked by the caller. */
  readonly incident: Incident | null;
  readonly inputs: Readonly<Record<string, string>>;
  readonly drill: boolean;
  /** In words: by hand, or the rule with its file and line. */
  readonly because: string;
  /** Names an occasion that starts one run and no second. */
  readonly startKey: string | null;
};

/** Starts it; null where its occasion has started one before. */
export async function start(command: Command, asked: Start): Promise<Carried | null> {
  const { tx, actor, now } = command;
  const { incident } = asked;
  const row = await findRunbook(tx, asked.runbook);
  const version = row === null ? null : await findCurrent(tx, asked.runbook);
  if (row === null || version === null)
    throw new Refusal("runbook.not_found", { id: asked.runbook });
  await allowStart(command, actor, row.ownerTeam, incident);
  const plan = planMeant(version.plan, asked.plan);
  if (plan === null) throw noSuchPlan(version, asked);
  const run: Run = {
    number: await nextRunNumber(tx),
    runbookId: row.id,
    digest: version.digest,
    planId: plan.id,
    title: plan.title,
    state: "running",
    incidentNumber: incident?.number ?? null,
    teamId: incident?.teamIds[0] ?? row.ownerTeam,
    drill: asked.drill,
    because: asked.because,
    startKey: asked.startKey,
    startedBy: markOf(actor),
    startedAt: now,
    endedAt: null,
    inputs: { ...known(version, plan.id, incident), ...asked.inputs },
    forms: {},
    attendAt: now,
    synced: syncOf(incident),
  };
  if (!(await insertRun(tx, run))) return null;
  await insertSteps(
    tx,
    run.number,
    stepsOfPlan(plan).map((step) => step.id),
  );
  await recount(command, run, "run started", {
    runbook: row.id,
    why: asked.because,
    version: version.number,
    digest: version.digest.slice(0, 12),
  });
  const steps = await listSteps(tx, run.number);
  const roles = incident === null ? [] : await listRoles(tx, incident.number);
  return progress(command, { run, version, plan, steps, phases: new Map(), incident, roles });
}

async function allowStart(
  command: Command,
  actor: Actor,
  owner: string | null,
  incident: Incident | null,
): Promise<void> {
  if (incident !== null) return allowOn(command, "runbooks.run", incident);
  if (owner === null && may(actor, "runbooks.run", "any")) return;
  allow(actor, "runbooks.run", owner);
}

const noSuchPlan = (version: Version, asked: Start): Refusal =>
  new Refusal("runbook.plan", {
    id: asked.runbook,
    plan: asked.plan ?? "",
    plans: runnable(version.plan).map((plan) => plan.id),
  });

/** Inputs that the incident answers by itself, by the names that documents give them. */
function known(
  version: Version,
  planId: string,
  incident: Incident | null,
): Readonly<Record<string, string>> {
  if (incident === null) return {};
  const facts: readonly (readonly [name: RegExp, value: string])[] = [
    [/^severity$/i, incident.severity],
    [/^(incident[_ -]?)?id$/i, `INC-${incident.number}`],
    [
      /^(affected[_ -]?(areas?|services?)|services?)$/i,
      [...incident.services, ...incident.regions].join(", "),
    ],
    [/^(arguments|summary|incident[_ -]?summary)$/i, incident.summary ?? incident.title],
  ];
  const inputs = [
    ...version.plan.inputs,
    ...(version.plan.plans.find((plan) => plan.id === planId)?.inputs ?? []),
    ...version.plan.plans.flatMap((plan) =>
      plan.id === planId ? stepsOfPlan(plan).flatMap((step) => step.inputs) : [],
    ),
  ];
  return Object.fromEntries(
    inputs.flatMap(({ name }) => {
      const fact = facts.find(([pattern]) => pattern.test(name.replace(/^\$/, "")));
      return fact === undefined || fact[1] === "" ? [] : [[name, fact[1]]];
    }),
  );
}
