/** What tools do in bad weather: they ring, repeat themselves, say that it is over, or fall silent. */
import { addMs, HOUR, type Instant, MINUTE } from "../server/base/instant.ts";
import { type Die, type Happening, SERVICES } from "./forecast.ts";
import type { Station } from "./station.ts";
import { type Condition, EXPIRES_AFTER_MS, type Signal } from "./tools.ts";

type Given = {
  readonly dice: Die;
  readonly now: () => Instant;
  /** All that ever rang, to be added to. */
  readonly conditions: Condition[];
  readonly later: (ms: number, what: string, run: () => Promise<void>) => void;
  readonly send: (signals: readonly Signal[], station?: Station | null) => Promise<void>;
  readonly anyStation: () => Station | null;
};

export function ringing({ dice, now, conditions, later, send, anyStation }: Given) {
  const fresh = (over: Partial<Condition> = {}): Condition => {
    const condition: Condition = {
      title: `Trouble ${conditions.length}`,
      service: dice.one(SERVICES),
      severity: dice.weighted({ critical: 4, error: 3, warning: 1 }),
      class: dice.maybe(0.4) ? "healing" : null,
      via: dice.one(["pagerduty", "alertmanager"]),
      says: null,
      accepted: false,
      endsAt: null,
      expires: false,
      ...over,
    };
    conditions.push(condition);
    return condition;
  };
  const trigger = (condition: Condition): Signal => ({
    condition,
    action: "trigger",
    // Prometheus says until when, and repeats it long before; here it is far away unless it shall expire.
    ...(condition.via === "alertmanager" && { endsAt: addMs(now(), 12 * HOUR) }),
  });
  const known = (): Condition | null => {
    const sure = conditions.filter(({ says, expires }) => says !== null && !expires);
    return sure.length === 0 ? null : dice.one(sure);
  };

  const happens = {
    alert: () => send([trigger(fresh())]),
    storm: () => {
      const service = dice.one(SERVICES);
      const all = Array.from({ length: dice.between(4, 12) }, () =>
        trigger(fresh({ service, via: "alertmanager" })),
      );
      return send(all);
    },
    "twin events": async () => {
      const signal = trigger(fresh());
      await send([signal]);
      await send([signal]);
    },
    "resolve and trigger": async () => {
      const condition = known();
      if (condition === null) return;
      const pair: readonly Signal[] = [{ condition, action: "resolve" }, trigger(condition)];
      if (condition.via === "alertmanager") {
        if (dice.maybe(0.5)) return send(pair);
        // One node hears what it knows, before and after another one has heard of the end.
        const [here, there] = [anyStation(), anyStation()];
        await send([trigger(condition)], here);
        await send([{ condition, action: "resolve" }], there);
        return send([trigger(condition)], here);
      }
      // Both are on their way at once, in this order; the second is what is true afterwards.
      const station = anyStation();
      await Promise.all(pair.map((signal) => send([signal], station)));
    },
    "trigger and resolve": () => {
      const condition = fresh({ via: "alertmanager" });
      return send([trigger(condition), { condition, action: "resolve" }]);
    },
    "expiring alert": async () => {
      const condition = fresh({ via: "alertmanager", expires: true });
      const repeats = dice.between(0, 3);
      for (let n = 0; n <= repeats; n++) {
        later(n * MINUTE, "a tool repeats", () =>
          send([{ condition, action: "trigger", endsAt: addMs(now(), EXPIRES_AFTER_MS) }]),
        );
      }
    },
    // Of what fires it is a repeat, of what was resolved it is news.
    repeat: async () => {
      const condition = known();
      if (condition !== null) await send([trigger(condition)]);
    },
    resolve: async () => {
      const condition = known();
      if (condition !== null) await send([{ condition, action: "resolve" }]);
    },
  } satisfies Partial<Record<Happening, () => Promise<void>>>;

  return { fresh, trigger, happens };
}
