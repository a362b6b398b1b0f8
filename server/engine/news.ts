/**
 * Alerts that have just been taken in here, attended beside the ticks: neither the question what is due nor the rest of
 * a tick stands between an alert and its page (decisions/0086). Whatever the short way leaves is the tick's, which
 * needs nobody to tell it.
 */
import type { World } from "../base/world.ts";
import { errorFields } from "../base/log.ts";
import { addMs, type Instant } from "../base/instant.ts";
import type { AttendStep } from "./attend.ts";

/** The ticks look after what follows: leaves, rules of runbooks, whoever watches. None of it is asked more often. */
const TICK_WITHIN_MS = 250;
/** After it left something the ticks have what comes, for so long: looking in vain is work too. */
const REST_MS = 250;

export type News = {
  /** Something came that the engine has to look at. Never waits and never fails. */
  come(): void;
  drain(): Promise<void>;
};

/** `mayHurry`: whether this node may do now what is due, as a tick asks it too. */
export function attendingNews(
  { clock, log, nudge }: Pick<World, "clock" | "log" | "nudge">,
  attend: Pick<AttendStep, "news">,
  mayHurry: () => boolean,
): News {
  let isWanted = false;
  let underWay: Promise<void> | null = null;
  let isNudging = false;
  let restsUntil: Instant | null = null;

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
    while (isWanted) {
      isWanted = false;
      try {
        const { isLeft } = await attend.news(clock.now());
        if (isLeft) leave();
        else nudgeSoon();
      } catch (error) {
        log.warn("news could not be attended at once", errorFields(error));
        leave();
      }
    }
    underWay = null;
  };
  return {
    come() {
      if (!mayHurry() || (restsUntil !== null && clock.now() < restsUntil)) return nudge();
      isWanted = true;
      underWay ??= work();
    },
    async drain() {
      await underWay;
    },
  };
}
