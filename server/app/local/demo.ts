/**
 * `tocsin demo`: the same server as `up`, with the sample company and a mailbox of its own. One outage
 * is played on it by real requests and told in the terminal.
 */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { getIncident, getTimeline } from "../../../contract/incident.ts";
import { LOCAL_TOKEN_FILE } from "../../../contract/local.ts";
import { listNotifications } from "../../../contract/page.ts";
import { proveIncident } from "../../../contract/proof.ts";
import { pacedClock } from "../../base/clock.ts";
import { spoken } from "../../base/duration.ts";
import { Refusal } from "../../base/errors.ts";
import { lastRecordedAt } from "../../base/ledger.ts";
import { type Running, start } from "../main.ts";
import { untilSignalled } from "./untilSignalled.ts";
import { type Environment, readSettings, type Settings } from "../settings.ts";
import { ensureWebApp } from "./buildWeb.ts";
import { demoMail } from "./demoMail.ts";
import { at, type Connect, Interrupted, openStage, type Stage } from "./demoStage.ts";
import { playOutage } from "./demoStory.ts";
import { quiet, strong, timeOf, type Voice, voiceTo, wrapped } from "./demoVoice.ts";
import { startMailbox } from "./mailbox.ts";

export type DemoOptions = {
  readonly env: Environment;
  /** How many times faster than time the outage's waits run. */
  readonly speed: number;
  /** Ends after the story instead of staying up. */
  readonly once: boolean;
  readonly print: (line: string) => void;
  readonly connect: Connect;
  /** Applies the sample company as the command line does; returns how many objects there are. */
  readonly applySample: (server: {
    readonly url: string;
    readonly token: string;
  }) => Promise<number>;
  /** Resolves when somebody wants it to end; the process's signals unless given. */
  readonly stopped?: Promise<unknown>;
};

const INTERRUPTED = 130;
/** Faster than this a wait of seconds is shorter than the machine's own hesitation. */
const SPEED_MAX = 1_000;
const MAILS_KEPT = 500;

/** Runs the demo; returns the exit code. */
export async function demo(options: DemoOptions): Promise<number> {
  const { speed, print } = options;
  if (!(speed >= 1 && speed <= SPEED_MAX)) {
    throw new Refusal("request.invalid", {
      field: "--speed",
      expected: `a number from 1 to ${SPEED_MAX}`,
    });
  }
  const settings = await demoSettings(options.env);
  const stopping = new AbortController();
  const stopped = (options.stopped ?? untilSignalled()).then(() => stopping.abort());
  const voice = voiceTo(print);
  print(strong("Tocsin demo: one outage, from the first warning to the closed incident."));
  print(quiet(`Data in ${settings.dataDirectory}, mails stay on this machine. Times are UTC.`));
  await ensureWebApp((line) => print(quiet(line)));
  const stage = await raise(options, settings, voice, stopping.signal);
  try {
    const code = await perform(stage, options);
    if (options.once) return code;
    await whatToTry(stage, settings);
    await stopped;
    print("Stopping: finishing what is under way.");
    return 0;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    print("");
    print("Stopped midway. The next run starts afresh.");
    return options.once ? INTERRUPTED : 0;
  } finally {
    await stage.stop();
  }
}

/**
 * The demo keeps away from anything real: its own directory, its own PostgreSQL, its own mailbox. A
 * directory with data that no demo made is left alone.
 */
async function demoSettings(env: Environment): Promise<Settings> {
  const { DATABASE_URL: _database, TOCSIN_SMTP_URL: _smtp, ...rest } = env;
  const settings = readSettings({
    ...rest,
    TOCSIN_DATA: env["TOCSIN_DATA"] || ".tocsin-demo",
    TOCSIN_LOG: env["TOCSIN_LOG"] || "error",
  });
  await mustBeDemoData(settings.dataDirectory);
  const port = await freePort(settings.host, settings.port);
  const publicUrl = env["TOCSIN_URL"] ? settings.publicUrl : `http://127.0.0.1:${port}`;
  return { ...settings, port, publicUrl };
}

const MARKER = "demo";

async function mustBeDemoData(directory: string): Promise<void> {
  const marker = join(directory, MARKER);
  if (existsSync(marker)) return;
  const found = await readdir(directory).catch(() => []);
  if (found.length > 0) throw new Refusal("start.not_demo_data", { directory });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(marker, "Data of tocsin demo. It may be deleted at any time.\n");
}

/** The port itself, or a free one for 0; refused before anything starts when it is taken. */
async function freePort(host: string, port: number): Promise<number> {
  const probe = createServer();
  probe.listen(port, host);
  try {
    await once(probe, "listening");
  } catch (error) {
    if ((error as { code?: string }).code !== "EADDRINUSE") throw error;
    throw new Refusal("start.address_taken", { host, port, setting: "TOCSIN_PORT" });
  }
  const found = (probe.address() as AddressInfo).port;
  await new Promise((closed) => probe.close(closed));
  return found;
}

type RaisedStage = Stage & { readonly running: Running; stop(): Promise<void> };

/** Starts mailbox and server, applies the sample, sets the pace. */
async function raise(
  options: DemoOptions,
  settings: Settings,
  voice: Voice,
  stopping: AbortSignal,
): Promise<RaisedStage> {
  const clock = pacedClock(lastRecordedAt);
  const mailbox = await startMailbox({ keep: MAILS_KEPT, now: clock.now });
  const stops: (() => Promise<void>)[] = [() => mailbox.stop()];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).toReversed()) await each();
  };
  try {
    const mail = demoMail(mailbox, clock.now, settings.publicUrl);
    const running = await start({
      settings: { ...settings, smtpUrl: mailbox.url },
      env: options.env,
      tell: (line) => options.print(quiet(line)),
      clock,
      extraRoutes: mail.routes,
    });
    stops.push(() => running.stop());
    const server = { url: running.address, token: await adminToken(settings) };
    const objects = await options.applySample(server);
    options.print("");
    options.print(`Tocsin answers at ${strong(settings.publicUrl)}`);
    options.print(`Mails           ${settings.publicUrl}/demo/mail`);
    options.print(`Sign in (once)  ${await running.signInLink()}`);
    options.print(
      quiet(`Acme, the sample company, is applied: ${objects} objects of examples/acme.`),
    );
    if (options.speed > 1) {
      options.print(
        quiet(
          `While people wait or work the clock runs ${options.speed} times faster (--speed 1: real time).`,
        ),
      );
    }
    const parts = { url: running.address, adminToken: server.token, connect: options.connect };
    const stage = await openStage({ ...parts, voice, mail, clock, speed: options.speed, stopping });
    return { ...stage, running, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const adminToken = async ({ dataDirectory }: Settings): Promise<string> =>
  (await readFile(join(dataDirectory, LOCAL_TOKEN_FILE), "utf8")).trim();

async function perform(stage: RaisedStage, { once: ends, print }: DemoOptions): Promise<number> {
  const id = await playOutage(stage);
  await stage.leave();
  print("");
  await summary(stage, id);
  if (ends) await timeline(stage, id);
  return 0;
}

async function summary({ admin, voice }: Stage, id: string): Promise<void> {
  const incident = await admin.call(getIncident, { params: { id } });
  const after = (iso: string | null): string => spoken(at(iso) - at(incident.detectedAt));
  const pages = await admin.call(listNotifications, { query: { incident: id, kind: "page" } });
  const late = pages.items.filter(
    (page) => page.handedOverAt !== null && at(page.handedOverAt) > at(incident.acknowledgedAt),
  );
  voice.line(strong(`${id}, ${incident.severity}: ${incident.title}`));
  voice.line(
    [
      `Acknowledged after ${after(incident.acknowledgedAt)}`,
      `mitigated after ${after(incident.mitigatedAt)}`,
      `resolved after ${after(incident.resolvedAt)}`,
      `${incident.state}.`,
    ].join(", "),
  );
  voice.line(`${pages.items.length} pages sent, ${late.length} after the acknowledge.`);
  const proof = await admin.call(proveIncident, { params: { id } });
  const broken = proof.pages.flatMap(({ links }) =>
    links.filter(({ state }) => state === "missing").map(({ because }) => because),
  );
  if (!proof.holds)
    throw new Error(`${id} is not proved: ${[...proof.missing, ...broken].join("; ")}`);
  voice.line(
    `Proved: no link is missing, from the signal to the answer (./bin/tocsin prove ${id}).`,
  );
}

async function timeline({ admin, voice, person }: Stage, id: string): Promise<void> {
  const { items } = await admin.call(getTimeline, { params: { id }, query: { limit: 500 } });
  voice.line();
  voice.line(strong(`The timeline of ${id}`));
  for (const entry of items) {
    const text = entry.text.replaceAll(/(\d{2}:\d{2}):\d{2}\.\d{3}Z/g, "$1Z").replaceAll("\n", " ");
    const by = entry.actor.kind === "person" ? ` — ${person(entry.actor.id ?? "").name}` : "";
    const [first = "", ...rest] = wrapped(`${text}${by}`);
    voice.line(`${quiet(timeOf(at(entry.at)))}  ${first}`);
    for (const line of rest) voice.line(`          ${line}`);
  }
}

/** The server stays: what is worth a look, and how to make it ring once more. */
async function whatToTry({ voice, running }: RaisedStage, settings: Settings): Promise<void> {
  const { publicUrl, dataDirectory, port } = settings;
  const here = [
    ...(port === 4400 ? [] : [`TOCSIN_PORT=${port}`]),
    `TOCSIN_DATA=${dataDirectory}`,
  ].join(" ");
  voice.line();
  voice.line(strong("What to try next"));
  voice.line(`Sign in and read it   ${await running.signInLink()}`);
  voice.line(`Every mail            ${publicUrl}/demo/mail`);
  voice.line(
    "Make it ring again, then acknowledge from the mail, or wait five minutes for the next person:",
  );
  voice.line(
    quiet(
      `  curl ${publicUrl}/v2/enqueue -d '{"routing_key":"acme-checkout","event_action":"trigger",`,
    ),
  );
  voice.line(
    quiet(`    "payload":{"summary":"Checkout is down","source":"me","severity":"critical"}}'`),
  );
  voice.line("In another terminal:");
  voice.line(quiet(`  export ${here}`));
  voice.line(quiet("  ./bin/tocsin incidents"));
  voice.line(quiet("  ./bin/tocsin doctor"));
  voice.line("");
  voice.line(
    quiet(
      "The clock runs at its normal pace now. Ctrl-C ends it; the data stays for the next run.",
    ),
  );
}
