/** Arrivals as the spool keeps them: one request, sealed, its raw body once. */
import type { World } from "../../base/world.ts";
import type { Arrival } from "./intake.ts";

const PURPOSE = "spool";

/** The arrivals of one request share its raw body. */
export function sealArrivals(world: World, arrivals: readonly Arrival[]): Buffer {
  const raw = arrivals[0]!.raw.toString("base64");
  const bare = arrivals.map((arrival) => ({ ...arrival, raw: null }));
  const plain = Buffer.from(JSON.stringify({ raw, arrivals: bare }));
  return world.keys.seal(PURPOSE, plain, world.chance);
}

/** Null when nobody can open them with the keys of this installation. */
export function openArrivals(world: World, sealed: Buffer): readonly Arrival[] | null {
  try {
    const { raw, arrivals } = JSON.parse(world.keys.open(PURPOSE, sealed).toString()) as {
      raw: string;
      arrivals: readonly Arrival[];
    };
    const body = Buffer.from(raw, "base64");
    return arrivals.map((arrival) => ({ ...arrival, raw: body }));
  } catch {
    return null;
  }
}
