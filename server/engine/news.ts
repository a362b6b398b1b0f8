/**
 * Alerts that have just been taken in here, attended beside the ticks: neither the question what is due nor the rest of
 * a tick stands between an alert and its page (decisions/0086). Whatever the short way leaves is the tick's, which
 * needs nobody to tell it.
 */
import { sql } from "../base/db.ts";
import { addMs, type Instant } from "../base/instant.ts";
import { errorFields } from "../base/log.ts";
import type { World } from "../base/world.ts";
import type { Left } from "../domain/alert/intake.ts";
import type { AttendStep } from "./attend.ts";
import type { Step } from "./engine.ts";

/** The ticks look after what follows: leaves, rules of runbooks, whoever watches. None of it is asked more often. */
const TICK_WITHIN_MS = 250;
/** After it left something the ticks have what comes, for so long: looking in vain is work too. */
const REST_MS = 250;

export type News = {
  /** Something came that the engine has to look at. Never waits and never fails. */
  come(left: Left): void;
  /**
   * The step of the ticks: while the short way is at work, it has what that did not attend within a moment. A tick that
   * looked for what is attended already would find it due again and again, and stand in its way.
   */
  behind(step: Step): Step;
  drain(): Promise<void>;
};

/** `mayHurry`: whether this node may do now what is due, as a tick asks it too. */
export function attendingNews(
  { clock, log, nudge }: Pick<World, "clock" | "log" | "nudge">,
  attend: Pick<AttendStep, "news">,
  mayHurry: () => boolean,
): News {
  let wanted: Left | null = null;
  let underWay: Promise<void> | null = null;
  let isNudging = false;
  let restsUntil: Instant | null = null;

  const isResting = (): boolean => restsUntil !== null && clock.now() < restsUntil;
  const nudgeSoon = (): void => {
    if (isNudging) return;
    isNudging = true;
    void clock.sleep(TICK_WITHIN_MS, new AbortController().signal).then(() => {
      isNudging = false;
      nudge();
    });
  };
  const leave = (): void => {
    restsUntil = addMs(clock.now(), REST_MS);
    nudge();
  };
  const work = async (): Promise<void> => {
    while (wanted !== null) {
      const came = wanted;
      wanted = null;
      try {
        const { found, isLeft } = await attend.news(clock.now());
        // What was opened while the look before it began, that one has found already.
        if (isLeft || (found === 0 && came === "changed")) leave();
        else nudgeSoon();
      } catch (error) {
        log.warn("news could not be attended at once", errorFields(error));
        leave();
      }
    }
    underWay = null;
  };
  return {
    come(left) {
      if (!mayHurry() || isResting()) return nudge();
      if (wanted !== "changed") wanted = left;
      underWay ??= work();
    },
    behind: (step) => ({
      ...step,
      dueAt(now) {
        const isAhead = !isResting() && (underWay !== null || isNudging);
        return sql`${step.dueAt!(now)} + ${isAhead ? TICK_WITHIN_MS : 0}::bigint`;
      },
    }),
    async drain() {
      await underWay;
    },
  };
}
