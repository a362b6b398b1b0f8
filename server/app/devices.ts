/** HTTP of the browsers that somebody lets be woken: their own, and of a session only. */
import * as contract from "../../contract/device.ts";
import { transact } from "../base/db.ts";
import { toIso, toIsoOrNull } from "../base/instant.ts";
import { bind, type BoundRoute } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import { type Actor, personOf } from "../domain/account/account.ts";
import { allowDevice, removeDevice, senderKey } from "../domain/account/devices.ts";
import { type DeviceRow, listDevices } from "../domain/account/deviceStore.ts";
import { sessionCookie } from "./cookies.ts";

const deviceView = (row: DeviceRow): contract.DeviceView => ({
  id: row.id,
  name: row.name,
  service: row.service,
  allowedAt: toIso(row.createdAt),
  lastUsedAt: toIsoOrNull(row.lastUsedAt),
  ended:
    row.endedAt === null
      ? null
      : {
          at: toIso(row.endedAt),
          because: row.endedBecause === "gone" ? "gone" : "session ended",
        },
});

export const deviceRoutes = (world: World): readonly BoundRoute<Actor>[] => [
  bind(contract.listDevices, async ({ actor }) => {
    const person = personOf(actor);
    const rows = person === null ? [] : await listDevices(world.db, person);
    const key = await senderKey(world.db, world, world.clock.now());
    return { items: rows.map(deviceView), senderKey: key.toString("base64url") };
  }),
  bind(contract.allowDevice, ({ actor, body, request }) =>
    transact(world.db, async (tx) => {
      const cookie = sessionCookie(world.publicUrl, request.headers);
      return deviceView(
        await allowDevice(tx, world, actor, { ...body, cookie }, world.clock.now()),
      );
    }),
  ),
  bind(contract.removeDevice, async ({ actor, params }) => {
    await transact(world.db, (tx) => removeDevice(tx, world, actor, params.id, world.clock.now()));
    return {};
  }),
];
