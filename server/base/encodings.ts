/** Bodies that come compressed, opened as far as their limit: a small one may be a bomb. */
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from "node:zlib";

type Open = (
  body: Buffer,
  options: { readonly maxOutputLength: number },
  done: (error: Error | null, plain: Buffer) => void,
) => void;

/** Some clients leave out the two bytes that zlib puts before what it deflates. */
const deflated: Open = (body, options, done) => {
  const head = body.length < 2 ? 0 : body.readUInt16BE(0);
  const open = ((head >> 8) & 0x0f) === 8 && head % 31 === 0 ? inflate : inflateRaw;
  open(body, options, done);
};

const OPENERS: ReadonlyMap<string, Open> = new Map<string, Open>([
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  ["deflate", deflated],
  ["br", brotliDecompress],
  ["zstd", zstdDecompress],
]);

export const isEncodingKnown = (encoding: string): boolean =>
  encoding === "identity" || OPENERS.has(encoding);

export type Opened =
  | { readonly kind: "plain"; readonly body: Buffer }
  | { readonly kind: "too large" }
  | { readonly kind: "broken" };

/** Opens a body in an encoding that is known; never more than `limit` bytes of it. */
export function opened(body: Buffer, encoding: string, limit: number): Promise<Opened> {
  const open = OPENERS.get(encoding);
  if (open === undefined || body.length === 0) return Promise.resolve({ kind: "plain", body });
  return new Promise((settle) =>
    open(body, { maxOutputLength: limit }, (error, plain) => {
      if (error === null) settle({ kind: "plain", body: plain });
      else settle({ kind: "code" in error && error.code === TOO_LARGE ? "too large" : "broken" });
    }),
  );
}
const TOO_LARGE = "ERR_BUFFER_TOO_LARGE";
