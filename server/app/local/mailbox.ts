/**
 * A mail server on this machine that keeps what it receives: the demo shows the pages it caught,
 * and tests send to it over a real socket. It relays nothing and listens on loopback only.
 */
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer, type SMTPServerSession } from "smtp-server";
import type { Instant } from "../../base/instant.ts";

export type Mail = {
  readonly from: string;
  /** The addresses it was handed over for, which need not be those in its headers. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
  /** Without angle brackets. */
  readonly messageId: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly attachments: readonly {
    readonly name: string;
    readonly type: string;
    readonly content: string;
  }[];
  readonly receivedAt: Instant;
};

export type SmtpAnswer = { readonly code: number; readonly text: string };

/** How a mail server may misbehave. Absent means: it takes everything. */
export type MailboxHooks = {
  /** Asked for each recipient; an answer refuses it (550 for good, 451 for now). */
  onRecipient?(address: string): SmtpAnswer | null;
  /**
   * Asked when the whole mail is here; it may take its time. “drop” keeps the mail and breaks the
   * connection, so that the sender never learns; an answer refuses the mail.
   */
  onMail?(mail: Mail): Promise<"keep" | "drop" | SmtpAnswer>;
};

export type MailboxOptions = {
  /** 0 or absent takes a free port. */
  readonly port?: number;
  /** The oldest mails beyond this number are forgotten. */
  readonly keep: number;
  readonly now: () => Instant;
  readonly hooks?: MailboxHooks;
};

export type Mailbox = {
  /** smtp://127.0.0.1:port */
  readonly url: string;
  /** Oldest first. */
  mails(): readonly Mail[];
  /** The first mail, here or to come, for which the predicate holds; rejects after `timeoutMs`. */
  waitFor(predicate: (mail: Mail) => boolean, timeoutMs: number): Promise<Mail>;
  /** Called with each mail kept from now on; the returned function ends that. */
  on(listener: (mail: Mail) => void): () => void;
  stop(): Promise<void>;
};

const SIZE_LIMIT_BYTES = 10 * 1024 * 1024;

export async function startMailbox(options: MailboxOptions): Promise<Mailbox> {
  const kept: Mail[] = [];
  const listeners = new Set<(mail: Mail) => void>();
  const keep = (mail: Mail): void => {
    kept.push(mail);
    kept.splice(0, kept.length - options.keep);
    for (const listener of listeners) listener(mail);
  };
  const server = smtpServer(options, keep);
  server.listen(options.port ?? 0, "127.0.0.1");
  const sockets = openSockets(server);
  await once(server.server, "listening");
  server.on("error", ignoreBrokenClient);
  const { port } = server.server.address() as AddressInfo;
  const on: Mailbox["on"] = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails: () => [...kept],
    waitFor: (predicate, timeoutMs) => firstOf(kept, on, predicate, timeoutMs),
    on,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A client that breaks off is the client's affair; without a listener it would end the process. */
const ignoreBrokenClient = (): void => undefined;

function openSockets(server: SMTPServer): Set<Socket> {
  const sockets = new Set<Socket>();
  server.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return sockets;
}

function smtpServer(options: MailboxOptions, keep: (mail: Mail) => void): SMTPServer {
  const { hooks = {}, now } = options;
  const sockets = new Map<string, Socket>();
  const server = new SMTPServer({
    name: "mailbox.localhost",
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    size: SIZE_LIMIT_BYTES,
    onRcptTo({ address }, _session, reply) {
      const answer = hooks.onRecipient?.(address) ?? null;
      reply(answer === null ? null : smtpError(answer));
    },
    onData(stream, session, reply) {
      const work = async (): Promise<void> => {
        const mail = await readMail(stream, session, now());
        const answer = (await hooks.onMail?.(mail)) ?? "keep";
        if (typeof answer === "object") return reply(smtpError(answer));
        keep(mail);
        if (answer === "drop") sockets.get(clientOf(session))?.destroy();
        else reply(null, "2.0.0 Ok: kept");
      };
      work().catch((error: Error) => reply(smtpError({ code: 451, text: error.message })));
    },
  });
  server.server.on("connection", (socket: Socket) => {
    const client = clientOf(socket);
    sockets.set(client, socket);
    socket.once("close", () => sockets.delete(client));
  });
  return server;
}

const clientOf = (end: { remoteAddress?: string | undefined; remotePort?: number | undefined }) =>
  `${end.remoteAddress}:${end.remotePort}`;

const smtpError = ({ code, text }: SmtpAnswer): Error & { responseCode: number } =>
  Object.assign(new Error(text), { responseCode: code });

async function readMail(
  stream: AsyncIterable<Buffer>,
  { envelope }: SMTPServerSession,
  receivedAt: Instant,
): Promise<Mail> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const mail = await PostalMime.parse(Buffer.concat(chunks), { attachmentEncoding: "utf8" });
  return {
    from: envelope.mailFrom === false ? "" : envelope.mailFrom.address,
    to: envelope.rcptTo.map(({ address }) => address),
    subject: mail.subject ?? "",
    text: mail.text ?? "",
    html: mail.html ?? null,
    messageId: (mail.messageId ?? "").replace(/[<>]/g, ""),
    headers: Object.fromEntries(mail.headers.map(({ key, value }) => [key, value])),
    attachments: attachmentsOf(mail),
    receivedAt,
  };
}

const attachmentsOf = (mail: Email): Mail["attachments"] =>
  mail.attachments.map(({ filename, mimeType, content }) => ({
    name: filename ?? "",
    type: mimeType,
    content: typeof content === "string" ? content : Buffer.from(content as Uint8Array).toString(),
  }));

function firstOf(
  kept: readonly Mail[],
  on: Mailbox["on"],
  predicate: (mail: Mail) => boolean,
  timeoutMs: number,
): Promise<Mail> {
  const here = kept.find(predicate);
  if (here !== undefined) return Promise.resolve(here);
  return new Promise((resolve, reject) => {
    const late = AbortSignal.timeout(timeoutMs);
    const off = on((mail) => {
      if (!predicate(mail)) return;
      off();
      resolve(mail);
    });
    late.addEventListener("abort", () => {
      off();
      reject(new Error(`no such mail within ${timeoutMs} ms; here are ${kept.length} others`));
    });
  });
}
