/** A kind of weather: what company it meets, what is forecast, and how the world outside answers its sends. */
import type { DesiredObject } from "../contract/configuration.ts";
import type { Db } from "../server/base/db.ts";
import type { Instant } from "../server/base/instant.ts";
import type { Outbound } from "../server/base/transport.ts";
import type { World } from "../server/base/world.ts";
import type { Behaviour, ReadBack, Received } from "../server/app/local/virtual/transport.ts";
import {
  behaviourOf,
  type Die,
  type Forecast,
  forecast,
  hasPhones,
  PHONE_COMPANY,
  WEATHER_COMPANY,
} from "./forecast.ts";
import type { Line } from "./line.ts";
import type { Station } from "./station.ts";

export type Receipt = "delivered" | "undelivered" | "not taken";

export type Form = {
  readonly forecast: (seed: number) => Forecast;
  /** The same array for all seeds that share a store. */
  readonly company: (seed: number) => readonly DesiredObject[];
  readonly senders: (plan: Forecast, dice: Die, now: () => Instant) => Senders;
  /** What a provider says of a page that it took, in this order, each as often as its weight says. */
  readonly receipts: Readonly<Record<string, number>>;
  readonly receiptsOf: (name: string) => readonly Receipt[];
  /** How long a provider takes to say it, in seconds. */
  readonly receiptSeconds: readonly number[];
  /** How often each sender behaved in each way so far, where that is of interest. */
  readonly met?: ReadonlyMap<string, number>;
};

/** The node that hands something over: how wrong its clock is, and whether it can record what it hears. */
export type Asker = Pick<Station, "skewMs"> & { readonly line: Pick<Line, "isCut" | "cuts"> };

/** Whoever takes what is sent. */
export type Senders = {
  /** `isOver`: the weather is better by now. */
  readonly behaviour: (outbound: Outbound, from: Asker, isOver: boolean) => Behaviour;
  readonly readBack: ReadBack;
  /** Before anything happens. */
  readonly begin: (world: World) => Promise<void>;
  /** What they can tell that rows alone cannot, after every send. */
  readonly broken: (db: Db) => Promise<readonly string[]>;
  readonly brokenAtEnd: (db: Db, received: readonly Received[]) => Promise<readonly string[]>;
};

export const ORDINARY: Form = {
  forecast,
  company: (seed) => (hasPhones(seed) ? PHONE_COMPANY : WEATHER_COMPANY),
  senders: (plan, dice) => ({
    behaviour: (_, __, isOver) =>
      isOver ? "accept" : behaviourOf(dice.weighted(plan.sends), dice),
    readBack: () => null,
    begin: () => Promise.resolve(),
    broken: () => Promise.resolve([]),
    brokenAtEnd: () => Promise.resolve([]),
  }),
  receipts: { delivered: 6, twice: 2, undelivered: 2, nothing: 2, "not taken": 1 },
  receiptsOf: (name) =>
    name === "nothing" ? [] : name === "twice" ? ["delivered", "delivered"] : [name as Receipt],
  receiptSeconds: [0, 1, 5, 30, 70],
};
