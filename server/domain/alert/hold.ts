/**
 * Why an alert waits although a rule declares it. A hold is a row with a due time and a named reason:
 * the engine looks at the alert again then, and earlier when what holds it goes away.
 */
import { fill, HOLDS, type HoldReason } from "../../../contract/texts.ts";
import type { Instant } from "../../base/instant.ts";

export type Hold = {
  readonly because: HoldReason;
  /** What holds it: "silence:<id>", "maintenance:<id>", "rule:<id>". */
  readonly by: string;
  /** What its sentence says beyond that. */
  readonly params: Readonly<Record<string, string | number>>;
  /** Since when it waits, for whatever reason. */
  readonly since: Instant;
  /** When it is looked at again; null: it has been let go without declaring anything. */
  readonly until: Instant | null;
  /** The configuration that was asked; a newer one asks again. */
  readonly config: number;
};

export const holdText = ({ because, params }: Pick<Hold, "because" | "params">): string =>
  fill(HOLDS[because], params);
