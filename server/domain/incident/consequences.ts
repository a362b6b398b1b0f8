/**
 * What follows from a fact, gathered as rows before it is written: the rules stay pure, and what follows from
 * many facts is written with one statement of each kind (decisions/0036).
 */
import { pipelined } from "../../base/db.ts";
import { type DeadlineRow, saveDeadlines } from "../deadline/store.ts";
import type { Run } from "../escalation/escalation.ts";
import { insertRuns } from "../escalation/store.ts";
import { insertNotifications, type NewNotification } from "../notification/store.ts";
import { chronicleAll, type Command, type Fact } from "./commands.ts";
import type { Incident } from "./incident.ts";
import { addReaders, type IncidentReader } from "./store.ts";

export type Consequences = {
  readonly facts: readonly Fact[];
  readonly readers: readonly IncidentReader[];
  readonly clocks: readonly DeadlineRow[];
  readonly runs: readonly Run[];
  readonly messages: readonly NewNotification[];
};

/** The same while they are gathered. */
export type Gathered = { readonly [Kind in keyof Consequences]: Consequences[Kind][number][] };

/** An incident that is being declared, and what follows from it. */
export type Begun = { readonly incident: Incident; readonly then: Consequences };

export const noConsequences = (): Gathered => ({
  facts: [],
  readers: [],
  clocks: [],
  runs: [],
  messages: [],
});

/**
 * Writes them, each kind in the order in which it was gathered; returns the ids of the messages that are new. The caller
 * has locked or made the incidents.
 */
export async function draw(
  command: Command,
  all: readonly Consequences[],
): Promise<ReadonlySet<string>> {
  const { tx } = command;
  const [messages] = await pipelined([
    insertNotifications(
      tx,
      all.flatMap(({ messages }) => messages),
    ),
    chronicleAll(
      command,
      all.flatMap(({ facts }) => facts),
    ),
    addReaders(
      tx,
      all.flatMap(({ readers }) => readers),
    ),
    saveDeadlines(
      tx,
      all.flatMap(({ clocks }) => clocks),
    ),
    insertRuns(
      tx,
      all.flatMap(({ runs }) => runs),
    ),
  ]);
  return new Set(messages);
}
