/** What is needed to say who can be reached, from the rows and the process. */
import type { Queryable } from "../../base/db.ts";
import { addMs, type Instant } from "../../base/instant.ts";
import type { World } from "../../base/world.ts";
import { findPeopleWithDevices } from "../account/deviceStore.ts";
import type { Snapshot } from "../config/config.ts";
import { listOverrides } from "../oncall/store.ts";
import { listMarks, wayKey } from "../notification/markStore.ts";
import { listPagedWays, listProofs, TESTED_WITHIN_MS } from "../notification/proofStore.ts";
import { provenKey, type ReachProofs } from "./doubts.ts";
import type { ReachFacts } from "./reach.ts";
import { secretHolders } from "./readiness.ts";

export async function gatherReach(
  tx: Queryable,
  world: World,
  config: Snapshot,
  mailServer: boolean,
  span: { readonly from: Instant; readonly to: Instant },
): Promise<ReachFacts> {
  const overrides = await listOverrides(tx, null, addMs(span.from, -1), span.to);
  return {
    config,
    overrides: overrides.map((row) => ({ ...row, person: row.personId })),
    mailServer,
    unsetSecrets: unsetSecrets(world, config),
    wakeable: await gatherWakeable(tx),
    proofs: await gatherProofs(tx, null, span.from),
  };
}

export const gatherWakeable = findPeopleWithDevices;

/** What shows that addresses reach their people: of one person, or of all. */
export async function gatherProofs(
  tx: Queryable,
  personId: string | null,
  now: Instant,
): Promise<ReachProofs> {
  const proofs = await listProofs(tx, personId);
  const verified = proofs.filter(({ verifiedAt }) => verifiedAt !== null);
  const lately = verified.filter(({ verifiedAt }) => (verifiedAt ?? 0) >= now - TESTED_WITHIN_MS);
  const paged = await listPagedWays(tx, personId, now);
  return {
    verified: new Set(
      verified.map((each) => provenKey(each.personId, each.channelId, each.address)),
    ),
    tested: new Set([...lately, ...paged].map((each) => each.personId)),
    marks: new Map((await listMarks(tx)).map((mark) => [wayKey(mark), mark])),
  };
}

/** The `env:NAME` references of channels, keys and heartbeats whose variable is not set. */
export function unsetSecrets(world: World, config: Snapshot): ReadonlySet<string> {
  const values = secretHolders(config).flatMap((holder) => holder.values);
  const references = values.filter((value) => value.startsWith("env:"));
  return new Set(references.filter((reference) => world.secret(reference) === null));
}
