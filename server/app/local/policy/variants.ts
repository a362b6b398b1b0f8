/** What a configuration is without each thing that decides whether somebody is woken. Pure. */
import type { DesiredObject } from "../../../../contract/configuration.ts";

const KINDS = new Set(["rules", "maintenance", "inhibitions", "tables"]);

export type Variant = {
  /** "rules.disks", or a clause of it: "rules.disks.group.wait". */
  readonly removed: string;
  readonly source: string;
  readonly rest: readonly DesiredObject[];
};

export const variants = (objects: readonly DesiredObject[]): readonly Variant[] =>
  objects
    .filter(({ kind }) => KINDS.has(kind))
    .flatMap((object) => {
      const source = `${object.source.file}:${object.source.line}`;
      const name = `${object.kind}.${object.id}`;
      return [
        { removed: name, source, rest: without(objects, name) },
        ...withoutClauses(object).map(({ clause, body }) => ({
          removed: `${name}.${clause}`,
          source,
          rest: objects.map((each) => (each === object ? { ...object, body } : each)),
        })),
      ];
    });

/** A rule that others stand within goes with them. */
function without(objects: readonly DesiredObject[], name: string): readonly DesiredObject[] {
  const gone = new Set([name]);
  const within = (body: unknown): string => `rules.${String(fieldsOf(body)["within"])}`;
  for (let size = 0; size !== gone.size;) {
    size = gone.size;
    for (const object of objects)
      if (object.kind === "rules" && gone.has(within(object.body))) gone.add(`rules.${object.id}`);
  }
  return objects.filter((object) => !gone.has(`${object.kind}.${object.id}`));
}

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};

/** Whether it says something; what the contract fills in says nothing. */
const isStated = (fields: Fields, name: string): boolean => {
  const value = fields[name];
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
};

/** What a rule says about waiting and company; each is a rule of its own to whoever is woken. */
const CLAUSES = ["holdBack", "atLeast", "flapping"];
const OF_A_GROUP = [["by", "acrossServices"], ["wait"], ["interval"], ["causes"]];

function withoutClauses({
  kind,
  body,
}: DesiredObject): readonly { clause: string; body: Fields }[] {
  if (kind !== "rules") return [];
  const rule = fieldsOf(body);
  const group = fieldsOf(rule["group"]);
  return [
    ...CLAUSES.filter((clause) => isStated(rule, clause)).map((clause) => ({
      clause,
      body: leavingOut(rule, [clause]),
    })),
    ...OF_A_GROUP.filter((clauses) => clauses.some((clause) => isStated(group, clause))).map(
      (clauses) => {
        const rest = leavingOut(group, clauses);
        const isEmpty = Object.keys(rest).length === 0;
        return {
          clause: `group.${clauses.find((clause) => isStated(group, clause))}`,
          body: isEmpty ? leavingOut(rule, ["group"]) : { ...rule, group: rest },
        };
      },
    ),
  ];
}

const leavingOut = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
