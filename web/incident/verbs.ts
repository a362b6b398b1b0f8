/** Everything that can be done to an incident, as data: its words, its key, what it asks for. */
import type { IncidentDetail } from "../../contract/incident.ts";
import * as routes from "../../contract/incident.ts";
import { SEVERITIES } from "../../contract/ids.ts";
import type { Route } from "../../contract/route.ts";
import { type Me, may } from "../app/me.ts";
import { inSentence, later, said, t } from "../kit/words.ts";

export type Field =
  | {
      readonly kind: "words";
      readonly name: string;
      readonly label: string;
      readonly hint?: string;
      readonly optional?: true;
      readonly lines?: number;
    }
  | {
      readonly kind: "line";
      readonly name: string;
      readonly label: string;
      readonly hint?: string;
      readonly optional?: true;
    }
  | {
      readonly kind: "number";
      readonly name: string;
      readonly label: string;
      readonly optional?: true;
    }
  | {
      readonly kind: "person";
      readonly name: string;
      readonly label: string;
      readonly optional?: true;
      readonly many?: true;
    }
  | {
      /** People, schedules and teams; with `policies` those too, as “schedule:payments-primary”. */
      readonly kind: "target";
      readonly name: string;
      readonly label: string;
      readonly many?: true;
      readonly policies?: true;
    }
  | { readonly kind: "audiences"; readonly name: string; readonly label: string }
  | {
      readonly kind: "choice";
      readonly name: string;
      readonly label: string;
      readonly options: readonly string[];
      readonly optional?: true;
    }
  | {
      readonly kind: "incident";
      readonly name: string;
      readonly label: string;
      readonly optional?: true;
    }
  | {
      readonly kind: "instant";
      readonly name: string;
      readonly label: string;
      readonly optional?: true;
    }
  | { readonly kind: "yes"; readonly name: string; readonly label: string };

export type Verb = {
  /** The server's name of it, as in `allowed`. */
  readonly name: string;
  /** “Change severity”. */
  readonly label: string;
  readonly key?: string;
  /** What it leads to, for whoever has not done it before. */
  readonly means: string;
  readonly route: Route;
  readonly fields: readonly Field[];
  /** On the button that does it; the label unless given. */
  readonly does?: string;
  /** Another way to leave a field's values out of the body. */
  readonly body?: (values: Values, incident: IncidentDetail) => unknown;
  /** Not in the menu: it has a place of its own on the page. */
  readonly placed?: true;
};

export type Values = Readonly<Record<string, string | readonly string[] | boolean>>;

const because = { kind: "words", name: "because", label: later("Why") } as const;
const perhapsBecause = { ...because, optional: true } as const;

/** “schedule:payments-primary” as the routes take it. */
const targetOf = (value: string): Readonly<Record<string, string>> => {
  const [kind = "", id = ""] = value.split(":");
  return { [kind]: id };
};

export const VERBS: readonly Verb[] = [
  {
    name: "acknowledge",
    label: later("Acknowledge"),
    key: "K",
    means: later("“I have it”: stops the escalation, resolves nothing."),
    route: routes.acknowledgeIncident,
    fields: [],
  },
  {
    name: "escalate",
    label: later("Escalate"),
    key: "E",
    means: later("The next step is paged now; whoever has it no longer has."),
    does: later("Page the next step"),
    route: routes.escalateIncident,
    fields: [perhapsBecause],
  },
  {
    name: "add-responders",
    label: later("Ask people to join"),
    key: "P",
    means: later("Each is paged until they answer."),
    does: later("Page them"),
    route: routes.addResponders,
    fields: [
      { kind: "target", name: "to", label: later("Whom"), many: true },
      { kind: "words", name: "message", label: later("What they read"), optional: true },
    ],
    body: ({ to, ...rest }) => ({ to: (to as readonly string[]).map(targetOf), ...rest }),
  },
  {
    name: "join",
    label: later("Join"),
    key: "J",
    means: later("You become a responder."),
    route: routes.joinIncident,
    fields: [],
  },
  {
    name: "decline",
    label: later("Decline to join"),
    means: later("Whoever asked you hears it."),
    does: later("Decline"),
    route: routes.declineIncident,
    fields: [perhapsBecause],
  },
  {
    name: "update",
    label: later("Write update"),
    key: "U",
    means: later("Tells stakeholders where it stands."),
    does: later("Send update"),
    route: routes.postUpdate,
    fields: [
      {
        kind: "words",
        name: "text",
        label: later("What they read"),
        hint: later("What is hurt, since when, what is done about it, when you write again."),
        lines: 5,
      },
      { kind: "audiences", name: "audiences", label: later("Who hears it") },
    ],
  },
  {
    name: "note",
    label: later("Note"),
    key: "T",
    means: later("Stands on the timeline with your name and the time."),
    route: routes.addNote,
    fields: [{ kind: "words", name: "text", label: later("What you see") }],
    placed: true,
  },
  {
    name: "task",
    label: later("Add task"),
    key: "A",
    means: later("Work during this incident."),
    route: routes.addTask,
    fields: [
      { kind: "line", name: "title", label: later("What is to be done") },
      { kind: "person", name: "owner", label: later("Who does it"), optional: true },
      { kind: "instant", name: "dueAt", label: later("By when"), optional: true },
    ],
  },
  {
    name: "severity",
    label: later("Change severity"),
    key: "V",
    means: later("All clocks are computed again; a higher one pages again."),
    route: routes.changeSeverity,
    fields: [
      { kind: "choice", name: "severity", label: later("Severity"), options: SEVERITIES },
      because,
    ],
  },
  {
    name: "hand-over",
    label: later("Hand over"),
    key: "H",
    means: later("Offers the command; it changes hands when the other accepts."),
    does: later("Offer the command"),
    route: routes.handOver,
    fields: [{ kind: "person", name: "to", label: later("To whom") }],
  },
  {
    name: "accept-command",
    label: later("Take the command"),
    means: later("You become incident commander."),
    route: routes.acceptCommand,
    fields: [],
  },
  {
    name: "decline-command",
    label: later("Decline the command"),
    means: later("The command stays where it is."),
    route: routes.declineCommand,
    fields: [],
  },
  {
    name: "reassign",
    label: later("Reassign"),
    means: later("Others are paged; its own policy begins when they do not answer."),
    does: later("Page them"),
    route: routes.reassignIncident,
    fields: [
      { kind: "target", name: "to", label: later("To whom"), policies: true },
      perhapsBecause,
    ],
    body: ({ to, ...rest }) => ({ to: targetOf(String(to)), ...rest }),
  },
  {
    name: "not-mine",
    label: later("Not mine"),
    means: later(
      "No further page of it comes to you; the next step is paged if nobody else was paged.",
    ),
    does: later("It is not mine"),
    route: routes.notMine,
    fields: [perhapsBecause],
  },
  {
    name: "renew",
    label: later("Still on it"),
    means: later("The acknowledge counts for its whole length again."),
    route: routes.renewIncident,
    fields: [],
  },
  {
    name: "mitigate",
    label: later("Mitigate"),
    key: "M",
    means: later("Users no longer hurt. The cause may still be there."),
    does: later("Declare it mitigated"),
    route: routes.mitigateIncident,
    fields: [{ kind: "words", name: "text", label: later("What helped"), optional: true }],
  },
  {
    name: "resolve",
    label: later("Resolve"),
    key: "Z",
    means: later("The cause is gone. The postmortem is drafted and its clock starts."),
    does: later("Declare it resolved"),
    route: routes.resolveIncident,
    fields: [{ kind: "words", name: "text", label: later("What mended it"), optional: true }],
  },
  {
    name: "close",
    label: later("Close"),
    key: "Shift C",
    means: later(
      "The paperwork is done. What is missing is named; without it a manager closes with a reason.",
    ),
    route: routes.closeIncident,
    fields: [
      {
        kind: "words",
        name: "override",
        label: later("Close without what is missing, because"),
        hint: later("Leave it empty to close with everything there."),
        optional: true,
      },
    ],
    body: ({ override }) =>
      override === "" || override === undefined ? {} : { override: { because: override } },
  },
  {
    name: "role",
    label: later("Assign a role"),
    means: later("The person is told and may read this incident."),
    route: routes.assignRole,
    fields: [
      { kind: "choice", name: "role", label: later("Role"), options: routes.IncidentRole.options },
      { kind: "person", name: "person", label: later("Who") },
    ],
  },
  {
    name: "release-role",
    label: later("Take a role back"),
    means: later("The person no longer has it."),
    route: routes.releaseRole,
    fields: [
      { kind: "choice", name: "role", label: later("Role"), options: routes.IncidentRole.options },
      { kind: "person", name: "person", label: later("From whom") },
    ],
  },
  {
    name: "impact",
    label: later("State the impact"),
    means: later("Who and what was hurt; it stands in the head of this page."),
    route: routes.setImpact,
    fields: [
      { kind: "line", name: "customers", label: later("Customers"), optional: true },
      { kind: "number", name: "percent", label: later("Percent that fails"), optional: true },
      { kind: "line", name: "services", label: later("What does not work"), optional: true },
      { kind: "line", name: "revenue", label: later("Revenue, with its formula"), optional: true },
      { kind: "line", name: "data", label: later("Data"), optional: true },
    ],
    body: ({ percent, ...rest }) => ({
      ...rest,
      ...(percent === undefined || percent === "" ? {} : { percent: Number(percent) }),
    }),
  },
  {
    name: "root-cause",
    label: later("Write the root cause"),
    means: later("Closing asks for it."),
    route: routes.setRootCause,
    fields: [
      { kind: "words", name: "whatHappened", label: later("What happened") },
      { kind: "words", name: "immediate", label: later("Immediate cause"), optional: true },
      { kind: "words", name: "contributing", label: later("Contributing factors"), optional: true },
      { kind: "words", name: "underlying", label: later("Underlying cause"), optional: true },
    ],
  },
  {
    name: "record",
    label: later("Record what closing needs"),
    means: later("A named fact: what was checked, kept, told or explained."),
    route: routes.recordPiece,
    fields: [
      {
        kind: "choice",
        name: "piece",
        label: later("Piece"),
        options: routes.AcceptancePiece.options,
      },
      { kind: "words", name: "text", label: later("The fact") },
    ],
  },
  {
    name: "attach",
    label: later("Attach an alert"),
    means: later("The alert belongs to this incident from then on."),
    route: routes.attachAlert,
    fields: [
      {
        kind: "line",
        name: "alert",
        label: later("Alert id"),
        hint: later("From the alert's page."),
      },
    ],
  },
  {
    name: "defer",
    label: later("Defer"),
    means: later("Puts it off while a higher severity burns; its acknowledge clock waits."),
    route: routes.deferIncident,
    fields: [
      { kind: "incident", name: "incident", label: later("While this burns"), optional: true },
      because,
    ],
  },
  {
    name: "merge",
    label: later("Merge"),
    means: later("Its alerts move over, and this incident ends."),
    does: later("Merge into it"),
    route: routes.mergeIncident,
    fields: [{ kind: "incident", name: "into", label: later("Into") }],
  },
  {
    name: "reopen",
    label: later("Reopen"),
    means: later("It is not over: clocks and escalation start again."),
    route: routes.reopenIncident,
    fields: [because],
  },
  {
    name: "cancel",
    label: later("Cancel"),
    means: later("A false alarm or a duplicate: it owes nothing."),
    does: later("Cancel the incident"),
    route: routes.cancelIncident,
    fields: [
      {
        kind: "choice",
        name: "reason",
        label: later("It is a"),
        options: ["false alarm", "duplicate"],
      },
      { kind: "incident", name: "of", label: later("Duplicate of"), optional: true },
      { kind: "words", name: "note", label: later("Note"), optional: true },
    ],
  },
  {
    name: "restrict",
    label: later("Restrict"),
    means: later("Only named people and those with a part in it may see it."),
    does: later("Keep the choice"),
    route: routes.restrictIncident,
    fields: [
      { kind: "yes", name: "restricted", label: later("Only named people may see it") },
      {
        kind: "person",
        name: "readers",
        label: later("Who may read it"),
        many: true,
        optional: true,
      },
    ],
  },
];

export const verbNamed = (name: string): Verb => {
  const found = VERBS.find((verb) => verb.name === name);
  if (found === undefined) throw new Error(`there is no verb ${name}`);
  return found;
};

const RIGHT = { restrict: "incidents.restrict" } as const;

/** Why a verb cannot be done now, in words; null when it can be tried. */
export function whyNot(verb: Verb, incident: IncidentDetail, me: Me): string | null {
  const { id, state, allowed } = incident;
  if (!allowed.includes(verb.name))
    return t("{id} is {state}. Possible now: {list}.", {
      id,
      state: said(state),
      list: allowed.map(labelOf).join(", "),
    });
  if (verb.name === "acknowledge" && incident.acknowledgedAt !== null)
    return t("{id} is acknowledged already.", { id });
  if (verb.name === "accept-command" || verb.name === "decline-command") {
    if (incident.offeredCommander === null) return t("Nobody offered the command.");
    if (incident.offeredCommander !== me.person)
      return t("The command was offered to somebody else.");
  }
  if ((verb.name === "join" || verb.name === "decline") && requestOf(incident, me) === null)
    return t("Nobody waits for your answer.");
  if (verb.name === "renew" && incident.lease === null)
    return t("No acknowledge of it ends by itself.");
  const right = verb.name === "restrict" ? RIGHT.restrict : "incidents.respond";
  const hasPart =
    me.person !== null &&
    [incident.commander, ...incident.roles.map(({ person }) => person)].includes(me.person);
  if (may(me, right, incident.team) || (hasPart && right === "incidents.respond")) return null;
  return t("This needs the right “{right}”.", { right });
}

/** The question that waits for this person's answer. */
export const requestOf = (incident: IncidentDetail, me: Me) =>
  incident.requests.find(({ person, answer }) => person === me.person && answer === null) ?? null;

const labelOf = (name: string): string =>
  inSentence(said(VERBS.find((verb) => verb.name === name)?.label ?? name));

/** The body that the route takes, from what was filled in; what was left empty is left out. */
export function bodyOf(verb: Verb, values: Values, incident: IncidentDetail): unknown {
  const given = Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== "" && value !== undefined),
  );
  if (verb.body !== undefined) return verb.body(given, incident);
  const { dueAt } = given;
  return typeof dueAt === "string" ? { ...given, dueAt: new Date(dueAt).toISOString() } : given;
}
