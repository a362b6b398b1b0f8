/** Packets hold what the client itself would have sent, and memory is used again only when it went out. */
import { Writable } from "node:stream";
import fc from "fast-check";
import pg from "pg";
import { expect, test } from "vitest";
import { Packet, type Value } from "./packet.ts";

/** A line that takes what is written, and says so when it is told to. */
function line() {
  const written: Buffer[] = [];
  const callbacks: ((error?: Error | null) => void)[] = [];
  const stream = new Writable({
    highWaterMark: 2 ** 30,
    writev(chunks, done) {
      for (const { chunk } of chunks) written.push(chunk as Buffer);
      callbacks.push(done);
    },
  });
  return {
    stream,
    bytes: () => Buffer.concat(written),
    chunks: () => written,
    took: (error?: Error) => callbacks.shift()!(error),
  };
}

type OwnWords = {
  parse(statement: { readonly name: string; readonly text: string }): void;
  bind(statement: { readonly statement: string; readonly values: readonly Value[] }): void;
};
const Connection = (
  pg as unknown as { Connection: new (options: { readonly stream: Writable }) => OwnWords }
).Connection;

/** What the client makes of the same. */
function byTheClient(say: (connection: OwnWords) => void): Buffer {
  const { stream, bytes, took } = line();
  stream.cork();
  say(new Connection({ stream }));
  stream.uncork();
  took();
  return bytes();
}

function byUs(say: (packet: Packet) => void): Buffer {
  const { stream, bytes, took } = line();
  const packet = new Packet(stream);
  stream.cork();
  say(packet);
  packet.handOver();
  stream.uncork();
  took();
  return bytes();
}

const SEED = 20_261_126;
const values: fc.Arbitrary<readonly Value[]> = fc.array(
  fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 200 }),
    fc.string({ maxLength: 2_000 }),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.constant(null),
  ),
  { maxLength: 30 },
);

test(`a statement and its values are the bytes that the client would send (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.constantFrom("", "s1", "über"), values, (name, given) => {
      const text = `select '${name}'`;
      expect(
        byUs((packet) => {
          packet.parse(name, text);
          packet.bind(name, given);
        }),
      ).toEqual(
        byTheClient((client) => {
          client.parse({ name, text });
          client.bind({ statement: name, values: given });
        }),
      );
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test("what is larger than any memory that is kept goes out whole and in its place", () => {
  const large = ["x".repeat(900_000), "é".repeat(300_000), Buffer.alloc(700_000, 7)];
  const say = (bind: (name: string, given: readonly Value[]) => void) => {
    for (const given of [["small"], large, ["small again"]]) bind("s", given);
  };
  const ours = byUs((packet) => say((name, given) => packet.bind(name, given)));
  const theirs = byTheClient((client) =>
    say((statement, given) => client.bind({ statement, values: given })),
  );
  expect(ours.equals(theirs)).toBe(true);
});

test("memory is written into again only after what it held went out", () => {
  const { stream, chunks, took } = line();
  const packet = new Packet(stream);
  const send = (text: string) => {
    packet.bind("", [text]);
    packet.handOver();
  };
  send("first");
  send("second");
  expect(chunks()[0]!.toString()).toContain("first");
  took();
  took();
  send("third");
  expect(chunks().map((chunk) => chunk.buffer === chunks()[2]!.buffer)).toContain(true);
  expect(chunks()[2]!.toString()).toContain("third");
});

test("what a broken line may still look at is not written into", () => {
  const { stream, chunks, took } = line();
  stream.on("error", () => undefined);
  const packet = new Packet(stream);
  packet.bind("", ["held"]);
  packet.handOver();
  took(new Error("the line broke"));
  const other = line();
  const next = new Packet(other.stream);
  next.bind("", ["other"]);
  next.handOver();
  expect(chunks()[0]!.toString()).toContain("held");
  // Nothing is written where nobody listens any more.
  packet.bind("", ["lost"]);
  packet.handOver();
  expect(chunks()).toHaveLength(1);
});
