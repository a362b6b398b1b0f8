/**
 * Alerts by mail: an SMTP server that takes mail for KEY@anything, where KEY is the secret of an intake
 * key, and nothing else. It answers 250 only once the alert is committed; what could not be stored
 * gets 451, so that the sender's server tries again. It relays nothing.
 */
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import PostalMime from "postal-mime";
import { SMTPServer, type SMTPServerSession } from "smtp-server";
import { Refusal } from "../base/errors.ts";
import { errorFields } from "../base/log.ts";
import type { World } from "../base/world.ts";
import { email } from "../edge/inbound/email.ts";
import type { IntakeDoor } from "./intakeDoor.ts";

const SIZE_LIMIT_BYTES = 8 * 1024 * 1024;
const RECIPIENTS_MAX = 20;
const CLIENTS_MAX = 200;

export type MailDoor = { readonly port: number; stop(): Promise<void> };

export async function openMailDoor(
  world: World,
  door: IntakeDoor,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<MailDoor> {
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    size: SIZE_LIMIT_BYTES,
    maxClients: CLIENTS_MAX,
    onRcptTo({ address }, session, done) {
      if (session.envelope.rcptTo.length >= RECIPIENTS_MAX)
        return done(answer(452, "Too many recipients"));
      door.mustFind(keyIn(address)).then(
        () => done(),
        (error: unknown) => done(told(world, error)),
      );
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", () => undefined);
      stream.on("end", () => {
        if (stream.sizeExceeded) return done(answer(552, `Larger than ${SIZE_LIMIT_BYTES} bytes`));
        take(world, door, Buffer.concat(chunks), session).then(
          () => done(null, "Committed"),
          (error: unknown) => done(told(world, error)),
        );
      });
    },
  });
  const sockets = new Set<Socket>();
  server.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(port, host);
  const failed = once(server.server, "error").then(() => {
    throw new Refusal("start.address_taken", { host, port });
  });
  await Promise.race([once(server.server, "listening"), failed]);
  failed.catch(() => undefined);
  // A client that breaks off is the client's affair.
  server.on("error", () => undefined);
  return {
    port: (server.server.address() as AddressInfo).port,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function take(
  world: World,
  door: IntakeDoor,
  raw: Buffer,
  session: SMTPServerSession,
): Promise<void> {
  const mail = await PostalMime.parse(raw);
  const body = {
    subject: mail.subject,
    from: mail.from?.address ?? null,
    date: mail.date ?? null,
    messageId: mail.messageId ?? null,
    text: mail.text ?? mail.html ?? "",
  };
  const now = world.clock.now();
  for (const { address } of session.envelope.rcptTo) {
    const found = await door.mustFind(keyIn(address));
    const result = email.read({ body, headers: {}, now });
    const taken = await door.accept(found, [{ adapter: email, result }], { raw, now });
    const [refused] = taken.refused;
    if (taken.accepted.length === 0 && refused !== undefined) {
      throw new Refusal("request.invalid", { field: refused.field, expected: refused.expected });
    }
  }
}

/** KEY@host, or alerts+KEY@host where a relay knows only one mailbox. */
function keyIn(address: string): string {
  const local = address.slice(0, address.lastIndexOf("@"));
  return local.slice(local.lastIndexOf("+") + 1);
}

type SmtpError = Error & { responseCode: number };
const answer = (responseCode: number, text: string): SmtpError =>
  Object.assign(new Error(text), { responseCode });

/** For good where the mail or its address is at fault, for now where the store is. */
function told(world: World, error: unknown): SmtpError {
  if (error instanceof Refusal && error.code === "signal.key_unknown")
    return answer(550, "No such address");
  if (error instanceof Refusal && error.code === "request.invalid")
    return answer(554, error.message);
  world.log.warn("mail not taken", errorFields(error));
  return answer(451, "Nothing was accepted; send it again");
}
