/** Who acts, and what they may do. */
import type { Grant, Role } from "../../../contract/account.ts";
import { ROLES } from "../../../contract/account.ts";
import { type Permission, PERMISSIONS } from "../../../contract/access.ts";
import { madeAt } from "../../base/chance.ts";
import { MAX_SKEW_MS } from "../../base/clock.ts";
import { Refusal } from "../../base/errors.ts";
import { type Instant, instant } from "../../base/instant.ts";

/** Everybody who can cause a change. The engine acts on behalf of policy, a key on behalf of a tool. */
export type Actor =
  | {
      readonly kind: "person";
      readonly personId: string;
      readonly ref: string;
      readonly grants: readonly Grant[];
    }
  | {
      readonly kind: "token";
      readonly tokenId: string;
      readonly label: string;
      readonly grants: readonly Grant[];
    }
  | { readonly kind: "key"; readonly keyId: string; readonly ref: string }
  | { readonly kind: "engine" };

export const ENGINE: Actor = { kind: "engine" };

const rank = (role: Role): number => ROLES.indexOf(role);

/**
 * Whether the actor has the permission for something that belongs to `team` (null: to nobody, so only
 * a role that counts everywhere will do; "any": in at least one team). The engine may do everything.
 */
export function may(actor: Actor, permission: Permission, team: string | null | "any"): boolean {
  if (actor.kind === "engine") return true;
  if (actor.kind === "key") return false;
  const needed = rank(PERMISSIONS[permission]);
  return actor.grants.some(
    (grant) =>
      rank(grant.role) >= needed &&
      (grant.team === undefined || team === "any" || grant.team === team),
  );
}

/** Refuses, naming the right that is missing and the roles that are there. */
export function allow(actor: Actor, permission: Permission, team: string | null | "any"): void {
  if (may(actor, permission, team)) return;
  throw new Refusal("access.forbidden", { permission, roles: rolesText(actor) });
}

function rolesText(actor: Actor): string {
  if (actor.kind === "engine" || actor.kind === "key") return actor.kind;
  if (actor.grants.length === 0) return "no role";
  return actor.grants
    .map((g) => (g.team === undefined ? g.role : `${g.role} in ${g.team}`))
    .join(", ");
}

/** The person behind the actor, where there is one. */
export const personOf = (actor: Actor): string | null =>
  actor.kind === "person" ? actor.personId : null;

/** How the ledger names the actor: never by name. */
export function actorRef(actor: Actor): string {
  switch (actor.kind) {
    case "person":
      return `person:${actor.ref}`;
    case "token":
      return `token:${actor.tokenId}`;
    case "key":
      return `key:${actor.ref}`;
    case "engine":
      return "engine";
  }
}

/** What is kept of an actor beside a fact: enough to show who it was, nothing that grants a right. */
export type ActorMark =
  | { readonly kind: "person"; readonly personId: string }
  | { readonly kind: "token"; readonly tokenId: string; readonly label: string }
  | { readonly kind: "key"; readonly keyId: string }
  | { readonly kind: "engine" };

export function markOf(actor: Actor): ActorMark {
  switch (actor.kind) {
    case "person":
      return { kind: "person", personId: actor.personId };
    case "token":
      return { kind: "token", tokenId: actor.tokenId, label: actor.label };
    case "key":
      return { kind: "key", keyId: actor.keyId };
    case "engine":
      return { kind: "engine" };
  }
}

/**
 * Who reads. Everything that finds, counts or tells takes a reader; what a reader may see is decided in
 * SQL. `everything` is for the engine and admins without a team limit; restricted incidents are open
 * only to the people named in them and to such admins.
 */
export type Reader = {
  readonly everything: boolean;
  /** Teams in which the reader may see incidents; null means all. */
  readonly teams: readonly string[] | null;
  readonly personId: string | null;
  /** Since when that is who they are: what somebody of the same id had a part in before is not theirs. */
  readonly since: Instant;
};

export const ENGINE_READER: Reader = {
  everything: true,
  teams: null,
  personId: null,
  since: instant(0),
};

/** Since when a person is known, by the reference that was made for them; two nodes may tell the time differently. */
export const personSince = (ref: string): Instant =>
  instant(Math.max(0, madeAt(ref) - 2 * MAX_SKEW_MS));

export function readerOf(actor: Actor): Reader {
  if (actor.kind === "engine") return ENGINE_READER;
  if (actor.kind === "key") return { ...ENGINE_READER, everything: false, teams: [] };
  const everywhere = actor.grants.filter((grant) => grant.team === undefined);
  const teams = actor.grants.flatMap((grant) => (grant.team === undefined ? [] : [grant.team]));
  return {
    everything: everywhere.some((grant) => grant.role === "admin"),
    teams: everywhere.length > 0 ? null : teams,
    personId: personOf(actor),
    since: actor.kind === "person" ? personSince(actor.ref) : instant(0),
  };
}
