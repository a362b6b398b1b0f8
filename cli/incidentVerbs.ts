/** Every verb of an incident as a command: `tocsin incident <verb> ID …`. */
import type { Command } from "commander";
import type { z } from "zod";
import * as contract from "../contract/incident.ts";
import type { Route } from "../contract/route.ts";
import { ClientError } from "./client.ts";
import { addCommand, type Cli, type Given, present, type Spec } from "./command.ts";
import { listAlerts } from "../contract/alert.ts";
import { outcomeLines } from "./incident.ts";
import { idMeant, incidentIdFrom } from "./output.ts";
import { typedInstant } from "./time.ts";

type VerbRoute<B extends z.ZodType> = Route<
  z.ZodType<{ id: string }, { id: string }>,
  z.ZodType,
  B,
  typeof contract.IncidentDetail
>;

type VerbSpec<B extends z.ZodType> = Pick<Spec, "example" | "options"> & {
  /** A sentence behind the summary of the route. */
  readonly more?: string;
  /** What follows the id. */
  readonly args?: string;
  /** What is sent; absent: nothing. */
  readonly body?: (given: Given, id: string) => z.input<B> | Promise<z.input<B>>;
};

/** The verbs, named as in the API: the last part of the route's path. */
export function registerIncidentVerbs(noun: Command, cli: Cli): void {
  const verb = <B extends z.ZodType>(route: VerbRoute<B>, spec: VerbSpec<B>): void => {
    const name = route.path.slice(route.path.lastIndexOf("/") + 1);
    addCommand(noun, cli, {
      usage: `${name} <id>${spec.args === undefined ? "" : ` ${spec.args}`}`,
      what: spec.more === undefined ? route.summary : `${route.summary} ${spec.more}`,
      example: `./bin/tocsin incident ${name} 12${spec.example === "" ? "" : ` ${spec.example}`}`,
      ...(spec.options !== undefined && { options: spec.options }),
      async run(given) {
        const id = incidentIdFrom(given.arg(0));
        const body = await spec.body?.(given, id);
        const incident = await cli.client.call(route, {
          params: { id },
          ...(body !== undefined && { body }),
        });
        return { value: incident, lines: () => outcomeLines(incident) };
      },
    });
  };
  respondVerbs(verb);
  roleVerbs(verb);
  recordVerbs(verb, cli);
  endVerbs(verb);
}

type AddVerb = <B extends z.ZodType>(route: VerbRoute<B>, spec: VerbSpec<B>) => void;
const BECAUSE = ["--because <text>", "the reason, recorded", "required"] as const;
const because = (given: Given): string => given.text("because") ?? "";

function respondVerbs(verb: AddVerb): void {
  verb(contract.acknowledgeIncident, { example: "" });
  verb(contract.escalateIncident, {
    example: '--because "needs a database person"',
    options: [["--because <text>", "the reason, recorded"]],
    body: (given) => present({ because: given.text("because") }),
  });
  verb(contract.reassignIncident, {
    example: "--to-schedule database-primary",
    options: [
      ["--to-person <person>", "to one person"],
      ["--to-schedule <schedule>", "to whoever is on call there"],
      ["--to-team <team>", "to all its members"],
      ["--to-policy <policy>", "to another escalation policy"],
      ["--because <text>", "the reason, recorded"],
    ],
    body: (given) => ({ to: reassignedTo(given), ...present({ because: given.text("because") }) }),
  });
  verb(contract.notMine, {
    example: '--because "the storage team runs this"',
    options: [["--because <text>", "the reason, recorded"]],
    body: (given) => present({ because: given.text("because") }),
  });
  verb(contract.renewIncident, { example: "" });
  verb(contract.addResponders, {
    example: '--person maya --schedule database-primary --message "the primary lags"',
    options: [
      ["--person <person>", "one person; may be repeated", "list"],
      ["--schedule <schedule>", "whoever is on call there; may be repeated", "list"],
      ["--team <team>", "all its members; may be repeated", "list"],
      ["--message <text>", "what they read"],
    ],
    body: (given) => ({
      to: [
        ...given.list("person").map((person) => ({ person })),
        ...given.list("schedule").map((schedule) => ({ schedule })),
        ...given.list("team").map((team) => ({ team })),
      ],
      ...present({ message: given.text("message") }),
    }),
  });
  verb(contract.joinIncident, { example: "" });
  verb(contract.declineIncident, {
    example: '--because "I am on a train"',
    options: [["--because <text>", "the reason, recorded"]],
    body: (given) => present({ because: given.text("because") }),
  });
  verb(contract.deferIncident, {
    example: '--because "all hands on INC-11"',
    options: [
      BECAUSE,
      ["--for <incident>", "the incident that burns (default: the highest open one)"],
    ],
    body: (given) => ({ because: because(given), ...incidentOption(given, "for", "incident") }),
  });
  verb(contract.changeSeverity, {
    args: "<severity>",
    example: 'SEV2 --because "one region only"',
    options: [BECAUSE],
    body: (given) => ({
      severity: given.arg(1).toUpperCase() as "SEV1",
      because: because(given),
    }),
  });
  verb(contract.mitigateIncident, {
    args: "[text...]",
    example: '"traffic moved to us-east"',
    body: (given) => present({ text: given.args[1] }),
  });
  verb(contract.resolveIncident, {
    args: "[text...]",
    example: '"the bad release is rolled back"',
    body: (given) => present({ text: given.args[1] }),
  });
  verb(contract.reopenIncident, {
    example: '--because "errors are back"',
    options: [BECAUSE],
    body: (given) => ({ because: because(given) }),
  });
}

/** The one of the four ways that was given. */
function reassignedTo(given: Given): contract.ReassignTo {
  const ways = {
    person: given.text("toPerson"),
    schedule: given.text("toSchedule"),
    team: given.text("toTeam"),
    policy: given.text("toPolicy"),
  };
  const said = Object.entries(ways).flatMap(([kind, id]) =>
    id === undefined ? [] : [{ [kind]: id } as contract.ReassignTo],
  );
  const [to] = said;
  if (said.length !== 1 || to === undefined)
    throw new ClientError(
      "Say to whom: one of --to-person, --to-schedule, --to-team, --to-policy.",
    );
  return to;
}

function roleVerbs(verb: AddVerb): void {
  const role = (given: Given) => ({
    role: given.arg(1) as contract.IncidentRole,
    person: given.arg(2),
  });
  verb(contract.assignRole, {
    more: `Roles: ${contract.IncidentRole.options.join(", ")}.`,
    args: "<role> <person>",
    example: "scribe maya",
    body: role,
  });
  verb(contract.releaseRole, { args: "<role> <person>", example: "scribe maya", body: role });
  verb(contract.handOver, {
    args: "<person>",
    example: "lena",
    body: (given) => ({ to: given.arg(1) }),
  });
  verb(contract.acceptCommand, { example: "" });
  verb(contract.declineCommand, { example: "" });
}

function recordVerbs(verb: AddVerb, cli: Cli): void {
  verb(contract.addNote, {
    args: "<text...>",
    example: '"connection pool is exhausted"',
    body: (given) => ({ text: given.arg(1) }),
  });
  verb(contract.addTask, {
    args: "<title...>",
    example: '"drain eu-central" --owner maya --due +30m',
    options: [
      ["--owner <person>", "who does it"],
      ["--due <time>", "until when"],
    ],
    body: (given) => {
      const due = given.text("due");
      const dueAt = due === undefined ? undefined : typedInstant(due, cli.now());
      return present({ title: given.arg(1), owner: given.text("owner"), dueAt });
    },
  });
  verb(contract.finishTask, {
    args: "<task>",
    example: "3f9c2a71d0b4",
    body: async (given, id) => {
      const tasks = async () =>
        (await cli.client.call(contract.getIncident, { params: { id } })).tasks;
      return { task: await idMeant("task", given.arg(1), tasks) };
    },
  });
  verb(contract.postUpdate, {
    args: "<text...>",
    example: '"We are moving traffic; next update in 30 min." --audience customers',
    options: [
      [
        "--audience <audience>",
        "who is told (default: whom the policy names); may be repeated",
        "list",
      ],
    ],
    body: (given) => ({ text: given.arg(1), audiences: [...given.list("audience")] }),
  });
  verb(contract.attachAlert, {
    args: "<alert>",
    example: "3f9c2a71d0b4",
    body: async (given) => {
      const latest = async () =>
        (await cli.client.call(listAlerts, { query: { limit: 500 } })).items;
      return { alert: await idMeant("alert", given.arg(1), latest) };
    },
  });
  verb(contract.setImpact, {
    example: '--customers "all in Europe" --percent 40',
    options: [
      ["--customers <text>", "who was hurt"],
      ["--percent <number>", "how many of them, 0 to 100"],
      ["--services <text>", "what they could not do"],
      ["--revenue <text>", "what it cost"],
      ["--data <text>", "what happened to data"],
    ],
    body: impactOf,
  });
  verb(contract.setRootCause, {
    example: '--what-happened "A migration locked the orders table."',
    options: [
      ["--what-happened <text>", "what happened", "required"],
      ["--immediate <text>", "the immediate cause"],
      ["--contributing <text>", "what contributed"],
      ["--underlying <text>", "the underlying cause"],
    ],
    body: (given) =>
      present({
        whatHappened: given.text("whatHappened") ?? "",
        immediate: given.text("immediate"),
        contributing: given.text("contributing"),
        underlying: given.text("underlying"),
      }),
  });
  verb(contract.recordPiece, {
    more: `Pieces: ${contract.AcceptancePiece.options.join(", ")}.`,
    args: "<piece> <text...>",
    example: 'verification "error rate back at 0.1 %, no customer reports"',
    body: (given) => ({ piece: given.arg(1) as contract.AcceptancePiece, text: given.arg(2) }),
  });
}

function endVerbs(verb: AddVerb): void {
  verb(contract.mergeIncident, {
    example: "--into 11",
    options: [["--into <incident>", "the incident that goes on", "required"]],
    body: (given) => ({ into: incidentIdFrom(given.text("into") ?? "") }),
  });
  verb(contract.unmergeIncident, { example: "" });
  verb(contract.closeIncident, {
    example: '--override --because "root cause is tracked by the vendor"',
    options: [
      ["--override", "close although evidence is missing; needs the right"],
      ["--because <text>", "why it is closed without, recorded"],
    ],
    body: (given) => {
      const reason = given.text("because");
      if (!given.flag("override")) return {};
      if (reason === undefined)
        throw new ClientError("--override needs --because, which is recorded");
      return { override: { because: reason } };
    },
  });
  verb(contract.cancelIncident, {
    example: "--duplicate-of 11",
    options: [
      ["--false-alarm", "nothing was wrong"],
      ["--duplicate-of <incident>", "it is another one"],
      ["--note <text>", "more about it"],
    ],
    body: (given) => {
      const of = given.text("duplicateOf");
      const note = present({ note: given.text("note") });
      if (given.flag("falseAlarm") === (of !== undefined)) {
        throw new ClientError("say either --false-alarm or --duplicate-of INC-1");
      }
      if (of === undefined) return { reason: "false alarm" as const, ...note };
      return { reason: "duplicate" as const, of: incidentIdFrom(of), ...note };
    },
  });
  verb(contract.restrictIncident, {
    example: "--reader lena,maya",
    options: [
      ["--reader <person>", "who may see it besides those with a role; may be repeated", "list"],
      ["--open", "open it again to everybody who may see incidents"],
    ],
    body: (given) => ({ restricted: !given.flag("open"), readers: [...given.list("reader")] }),
  });
}

function impactOf(given: Given): contract.Impact {
  const percent = given.text("percent");
  const impact = present({
    customers: given.text("customers"),
    percent: percent === undefined ? undefined : Number(percent),
    services: given.text("services"),
    revenue: given.text("revenue"),
    data: given.text("data"),
  });
  if (Number.isNaN(impact.percent)) throw new ClientError("--percent is a number from 0 to 100");
  if (Object.keys(impact).length === 0)
    throw new ClientError("say what was hurt: --customers, --percent, …");
  return impact;
}

function incidentOption<K extends string>(
  given: Given,
  option: string,
  field: K,
): { [P in K]?: string } {
  const typed = given.text(option);
  return typed === undefined ? {} : ({ [field]: incidentIdFrom(typed) } as { [P in K]?: string });
}
