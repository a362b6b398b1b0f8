/** What becomes of a device when its push service answered: it was used, or nobody is there any more. */
import { say } from "../../../contract/texts.ts";
import type { Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { World } from "../../base/world.ts";
import { ENGINE } from "../account/account.ts";
import { recordAccess } from "../account/commands.ts";
import { endDevice, findDevice, markDeviceUsed } from "../account/deviceStore.ts";
import type { Snapshot } from "../config/config.ts";
import type { Verdict } from "./channel.ts";
import { tellPeople } from "./commands.ts";
import type { Notification } from "./notification.ts";

type Scene = {
  readonly tx: Tx;
  readonly world: World;
  readonly config: Snapshot;
  readonly now: Instant;
};

/** Takes a device out that is no more, and tells its person by their other ways: their pages were to ring there. */
export async function settleDevice(
  { tx, world, config, now }: Scene,
  row: Pick<Notification, "address">,
  verdict: Verdict,
): Promise<void> {
  if (verdict.kind === "accepted") await markDeviceUsed(tx, row.address, now);
  if (verdict.kind !== "refused" || verdict.isGone !== true) return;
  const device = await findDevice(tx, row.address);
  if (device === null || !(await endDevice(tx, device.id, "gone", now))) return;
  await recordAccess(tx, world, ENGINE, "device gone", `device:${device.id}`, now);
  const params = { device: device.name };
  await tellPeople(
    tx,
    world,
    config,
    [device.personId],
    {
      subject: "device",
      occasion: `${device.id} gone`,
      kind: "notice",
      urgency: "low",
      incidentNumber: null,
      runId: null,
      acceptedAt: now,
      dueAt: now,
      why: { you: { kind: "own account", params: {} }, now: { kind: "device gone", params } },
      words: () => ({
        kind: "notice",
        subject: say("device gone subject", params),
        lines: [say("device gone line", params)],
        facts: [],
        actions: [
          { label: say("device gone action"), url: `${world.publicUrl}/you`, verb: "open" },
        ],
        attachments: [],
        thread: null,
      }),
    },
    now,
  );
}
