/**
 * What is wrong with a whole configuration. A name that does not exist and an expression that does
 * not compile are refused; what is legal but will hurt on the night it is needed is a warning.
 */
import type { ContactMethod } from "../../../contract/account.ts";
import type { ConfigFinding } from "../../../contract/configuration.ts";
import type { ConfigKind } from "../../../contract/config.ts";
import type { EscalationStep, Target } from "../../../contract/escalation.ts";
import { peopleOfLayer } from "../../../contract/oncall.ts";
import { type AnyEntry, anyEntry, everyEntry, type Snapshot } from "./config.ts";
import { referencesOf } from "./references.ts";

/** A finding and the object that it is about. */
export type Problem = ConfigFinding & {
  readonly kind: ConfigKind;
  readonly id: string;
  readonly level: "refused" | "warning";
};

/** What later nouns say about objects: expressions and patterns must compile. `path` is in the object. */
export type ObjectCheck = (snapshot: Snapshot) => readonly {
  readonly kind: ConfigKind;
  readonly id: string;
  readonly path: string;
  readonly message: string;
  readonly level?: Problem["level"];
}[];

/** One word for an object of each kind, as sentences need it. */
const KIND_WORDS: Readonly<Record<ConfigKind, string>> = {
  calendars: "calendar",
  channels: "channel",
  people: "person",
  teams: "team",
  schedules: "schedule",
  escalations: "escalation policy",
  services: "service",
  policies: "severity policy",
  audiences: "audience",
  keys: "intake key",
  heartbeats: "heartbeat",
  drills: "drill",
  rules: "rule",
  maintenance: "maintenance window",
  inhibitions: "inhibition",
  tables: "table",
  connections: "connection",
  intelligence: "source of indicators",
  runbooks: "source of runbooks",
};

/** Every problem of the configuration, in the order of kinds and ids. */
export function checkSnapshot(snapshot: Snapshot, checkObjects: ObjectCheck): readonly Problem[] {
  const ofLater = checkObjects(snapshot).flatMap(({ kind, id, path, message, level }) => {
    const entry = anyEntry(snapshot, kind, id);
    return entry === null ? [] : [problem(entry, path, message, level)];
  });
  return [
    ...everyEntry(snapshot).flatMap((entry) => [
      ...missing(snapshot, entry),
      ...addressless(snapshot, entry),
    ]),
    ...sharedSecrets(snapshot),
    ...ofLater,
    ...circles(snapshot),
    ...silentSteps(snapshot),
    ...unguarded(snapshot),
  ];
}

/** Who names the object: "teams.payments.members.0", … */
export function referrersOf(snapshot: Snapshot, kind: ConfigKind, id: string): readonly string[] {
  return everyEntry(snapshot).flatMap((entry) =>
    referencesOf(entry)
      .filter((reference) => reference.kind === kind && reference.id === id)
      .filter(() => entry.kind !== kind || entry.id !== id)
      .map(({ path }) => placeOf(entry, path)),
  );
}

const placeOf = (entry: AnyEntry, path: string): string =>
  [entry.kind, entry.id, path].filter((part) => part !== "").join(".");

function problem(
  entry: AnyEntry,
  path: string,
  message: string,
  level: Problem["level"] = "refused",
): Problem {
  const place = { kind: entry.kind, id: entry.id, source: entry.source };
  return { ...place, path: placeOf(entry, path), message, level };
}

function missing(snapshot: Snapshot, entry: AnyEntry): readonly Problem[] {
  return referencesOf(entry)
    .filter(({ kind, id }) => anyEntry(snapshot, kind, id) === null)
    .map(({ path, kind, id }) =>
      entry.kind === "policies" && path === ""
        ? problem(entry, "", "expected to be named “default” or like a team")
        : problem(entry, path, `there is no ${KIND_WORDS[kind]} “${id}”`),
    );
}

const MAIL_ADDRESS = /^[^\s@]+@[^\s@]+$/;

/** An address that its channel can never reach would be found out by a page that is lost. */
function addressless(snapshot: Snapshot, entry: AnyEntry): readonly Problem[] {
  if (entry.kind !== "people" && entry.kind !== "audiences") return [];
  const contacts: readonly Pick<ContactMethod, "channel" | "address">[] = entry.body.contacts;
  return contacts.flatMap(({ channel, address }, index) => {
    const type = snapshot.get("channels", channel)?.body.type;
    const path = `contacts.${index}.address`;
    if (type === "email" && !MAIL_ADDRESS.test(address))
      return [problem(entry, path, "expected an e-mail address")];
    if (type === "webhook" && !/^https?:\/\//.test(address))
      return [problem(entry, path, "expected an https:// address")];
    return [];
  });
}

/** Two keys with one secret: nobody could tell which of them an alert came in by. So with heartbeats. */
function sharedSecrets(snapshot: Snapshot): readonly Problem[] {
  const owners = new Map<string, string>();
  return [...snapshot.all("keys"), ...snapshot.all("heartbeats")].flatMap((entry) => {
    const owner = owners.get(entry.body.secret);
    owners.set(entry.body.secret, owner ?? entry.id);
    return owner === undefined
      ? []
      : [problem(entry, "secret", `expected another secret than that of “${owner}”`)];
  });
}

/** Services that need each other in a ring: one warning for each ring. */
function circles(snapshot: Snapshot): readonly Problem[] {
  const done = new Set<string>();
  const found: Problem[] = [];
  const walk = (id: string, trail: readonly string[]): void => {
    const entry = snapshot.get("services", id);
    const start = trail.indexOf(id);
    if (start >= 0) {
      const ring = [...trail.slice(start), id];
      const first = snapshot.get("services", ring[0] ?? id);
      if (first !== null)
        found.push(
          problem(first, "dependsOn", `depends on itself: ${ring.join(" → ")}`, "warning"),
        );
      return;
    }
    if (entry === null || done.has(id)) return;
    for (const next of entry.body.dependsOn) walk(next, [...trail, id]);
    done.add(id);
  };
  for (const { id } of snapshot.all("services")) walk(id, []);
  return found;
}

/** Steps in which nobody can be reached: all time until the next step would be lost. */
function silentSteps(snapshot: Snapshot): readonly Problem[] {
  return snapshot.all("escalations").flatMap((entry) =>
    entry.body.steps.flatMap((step, index) => {
      const people = peopleOf(snapshot, step);
      const reachable = people.some(
        (id) => (snapshot.get("people", id)?.body.contacts.length ?? 0) > 0,
      );
      if (reachable) return [];
      const message =
        people.length === 0 ? "reaches nobody" : "reaches nobody: nobody in it has a contact";
      return [problem(entry, `steps.${index}`, message, "warning")];
    }),
  );
}

function peopleOf(snapshot: Snapshot, step: EscalationStep): readonly string[] {
  return step.notify.flatMap((target: Target) => {
    if ("person" in target)
      return snapshot.get("people", target.person) === null ? [] : [target.person];
    if ("team" in target) return snapshot.get("teams", target.team)?.body.members ?? [];
    return snapshot.get("schedules", target.schedule)?.body.layers.flatMap(peopleOfLayer) ?? [];
  });
}

const unguarded = (snapshot: Snapshot): readonly Problem[] =>
  snapshot
    .all("services")
    .filter((entry) => entry.body.escalation === undefined)
    .map((entry) =>
      problem(entry, "escalation", "absent: nobody is paged for this service", "warning"),
    );
