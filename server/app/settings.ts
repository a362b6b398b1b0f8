/** What comes from the environment, read once at the start and checked with words that help. */
import { Refusal } from "../base/errors.ts";

export type Settings = {
  readonly port: number;
  readonly host: string;
  readonly dataDirectory: string;
  /** Null: the embedded PostgreSQL. */
  readonly databaseUrl: string | null;
  readonly adminToken: string | null;
  readonly publicUrl: string;
  readonly smtpUrl: string | null;
  /** Where alerts may come by mail; null: nowhere. */
  readonly mailPort: number | null;
  readonly masterKey: string | null;
  /** Networks or host:port that outbound requests may reach although they are private. */
  readonly allowPrivate: readonly string[];
  readonly trustProxy: boolean;
  readonly logLevel: string;
  /** Where traces go, by OTLP over HTTP; null: none are made. */
  readonly traces: string | null;
};

export type Environment = Readonly<Record<string, string | undefined>>;

const invalid = (field: string, expected: string): Refusal =>
  new Refusal("request.invalid", { field, expected });

/** Reads the TOCSIN_ variables; refuses a value that makes no sense, naming the variable. */
export function readSettings(env: Environment): Settings {
  const portText = env["TOCSIN_PORT"] ?? "4400";
  const port = Number(portText);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw invalid("TOCSIN_PORT", "a port from 0 to 65535");
  const host = env["TOCSIN_HOST"] ?? "127.0.0.1";
  const publicUrl = (env["TOCSIN_URL"] ?? `http://127.0.0.1:${port}`).replace(/\/+$/, "");
  if (!/^https?:\/\/[^/]+/.test(publicUrl)) throw invalid("TOCSIN_URL", "an http or https address");
  const logLevel = env["TOCSIN_LOG"] ?? "info";
  if (!["debug", "info", "warn", "error", "silent"].includes(logLevel)) {
    throw invalid("TOCSIN_LOG", "debug, info, warn, error or silent");
  }
  const traces = tracesUrl(env);
  return {
    port,
    host,
    dataDirectory: env["TOCSIN_DATA"] ?? ".tocsin",
    databaseUrl: env["DATABASE_URL"] || null,
    adminToken: env["TOCSIN_ADMIN_TOKEN"] || null,
    publicUrl,
    smtpUrl: env["TOCSIN_SMTP_URL"] || null,
    mailPort: mailPort(env),
    masterKey: env["TOCSIN_KEY"] || null,
    allowPrivate: (env["TOCSIN_ALLOW_PRIVATE"] ?? "")
      .split(/[\s,]+/)
      .filter((entry) => entry !== ""),
    trustProxy: env["TOCSIN_TRUST_PROXY"] === "true",
    logLevel,
    traces,
  };
}

function mailPort(env: Environment): number | null {
  const text = env["TOCSIN_MAIL_PORT"] || null;
  if (text === null) return null;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw invalid("TOCSIN_MAIL_PORT", "a port from 1 to 65535");
  return port;
}

/** As OpenTelemetry names it: one address for traces, or one for all signals below which they have theirs. */
function tracesUrl(env: Environment): string | null {
  const own = env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] || null;
  const all = env["OTEL_EXPORTER_OTLP_ENDPOINT"] || null;
  const url = own ?? (all === null ? null : `${all.replace(/\/+$/, "")}/v1/traces`);
  if (url !== null && !/^https?:\/\/[^/]+/.test(url))
    throw invalid("OTEL_EXPORTER_OTLP_ENDPOINT", "an http or https address");
  return url;
}
