/** Who may ask, in the tests of access: every role everywhere and in a team, and those with a part of their own. */
import { type Grant, ROLES } from "../contract/account.ts";

/** Stands in every text of the restricted incident and nowhere else. */
export const SECRET = "Zanzibarquartz";

export type Who = {
  readonly name: string;
  readonly grants: readonly Grant[];
  /** Named as a reader of restricted incidents. */
  readonly named?: true;
};
export const everybody: readonly Who[] = [
  ...ROLES.map((role) => ({ name: `${role}-everywhere`, grants: [{ role }] })),
  ...ROLES.map((role) => ({ name: `${role}-of-red`, grants: [{ role, team: "red" }] })),
  { name: "viewer-of-blue", grants: [{ role: "viewer", team: "blue" }] },
  { name: "admin-of-blue", grants: [{ role: "admin", team: "blue" }] },
  { name: "nobody", grants: [] },
  { name: "named-viewer", grants: [{ role: "viewer", team: "blue" }], named: true },
  { name: "named-responder", grants: [{ role: "responder", team: "blue" }], named: true },
  { name: "named-nobody", grants: [], named: true },
];
