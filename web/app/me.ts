/** Who has this page open, what they may do, and the names behind ids. */
import { createContext, useContext } from "react";
import { type Permission, PERMISSIONS } from "../../contract/access.ts";
import { type Grant, type Role, ROLES } from "../../contract/account.ts";
import type { Directory } from "../../contract/overview.ts";
import { readDirectory } from "../../contract/overview.ts";
import { useRoute } from "../kit/client.ts";

export type Me = {
  readonly person: string | null;
  readonly label: string | null;
  readonly grants: readonly Grant[];
};

const MeContext = createContext<Me>({ person: null, label: null, grants: [] });
export const MeProvider = MeContext.Provider;
export const useMe = (): Me => useContext(MeContext);

const rank = (role: Role): number => ROLES.indexOf(role);

/** The same question the server asks itself; it decides, this only says so beforehand. */
export const may = (me: Me, permission: Permission, team: string | null | "any"): boolean =>
  me.grants.some(
    (grant) =>
      rank(grant.role) >= rank(PERMISSIONS[permission]) &&
      (grant.team === undefined || team === "any" || grant.team === team),
  );

export type Names = {
  readonly person: (id: string) => string;
  readonly service: (id: string) => string;
  readonly audience: (id: string) => string;
  readonly team: (id: string) => string;
  /** The number that colleagues call somebody by; null where none is known. */
  readonly phone: (id: string) => string | null;
  readonly directory: Directory | undefined;
};

const lookup = (list: readonly { id: string; name: string }[] | undefined) => {
  const names = new Map(list?.map(({ id, name }) => [id, name]));
  return (id: string): string => names.get(id) ?? id;
};

const known = new WeakMap<Directory, Names>();
const NOBODY: Names = {
  person: (id) => id,
  service: (id) => id,
  audience: (id) => id,
  team: (id) => id,
  phone: () => null,
  directory: undefined,
};

/** Whoever is gone from configuration keeps the id. */
export function useNames(): Names {
  const { data } = useRoute(readDirectory);
  if (data === undefined) return NOBODY;
  const before = known.get(data);
  if (before !== undefined) return before;
  const numbers = new Map(data.people.map(({ id, phone }) => [id, phone]));
  const names: Names = {
    person: lookup(data.people),
    service: lookup(data.services),
    audience: lookup(data.audiences),
    team: lookup(data.teams),
    phone: (id) => numbers.get(id) ?? null,
    directory: data,
  };
  known.set(data, names);
  return names;
}
