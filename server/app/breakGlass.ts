/**
 * The use of a break-glass code is loud: every administrator gets a mail, and a number of the service
 * “tocsin” goes up, for which a rule declares an incident that pages.
 */
import { say } from "../../contract/texts.ts";
import type { Tx } from "../base/db.ts";
import { type Instant, toIso } from "../base/instant.ts";
import type { World } from "../base/world.ts";
import type { BreakGlassRow } from "../domain/account/waysStore.ts";
import { OWN_SERVICE } from "../domain/catalog/catalog.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { tellAddresses } from "../domain/notification/commands.ts";
import type { Wording } from "../domain/notification/wording.ts";
import { OWN_BREAK_GLASS } from "../domain/policy/defaultRules.ts";
import { effectiveRules } from "../domain/policy/published.ts";
import { recordMeasurements } from "../domain/signal/measurements.ts";
import { watchRules } from "../domain/signal/watch.ts";

export async function ringBreakGlass(
  tx: Tx,
  world: World,
  config: Snapshot,
  code: BreakGlassRow,
  now: Instant,
): Promise<void> {
  world.log.warn("a break-glass code was used", { code: code.id });
  await tellAdministrators(tx, world, config, code, now);
  if (config.get("services", OWN_SERVICE) === null) return;
  const about = { measure: OWN_BREAK_GLASS, serviceId: OWN_SERVICE, keyId: "tocsin", labels: {} };
  await recordMeasurements(
    tx,
    watchRules(effectiveRules(config)),
    [{ ...about, at: now, value: 1 }],
    now,
  );
}

async function tellAdministrators(
  tx: Tx,
  world: World,
  config: Snapshot,
  code: BreakGlassRow,
  now: Instant,
): Promise<void> {
  const channel = config.all("channels").find(({ body }) => body.type === "email")?.id;
  if (channel === undefined) return;
  const admins = config
    .all("people")
    .filter(({ body }) => body.roles.some(({ role, team }) => role === "admin" && team == null));
  const telling = {
    subject: "access",
    occasion: `break-glass ${code.id}`,
    kind: "notice",
    urgency: "high",
    incidentNumber: null,
    runId: null,
    acceptedAt: now,
    dueAt: now,
    why: {
      you: { kind: "administrator", params: {} },
      now: { kind: "break-glass used", params: {} },
    },
    words: (): Wording => ({
      kind: "notice",
      subject: say("break-glass subject", {}),
      lines: [say("break-glass line", { label: code.label, at: toIso(now), id: code.id })],
      facts: [],
      actions: [
        {
          label: say("break-glass action", {}),
          url: `${world.publicUrl}/`,
          verb: "open",
        },
      ],
      attachments: [],
      thread: null,
    }),
  } as const;
  const addresses = admins.map(({ body: { email: address, language } }) => ({
    channel,
    address,
    ...(language !== undefined && { language }),
  }));
  await tellAddresses(tx, world, addresses, telling, now);
}
