/** Randomness behind one door, so that a simulated world can be replayed from its seed. */
import { createHash, randomBytes } from "node:crypto";
import { type Instant, instant } from "./instant.ts";

export type Chance = {
  /** Unpredictable bytes (predictable only in a seeded world). */
  bytes(count: number): Buffer;
  /** A number in [0, 1). */
  fraction(): number;
  /** A UUID version 7 (RFC 9562): ordered by time, so that indexes grow at one end. */
  id(now: Instant): string;
};

/** When an id was made; 0 for what is none of ours. */
export function madeAt(id: string): Instant {
  const ms = /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(id)
    ? parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
    : 0;
  return instant(ms);
}

/** Of the 12 bits behind the version, all count up within one millisecond (RFC 9562 §6.2, method 1). */
const COUNTER_MAX = 0xfff;

/** The digits of an id as characters, with its dashes in their places. */
const DIGITS = Buffer.from("0123456789abcdef");
const text = Buffer.from("00000000-0000-0000-0000-000000000000");
/** Where the digits of each byte begin. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/**
 * Written as one text at once: put together from pieces it would stay a tree of a dozen of them, each of which garbage
 * collection visits for as long as somebody keeps the id.
 */
function uuidFrom(random: Buffer, ms: number, counter: number): string {
  random.writeUIntBE(ms, 0, 6);
  random[6] = 0x70 | (counter >> 8);
  random[7] = counter & 0xff;
  random[8] = (random[8]! & 0x3f) | 0x80;
  for (let at = 0; at < PLACES.length; at++) {
    const [byte, place] = [random[at]!, PLACES[at]!];
    text[place] = DIGITS[byte >> 4]!;
    text[place + 1] = DIGITS[byte & 15]!;
  }
  return text.toString("latin1");
}

function chanceOver(bytes: (count: number) => Buffer): Chance {
  let lastMs = 0;
  let counter = 0;
  return {
    bytes,
    fraction: () => bytes(6).readUIntBE(0, 6) / 2 ** 48,
    id(now) {
      // Two ids of one process sort as they were made, so facts of one instant keep their order. When the
      // counter of a millisecond is used up, the next one is borrowed.
      if (now > lastMs) [lastMs, counter] = [now, 0];
      else if (counter < COUNTER_MAX) counter += 1;
      else [lastMs, counter] = [lastMs + 1, 0];
      return uuidFrom(bytes(16), lastMs, counter);
    },
  };
}

const POOL_BYTES = 4_096;

/** The operating system's randomness, fetched in portions: thousands of ids a second ask for 16 bytes each. */
export function realChance(): Chance {
  let pool = Buffer.alloc(0);
  return chanceOver((count) => {
    if (count > POOL_BYTES) return randomBytes(count);
    if (pool.length < count) pool = randomBytes(POOL_BYTES);
    const taken = pool.subarray(0, count);
    pool = pool.subarray(count);
    return taken;
  });
}

/** A repeatable stream: SHA-256 over seed and counter. The same seed gives the same bytes. */
export function seededChance(seed: string): Chance {
  let counter = 0;
  let pool = Buffer.alloc(0);
  return chanceOver((count) => {
    while (pool.length < count) {
      pool = Buffer.concat([pool, createHash("sha256").update(`${seed}:${counter++}`).digest()]);
    }
    const taken = Buffer.from(pool.subarray(0, count));
    pool = pool.subarray(count);
    return taken;
  });
}
