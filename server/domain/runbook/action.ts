/**
 * What an action is: a pure pair of functions, from typed parameters to an effect and from what came
 * back to a result. The actions stand in edge/actions; nothing here knows which tools exist.
 */
import type { z } from "zod";
import { type Connection, type ConnectionType, Risk } from "../../../contract/action.ts";
import type { Permission } from "../../../contract/access.ts";
import type { Instant } from "../../base/instant.ts";
import type { HttpOutbound, Reply } from "../../base/transport.ts";

export type { Risk } from "../../../contract/action.ts";

/** What is to happen outside, as plain data; or inside, as a verb of Tocsin's own. */
export type Effect =
  | { readonly via: "http"; readonly outbound: HttpOutbound }
  | {
      readonly via: "sql";
      readonly url: string;
      readonly statement: string;
      readonly values: readonly (string | number | boolean | null)[];
      readonly timeoutMs: number;
    }
  | {
      readonly via: "program";
      readonly program: string;
      readonly args: readonly string[];
      readonly timeoutMs: number;
    }
  | { readonly via: "own"; readonly verb: OwnVerb };

/** What an action may do within Tocsin, in a transaction. */
export type OwnVerb =
  | { readonly kind: "status update"; readonly text: string; readonly audiences: readonly string[] }
  | { readonly kind: "page"; readonly person: string; readonly text: string }
  | {
      readonly kind: "safe mode";
      readonly on: boolean;
      readonly scope: string;
      readonly message: string;
    };

/** What came back. `reached`: whether the other side may have acted. */
export type EffectReply =
  | { readonly via: "http"; readonly reply: Reply }
  | {
      readonly via: "sql";
      readonly rows: readonly Readonly<Record<string, unknown>>[];
      readonly more: boolean;
    }
  | {
      readonly via: "program";
      readonly exitCode: number;
      readonly stdout: string;
      readonly stderr: string;
    }
  | { readonly via: "own"; readonly what: string }
  | { readonly via: "error"; readonly reached: "no" | "maybe"; readonly because: string };

export type ActionResult =
  | {
      readonly kind: "done";
      readonly output: Readonly<Record<string, unknown>>;
      readonly learned: string;
    }
  | {
      readonly kind: "failed";
      readonly learned: string;
      readonly output?: Readonly<Record<string, unknown>>;
    }
  /** It may or may not have happened. */
  | { readonly kind: "unknown"; readonly learned: string };

/** A connection with the values behind its `env:` references. */
export type UsableConnection = {
  readonly id: string;
  readonly connection: Connection;
  readonly secret: (reference: string) => string;
};

export type ActionRequest<I> = {
  readonly input: I;
  readonly connection: UsableConnection | null;
  /** The same on every attempt of one step, so that a receiver can drop what it already has. */
  readonly idempotencyKey: string;
  readonly correlation: {
    readonly run: string;
    readonly step: string;
    readonly incident: string | null;
  };
  readonly timeoutMs: number;
  readonly now: Instant;
};

export type Action<I = unknown> = {
  readonly name: string;
  readonly version: number;
  readonly title: string;
  readonly input: z.ZodType<I>;
  /** What its output holds, so that a later step may use it. */
  readonly output: z.ZodType;
  readonly connection: ConnectionType | null;
  readonly risk: (input: I) => Risk;
  readonly permission: Permission;
  readonly timeoutMs: number;
  /** Fields in which `${…}` may stand within words; everywhere else it is the whole value. */
  readonly prose: readonly string[];
  /** Fields that no value of a run may reach: a statement, a path. */
  readonly fixed: readonly string[];
  /** May be tried again after an end that nobody saw. */
  readonly repeatable: boolean;
  plan(request: ActionRequest<I>): Effect;
  read(reply: EffectReply, request: ActionRequest<I>): ActionResult;
  /** Shows what it would do: an effect that changes nothing, or words. */
  readonly dryRun: ((request: ActionRequest<I>) => Effect | { readonly words: string }) | null;
  /** What takes it back. */
  readonly undo: ((request: ActionRequest<I>) => Effect | null) | null;
};

/** Any action; its input is parsed before it is asked. */
export type AnyAction = Action<never>;

/** Keeps the types of one action together while it is written. */
export const action = <I>(definition: Action<I>): AnyAction => definition as unknown as AnyAction;

export type ActionRegistry = {
  readonly all: readonly AnyAction[];
  /** "sql.assert@1" → the action, when this Tocsin has just that version. */
  find(nameAndVersion: string): AnyAction | null;
};

export const actionId = ({ name, version }: Pick<AnyAction, "name" | "version">): string =>
  `${name}@${version}`;

export function registry(all: readonly AnyAction[]): ActionRegistry {
  const byName = new Map(all.map((each) => [actionId(each), each]));
  return { all, find: (name) => byName.get(name) ?? null };
}

const RISKS = Risk.options;

/** The higher of two risks: whatever anybody says can only raise it. */
export const higherRisk = (a: Risk, b: Risk | undefined): Risk =>
  b !== undefined && RISKS.indexOf(b) > RISKS.indexOf(a) ? b : a;
