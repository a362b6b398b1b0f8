/** Health, metrics and the API's description of itself. */
import * as contract from "../../contract/system.ts";
import { readPulse } from "../../contract/watch.ts";
import { MAX_SKEW_MS } from "../base/clock.ts";
import { hmacSha256 } from "../base/crypto.ts";
import { maybe, sql } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { type Instant, toIso } from "../base/instant.ts";
import { bind, type BoundRoute, Raw } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import type { Actor } from "../domain/account/account.ts";
import { countHeldBy } from "../domain/alert/holdStore.ts";
import { findSpoolDepth } from "../domain/alert/spoolStore.ts";
import { countPending } from "../domain/notification/store.ts";
import { countUnaccounted } from "../domain/report/unaccounted.ts";
import type { Metrics } from "./metrics.ts";
import { docsPage, openApiDocument } from "./openapi.ts";
import { pageAround } from "./pageParts.ts";
import type { Wiring } from "./wiring.ts";

export type SystemFacts = {
  readonly metrics: Metrics;
  readonly skewMs: () => number;
  /** When this node's engine ticked last; null: it has not begun. */
  readonly lastTickAt: () => Instant | null;
  /** Everything else that this node answers, for the description of the API. */
  readonly others: readonly BoundRoute<Actor>[];
};

export function systemRoutes(
  world: World,
  wiring: Wiring,
  facts: SystemFacts,
): readonly BoundRoute<Actor>[] {
  const own: BoundRoute<Actor>[] = [
    bind(contract.healthz, async () => ({ status: "ok" as const })),
    bind(contract.readyz, async () => {
      await maybe(world.db, sql`select version from config_version`);
      const clockSkewMs = facts.skewMs();
      if (Math.abs(clockSkewMs) > MAX_SKEW_MS)
        throw new Refusal("server.clock_skewed", { ms: clockSkewMs });
      return { status: "ready", store: "reachable", clockSkewMs };
    }),
    bind(readPulse, async ({ query }) => {
      const secret = world.secret("env:TOCSIN_WATCH_SECRET");
      if (secret === null) throw new Refusal("watch.no_secret");
      await maybe(world.db, sql`select version from config_version`);
      const now = world.clock.now();
      const tickedAt = facts.lastTickAt();
      const engineAgeMs = tickedAt === null ? -1 : Math.max(0, now - tickedAt);
      const at = toIso(now);
      const signed = hmacSha256(secret, `${query.nonce}.${at}.${engineAgeMs}`);
      return { at, engineAgeMs, signature: signed.toString("hex") };
    }),
    bind(contract.readMetrics, async () => {
      const { pending, late } = await countPending(world.db, world.clock.now()).catch(() => ({
        pending: -1,
        late: -1,
      }));
      const unaccounted = await countUnaccounted(world.db).then(
        (kinds) => kinds.reduce((sum, { count }) => sum + count, 0),
        () => -1,
      );
      const now = world.clock.now();
      const depth = await findSpoolDepth(world.db).catch(() => ({ signals: -1, oldestAt: null }));
      const text = await facts.metrics.text({
        spooled: depth.signals,
        spoolAgeMs: depth.oldestAt === null ? 0 : now - depth.oldestAt,
        held: await countHeldBy(world.db).catch(() => new Map<string, number>()),
        queueDepth: wiring.desk.waiting(),
        pagesPending: pending,
        pagesLate: late,
        unaccounted,
        skewMs: facts.skewMs(),
      });
      return new Raw("text/plain; version=0.0.4; charset=utf-8", text);
    }),
  ];
  const described = (): readonly BoundRoute<Actor>[] => [...facts.others, ...own];
  own.push(
    bind(contract.openApi, async () =>
      openApiDocument(
        described().map((bound) => bound.route),
        world.publicUrl,
      ),
    ),
    bind(contract.docs, async () =>
      pageAround(
        { language: "en", title: "API", wide: true },
        docsPage(described().map((bound) => bound.route)),
      ),
    ),
  );
  return own;
}
