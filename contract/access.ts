/** Rights, as words that routes declare and refusals name, each with the least role that has it. */
import type { Role } from "./account.ts";

export const PERMISSIONS = {
  "incidents.read": "viewer",
  "incidents.respond": "responder",
  "incidents.override": "manager",
  "incidents.restrict": "manager",
  "alerts.read": "viewer",
  "silences.write": "responder",
  "signals.mend": "manager",
  "pages.read": "viewer",
  "oncall.read": "viewer",
  "oncall.override": "responder",
  "oncall.manage": "manager",
  "runbooks.read": "viewer",
  "postmortems.write": "responder",
  "postmortems.publish": "responder",
  "runbooks.run": "responder",
  "runbooks.publish": "manager",
  "config.read": "viewer",
  "config.write": "admin",
  "tokens.own": "viewer",
  "tokens.manage": "admin",
  "audit.read": "admin",
  "system.read": "viewer",
} as const satisfies Record<string, Role>;

export type Permission = keyof typeof PERMISSIONS;

/**
 * Who may call a route: somebody with the right; "public" (nothing is asked); "signed in" (any right);
 * "key" (an intake key); "link" (the signature in the address).
 */
export type RouteAccess = Permission | "public" | "signed in" | "key" | "link";
