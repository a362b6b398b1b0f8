/** Tells in the morning, in one message for each person, what was quiet enough to wait for it. */
import { incidentId } from "../../contract/ids.ts";
import { say, type Text } from "../../contract/texts.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import type { Command } from "../domain/incident/commands.ts";
import { titleFor } from "../domain/incident/telling.ts";
import { findIncident } from "../domain/incident/store.ts";
import { tellAddress } from "../domain/notification/commands.ts";
import {
  endInDigest,
  nextDigest,
  lockWaiting,
  tellAlone,
  type Waiting,
} from "../domain/notification/digestStore.ts";
import { languageOf } from "../domain/notification/wording.ts";
import type { Step } from "./engine.ts";
import { asEngine, type EngineParts } from "./parts.ts";

/** More than anybody reads in one message; what is left is told in a second one. */
const LIMIT = 200;

export const digestsStep = (parts: EngineParts): Step => ({
  name: "digests",
  dueAt: () => nextDigest,
  async run(now) {
    const done = await asEngine(parts, now, tellWaiting);
    return { done, nextAt: null };
  },
});

async function tellWaiting(command: Command): Promise<number> {
  const waiting = await lockWaiting(command.tx, command.now, LIMIT);
  const groups = new Map<string, Waiting[]>();
  for (const each of waiting) {
    const key = JSON.stringify([each.personId, each.channelId, each.address]);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  for (const group of groups.values()) {
    const [first, ...more] = group;
    if (first === undefined) continue;
    if (more.length === 0) await tellAlone(command.tx, first.id);
    else await tellTogether(command, first, group);
  }
  return waiting.length;
}

/** Each with how it stands now: what ended overnight is told as ended. */
async function tellTogether(
  command: Command,
  to: Waiting,
  group: readonly Waiting[],
): Promise<void> {
  const lines: Text[] = [];
  for (const { subject, incidentNumber } of group) {
    const incident =
      incidentNumber === null
        ? null
        : await findIncident(command.tx, ENGINE_READER, incidentNumber);
    lines.push(
      incident === null
        ? subject
        : say("digest line", {
            incident: incidentId(incident.number),
            severity: incident.severity,
            title: titleFor(incident),
            state: incident.state,
          }),
    );
  }
  const language = languageOf(command.config, to.personId);
  const digest = await tellAddress(
    command.tx,
    command.world,
    { ...to, language },
    {
      occasion: `digest ${command.now}`,
      subject: say("digest subject", { count: group.length }),
      lines,
      now: command.now,
    },
  );
  await endInDigest(
    command.tx,
    group.map(({ id }) => id),
    digest,
  );
}
