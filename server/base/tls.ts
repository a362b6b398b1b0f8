/** TLS by certificate files. They are read again every minute, so that a renewed one needs no restart. */
import { readFile } from "node:fs/promises";
import type { Server } from "node:https";
import { createSecureContext } from "node:tls";
import { sleepReal } from "./clock.ts";
import { Refusal } from "./errors.ts";
import { MINUTE } from "./instant.ts";
import { errorFields, type Log } from "./log.ts";

export type TlsPaths = { readonly cert: string; readonly key: string };
export type TlsFiles = {
  readonly paths: TlsPaths;
  readonly context: { readonly cert: Buffer; readonly key: Buffer; readonly minVersion: "TLSv1.2" };
};

/** Reads certificate and key; refuses what is missing or does not fit together, naming the file. */
export async function readTls(paths: TlsPaths): Promise<TlsFiles> {
  const [cert, key] = await Promise.all([
    fileOf("TOCSIN_TLS_CERT", paths.cert),
    fileOf("TOCSIN_TLS_KEY", paths.key),
  ]);
  try {
    createSecureContext({ cert, key });
  } catch {
    throw new Refusal("request.invalid", {
      field: "TOCSIN_TLS_CERT, TOCSIN_TLS_KEY",
      expected: "a certificate chain and the key that belongs to it, as PEM",
    });
  }
  return { paths, context: { cert, key, minVersion: "TLSv1.2" } };
}

const fileOf = (field: string, path: string): Promise<Buffer> =>
  readFile(path).catch((error: unknown) => {
    const code = (error as { code?: string }).code ?? "";
    throw new Refusal("request.invalid", { field, expected: `a file that can be read (${code})` });
  });

/** Takes up renewed files; what does not fit together is told and the old ones stay. */
export function renewTls(
  server: Server,
  files: TlsFiles,
  log: Log,
  everyMs = MINUTE,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let current = files;
  const loop = async (): Promise<void> => {
    for (;;) {
      await sleepReal(everyMs, stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        const fresh = await readTls(current.paths);
        const { cert, key } = fresh.context;
        if (cert.equals(current.context.cert) && key.equals(current.context.key)) continue;
        server.setSecureContext(fresh.context);
        current = fresh;
        log.info("a renewed certificate is in use");
      } catch (error) {
        log.error("the certificate files cannot be used; the old ones stay", errorFields(error));
      }
    }
  };
  const running = loop();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
