/** JSON lines with `timestamp`, `level`, `message`, `request_id`; never a name, an address or a secret. */
import { pino } from "pino";

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export type Log = {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log with fields that every line carries. */
  with(fields: LogFields): Log;
};

/** Field names that would carry personal data or secrets; cut even if somebody passes them by mistake. */
const REDACTED = [
  "authorization",
  "cookie",
  "password",
  "token",
  "secret",
  "email",
  "address",
  "name",
  "phone",
  "body",
];

/** Standard output; a reader that went away must not take the server with it. */
function standardOutput(): ReturnType<typeof pino.destination> {
  const stream = pino.destination(1);
  stream.on("error", () => undefined);
  return stream;
}

/** Writes to the given stream, standard output otherwise. */
export function jsonLog(level: string, destination?: { write(line: string): void }): Log {
  const options = {
    level,
    base: undefined,
    messageKey: "message",
    timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED, censor: "[cut]" },
  };
  const root = pino(options, destination ?? standardOutput());
  const wrap = (logger: typeof root): Log => ({
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    with: (fields) => wrap(logger.child(fields)),
  });
  return wrap(root);
}

/** What may be logged of an error: its class, code and the place in our code, not its words. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: "not an error" };
  const code = (error as { code?: unknown }).code;
  const place = error.stack
    ?.split("\n")
    .find((line) => line.includes("/server/"))
    ?.trim();
  return { error: error.name, code: typeof code === "string" ? code : null, place: place ?? null };
}

export const silentLog: Log = { info() {}, warn() {}, error() {}, with: () => silentLog };
