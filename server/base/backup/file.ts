/**
 * The file of a backup: one zstd stream of frames, so that it is written and read in one pass whatever its
 * size. A frame is a letter, a length (32 bits, big-endian) and as many bytes:
 *
 *   H  the header, as JSON: what made it, from which store, and its tables
 *   T  a table begins; D  some of its rows, as PostgreSQL's COPY writes them; E  it ends: rows and SHA-256
 *   Z  the end: the number of rows, the sequences, and the SHA-256 of every frame before it
 *
 * A file that was cut, altered or swapped in parts therefore shows it before anything is committed.
 */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { createZstdCompress, createZstdDecompress } from "node:zlib";
import { Refusal } from "../errors.ts";

export const BACKUP_FORMAT = 1;

export type BackupHeader = {
  readonly format: number;
  readonly takenAt: string;
  /** “18.4”: for people; rows are text that every major reads. */
  readonly postgres: string;
  /** Name and SHA-256 of each migration that made the store, in their order. */
  readonly migrations: readonly { readonly name: string; readonly sha256: string }[];
  /** Facts that whoever restores compares first, such as the mark of the master key. */
  readonly marks: Readonly<Record<string, string>>;
  readonly tables: readonly BackupTable[];
  readonly partitions: readonly BackupPartition[];
};

export type BackupTable = {
  readonly name: string;
  readonly columns: readonly string[];
  /** As PostgreSQL guesses, for the progress only. */
  readonly about: number;
};

/** One month of a table, from the first instant to before the second. */
export type BackupPartition = {
  readonly table: string;
  readonly name: string;
  readonly lower: number;
  readonly upper: number;
};

export type BackupEnd = {
  readonly rows: number;
  readonly sequences: readonly {
    readonly name: string;
    readonly value: number;
    readonly called: boolean;
  }[];
};

export type TableEnd = { readonly rows: number; readonly sha256: string };

export type Frame =
  | { readonly kind: "header"; readonly header: BackupHeader }
  | { readonly kind: "table"; readonly table: BackupTable }
  | { readonly kind: "rows"; readonly bytes: Buffer }
  | { readonly kind: "table end"; readonly end: TableEnd }
  | { readonly kind: "end"; readonly end: BackupEnd };

const FRAME_MAX = 0x7fff_ffff;
const HEAD_BYTES = 5;

const framed = (letter: string, bytes: Buffer): readonly Buffer[] => {
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(letter, 0, "latin1");
  head.writeUInt32BE(bytes.length, 1);
  return [head, bytes];
};
const LETTERS = { header: "H", table: "T", rows: "D", "table end": "E", end: "Z" } as const;

/** The bytes of a backup before compression; the end carries the sum of all that came before. */
async function* encode(frames: AsyncIterable<Frame>): AsyncGenerator<Buffer> {
  const sum = createHash("sha256");
  for await (const frame of frames) {
    for (const bytes of framed(LETTERS[frame.kind], contentOf(frame, sum))) {
      sum.update(bytes);
      yield bytes;
    }
  }
}

function contentOf(frame: Frame, sum: ReturnType<typeof createHash>): Buffer {
  if (frame.kind === "rows") return frame.bytes;
  const told =
    frame.kind === "header"
      ? frame.header
      : frame.kind === "table"
        ? frame.table
        : frame.kind === "table end"
          ? frame.end
          : { ...frame.end, sha256: sum.copy().digest("hex") };
  return Buffer.from(JSON.stringify(told));
}

/** Writes all frames to a file that must not exist, on disk before it returns; its size in bytes. */
export async function writeBackup(path: string, frames: AsyncIterable<Frame>): Promise<number> {
  // Flushed to disk before it is closed.
  const file = createWriteStream(path, { flags: "wx", mode: 0o600, flush: true });
  await pipeline(Readable.from(encode(frames), { objectMode: false }), createZstdCompress(), file);
  return file.bytesWritten;
}

const damaged = (file: string, problem: string): Refusal =>
  new Refusal("backup.damaged", { file, problem });

/**
 * The frames of a backup in their order, each table's sum and the sum of the whole verified. Refuses a
 * file that is no backup, is cut short, or differs by one bit from what was written.
 */
export async function* readBackup(path: string): AsyncGenerator<Frame> {
  const source = createReadStream(path);
  const opened = source.pipe(createZstdDecompress());
  source.on("error", (error) => opened.destroy(error));
  const sum = createHash("sha256");
  let table = createHash("sha256");
  let ended = false;
  let first = true;
  try {
    for await (const { letter, head, bytes } of framesOf(opened, path)) {
      if (ended) throw damaged(path, "something follows its end");
      if (first !== (letter === "H")) throw damaged(path, "it is no backup of Tocsin");
      first = false;
      const before = letter === "Z" ? sum.copy().digest("hex") : "";
      sum.update(head).update(bytes);
      if (letter === "D") {
        table.update(bytes);
        yield { kind: "rows", bytes };
        continue;
      }
      const told = parsed(path, bytes);
      if (letter === "H") yield { kind: "header", header: supported(path, told) };
      else if (letter === "T") {
        table = createHash("sha256");
        yield { kind: "table", table: told as BackupTable };
      } else if (letter === "E") {
        const end = told as TableEnd;
        if (end.sha256 !== table.digest("hex")) throw damaged(path, "a table's checksum differs");
        yield { kind: "table end", end };
      } else if (letter === "Z") {
        if ((told as { sha256?: unknown }).sha256 !== before)
          throw damaged(path, "its checksum differs");
        ended = true;
        yield { kind: "end", end: told as BackupEnd };
      } else throw damaged(path, `it has a part of an unknown kind (${letter})`);
    }
  } catch (error) {
    throw fromZstd(path, error);
  }
  if (!ended) throw damaged(path, "it is cut short");
}

/** zlib tells of damage by codes of its own. */
function fromZstd(path: string, error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== "string" || error instanceof Refusal) return error;
  if (/^(ZSTD|Z_)/.test(code)) return damaged(path, "it does not unpack");
  if (code === "ENOENT" || code === "EACCES" || code === "EISDIR")
    return new Refusal("backup.unreadable", { file: path, problem: code });
  return error;
}

function supported(path: string, told: unknown): BackupHeader {
  const header = told as BackupHeader;
  if (header.format !== BACKUP_FORMAT)
    throw new Refusal("backup.newer", { file: path, what: `format ${String(header.format)}` });
  return header;
}

function parsed(path: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw damaged(path, "a part of it cannot be read");
  }
}

type RawFrame = { readonly letter: string; readonly head: Buffer; readonly bytes: Buffer };

async function* framesOf(chunks: AsyncIterable<Buffer>, path: string): AsyncGenerator<RawFrame> {
  let parts: Buffer[] = [];
  let held = 0;
  let wanted = HEAD_BYTES;
  for await (const chunk of chunks) {
    parts.push(chunk);
    held += chunk.length;
    // Joined only when a whole frame is there: a large row arrives in many pieces.
    if (held < wanted) continue;
    let rest: Buffer = parts.length === 1 ? chunk : Buffer.concat(parts);
    for (wanted = sizeOf(rest, path); rest.length >= wanted; wanted = sizeOf(rest, path)) {
      const [head, bytes] = [rest.subarray(0, HEAD_BYTES), rest.subarray(HEAD_BYTES, wanted)];
      yield { letter: head.toString("latin1", 0, 1), head, bytes };
      rest = rest.subarray(wanted);
      if (rest.length < HEAD_BYTES) break;
    }
    parts = [rest];
    held = rest.length;
    wanted = held < HEAD_BYTES ? HEAD_BYTES : sizeOf(rest, path);
  }
  if (held > 0) throw damaged(path, "it is cut short");
}

function sizeOf(bytes: Buffer, path: string): number {
  if (bytes.length < HEAD_BYTES) return HEAD_BYTES;
  const length = bytes.readUInt32BE(1);
  if (length > FRAME_MAX) throw damaged(path, "it is no backup of Tocsin");
  return HEAD_BYTES + length;
}
