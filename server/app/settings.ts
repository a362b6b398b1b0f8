/** What comes from the environment, read once at the start and checked with words that help. */
import { Grant, Role } from "../../contract/account.ts";
import { Refusal } from "../base/errors.ts";
import type { ProviderSettings } from "./provider.ts";
import type { TlsPaths } from "../base/tls.ts";

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
  /** Certificate and key as PEM files; null: plain http. */
  readonly tls: TlsPaths | null;
  /** Where people may sign in besides; null: nowhere. */
  readonly provider: ProviderSettings | null;
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
    tls: tlsPaths(env),
    provider: providerSettings(env),
    logLevel,
    traces,
  };
}

function tlsPaths(env: Environment): TlsPaths | null {
  const [cert, key] = [env["TOCSIN_TLS_CERT"] || null, env["TOCSIN_TLS_KEY"] || null];
  if (cert === null && key === null) return null;
  if (cert === null) throw invalid("TOCSIN_TLS_CERT", "a PEM file, as TOCSIN_TLS_KEY is set");
  if (key === null) throw invalid("TOCSIN_TLS_KEY", "a PEM file, as TOCSIN_TLS_CERT is set");
  return { cert, key };
}

function providerSettings(env: Environment): ProviderSettings | null {
  const issuer = env["TOCSIN_OIDC_ISSUER"] || null;
  if (issuer === null) return null;
  if (!/^https:\/\/[^/]+|^http:\/\/(localhost|127\.0\.0\.1)[:/]/.test(issuer))
    throw invalid("TOCSIN_OIDC_ISSUER", "an https address (http only on this machine)");
  const must = (name: string): string => {
    const value = env[name] || null;
    if (value === null) throw invalid(name, "a value, as TOCSIN_OIDC_ISSUER is set");
    return value;
  };
  return {
    name: env["TOCSIN_OIDC_NAME"] || new URL(issuer).hostname,
    issuer,
    clientId: must("TOCSIN_OIDC_CLIENT_ID"),
    clientSecret: must("TOCSIN_OIDC_CLIENT_SECRET"),
    createAs: grantsOf(env["TOCSIN_OIDC_CREATE"] || null),
  };
}

/** “viewer, responder:payments”: the roles of people who are made when they first sign in. */
function grantsOf(text: string | null): readonly Grant[] | null {
  if (text === null) return null;
  return text.split(/[\s,]+/).map((each) => {
    const [role, team] = each.split(":", 2);
    const known = Role.safeParse(role);
    if (!known.success)
      throw invalid("TOCSIN_OIDC_CREATE", "viewer, responder, manager or admin, or role:team");
    return Grant.parse(team === undefined ? { role } : { role, team });
  });
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
