/**
 * The weather of failing channels: everybody is reached by every kind of channel, and each of them fails in every
 * way that its vendor can. `npm run replay -- --weather channels --seed 1 --count 200`.
 */
import { all, type Db, sql } from "../server/base/db.ts";
import { addMs, HOUR, type Instant, SECOND, toIso } from "../server/base/instant.ts";
import type { Outbound, Reply } from "../server/base/transport.ts";
import type { Behaviour, Received } from "../server/app/local/virtual/transport.ts";
import { allowBrowsers, CHANNEL_COMPANY } from "./channelCompany.ts";
import { type Die, type Forecast, forecast, type Happening } from "./forecast.ts";
import type { Asker, Form, Receipt, Senders } from "./form.ts";
import { isExcused, type Pause, pauseOf } from "./leftAlone.ts";
import { readBack, type Says, saysOf } from "./vendors.ts";

/** What else happens: enough for pages, acknowledges in the middle of them, and nodes that die while they send. */
const HAPPENS: readonly Happening[] = [
  "alert",
  "storm",
  "resolve",
  "verb",
  "override",
  "crash",
  "crash at a send",
  "crash at a statement",
  "cut at a statement",
];

/** How sends end. */
const WAYS = {
  taken: 26,
  slow: 4,
  "times out before": 3,
  "times out after": 3,
  "cut before": 3,
  "cut after": 3,
  down: 2,
  no: 2,
  failing: 5,
  limited: 3,
  "limited without a word": 2,
  garbled: 4,
} as const;
type Way = keyof typeof WAYS;

const NO_REPLY: Reply = { kind: "error", reached: "maybe", because: "no reply in time" };
const CUT: Reply = { kind: "error", reached: "maybe", because: "the connection was cut" };
const DOWN: Reply = { kind: "error", reached: "no", because: "connection refused" };

/** Two nodes whose clocks are as wrong as they may be. */
const SKEW_MS = 10 * SECOND;

function channelForecast(seed: number): Forecast {
  const plan = forecast(seed);
  const [first, ...others] = plan.happenings.filter(({ what }) => HAPPENS.includes(what));
  const again = { afterMs: 0, what: "alert" } as const;
  return { ...plan, happenings: [again, ...(first === undefined ? [] : [first, ...others])] };
}

const RECEIPTS: Readonly<Record<string, readonly Receipt[]>> = {
  delivered: ["delivered"],
  twice: ["delivered", "delivered"],
  undelivered: ["undelivered"],
  nothing: [],
  "not taken": ["not taken"],
  "delivered and then not": ["delivered", "undelivered"],
  "not delivered and then all the same": ["undelivered", "delivered"],
  "not delivered twice": ["undelivered", "undelivered"],
};

const met = new Map<string, number>();
const count = (key: string): void => void met.set(key, (met.get(key) ?? 0) + 1);

function senders(_: Forecast, dice: Die, now: () => Instant): Senders {
  const broken: string[] = [];
  /** What was asked for about a message, until it is handed over again. */
  const pauses = new Map<string, Pause>();
  let early: Pause[] = [];

  /** A message that its vendor would not read is a fault of its channel; one that comes too early may be as well. */
  function judge(outbound: Outbound, says: Says, id: string): void {
    const pause = pauses.get(id);
    if (pause !== undefined && addMs(now(), SKEW_MS) < pause.until) early.push(pause);
    pauses.delete(id);
    if (!says.takesIt)
      broken.push(
        `every message is in its vendor's form: ${says.vendor} answers ${JSON.stringify(says.yes)} to ${bodyOf(outbound)}`,
      );
  }

  /** Those that knew what they were asked for are at fault; the others are counted. */
  async function disturbed(db: Db): Promise<readonly string[]> {
    const judged = early;
    early = [];
    for (const pause of judged) {
      if (await isExcused(db, pause)) count(`${pause.vendor}: asked early, its answer was lost`);
      else
        broken.push(`left alone as long as it asks: ${pause.vendor} until ${toIso(pause.until)}`);
    }
    return broken;
  }

  function behaviour(outbound: Outbound, from: Asker, isOver: boolean): Behaviour {
    const says = saysOf(outbound);
    const id = idOf(outbound);
    judge(outbound, says, id);
    const way: Way = isOver ? "taken" : dice.weighted(WAYS);
    count(`${says.vendor}: ${way}`);
    const at = (
      reply: Reply,
      arrives: "at once" | "then" | "never" = "never",
      afterMs = dice.one([0, 0, 200]),
    ): Behaviour => ({ says: reply, afterMs, arrives });
    switch (way) {
      case "taken":
        return at(says.yes, "then");
      case "slow":
        return at(says.yes, "then", dice.between(1, outbound.timeoutMs / SECOND - 1) * SECOND);
      case "times out before":
        return at(NO_REPLY, "never", outbound.timeoutMs);
      case "times out after":
        return at(NO_REPLY, "at once", outbound.timeoutMs);
      case "cut before":
        return at(CUT);
      case "cut after":
        return at(CUT, "at once");
      case "down":
        return at(DOWN);
      case "no":
        return at(dice.one(says.no));
      case "failing": {
        const { reply, mayHave } = dice.one(says.failing);
        return at(reply, mayHave && dice.maybe(0.5) ? "at once" : "never");
      }
      case "limited": {
        const seconds = dice.one([1, 7, 90, 200, 7_200]);
        // Nobody puts a page off for more than an hour; a mail server cannot say how long. Whoever takes over is
        // asked at once when the first provider says that it did not arrive: better a second no than silence.
        const until = addMs(now(), Math.min(seconds * SECOND, HOUR));
        if (outbound.via !== "mail" && says.vendor !== "Plivo")
          pauses.set(id, pauseOf({ id, vendor: says.vendor, until }, from, now()));
        return at(says.limited(seconds), "never", 0);
      }
      case "limited without a word":
        return at(says.limited(null));
      case "garbled":
        return at(dice.one(says.garbled), says.byStatus || dice.maybe(0.5) ? "at once" : "never");
    }
  }

  return {
    behaviour,
    readBack,
    begin: allowBrowsers,
    broken: disturbed,
    brokenAtEnd: findNeverTaken,
  };
}

/** A page that is recorded as taken has reached its vendor, whatever that has said. */
async function findNeverTaken(db: Db, received: readonly Received[]): Promise<readonly string[]> {
  // A page that stands for others shows their links and none of its own.
  const links = /(?<=\/a\/)[0-9a-f-]{36}/g;
  const taken = new Set(
    received.flatMap(({ messageId, text }) => [
      messageId.slice(0, 36),
      ...(text.match(links) ?? []),
    ]),
  );
  const rows = await all(
    db,
    sql<{ id: string; channelId: string; address: string; standsFor: string[] }>`
      select n.id, n.channel_id, n.address, array(select p.id::text from notification p
          join notification f on f.id = p.folded_into where f.subject = n.subject and f.occasion = n.occasion
            and f.person_id = n.person_id and f.address = n.address) as stands_for
      from notification n where n.kind = 'page' and exists (
        select from notification_attempt a where a.notification_id = n.id and a.verdict = 'accepted')
      order by n.decided_at, n.id limit 10000`,
  );
  return rows
    .filter(({ id, standsFor }) => ![id, ...standsFor].some((one) => taken.has(one)))
    .map(
      ({ channelId, address }) => `what is recorded as taken was taken: ${channelId} ${address}`,
    );
}

const bodyOf = (outbound: Outbound): string =>
  outbound.via === "mail" ? outbound.text : (outbound.body ?? "");

/** The notification that a message is, as far as its form shows. */
function idOf(outbound: Outbound): string {
  if (outbound.via === "mail") return outbound.messageId;
  const shown = readBack(outbound);
  if (shown !== null) return shown.messageId;
  // A page by a second provider has the link of the first, and an address of its own for receipts.
  const called = /pages(?:%2F|\/)([0-9a-f-]{36})/.exec(bodyOf(outbound))?.[1];
  return called ?? outbound.headers["Idempotency-Key"] ?? bodyOf(outbound);
}

export const CHANNELS: Form = {
  forecast: channelForecast,
  company: () => CHANNEL_COMPANY,
  senders,
  receipts: {
    delivered: 6,
    twice: 2,
    undelivered: 2,
    nothing: 3,
    "not taken": 1,
    "delivered and then not": 1,
    "not delivered and then all the same": 1,
    "not delivered twice": 1,
  },
  receiptsOf: (name) => RECEIPTS[name] ?? [],
  receiptSeconds: [0, 1, 5, 30, 59, 61, 200],
  met,
};
