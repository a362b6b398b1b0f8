/**
 * What else happens in bad weather: people who silence and run actions, numbers that cross a threshold, keys that are
 * suddenly loud, services that fall with the one they depend on.
 */
import { postMeasurements } from "../contract/intake.ts";
import type { Route } from "../contract/route.ts";
import { runAction } from "../contract/run.ts";
import { createSilence, endSilence } from "../contract/silence.ts";
import type { Input } from "../server/app/local/virtual/node.ts";
import { all, type Db, sql } from "../server/base/db.ts";
import { addMs, type Instant, MINUTE, SECOND, toIso } from "../server/base/instant.ts";
import { type Actor, ENGINE } from "../server/domain/account/account.ts";
import { secretOfService } from "./company.ts";
import { type Die, type Happening, SERVICES } from "./forecast.ts";
import type { Condition, Signal } from "./tools.ts";

/** What the weather lends. */
export type Lent = {
  readonly db: Db;
  readonly dice: Die;
  readonly now: () => Instant;
  readonly fresh: (over?: Partial<Condition>) => Condition;
  readonly trigger: (condition: Condition) => Signal;
  readonly later: (ms: number, what: string, run: () => Promise<void>) => void;
  readonly send: (signals: readonly Signal[]) => Promise<void>;
  readonly ask: (route: Route, actor: Actor, input: Input) => Promise<unknown>;
  readonly act: (person: string, route: Route, input: Input) => Promise<void>;
};

type Call = Extract<
  Happening,
  "silence" | "end of a silence" | "company" | "numbers" | "loud key" | "click"
>;

/** Between two signals of a loud key, so that some meet the storm while it is being decided about. */
const LOUD_EVERY_MS = 700;

export function calls(lent: Lent): Readonly<Record<Call, () => Promise<void>>> {
  const { db, dice, now, fresh, trigger, later, send, ask, act } = lent;

  const measure = async (service: string, value: number): Promise<void> => {
    const body = [{ measure: "error_rate", value, at: toIso(now()) }];
    const headers = { authorization: `Bearer ${secretOfService(service)}` };
    await ask(postMeasurements, ENGINE, { body, headers });
  };

  return {
    async silence() {
      const body = {
        matchers: [`service=${dice.one(SERVICES)}`],
        reason: "the weather",
        endsAt: toIso(addMs(now(), dice.between(1, 8) * MINUTE)),
      };
      await act("zoe", createSilence, { body });
    },
    async "end of a silence"() {
      const live = await all(
        db,
        sql<{
          id: string;
        }>`select id from silence where ends_at > ${now()} order by created_at, id limit 10`,
      );
      if (live.length > 0) await act("zoe", endSilence, { params: { id: dice.one(live).id } });
    },
    /** Alerts that wait for each other, and the service on which theirs depends. */
    async company() {
      const own = { class: "company", severity: "error" } as const;
      const services = dice.maybe(0.5) ? (["checkout", "refunds"] as const) : (["search"] as const);
      for (let n = dice.between(1, 4); n >= 0; n--)
        later(n * dice.between(1, 30) * SECOND, "a tool sends", () =>
          send([trigger(fresh({ ...own, service: dice.one(services) }))]),
        );
    },
    /** Above the threshold for some minutes, a number each, and well again. */
    async numbers() {
      const service = dice.one(["refunds", "search"]);
      const minutes = dice.between(3, 8);
      for (let n = 0; n < minutes; n++) later(n * MINUTE, "a number", () => measure(service, 12));
      later(minutes * MINUTE, "a number", () => measure(service, 1));
    },
    async "loud key"() {
      const service = dice.one(SERVICES);
      const conditions = Array.from({ length: dice.between(6, 14) }, () =>
        fresh({ service, via: "pagerduty", severity: "error" }),
      );
      for (const [at, condition] of conditions.entries())
        later(at * LOUD_EVERY_MS, "a loud tool", async () => {
          await send([trigger(condition)]);
          if (dice.maybe(0.4) && condition.says === "trigger")
            await send([{ condition, action: "resolve" }]);
        });
    },
    async click() {
      const steps = await all(
        db,
        sql<{
          run: string;
          step: string;
        }>`select concat('RUN-', r.number) as run, s.step_id as step from runbook_run r
          join run_step s on s.run_number = r.number
          where r.state = 'running' order by r.number, s.step_id limit 100`,
      );
      if (steps.length === 0) return;
      const { run, step } = dice.one(steps);
      await act("zoe", runAction, { params: { id: run }, body: { step } });
    },
  };
}
