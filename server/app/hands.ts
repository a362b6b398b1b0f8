/**
 * What actions of runbooks reach outside with: the transport, a foreign database, a configured program;
 * and inside, the verbs of nouns that come after runbooks.
 */
import { pushBranch } from "../base/gitBranch.ts";
import { lookAt } from "../base/foreignStore.ts";
import { runProgram } from "../base/programs.ts";
import type { World } from "../base/world.ts";
import { say } from "../../contract/texts.ts";
import { runId } from "../../contract/ids.ts";
import { Refusal } from "../base/errors.ts";
import { postUpdate } from "../domain/comms/commands.ts";
import { type Command, mustKnowPerson } from "../domain/incident/commands.ts";
import type { Effect, EffectReply, OwnVerb } from "../domain/runbook/action.ts";
import type { Carried } from "../domain/runbook/run.ts";
import { setSafeMode } from "../domain/runbook/safeMode.ts";
import { tellOfRun } from "../domain/runbook/telling.ts";
import type { RunbookSource } from "../../contract/published.ts";
import { type Fetched, readFolder, readRepository } from "../base/repository.ts";
import type { FetchSource } from "../engine/sources.ts";
import type { Hands } from "../engine/actions.ts";

const MOST_ROWS = 100;

type Outside = Exclude<Effect, { via: "own" }>;

export type Ways = {
  readonly look: typeof lookAt;
  readonly start: typeof runProgram;
  /** Reads a source of runbooks; its token is looked up by whoever knows the environment. */
  readonly fetch: (
    source: RunbookSource,
    token: string | null,
    known: string | null,
  ) => Promise<Fetched>;
  /** Makes a branch in the repository of a source and pushes it. */
  readonly push: typeof pushBranch;
};

/** The real ways out; a simulation puts its own in their place. */
export const REAL_WAYS: Ways = {
  look: lookAt,
  start: runProgram,
  push: pushBranch,
  fetch: (source, token, known) =>
    source.type === "folder"
      ? readFolder(source.path)
      : readRepository({
          url: source.url,
          branch: source.branch,
          folder: source.folder ?? null,
          token,
          known,
        }),
};

/** How the engine looks at sources. */
export const fetchWith =
  (world: Pick<World, "secret">, ways: Ways): FetchSource =>
  (source, known) => {
    const reference = source.type === "git" ? source.token : undefined;
    return ways.fetch(source, reference === undefined ? null : world.secret(reference), known);
  };

export const handsOf = (world: World, ways: Ways): Hands => ({
  perform: (effect) => perform(world, ways, effect),
  own,
});

async function perform(world: World, ways: Ways, effect: Outside): Promise<EffectReply> {
  switch (effect.via) {
    case "http":
      return { via: "http", reply: await world.transport.send(effect.outbound) };
    case "sql": {
      const seen = await ways.look({ ...effect, rowLimit: MOST_ROWS });
      return seen.kind === "rows"
        ? { via: "sql", rows: seen.rows, more: seen.more }
        : { via: "error", reached: "no", because: seen.because };
    }
    case "program": {
      const ended = await ways.start(effect);
      if (ended.kind === "error")
        return { via: "error", reached: ended.started ? "maybe" : "no", because: ended.because };
      const { exitCode, stdout, stderr } = ended;
      return { via: "program", exitCode, stdout, stderr };
    }
  }
}

async function own(command: Command, carried: Carried, verb: OwnVerb): Promise<string> {
  switch (verb.kind) {
    case "status update": {
      const number = carried.run.incidentNumber;
      if (number === null) throw new Refusal("run.no_incident", { id: runId(carried.run.number) });
      await postUpdate(command, number, { text: verb.text, audiences: verb.audiences });
      return "status update posted";
    }
    case "page": {
      mustKnowPerson(command.config, verb.person);
      const run = runId(carried.run.number);
      await tellOfRun(command, carried, [verb.person], {
        kind: "page",
        occasion: `page ${verb.person} ${command.now}`,
        you: { kind: "asked", params: {} },
        now: { kind: "asked", params: {} },
        subject: say("run page subject", { run, text: verb.text }),
        lines: [verb.text],
      });
      return `${verb.person} paged`;
    }
    case "safe mode":
      return setSafeMode(command, carried, verb);
  }
}
