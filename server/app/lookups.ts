/**
 * Asks the tables that are asked over HTTP, before an alert is placed. An alert waits for them a bounded time and
 * goes on without: answers and their absence are kept, one question is asked once however many wait for it, and a
 * server that failed is left alone for a while, so that it delays one request and not every one.
 */
import { addMs, type Instant, MINUTE, SECOND } from "../base/instant.ts";
import { errorFields } from "../base/log.ts";
import type { World } from "../base/world.ts";
import type { Snapshot } from "../domain/config/config.ts";
import {
  type Answer,
  asksOverHttp,
  type KnownAnswers,
  lookupRequest,
  type Question,
  questionName,
  readAnswer,
} from "../domain/signal/lookup.ts";
import { enrich } from "../domain/signal/tables.ts";

type Labels = Readonly<Record<string, string>>;

/** What was gone on without. */
export type Unanswered = { readonly table: string; readonly because: string };

export type Lookups = {
  readonly known: KnownAnswers;
  /** Whether there is anything to ask with this configuration. */
  asks(config: Snapshot): boolean;
  /** Asks what nobody knows yet for alerts with these labels; returns what stays unknown. */
  prepare(config: Snapshot, all: readonly Labels[]): Promise<readonly Unanswered[]>;
};

const MOST_KEPT = 20_000;
const MOST_IN_FLIGHT = 16;
/** That there is nothing to know is believed for a shorter time than what there is. */
const NOTHING_KEPT_MS = MINUTE;
const REST_MS = 30 * SECOND;
/** One table may go on from what another one added; so often it is looked again. */
const MOST_ROUNDS = 3;

export function openLookups(world: World): Lookups {
  const kept = new Map<string, { readonly labels: Labels | null; readonly until: Instant }>();
  const inFlight = new Map<string, Promise<void>>();
  const resting = new Map<string, { readonly until: Instant; readonly because: string }>();

  const known: KnownAnswers = (question) => {
    const found = kept.get(questionName(question));
    return found === undefined || found.until <= world.clock.now() ? undefined : found.labels;
  };

  function keep(question: Question, answer: Answer): void {
    const now = world.clock.now();
    if (answer.kind === "failed") {
      resting.set(question.table, { until: addMs(now, REST_MS), because: answer.because });
      world.log.warn("a lookup did not answer", {
        table: question.table,
        because: answer.because,
      });
      return;
    }
    const name = questionName(question);
    kept.delete(name);
    // The oldest go first: a map keeps the order in which they came.
    while (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
    const [labels, keepMs] =
      answer.kind === "labels"
        ? [answer.labels, question.keepMs]
        : [null, Math.min(question.keepMs, NOTHING_KEPT_MS)];
    kept.set(name, { labels, until: addMs(now, keepMs) });
  }

  /** Null when it was asked, otherwise why not. */
  function ask(question: Question): string | null {
    const name = questionName(question);
    if (inFlight.has(name)) return null;
    const rest = resting.get(question.table);
    if (rest !== undefined && rest.until > world.clock.now())
      return `left alone since it failed: ${rest.because}`;
    if (inFlight.size >= MOST_IN_FLIGHT) return "too many questions are under way";
    const token = question.token === null ? null : world.secret(question.token);
    const asked = world.transport
      .send(lookupRequest(question, token))
      .then((reply) => keep(question, readAnswer(question, reply)))
      .catch((error: unknown) => {
        world.log.error("a lookup could not be asked", errorFields(error));
        keep(question, { kind: "failed", because: "it could not be asked" });
      })
      .finally(() => inFlight.delete(name));
    inFlight.set(name, asked);
    return null;
  }

  return {
    known,
    asks: asksOverHttp,
    async prepare(config, all) {
      if (all.length === 0 || !asksOverHttp(config)) return [];
      const without = new Map<string, string>();
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const wanted = new Map<string, Question>();
        for (const labels of all)
          for (const question of enrich(config, labels, known).unknown)
            if (!without.has(question.table)) wanted.set(questionName(question), question);
        const waiting: Promise<void>[] = [];
        for (const [name, question] of wanted) {
          const because = ask(question);
          if (because === null) waiting.push(inFlight.get(name)!);
          else without.set(question.table, because);
        }
        if (waiting.length === 0) break;
        await Promise.all(waiting);
        for (const question of wanted.values()) {
          const rest = resting.get(question.table);
          if (known(question) === undefined && rest !== undefined)
            without.set(question.table, rest.because);
        }
      }
      return [...without].map(([table, because]) => ({ table, because }));
    },
  };
}
