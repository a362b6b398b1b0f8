/**
 * The raw bodies of one flush in one sealed blob, byte by byte as they came: each body once, and which
 * signal came in which. Laid out as length of the head, head (JSON), bodies one after the other.
 */
import type { World } from "../../base/world.ts";

const PURPOSE = "signal batch";
const HEAD_LENGTH_BYTES = 4;

type Head = { readonly sizes: readonly number[]; readonly bodyOf: readonly number[] };

/** Seals the bodies of the signals of a flush; signals of one request share one body. */
export function sealBodies(
  world: Pick<World, "keys" | "chance">,
  bodyOfSignal: readonly Buffer[],
): Buffer {
  const bodies = [...new Set(bodyOfSignal)];
  const index = new Map(bodies.map((body, position) => [body, position]));
  const sizes = bodies.map((body) => body.length);
  const bodyOf = bodyOfSignal.map((body) => index.get(body) ?? 0);
  const head = Buffer.from(JSON.stringify({ sizes, bodyOf } satisfies Head));
  const length = Buffer.alloc(HEAD_LENGTH_BYTES);
  length.writeUInt32BE(head.length);
  return world.keys.seal(PURPOSE, Buffer.concat([length, head, ...bodies]), world.chance);
}

/** Opens what {@link sealBodies} made: the body of each signal, at the signal's position in its flush. */
export function openBodies(keys: World["keys"], sealed: Buffer): readonly Buffer[] {
  const plain = keys.open(PURPOSE, sealed);
  const headEnd = HEAD_LENGTH_BYTES + plain.readUInt32BE(0);
  const head = JSON.parse(plain.toString("utf8", HEAD_LENGTH_BYTES, headEnd)) as Head;
  let at = headEnd;
  const bodies = head.sizes.map((size) => plain.subarray(at, (at += size)));
  return head.bodyOf.map((position) => bodies[position]!);
}
