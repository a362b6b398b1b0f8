/**
 * Two real nodes, each behind a proxy of its own, over one PostgreSQL whose files stand on a disk of their
 * own; a mail server that takes everything, and tools that send until they are answered. For disasters.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { type Mailbox, startMailbox } from "../server/app/local/mailbox.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../server/app/local/postgres.ts";
import { instant } from "../server/base/instant.ts";
import { type Proxy, startProxy } from "./proxy.ts";
import { freePort, type RunningServer, startServer, until } from "./running.ts";

/** Enough for a cluster with its write-ahead log, and soon full. */
const DISK = "size=420m";
/** Each is hit by one outage, declared once and paged once. More than the tools can send about in a round. */
const SERVICES_PER_ROUND = 200;
const ALERTS_PER_SERVICE = 2;
const CLIENTS = 6;
/** Each tool sends so often; what hears nothing for so long sends again. */
const SENDS_EVERY_MS = 400;
const TOOL_PATIENCE_MS = 10_000;
/** The load before a disaster and after it. */
const CALM_MS = 3_000;
const AFTER_MS = 5_000;
/** A send that a crash interrupted is taken for lost when its lease ends, and may be hit again. */
const ACCOUNTED_WITHIN_MS = 200_000;

export type Side = {
  server: RunningServer;
  readonly proxy: Proxy;
  readonly start: () => Promise<RunningServer>;
};

export type Stage = {
  readonly sides: readonly Side[];
  readonly postgres: EmbeddedPostgres;
  /** Where PostgreSQL's files are; null where no disk of their own could be had. */
  readonly disk: string | null;
  /** Strikes so many times while alerts of ever new services come in. */
  series(strike: () => Promise<void>, rounds: number): Promise<readonly Round[]>;
  stop(): Promise<void>;
};

export type Round = {
  readonly accepted: number;
  /** Accepted alerts that are not there, or without decision or incident. */
  readonly lostAlerts: number;
  /** Urgent incidents of the round without a page that reached the mail server, and pages without their end. */
  readonly lostPages: number;
  readonly unknownAttempts: number;
  /** Without a page, while alerts of new services kept being sent. */
  readonly longestGapMs: number;
  /** Until an alert was accepted, from the first time that its tool sent it. */
  readonly longestWaitMs: number;
};

const run = promisify(execFile);
const KEY = "the-key-of-the-load";
export const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

const configuration = (services: number): string => {
  const ids = Array.from({ length: services }, (_, n) => `service-${n}`);
  return `channels:
  mail: { type: email, from: tocsin@acme.example }
people:
  ann: { name: Ann, email: ann@acme.example, contacts: [{ channel: mail, address: ann@acme.example }] }
teams:
  shop: { name: Shop, members: [ann] }
escalations:
  shop: { name: Shop, steps: [{ notify: [{ person: ann }], timeoutMinutes: 60 }], repeat: 0 }
keys:
  load: { service: service-0, serviceLabel: service, secret: "env:LOAD_KEY" }
rules:
  all: { when: 'severity == "critical"', then: { declare: SEV1 } }
services:
${ids.map((id) => `  ${id}: { name: ${id}, team: shop, escalation: shop }`).join("\n")}
`;
};

/** Has services for so many rounds in all. */
export async function crashStage(rounds: number): Promise<Stage> {
  const services = rounds * SERVICES_PER_ROUND;
  const home = await mkdtemp(join(tmpdir(), "tocsin-disaster-"));
  const files = join(home, "disk");
  await mkdir(files);
  const mounted = await run("mount", ["-t", "tmpfs", "-o", DISK, "tmpfs", files]).then(
    () => true,
    () => false,
  );
  const postgres = await startEmbeddedPostgres({ dataDirectory: files, log: () => undefined });
  const mailbox: Mailbox = await startMailbox({
    keep: 100_000,
    now: () => instant(Date.now()),
  });
  const sides: Side[] = [];
  for (const name of ["a", "b"]) {
    const proxy = await startProxy(postgres.url);
    const port = await freePort();
    const start = (): Promise<RunningServer> =>
      startServer({
        data: join(home, name),
        port,
        env: {
          DATABASE_URL: proxy.url,
          TOCSIN_SMTP_URL: mailbox.url,
          TOCSIN_KEY: Buffer.alloc(32, 9).toString("base64"),
          LOAD_KEY: KEY,
        },
      });
    sides.push({ server: await start(), proxy, start });
  }
  await mkdir(join(home, "company"));
  await writeFile(join(home, "company", "company.yaml"), configuration(services));
  await sides[0]!.server.apply(join(home, "company"));
  let used = 0;

  /** Posts until one of the nodes has taken it. */
  async function send(service: string, name: string, turn: number): Promise<void> {
    for (let attempt = turn; ; attempt++) {
      const { server } = sides[attempt % sides.length]!;
      const event = {
        title: name,
        severity: "critical",
        dedupKey: name,
        status: "firing",
        labels: { service },
      };
      const reply = await fetch(`${server.address}/v1/signals`, {
        method: "POST",
        headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
        body: JSON.stringify(event),
        signal: AbortSignal.timeout(TOOL_PATIENCE_MS),
      }).catch(() => null);
      await reply?.arrayBuffer().catch(() => undefined);
      if (reply?.status === 202 || reply?.status === 200) return;
      if (reply !== null && reply.status < 500) throw new Error(`${name}: ${reply.status}`);
      await pause(100);
    }
  }

  async function ask<T extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<T[]> {
    const client = new pg.Client({ connectionString: postgres.url });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query<T>(text, values)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Tools that send about services that were quiet so far, until they are told to stop. */
  function load(): { readonly sent: readonly Sent[]; stop(): Promise<void> } {
    const sent: Sent[] = [];
    let stopping = false;
    let next = used * ALERTS_PER_SERVICE;
    const tool = async (): Promise<void> => {
      while (!stopping) {
        const number = next++;
        const place = Math.floor(number / ALERTS_PER_SERVICE);
        if (place >= services) throw new Error(`${services} services are not enough for the load`);
        const service = `service-${place}`;
        const name = `${service} alert ${number}`;
        const at = Date.now();
        await send(service, name, number);
        sent.push({ service, name, at, acceptedAt: Date.now() });
        await pause(SENDS_EVERY_MS);
      }
    };
    const tools = Array.from({ length: CLIENTS }, tool);
    return {
      sent,
      async stop() {
        stopping = true;
        await Promise.all(tools);
        used = Math.ceil(next / ALERTS_PER_SERVICE);
      },
    };
  }

  async function accountOf(sent: readonly Sent[], from: number, to: number): Promise<Round> {
    const mine = sent.filter(({ at }) => at >= from && at < to);
    const services = [...new Set(mine.map(({ service }) => service))];
    const names = mine.map(({ name }) => name);
    const [facts] = await ask<Facts>(FACTS, [services, names, from, to]);
    const pages = mailbox
      .mails()
      .filter(({ headers }) => headers["importance"] === "high")
      .map((mail) => Number(mail.receivedAt))
      .toSorted((a, b) => a - b);
    // Also the gap that began before the round or ends after it.
    const first = pages.findLast((at) => at < from) ?? from;
    const last = pages.find((at) => at >= to) ?? to;
    const times = [first, ...pages.filter((at) => at >= from && at < to), last];
    return {
      accepted: mine.length,
      lostAlerts: mine.length - Number(facts!.kept),
      lostPages: services.length - Number(facts!.paged) + Number(facts!.unended),
      unknownAttempts: Number(facts!.unknown),
      longestGapMs: Math.max(...times.slice(1).map((at, place) => at - times[place]!)),
      longestWaitMs: Math.max(0, ...mine.map(({ at, acceptedAt }) => acceptedAt - at)),
    };
  }

  return {
    sides,
    postgres,
    disk: mounted ? files : null,
    async series(strike, rounds) {
      const tools = load();
      const marks = [Date.now()];
      for (let round = 0; round < rounds; round++) {
        await pause(CALM_MS);
        await strike();
        await pause(AFTER_MS);
        marks.push(Date.now());
      }
      await tools.stop();
      const services = [...new Set(tools.sent.map(({ service }) => service))];
      await until(
        () => ask<{ what: string }>(WAITING, [services, Date.now()]).catch(() => [{ what: "?" }]),
        (waiting) => waiting.length === 0,
        ACCOUNTED_WITHIN_MS,
      );
      // What was accepted after the last mark belongs to the last round as well.
      marks[rounds] = Math.max(marks[rounds]!, ...tools.sent.map(({ at }) => at + 1));
      const accounts: Round[] = [];
      for (let round = 0; round < rounds; round++)
        accounts.push(await accountOf(tools.sent, marks[round]!, marks[round + 1]!));
      return accounts;
    },
    async stop() {
      for (const { server, proxy } of sides) {
        await server.end("SIGKILL");
        await proxy.stop();
      }
      await mailbox.stop();
      await postgres.stop();
      if (mounted) await run("umount", [files]).catch(() => undefined);
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** An alert that some node has accepted. */
type Sent = {
  readonly service: string;
  readonly name: string;
  readonly at: number;
  readonly acceptedAt: number;
};

type Facts = { kept: string; paged: string; unended: string; unknown: string };

/** What still has to happen for the services of a round. */
const WAITING = `select concat('alert ', dedup_key, ', due at ', attend_at) as what from alert_open
    where service_id = any($1) and incident_number is null
  union all select concat('run of INC-', r.incident_number, ', due at ', r.due_at) from escalation_run r
    join incident i on i.number = r.incident_number where i.service_id = any($1) and r.due_at <= $2
  union all select concat('page ', n.id, ', ', n.state, ' after ', n.attempts, ' attempts, due at ', n.attend_at)
    from notification n join incident i on i.number = n.incident_number
    where i.service_id = any($1) and n.kind = 'page' and n.state in ('pending', 'sending') limit 20`;

const FACTS = `select
    (select count(*) from alert_open a where a.service_id = any($1) and a.dedup_key = any($2)
      and a.incident_number is not null and a.rule_id is not null
      and exists (select 1 from opening s where s.batch_id = a.batch_id and s.received_at = a.first_received_at
        and s.alert_id = a.id and s.because <> '')) as kept,
    (select count(distinct i.service_id) from incident i join notification n on n.incident_number = i.number
      where i.service_id = any($1) and n.kind = 'page' and n.state = 'accepted'
        and n.handed_over_at is not null and n.receipt_at is not null) as paged,
    (select count(*) from incident i join notification n on n.incident_number = i.number
      where i.service_id = any($1) and n.kind = 'page' and n.state not in ('accepted', 'dropped', 'failed')) as unended,
    (select count(*) from notification_attempt t join notification n on n.id = t.notification_id
      where t.verdict = 'unknown' and t.started_at >= $3 and t.started_at < $4) as unknown`;
