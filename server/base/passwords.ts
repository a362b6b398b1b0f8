/**
 * Passwords at rest: argon2id with the parameters of OWASP's Password Storage Cheat Sheet (19 MiB, two
 * passes, one lane; about 60 ms here), in PHC form, so that a hash says how it was made. Few are worked
 * out at once: each takes a core and its memory.
 */
import { argon2 } from "node:crypto";
import { promisify } from "node:util";
import { sameBytes } from "./crypto.ts";
import { Refusal } from "./errors.ts";
import { openLine } from "./line.ts";
import type { Chance } from "./chance.ts";

type Cost = { readonly memory: number; readonly passes: number; readonly parallelism: number };
const COST: Cost = { memory: 19_456, passes: 2, parallelism: 1 };
const TAG_BYTES = 32;
/** Whoever comes on top of those is asked to come again. */
const line = openLine({ atOnce: 2, waitingMax: 24 });

const derive = promisify(argon2);

async function tagOf(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  // The same letters typed on another machine are the same password (NIST SP 800-63B, 3.1.1.2).
  const message = Buffer.from(password.normalize("NFKC"));
  const tag = line(() =>
    derive("argon2id", { message, nonce: salt, tagLength: TAG_BYTES, ...cost }),
  );
  if (tag === null) throw new Refusal("access.busy");
  return await tag;
}

const base64 = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");

export async function hashPassword(
  password: string,
  chance: Chance,
  cost: Cost = COST,
): Promise<string> {
  const salt = Buffer.from(chance.bytes(16));
  const { memory, passes, parallelism } = cost;
  const tag = await tagOf(password, salt, cost);
  const costs = `m=${memory},t=${passes},p=${parallelism}`;
  return `$argon2id$v=19$${costs}$${base64(salt)}$${base64(tag)}`;
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

export type Checked = {
  readonly right: boolean;
  /** Made with other parameters than ours of today; to be made anew while the password is at hand. */
  readonly outdated: boolean;
};

/** Compares; without a hash it takes as long and says no, so that nobody learns who has one. */
export async function checkPassword(password: string, hash: string | null): Promise<Checked> {
  const parts = PHC.exec(hash ?? "");
  if (parts === null) {
    await tagOf(password, Buffer.alloc(16, 1), COST);
    return { right: false, outdated: false };
  }
  const [memory, passes, parallelism] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const cost = { memory, passes, parallelism };
  const tag = await tagOf(password, Buffer.from(parts[4] ?? "", "base64"), cost);
  const right = sameBytes(tag, Buffer.from(parts[5] ?? "", "base64"));
  const outdated =
    memory !== COST.memory || passes !== COST.passes || parallelism !== COST.parallelism;
  return { right, outdated };
}
