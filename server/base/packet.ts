/**
 * What goes out to PostgreSQL in one turn, written into memory that is used again. The client takes new memory for every
 * message and copies it whenever the message grows: three bytes for each that is sent, and all of them outside of V8's heap,
 * which V8 answers with a look through its whole heap after every few dozen megabytes.
 */
import type { Writable } from "node:stream";

/** A parameter as it is sent: text in UTF-8, bytes as they are. */
export type Value = string | Buffer | null;

/** A packet of a small transaction fits several times. */
const CHUNK = 64 * 1_024;
/** What a crowd needs; the few that are larger are not kept. */
const LARGEST_KEPT = 512 * 1_024;
const KEPT = 8;
/** Of all connections: what nobody writes into now. */
const spares: Buffer[] = [];

function take(size: number): Buffer {
  const at = spares.findIndex((spare) => spare.length >= size);
  if (at >= 0) return spares.splice(at, 1)[0]!;
  return Buffer.allocUnsafeSlow(Math.max(CHUNK, 2 ** Math.ceil(Math.log2(size))));
}

function giveBack(buffer: Buffer): void {
  if (buffer.length <= LARGEST_KEPT && spares.length < KEPT) spares.push(buffer);
}

/** PostgreSQL counts the parameters of a statement in sixteen bits. */
export const MOST_VALUES = 65_535;

export class Packet {
  readonly #stream: Writable;
  #buffer: Buffer | null = null;
  #end = 0;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** Prepares a statement under a name, or the one without a name; the types of its values are PostgreSQL's to find. */
  parse(name: string, text: string): void {
    const [nameLength, textLength] = [Buffer.byteLength(name), Buffer.byteLength(text)];
    this.#begin("P", nameLength + 1 + textLength + 1 + 2);
    this.#text(name, nameLength);
    this.#byte(0);
    this.#text(text, textLength);
    this.#byte(0);
    this.#short(0);
  }

  /** Gives a prepared statement its values, at most {@link MOST_VALUES}; what it answers comes as text. */
  bind(name: string, values: readonly Value[]): void {
    const nameLength = Buffer.byteLength(name);
    let size = 1 + nameLength + 1 + 2 + 2 * values.length + 2 + 4;
    const lengths = values.map((value) => {
      const length = value === null ? -1 : Buffer.byteLength(value);
      size += 4 + Math.max(length, 0);
      return length;
    });
    this.#begin("B", size);
    this.#byte(0);
    this.#text(name, nameLength);
    this.#byte(0);
    this.#short(values.length);
    for (const value of values) this.#short(Buffer.isBuffer(value) ? 1 : 0);
    this.#short(values.length);
    for (const [at, value] of values.entries()) {
      this.#long(lengths[at]!);
      if (typeof value === "string") this.#text(value, lengths[at]!);
      else if (value !== null) this.#bytes(value);
    }
    this.#short(1);
    this.#short(0);
  }

  /** Whole messages, as they are. */
  add(messages: Buffer): void {
    this.#room(messages.length);
    this.#bytes(messages);
  }

  /** Lets go of what was written so far. A line that the other end has closed says so by itself. */
  handOver(): void {
    const buffer = this.#buffer;
    if (buffer === null) return;
    const written = buffer.subarray(0, this.#end);
    this.#buffer = null;
    this.#end = 0;
    // What could not be sent may still be looked at: it is not used again.
    if (this.#stream.writable)
      this.#stream.write(written, (error) => {
        if (error === undefined || error === null) giveBack(buffer);
      });
  }

  /** A message of that kind, with room for all of its `size` bytes. */
  #begin(kind: string, size: number): void {
    this.#room(1 + 4 + size);
    this.#byte(kind.charCodeAt(0));
    this.#long(4 + size);
  }

  #room(size: number): void {
    if (this.#buffer !== null && this.#buffer.length - this.#end < size) this.handOver();
    this.#buffer ??= take(size);
  }

  #byte(value: number): void {
    this.#end = this.#buffer!.writeUInt8(value, this.#end);
  }

  #short(value: number): void {
    this.#end = this.#buffer!.writeUInt16BE(value, this.#end);
  }

  #long(value: number): void {
    this.#end = this.#buffer!.writeInt32BE(value, this.#end);
  }

  #text(text: string, length: number): void {
    // As many bytes as letters: each is its own byte, which is copied as it is.
    this.#buffer!.write(text, this.#end, length, length === text.length ? "latin1" : "utf8");
    this.#end += length;
  }

  #bytes(bytes: Buffer): void {
    bytes.copy(this.#buffer!, this.#end);
    this.#end += bytes.length;
  }
}
