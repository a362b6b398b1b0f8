/**
 * `tocsin watch`: a small program for another host, without a database. It asks the server for a signed heartbeat,
 * has it page through everything by a drill, and pages by ways of its own when either stops. What it knows is in
 * one file, written before anything is sent.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { once } from "node:events";
import { z } from "zod";
import { readPulse } from "../../../../contract/watch.ts";
import { addressGuard } from "../../../base/addresses.ts";
import { realChance } from "../../../base/chance.ts";
import { sleepReal } from "../../../base/clock.ts";
import { hmacSha256, sameBytes } from "../../../base/crypto.ts";
import { durationMs, spoken } from "../../../base/duration.ts";
import { Refusal } from "../../../base/errors.ts";
import { type Instant, instant, SECOND, toIso } from "../../../base/instant.ts";
import { notListening } from "../../../base/listening.ts";
import { realTransport } from "../../../base/realTransport.ts";
import type { ChannelSettings, Message } from "../../../domain/notification/channel.ts";
import { channelDrivers } from "../../../edge/outbound/index.ts";
import { untilSignalled } from "../untilSignalled.ts";
import type { Environment } from "../../settings.ts";
import { readIfThere, replaceFile } from "../privateFile.ts";
import {
  concluded,
  FRESH,
  resumed,
  type Sent,
  sending,
  settled,
  type Unsent,
  type Watching,
  type WatchState,
} from "./judge.ts";
import { jsonOf, note, type RoundTrips, roundTrips, type Tripper } from "./roundTrips.ts";
import { readWatchFile, type WatchFile } from "./settings.ts";

const BODY_LIMIT = 1024 * 1024;
/** An engine ticks every second. */
const ENGINE_STALE_MS = 30 * SECOND;

type Watcher = Tripper & {
  readonly deliver: (message: Unsent) => Promise<Sent>;
  readonly state: () => WatchState;
};

/** Watches until it is signalled; returns the exit code. */
export async function watch(
  path: string,
  env: Environment,
  print: (line: string) => void,
): Promise<number> {
  const file = await readWatchFile(path);
  const signalled = untilSignalled();
  const { watcher, close } = await openWatcher(path, file, env, print);
  const trips = await openRoundTrips(watcher);
  const stopping = new AbortController();
  const running = loop(watcher, trips, stopping.signal);
  print(`Watching ${file.server} every ${spoken(durationMs(file.every))}. Ctrl-C stops it.`);
  await signalled;
  stopping.abort();
  await running;
  await trips?.close();
  close();
  return 0;
}

const now = (): Instant => instant(Date.now());

async function openWatcher(
  path: string,
  file: WatchFile,
  env: Environment,
  print: (line: string) => void,
): Promise<{ watcher: Watcher; close: () => void }> {
  const secret = (reference: string): string => {
    const name = reference.replace(/^env:/, "");
    const value = env[name];
    if (value === undefined || value === "")
      throw new Refusal("watch.unreadable", { file: path, field: name, problem: "is not set" });
    return value;
  };
  const { hostname, port, protocol } = new URL(file.server);
  const own = `${hostname}:${port === "" ? (protocol === "https:" ? 443 : 80) : port}`;
  const allowed = (env["TOCSIN_ALLOW_PRIVATE"] ?? "").split(/[\s,]+/).filter((one) => one !== "");
  const transport = realTransport({
    smtpUrl: env["TOCSIN_SMTP_URL"] || null,
    // The server that is watched may well be in the same network.
    guard: addressGuard([...allowed, own]),
  });
  let state = resumed(stateOf(await readIfThere(file.state), file.state));
  let saving = Promise.resolve();
  const watcher: Watcher = {
    file,
    secret,
    send: (outbound) => transport.send(outbound),
    deliver: (message) => deliverBy(file, secret, transport, message),
    state: () => state,
    change(how) {
      state = how(state);
      const text = `${JSON.stringify(state, null, 2)}\n`;
      saving = saving.then(() => replaceFile(file.state, text));
      return saving;
    },
    print,
  };
  // Every secret is asked for now: the night on which it is needed is too late.
  secret(file.secret);
  for (const { channel } of file.page) settingsOf(channel, file.server, secret);
  if (file.roundTrip !== undefined)
    for (const reference of [file.roundTrip.token, file.roundTrip.webhook]) secret(reference);
  return { watcher, close: () => transport.close() };
}

const Kept = z.object({
  lines: z.record(
    z.enum(["heartbeat", "round trip"]),
    z.object({ okAt: z.int().nullable(), because: z.string().nullable() }),
  ),
  outage: z.unknown(),
  unsent: z.array(z.object({ key: z.string(), way: z.int() }).loose()),
});

/** A file that cannot be read is not overwritten in silence: it may say that somebody was told. */
function stateOf(text: string | null, file: string): WatchState {
  if (text === null) return FRESH;
  try {
    const value: unknown = JSON.parse(text);
    Kept.parse(value);
    return value as WatchState;
  } catch {
    const problem = "is no state of a watcher: move it away";
    throw new Refusal("watch.unreadable", { file, field: "state", problem });
  }
}

async function loop(watcher: Watcher, trips: RoundTrips | null, stop: AbortSignal): Promise<void> {
  const { file } = watcher;
  const trip = file.roundTrip;
  const watching: Watching = {
    server: file.server,
    ways: file.page.length,
    startedAt: now(),
    patience: {
      heartbeat: durationMs(file.patience),
      "round trip": trip === undefined ? null : durationMs(trip.every) + durationMs(trip.patience),
    },
  };
  while (!stop.aborted) {
    await note(watcher, "heartbeat", await askPulse(watcher), now());
    await trips?.look();
    const before = watcher.state().outage;
    await watcher.change((state) => concluded(state, watching, now()));
    tell(watcher, before);
    for (const message of watcher.state().unsent)
      if (message.dueAt <= now()) await sendOne(watcher, message);
    await sleepReal(durationMs(file.every), stop);
  }
}

function tell({ state, print }: Watcher, before: WatchState["outage"]): void {
  const { outage } = state();
  if (before === null && outage !== null)
    print(`${toIso(now())} does not answer (${outage.lines.join(", ")}): paging`);
  if (before !== null && outage === null) print(`${toIso(now())} is well again`);
}

async function sendOne({ change, deliver, print }: Watcher, message: Unsent): Promise<void> {
  await change((state) => sending(state, message.key));
  const sent = await deliver(message);
  await change((state) => settled(state, message.key, sent, now()));
  if (sent !== "taken") print(`${toIso(now())} way ${message.way + 1} did not take it: ${sent}`);
}

/** What is wrong with the heartbeat; null: nothing is. */
async function askPulse({ file, secret, send }: Watcher): Promise<string | null> {
  const nonce = realChance().bytes(16).toString("hex");
  const url = new URL(`${readPulse.path}?nonce=${nonce}`, file.server).href;
  const reply = await send({
    via: "http",
    method: "GET",
    url,
    headers: {},
    body: null,
    timeoutMs: 10 * SECOND,
  });
  if (reply.kind !== "http") return reply.kind === "error" ? reply.because : "no HTTP";
  if (reply.status !== 200) return `it answers ${reply.status}`;
  const read = readPulse.reply.safeParse(jsonOf(reply.body));
  if (!read.success) return "it answers something else";
  const { at, engineAgeMs, signature } = read.data;
  const expected = hmacSha256(secret(file.secret), `${nonce}.${at}.${engineAgeMs}`);
  if (!sameBytes(expected, Buffer.from(signature, "hex"))) return "its signature is another's";
  return engineAgeMs < 0 || engineAgeMs > ENGINE_STALE_MS ? "its engine stands still" : null;
}

/** Where pages of round trips come in. */
async function openRoundTrips(
  watcher: Watcher,
): Promise<(RoundTrips & { close(): Promise<void> }) | null> {
  const trip = watcher.file.roundTrip;
  if (trip === undefined) return null;
  const trips = roundTrips(watcher, trip, now);
  const server = createServer((request, response) => {
    bodyOf(request)
      .then(async (body) => {
        const header = String(request.headers["tocsin-signature"] ?? "");
        const isTaken = body !== null && (await trips.take(body, header));
        response.writeHead(isTaken ? 200 : 400).end();
      })
      .catch(() => response.writeHead(500).end());
  });
  server.listen(trip.port, trip.host);
  await once(server, "listening").catch((error: unknown) => {
    throw notListening(error, { host: trip.host, port: trip.port, setting: "roundTrip.port" });
  });
  return { ...trips, close: () => closed(server) };
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** Null: it is longer than any page. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

type Way = WatchFile["page"][number];

function settingsOf(
  channel: Way["channel"],
  publicUrl: string,
  secret: (reference: string) => string,
): ChannelSettings {
  const secrets = Object.fromEntries(
    Object.entries(channel).flatMap(([field, value]) =>
      typeof value === "string" && value.startsWith("env:") ? [[field, secret(value)]] : [],
    ),
  );
  return { channel, secrets, productName: "Tocsin", publicUrl };
}

async function deliverBy(
  file: WatchFile,
  secret: (reference: string) => string,
  transport: ReturnType<typeof realTransport>,
  message: Unsent,
): Promise<Sent> {
  const way = file.page[message.way];
  // The file names fewer ways than it did when the message was written.
  if (way === undefined) return "taken";
  const driver = channelDrivers[way.channel.type];
  const said: Message = {
    notificationId: message.key,
    idempotencyKey: message.key,
    kind: message.kind,
    subject: message.subject,
    lines: message.lines,
    facts: [],
    actions: [],
    mayRepeat: message.mayRepeat,
    attachments: [],
    thread: null,
  };
  const settings = settingsOf(way.channel, file.server, secret);
  const verdict = driver.verdict(
    await transport.send(driver.render(said, way.address, settings, now())),
  );
  if (verdict.kind === "accepted") return "taken";
  return verdict.kind === "unknown" ? "unknown" : "not taken";
}
