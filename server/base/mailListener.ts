/**
 * An SMTP listener that takes mail for the addresses it is told to take, and relays nothing. Without
 * TLS and passwords: it stands behind a mail server.
 */
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { SMTPServer } from "smtp-server";
import { notListening } from "./listening.ts";

/** Why a recipient or a mail is not taken: 5xx for good, 4xx for now. Null: it is taken. */
export type MailRefusal = { readonly code: number; readonly text: string };

export type TakenMail = {
  readonly raw: Buffer;
  /** Whether more came than is kept of a mail: its words stand in front of what is attached. */
  readonly cut: boolean;
  readonly recipients: readonly string[];
};

export type MailListenerOptions = {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Asked for each recipient. */
  knows(address: string): Promise<MailRefusal | null>;
  /** Asked once the whole mail is here; the sender is told what it answers. */
  take(mail: TakenMail): Promise<MailRefusal | null>;
};

export type MailListener = { readonly port: number; stop(): Promise<void> };

/** So much of a mail is kept; what is behind it is let go as it comes, so that no attachment costs an alert. */
export const MAIL_BYTES_KEPT = 8 * 1024 * 1024;
const SIZE_LIMIT_BYTES = 64 * 1024 * 1024;
const RECIPIENTS_MAX = 20;
const CLIENTS_MAX = 200;

/** Resolves once it listens; refuses a port that is taken. */
export async function openMailListener(options: MailListenerOptions): Promise<MailListener> {
  const { host, port } = options;
  const server = smtpServer(options);
  const sockets = new Set<Socket>();
  server.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  // A client that breaks off is the client's affair; without a listener it would end the process.
  server.on("error", () => undefined);
  server.listen(port, host);
  // once() rejects when the server tells an error first.
  await once(server.server, "listening").catch((error: unknown) => {
    throw notListening(error, { host, port, setting: "TOCSIN_MAIL_PORT" });
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function smtpServer({ knows, take }: MailListenerOptions): SMTPServer {
  return new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    size: SIZE_LIMIT_BYTES,
    maxClients: CLIENTS_MAX,
    onRcptTo({ address }, { envelope }, done) {
      if (envelope.rcptTo.length >= RECIPIENTS_MAX) {
        return done(answer({ code: 452, text: "Too many recipients" }));
      }
      knows(address).then(
        (refusal) => done(refusal === null ? null : answer(refusal)),
        () => done(answer(AWAY)),
      );
    },
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      let size = 0;
      stream.on("data", (chunk: Buffer) => {
        if (size < MAIL_BYTES_KEPT) chunks.push(chunk);
        size += chunk.length;
      });
      stream.on("error", () => undefined);
      stream.on("end", () => {
        if (stream.sizeExceeded) {
          return done(answer({ code: 552, text: `Larger than ${SIZE_LIMIT_BYTES} bytes` }));
        }
        const recipients = envelope.rcptTo.map(({ address }) => address);
        const raw = Buffer.concat(chunks).subarray(0, MAIL_BYTES_KEPT);
        take({ raw, cut: size > MAIL_BYTES_KEPT, recipients }).then(
          (refusal) => done(refusal === null ? null : answer(refusal), "Committed"),
          () => done(answer(AWAY)),
        );
      });
    },
  });
}

const AWAY: MailRefusal = { code: 451, text: "Nothing was accepted; send it again" };

const answer = ({ code, text }: MailRefusal): Error & { responseCode: number } =>
  Object.assign(new Error(text), { responseCode: code });
