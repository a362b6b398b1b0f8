/**
 * The transport that really sends: HTTP over a fresh connection per request, mail over a small
 * pool. Both know exactly whether anything was handed over, because the engine repeats what surely
 * was not and marks what may have been.
 */
import { lookup, type LookupAddress } from "node:dns";
import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { Readable } from "node:stream";
import type { AddressGuard } from "./addresses.ts";
import { spoken } from "./duration.ts";
import type { HttpOutbound, MailOutbound, Reply, Transport } from "./transport.ts";

export type RealTransportOptions = {
  /** smtp:// or smtps://, with credentials if the server wants them. Trusted, so not guarded. */
  readonly smtpUrl: string | null;
  readonly guard: AddressGuard;
  /** How names become addresses; the system's resolver unless given. */
  readonly resolve?: Resolve;
};

export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/** Enough of a reply to decide on it and to show it; a receiver may send gigabytes. */
const REPLY_LIMIT_BYTES = 256 * 1024;

/** Promises never to reject: every failure is a Reply. `close` ends the idle mail connections. */
export function realTransport(options: RealTransportOptions): Transport & { close(): void } {
  const mail = options.smtpUrl === null ? null : mailSender(options.smtpUrl);
  const resolve = options.resolve ?? systemResolve;
  return {
    async send(outbound) {
      if (outbound.via === "http") return sendHttp(outbound, options.guard, resolve);
      return mail === null
        ? notReached("no mail server is configured (TOCSIN_SMTP_URL)")
        : mail.send(outbound);
    },
    close: () => mail?.close(),
  };
}

const notReached = (because: string): Reply => ({ kind: "error", reached: "no", because });

const systemResolve: Resolve = (host) =>
  new Promise((resolve, reject) =>
    lookup(host, { all: true }, (error, found) => (error ? reject(error) : resolve(found))),
  );

// ---------------------------------------------------------------------------------------- HTTP

function sendHttp(outbound: HttpOutbound, guard: AddressGuard, resolve: Resolve): Promise<Reply> {
  const url = URL.parse(outbound.url);
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    return Promise.resolve(notReached("the address is not an http or https URL"));
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  // Node connects to a literal address without asking `lookup`, so it is asked here.
  if (isIP(host) !== 0 && !guard.permits({ host, port, address: host })) {
    return Promise.resolve(notReached(forbidden(host)));
  }
  return exchange(outbound, url, guardedLookup(guard, port, resolve));
}

const forbidden = (host: string): string =>
  `${host} is not a public address and not on the list of permitted ones`;

/**
 * Resolves once, and hands the socket only addresses that may be used: no second look-up exists.
 */
function guardedLookup(guard: AddressGuard, port: number, resolve: Resolve): LookupFunction {
  return (host, { all }, callback) => {
    const judge = (found: readonly LookupAddress[]): void => {
      const usable = found.filter(({ address }) => guard.permits({ host, port, address }));
      const [first] = usable;
      if (first === undefined) callback(new Error(forbidden(host)), "");
      else if (all === true) callback(null, usable);
      else callback(null, first.address, first.family);
    };
    resolve(host).then(judge, (error: Error) => callback(error, ""));
  };
}

function exchange(outbound: HttpOutbound, url: URL, guarded: LookupFunction): Promise<Reply> {
  return new Promise((settle) => {
    let reached: "no" | "maybe" = "no";
    let answer: (() => Reply) | null = null;
    const fail = (error: Error): void =>
      done(answer?.() ?? { kind: "error", reached, because: wordsFor(error, url.hostname) });
    const late = new Error(`no reply within ${spoken(outbound.timeoutMs)}`);
    const timer = setTimeout(() => {
      fail(late);
      request?.destroy();
    }, outbound.timeoutMs);
    const done = (reply: Reply): void => {
      clearTimeout(timer);
      settle(reply);
    };
    const request = startRequest(outbound, url, guarded, fail);
    if (request === null) return;
    const secure = url.protocol === "https:";
    request.on("error", fail);
    request.once("socket", (socket) =>
      // Until here nothing was written, so a failure before this line surely reached nobody.
      socket.once(secure ? "secureConnect" : "connect", () => {
        reached = "maybe";
        request.end(outbound.body ?? undefined, outbound.encoding ?? "utf8");
      }),
    );
    request.once("response", (response) => {
      answer = gather(response, outbound.replyBytes ?? REPLY_LIMIT_BYTES, done);
    });
  });
}

/**
 * Null when Node refuses to build the request at all (a header with a line break, a bad method).
 */
function startRequest(
  outbound: HttpOutbound,
  url: URL,
  guarded: LookupFunction,
  fail: (error: Error) => void,
): ClientRequest | null {
  const start = url.protocol === "https:" ? requestHttps : requestHttp;
  try {
    return start(url, {
      method: outbound.method,
      headers: { ...outbound.headers },
      lookup: guarded,
      agent: false, // a kept connection may be half dead, which would turn certainty into "maybe"
    });
  } catch (error) {
    fail(error as Error);
    return null;
  }
}

/** Reads the reply up to the limit; the returned function gives what has come so far. */
function gather(
  response: IncomingMessage,
  limitBytes: number,
  done: (reply: Reply) => void,
): () => Reply {
  const chunks: Buffer[] = [];
  let room = limitBytes;
  const soFar = (): Reply => ({
    kind: "http",
    status: response.statusCode ?? 0,
    headers: flatHeaders(response),
    body: Buffer.concat(chunks).toString("utf8"),
    ...(room <= 0 && { isCut: true }),
  });
  // A reply that breaks off is still a reply: its status is a definite word.
  const finish = (): void => done(soFar());
  response.on("data", (chunk: Buffer) => {
    chunks.push(chunk.subarray(0, room));
    room -= Math.min(room, chunk.length);
    if (room > 0) return;
    finish();
    response.destroy();
  });
  response.on("end", finish).on("error", finish).on("close", finish);
  return soFar;
}

function flatHeaders(response: IncomingMessage): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return flat;
}

const CODE_WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: "the name is not known",
  EAI_AGAIN: "the name could not be looked up for now",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection broke",
  EPIPE: "the connection broke",
  ETIMEDOUT: "the connection could not be opened in time",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
};

type CodedError = Error & { code?: string };

/** Names the host only: the rest of a webhook's URL is often its secret. */
function wordsFor(error: CodedError, host: string): string {
  // Several addresses were tried: each has its own error, and the first tells enough.
  const inner: CodedError = error instanceof AggregateError ? error.errors[0] : error;
  const words = CODE_WORDS[inner.code ?? ""] ?? inner.message;
  return words.startsWith(host) ? words : `${host}: ${words}`;
}

// ---------------------------------------------------------------------------------------- Mail

const ONE_ADDRESS = /^[^\s@,;:<>()[\]\\"]+@[^\s@,;:<>()[\]\\"]+$/;

type MailError = Error & { code?: string; response?: string; responseCode?: number };

function mailSender(smtpUrl: string): { send(mail: MailOutbound): Promise<Reply>; close(): void } {
  if (!["smtp:", "smtps:"].includes(URL.parse(smtpUrl)?.protocol ?? "")) {
    throw new RangeError(
      "the mail server's address (TOCSIN_SMTP_URL) is no smtp:// or smtps:// URL",
    );
  }
  const begun = new WeakSet<AbortSignal>();
  // Its library is loaded with the first mail: a server at rest has no need of it.
  const open = async () => {
    const { createTransport } = await import("nodemailer");
    const opened = createTransport({
      url: smtpUrl,
      pool: true,
      maxConnections: 5,
      maxRequeues: 1, // replaces an idle connection that died, before anything was handed over
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 60_000,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    opened.use("stream", (mail, next) => {
      const { signal } = mail.data;
      if (signal) mail.message.processFunc((body) => onFirstRead(body, () => begin(signal)));
      next();
    });
    return opened;
  };
  let pool: ReturnType<typeof open> | null = null;
  const begin = (signal: AbortSignal): void => {
    if (begun.has(signal)) throw new Error("a mail is handed over once, then judged");
    begun.add(signal);
  };
  return {
    async send(mail) {
      if (!ONE_ADDRESS.test(mail.to)) {
        return { kind: "mail", code: 501, text: "the recipient is not one plain mail address" };
      }
      const signal = AbortSignal.timeout(mail.timeoutMs);
      try {
        const { response } = await (
          await (pool ??= open())
        ).sendMail({ ...mailFields(mail), signal });
        return { kind: "mail", code: Number(response.slice(0, 3)), text: response };
      } catch (error) {
        return mailFailure(error as MailError, begun.has(signal), mail.timeoutMs);
      }
    },
    close: () =>
      void pool?.then(
        (opened) => opened.close(),
        () => undefined,
      ),
  };
}

/**
 * The server asks for the body after it took sender and recipient: from there on it may have it.
 */
function onFirstRead(body: NodeJS.ReadableStream, mark: () => void): Readable {
  async function* marked(): AsyncGenerator<string | Buffer> {
    mark();
    yield* body;
  }
  return Readable.from(marked(), { objectMode: false });
}

const mailFields = (mail: MailOutbound) => ({
  from: mail.from,
  to: { name: "", address: mail.to },
  subject: mail.subject,
  text: mail.text,
  ...(mail.html === null ? {} : { html: mail.html }),
  messageId: `<${mail.messageId}>`,
  headers: { ...mail.headers },
  attachments: mail.attachments.map(({ name, type, content }) => ({
    filename: name,
    contentType: type,
    content: Buffer.from(content, "utf8"),
  })),
  xMailer: false as const,
});

function mailFailure(error: MailError, handedOver: boolean, timeoutMs: number): Reply {
  if (error.responseCode !== undefined) {
    return { kind: "mail", code: error.responseCode, text: error.response ?? error.message };
  }
  const because =
    error.code === "EABORT"
      ? `the mail server gave no answer within ${spoken(timeoutMs)}`
      : `mail server: ${error.message}`;
  return { kind: "error", reached: handedOver ? "maybe" : "no", because };
}
