/**
 * The two ways to fail. Expected: a Refusal, a code with parameters whose words stand in the catalogue.
 * Impossible: a failed assert, kept in production, because a wrong page is worse than a stopped one.
 */
import { type RefusalCode, refusalText } from "../../contract/refusals.ts";

export type RefusalParams = Readonly<
  Record<string, string | number | boolean | null | readonly string[]>
>;

/** Something the caller asked for and may not have; carries what to show, never personal data. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly params: RefusalParams;
  constructor(code: RefusalCode, params: RefusalParams = {}) {
    super(refusalText(code, params));
    this.name = "Refusal";
    this.code = code;
    this.params = params;
  }
}

/** Stops what must never happen; `promise` states what should have held. */
export function assert(held: unknown, promise: string): asserts held {
  if (!held) throw new Error(`broken promise: ${promise}`);
}
