/**
 * What decisions rest on, as one text: the version of the configuration, and an epoch for everything else.
 * A repeat of an alert shares the decision of the signal that it repeats, but only as long as the basis
 * is the one on which that was decided.
 *
 * Whoever stores something outside of the configuration that can change what is decided about a signal (a
 * silence, a route, an inhibition) calls {@link moveDecisionBasis} in the transaction that stores, changes
 * or removes it, and also in the transaction in which it begins or ends to count by time alone. Nothing
 * else is needed: every node stops sharing older decisions with the commit. What is computed when somebody
 * looks or is paged, and is not part of the stored decision, need not move it.
 */
import { one, type Queryable, run, sql, type Tx } from "../../base/db.ts";

/** From here on no decision of an earlier basis is shared; takes effect with the commit. */
export async function moveDecisionBasis(tx: Tx): Promise<void> {
  await run(tx, sql`update decision_basis set epoch = epoch + 1`);
}

export type Basis = { readonly version: number; readonly epoch: number };

export const basisText = ({ version, epoch }: Basis): string => `${version}.${epoch}`;

/** For statements that read the basis together with something else: the same text as {@link basisText}. */
export const BASIS_COLUMN = `(select c.version || '.' || b.epoch from config_version c, decision_basis b)`;

/**
 * The newest basis. Read it before anything that is decided with: what is newer than its basis is decided
 * anew too often, what is older would be shared for too long.
 */
export const findBasis = (db: Queryable): Promise<Basis> =>
  one(db, sql<Basis>`select c.version, b.epoch from config_version c, decision_basis b`);
