/** Which objects an object names: one list for every kind, read by checks and removals. */
import type { ContactMethod } from "../../../contract/account.ts";
import type { ConfigKind } from "../../../contract/config.ts";
import type { Target } from "../../../contract/escalation.ts";
import { SEVERITIES } from "../../../contract/ids.ts";
import type { AnyEntry, Entry } from "./config.ts";

export type Reference = {
  /** Where in the body: "layers.0.people.2". */
  readonly path: string;
  readonly kind: ConfigKind;
  readonly id: string;
};

/** Everything that the object names, in the order of its fields. */
export function referencesOf(entry: AnyEntry): readonly Reference[] {
  switch (entry.kind) {
    case "calendars":
      return [];
    case "channels":
      return "fallback" in entry.body ? optional("fallback", "channels", entry.body.fallback) : [];
    case "people":
      return [
        ...ofContacts(entry.body.contacts),
        ...entry.body.roles.flatMap(({ team }, index) =>
          optional(`roles.${index}.team`, "teams", team),
        ),
      ];
    case "teams":
      return [
        ...ofList("members", "people", entry.body.members),
        ...optional("manager", "people", entry.body.manager),
        ...optional("calendar", "calendars", entry.body.calendar),
      ];
    case "schedules":
      return [
        ...optional("team", "teams", entry.body.team),
        ...entry.body.layers.flatMap(({ people }, index) =>
          people.flatMap((turn, at) =>
            typeof turn === "string"
              ? optional(`layers.${index}.people.${at}`, "people", turn)
              : ofList(`layers.${index}.people.${at}`, "people", turn),
          ),
        ),
      ];
    case "escalations":
      return [
        ...optional("team", "teams", entry.body.team),
        ...optional("calendar", "calendars", entry.body.calendar),
        ...optional("then", "escalations", entry.body.then),
        ...ofSteps(entry),
      ];
    case "services":
      return [
        { path: "team", kind: "teams", id: entry.body.team },
        ...ofList("dependsOn", "services", entry.body.dependsOn),
        ...optional("escalation", "escalations", entry.body.escalation),
      ];
    case "policies":
      return ofPolicy(entry);
    case "audiences":
      return [...ofList("people", "people", entry.body.people), ...ofContacts(entry.body.contacts)];
    case "keys":
    case "heartbeats":
    case "drills":
      return [{ path: "service", kind: "services", id: entry.body.service }];
    case "inhibitions":
    case "tables":
    case "intelligence":
      return [];
    case "rules":
      return [
        ...optional("within", "rules", entry.body.within),
        ...ofList("services", "services", entry.body.services ?? []),
        ...ofList("keys", "keys", entry.body.keys ?? []),
      ];
    case "maintenance":
      return [
        { path: "owner", kind: "people", id: entry.body.owner },
        ...ofList("services", "services", entry.body.services ?? []),
      ];
    case "connections":
      return [
        ...ofList("teams", "teams", entry.body.teams ?? []),
        ...optional("undo", "connections", "undo" in entry.body ? entry.body.undo : undefined),
      ];
    case "runbooks":
      return ofList("teams", "teams", entry.body.teams ?? []);
  }
}

const optional = (path: string, kind: ConfigKind, id: string | undefined): readonly Reference[] =>
  id === undefined ? [] : [{ path, kind, id }];

const ofList = (path: string, kind: ConfigKind, ids: readonly string[]): readonly Reference[] =>
  ids.map((id, index) => ({ path: `${path}.${index}`, kind, id }));

const ofContacts = (contacts: readonly Pick<ContactMethod, "channel">[]): readonly Reference[] =>
  contacts.map(({ channel }, index) => ({
    path: `contacts.${index}.channel`,
    kind: "channels",
    id: channel,
  }));

const ofSteps = ({ body }: Entry<"escalations">): readonly Reference[] =>
  body.steps.flatMap(({ notify }, step) =>
    notify.map((target, index) => ofTarget(`steps.${step}.notify.${index}`, target)),
  );

function ofTarget(path: string, target: Target): Reference {
  if ("schedule" in target)
    return { path: `${path}.schedule`, kind: "schedules", id: target.schedule };
  if ("person" in target) return { path: `${path}.person`, kind: "people", id: target.person };
  return { path: `${path}.team`, kind: "teams", id: target.team };
}

/** A policy counts for everybody ("default") or for the team it is named like. */
function ofPolicy({ id, body }: Entry<"policies">): readonly Reference[] {
  const named: readonly Reference[] = id === "default" ? [] : [{ path: "", kind: "teams", id }];
  const ofTerms = SEVERITIES.flatMap((severity) => {
    const terms = body.severities[severity];
    const path = `severities.${severity}`;
    if (terms === undefined) return [];
    return [
      ...(terms.commander === undefined ? [] : [ofTarget(`${path}.commander`, terms.commander)]),
      ...ofList(`${path}.tells`, "audiences", terms.tells ?? []),
    ];
  });
  return [...named, ...ofTerms];
}
