/** An alert as it is shown: with what mutes it now, and what it waits or waited for. */
import type * as contract from "../../../contract/alert.ts";
import { incidentId } from "../../../contract/ids.ts";
import type { Queryable } from "../../base/db.ts";
import { type Instant, toIso, toIsoOrNull } from "../../base/instant.ts";
import type { Snapshot } from "../config/config.ts";
import { valuesOf } from "../silence/matching.ts";
import { inForce, means, muteName, mutesOf } from "../silence/silence.ts";
import { listLiveSilences } from "../silence/store.ts";
import { type AlertRow, decisionSource } from "./alert.ts";
import { HOLDS } from "../../../contract/texts.ts";
import { holdText } from "./hold.ts";

/** Shows alerts as of `now`. Suppressed is computed here, never stored: no list leaves an alert out. */
export async function alertViewer(
  tx: Queryable,
  config: Snapshot,
  now: Instant,
): Promise<(row: AlertRow) => contract.Alert> {
  const mutes = inForce(mutesOf(config, await listLiveSilences(tx, now)), now);
  return (row) => {
    const values = valuesOf(config, row);
    const by =
      row.status === "resolved"
        ? undefined
        : mutes.find(({ mute }) => means(mute, row.serviceId, values));
    const suppressed =
      by === undefined
        ? null
        : {
            by: muteName(by.mute),
            id: by.mute.id,
            reason: by.mute.reason,
            owner: by.mute.owner,
            until: toIso(by.span.to),
          };
    return { ...alertView(row), suppressed };
  };
}

function alertView(row: AlertRow): Omit<contract.Alert, "suppressed"> {
  const { hold } = row;
  return {
    id: row.id,
    key: row.keyId,
    dedupKey: row.dedupKey,
    status: row.status,
    title: row.title,
    severity: row.severity,
    service: row.serviceId,
    source: row.source,
    labels: { ...row.labels },
    details: row.details,
    link: row.link,
    count: row.count,
    startedAt: toIso(row.startedAt),
    firstReceivedAt: toIso(row.firstReceivedAt),
    lastReceivedAt: toIso(row.lastReceivedAt),
    closedAt: toIsoOrNull(row.closedAt),
    closedBecause: row.closedBecause,
    decision: {
      rule: row.ruleId,
      source: decisionSource(row),
      outcome: row.outcome,
      because: row.because,
    },
    hold:
      hold === null
        ? null
        : {
            because: hold.because,
            by: hold.by,
            text: holdText(hold),
            textSaid: { template: HOLDS[hold.because], params: hold.params },
            since: toIso(hold.since),
            until: toIsoOrNull(row.incidentNumber === null ? hold.until : null),
          },
    incident: row.incidentNumber === null ? null : incidentId(row.incidentNumber),
  };
}
