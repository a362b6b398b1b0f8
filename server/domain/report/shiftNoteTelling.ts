/** Tells people of a shift by the way that need not wake: their first one, after their quiet hours. */
import type { Text } from "../../../contract/texts.ts";
import type { Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { World } from "../../base/world.ts";
import type { Snapshot } from "../config/config.ts";
import { tellPeople } from "../notification/commands.ts";

export type TellingParts = {
  readonly tx: Tx;
  readonly world: World;
  readonly config: Snapshot;
  readonly now: Instant;
};

export type ShiftTelling = {
  /** What it is about, and which occasion of it: each person is told of it once. */
  readonly about: string;
  readonly occasion: string;
  readonly because: "shift began" | "shift ended" | "shift words";
  readonly facts: Readonly<Record<string, string>>;
  readonly subject: Text;
  readonly lines: readonly Text[];
};

export async function tellOfShift(
  { tx, world, config, now }: TellingParts,
  people: readonly string[],
  { about, occasion, because, facts, subject, lines }: ShiftTelling,
): Promise<void> {
  await tellPeople(
    tx,
    world,
    config,
    people,
    {
      subject: about,
      occasion,
      kind: "notice",
      urgency: "low",
      incidentNumber: null,
      runId: null,
      acceptedAt: null,
      dueAt: now,
      why: {
        you: { kind: "shares the schedule", params: facts },
        now: { kind: because, params: facts },
      },
      words: () => ({
        kind: "notice",
        subject,
        lines,
        facts: [],
        actions: [],
        attachments: [],
        thread: null,
      }),
    },
    now,
  );
}
