/** HTTP of indicators. */
import * as contract from "../../../contract/indicator.ts";
import { readCursor, toPage } from "../../base/cursor.ts";
import { toIso, toIsoOrNull } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import type { Actor } from "../account/account.ts";
import { listIndicators } from "./indicatorStore.ts";

export function indicatorRoutes(world: World): readonly BoundRoute<Actor>[] {
  return [
    bind(contract.listIndicators, async ({ query }) => {
      const rows = await listIndicators(world.db, query, query.limit + 1, readCursor(query.cursor));
      return toPage(
        rows,
        query.limit,
        (row) => ({ at: row.receivedAt, id: row.id }),
        (row) => ({
          id: row.id,
          type: row.type,
          value: row.value,
          source: row.source,
          validFrom: toIsoOrNull(row.validFrom),
          validUntil: toIsoOrNull(row.validUntil),
          labels: [...row.labels],
          warning: row.warning,
          tool: row.adapter,
          receivedAt: toIso(row.receivedAt),
          searchedAt: toIsoOrNull(row.searchedAt),
          matches: row.matches,
        }),
      );
    }),
  ];
}
