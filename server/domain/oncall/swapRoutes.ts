/** Swaps over HTTP. */
import * as contract from "../../../contract/swap.ts";
import { readCursor, toPage } from "../../base/cursor.ts";
import { type Queryable, transact } from "../../base/db.ts";
import { type Instant, mustBeInstant, toIso, toIsoOrNull } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import type { Actor } from "../account/account.ts";
import type { Snapshot } from "../config/config.ts";
import type { OverrideCommand } from "./commands.ts";
import { acceptSwap, askSwap, declineSwap, withdrawSwap } from "./swapCommands.ts";
import { listSwaps, type SwapRow } from "./swapStore.ts";

export function swapRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] {
  const carryOut = async (
    actor: Actor,
    act: (command: OverrideCommand) => Promise<SwapRow>,
  ): Promise<contract.Swap> => {
    const now = world.clock.now();
    const row = await transact(world.db, async (tx) =>
      act({ tx, world, config: await config(tx), actor, now }),
    );
    world.nudge();
    return swapView(row, now);
  };
  return [
    bind(contract.askSwap, ({ actor, params, body }) =>
      carryOut(actor, (command) =>
        askSwap(command, {
          scheduleId: params.id,
          from: body.from ?? null,
          to: body.to ?? null,
          span: spanOf(body.span, "span"),
          inReturn: spanOf(body.inReturn, "inReturn"),
          reason: body.reason ?? null,
        }),
      ),
    ),
    bind(contract.listSwaps, async ({ query }) => {
      const now = world.clock.now();
      const { schedule = null, all: isAll } = query;
      const schedules = (await config(world.db)).all("schedules").map(({ id }) => id);
      const filter = { schedule, isAll, now, schedules };
      const rows = await listSwaps(world.db, filter, query.limit + 1, readCursor(query.cursor));
      return toPage(
        rows,
        query.limit,
        ({ askedAt, id }) => ({ at: askedAt, id }),
        (row) => swapView(row, now),
      );
    }),
    bind(contract.acceptSwap, ({ actor, params, body }) =>
      carryOut(actor, (command) => acceptSwap(command, params.id, body?.person ?? null)),
    ),
    bind(contract.declineSwap, ({ actor, params }) =>
      carryOut(actor, (command) => declineSwap(command, params.id)),
    ),
    bind(contract.withdrawSwap, ({ actor, params }) =>
      carryOut(actor, (command) => withdrawSwap(command, params.id)),
    ),
  ];
}

const spanOf = (
  span: { readonly startsAt: string; readonly endsAt: string } | undefined,
  field: string,
) =>
  span === undefined
    ? null
    : {
        startsAt: mustBeInstant(span.startsAt, `${field}.startsAt`),
        endsAt: mustBeInstant(span.endsAt, `${field}.endsAt`),
      };

const swapView = (row: SwapRow, now: Instant): contract.Swap => ({
  id: row.id,
  schedule: row.scheduleId,
  from: row.fromPerson,
  to: row.toPerson,
  startsAt: toIso(row.startsAt),
  endsAt: toIso(row.endsAt),
  inReturn:
    row.returnStartsAt === null || row.returnEndsAt === null
      ? null
      : { startsAt: toIso(row.returnStartsAt), endsAt: toIso(row.returnEndsAt) },
  reason: row.reason,
  state: row.state === "open" && row.endsAt <= now ? "lapsed" : row.state,
  askedAt: toIso(row.askedAt),
  takenBy: row.takenBy,
  answeredAt: toIsoOrNull(row.answeredAt),
});
