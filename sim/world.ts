/**
 * A whole Tocsin on a virtual clock: the production wiring over a real PostgreSQL, with seeded chance
 * and a transport that only remembers. Time moves when a story says so, from due time to due time. Each
 * virtual node has one connection and they are stepped one at a time, so one seed is one story.
 */
import { AssertionError } from "node:assert";
import { type Alert, listAlerts } from "../contract/alert.ts";
import { applyConfiguration, type DesiredObject } from "../contract/configuration.ts";
import { getIncident, getTimeline, type IncidentDetail } from "../contract/incident.ts";
import * as intake from "../contract/intake.ts";
import { listNotifications, type Notification } from "../contract/page.ts";
import { type PageAnswer, pressAcknowledge, showAcknowledge } from "../contract/pages.ts";
import type { Route } from "../contract/route.ts";
import { addOverride } from "../contract/schedule.ts";
import { seededChance } from "../server/base/chance.ts";
import { all, one, sql } from "../server/base/db.ts";
import { durationMs } from "../server/base/duration.ts";
import {
  addMs,
  DAY,
  earlier,
  fromIso,
  HOUR,
  type Instant,
  instant,
  SECOND,
  toIso,
} from "../server/base/instant.ts";
import { findLedgerFault } from "../server/base/ledger.ts";
import { Raw } from "../server/base/routes.ts";
import { type Actor, ENGINE, ENGINE_READER } from "../server/domain/account/account.ts";
import { actorOfPerson } from "../server/domain/account/commands.ts";
import { findProof } from "../server/domain/report/proofRoutes.ts";
import type { StormLimits } from "../server/domain/alert/spool.ts";
import type { Step } from "../server/engine/engine.ts";
import { freshDatabase } from "../test/store.ts";
import { untilRest } from "../server/app/local/virtual/rest.ts";
import { brokenPromises, type Scene } from "./checks.ts";
import { COMPANY, secretOfService } from "./company.ts";
import { hashOf, journalOf } from "./journal.ts";
import { sequenceAll } from "./ledger.ts";
import { type Input, type VirtualNode, virtualNode } from "../server/app/local/virtual/node.ts";
import { acting, type Acting, type Call, type ReplyOf } from "./people.ts";
import { simOutside } from "./outside.ts";
import {
  type Behaviour,
  type Received,
  virtualTransport,
} from "../server/app/local/virtual/transport.ts";

export type SimOptions = {
  readonly seed: string;
  readonly startsAt?: string;
  readonly nodes?: number;
  readonly config?: readonly DesiredObject[];
  readonly alter?: (steps: readonly Step[]) => readonly Step[];
  readonly storm?: StormLimits;
  /** Tells of people of whom nothing shows that pages reach them, as a running server does. */
  readonly tellsDoubts?: boolean;
  /** Looks at the promises only at the end, for what would take hours otherwise. */
  readonly checksAtEnd?: boolean;
};

/** A quiet Monday morning, in office hours. */
const MONDAY = "2026-11-23T10:00:00Z";
/**
 * The engine never sleeps longer than a second, which idle ticks need not be played for. Only alerts that
 * may expire want it awake all the time: a node that was deaf for half a minute does not trust silence.
 */
const LISTENING_MS = 20 * SECOND;

export type Event = {
  readonly service?: string;
  readonly severity?: "critical" | "error" | "warning" | "info";
  readonly title?: string;
  readonly key?: string;
  readonly action?: "trigger" | "acknowledge" | "resolve";
  readonly class?: string;
  readonly node?: number;
};

export type Measure = { readonly measure: string; readonly value: number };

export type Simulation = Awaited<ReturnType<typeof simulate>>;

/** Starts a company on its own database. The caller ends it with `end`, or `close` when it failed. */
export async function simulate(options: SimOptions) {
  const { seed, alter = (steps) => steps } = options;
  // The promises are asked after every tick.
  const store = await freshDatabase({ template: "tocsin_template_months", plansOnce: true });
  const order = seededChance(`${seed} order`);
  let now = mustBeInstant(options.startsAt ?? MONDAY);
  let company = [...(options.config ?? COMPANY)];
  let wakeAt: Instant | null = null;
  let together = false;
  const faults: string[] = [];
  const transport = virtualTransport(() => now);
  const outside = simOutside();
  const claimed = new Set<Received>();

  let born = 0;
  const open = (): VirtualNode =>
    virtualNode({
      seed: `${seed} node ${born++}`,
      url: store.url,
      clock: { now: () => now, sleep: () => Promise.reject(new Error("a story never sleeps")) },
      transport,
      nudge: () => undefined,
      alter,
      onFault: (message) => faults.push(message),
      ways: outside.ways,
      tellsDoubts: options.tellsDoubts ?? false,
      ...(options.storm !== undefined && { storm: options.storm }),
    });
  const nodes = Array.from({ length: options.nodes ?? 1 }, open);
  const dead: VirtualNode[] = [];

  const fail = (what: string): never => {
    throw new AssertionError({ message: `${toIso(now)} (seed “${seed}”): ${what}` });
  };
  const pick = (): VirtualNode => nodes[Math.floor(order.fraction() * nodes.length)]!;
  const shuffled = (): readonly VirtualNode[] =>
    nodes
      .map((node) => ({ node, place: order.fraction() }))
      .toSorted((a, b) => a.place - b.place)
      .map(({ node }) => node);

  async function scene(since: Instant): Promise<Scene> {
    const config = await nodes[0]!.config(store.db);
    return { db: store.db, config, now, since, skewMs: 0, received: transport.received };
  }

  async function check(since: Instant): Promise<void> {
    const broken = [...faults, ...(await brokenPromises(await scene(since)))];
    if (broken.length > 0) fail(`broken:\n  ${broken.join("\n  ")}`);
  }

  /** Lets the engine do everything that is due now, then looks at the promises. */
  async function settle(): Promise<void> {
    wakeAt = await untilRest(shuffled, now).catch((error: Error) => fail(error.message));
    if (options.checksAtEnd !== true) await check(addMs(now, -HOUR));
  }

  async function listening(): Promise<Instant | null> {
    const query = sql<{
      may: boolean;
    }>`select exists (select 1 from alert_open where expires_at is not null) as may`;
    return (await one(store.db, query)).may ? addMs(now, LISTENING_MS) : null;
  }

  /** What a request does is followed by the engine, as after a nudge. */
  async function followed<T>(act: () => Promise<T>): Promise<T> {
    const result = await act();
    if (!together) await settle();
    return result;
  }

  async function actorOf(person: string): Promise<Actor> {
    return (
      actorOfPerson(await nodes[0]!.config(store.db), person) ?? fail(`nobody is called ${person}`)
    );
  }

  const callAs =
    (person: string): Call =>
    (route, input) =>
      followed(
        async () =>
          (await pick().call(route, await actorOf(person), input)) as ReplyOf<typeof route>,
      );

  const send = (route: Route, input: Input, node = pick()): Promise<unknown> =>
    followed(() => node.call(route, ENGINE, input));

  const bearer = (service: string) => ({ authorization: `Bearer ${secretOfService(service)}` });

  const put = (objects: readonly DesiredObject[]): void => {
    const isNew = (old: DesiredObject) =>
      !objects.some(({ kind, id }) => kind === old.kind && id === old.id);
    company = [...company.filter(isNew), ...objects];
  };

  async function applyCompany(atOnce = false): Promise<void> {
    const body = { set: "sim", objects: company, atOnce };
    const admin: Actor = {
      kind: "token",
      tokenId: "admin",
      label: "admin",
      grants: [{ role: "admin" }],
    };
    await followed(() => nodes[0]!.call(applyConfiguration, admin, { body }));
  }

  async function followLink(route: Route, mail: Received, answer?: PageAnswer): Promise<string> {
    const token = /\/a\/([\w.-]+)/.exec(mail.text)?.[1] ?? fail(`no link in “${mail.subject}”`);
    const page = await send(route, {
      params: { token },
      query: answer === undefined ? {} : { answer },
    });
    return page instanceof Raw ? String(page.body) : fail("a link shows a page");
  }

  const unclaimed = (to?: string): readonly Received[] =>
    transport.received.filter((each) => !claimed.has(each) && (to === undefined || each.to === to));
  const named = (list: readonly Received[]): string =>
    list.map((each) => `${toIso(each.at)} ${each.to}: ${each.subject}`).join("\n  ") || "nothing";

  const startedAt = now;
  const sim = {
    startedAt,
    now: () => now,
    after: (length: string): Instant => addMs(now, lengthMs(length)),
    /** Somebody at work: `await sim.as("alice").acknowledge("INC-1")`. */
    as: (person: string): Acting => acting(callAs(person)),

    /** An event in PagerDuty's format, with the key of its service. */
    event: ({
      service = "checkout",
      severity = "critical",
      title = "Database down",
      ...rest
    }: Event = {}) => {
      const { key = `${service} ${title}`, action = "trigger", node } = rest;
      const payload = {
        summary: title,
        source: "sim",
        severity,
        ...(rest.class && { class: rest.class }),
      };
      const body = {
        routing_key: secretOfService(service),
        event_action: action,
        dedup_key: key,
        payload,
      };
      return send(intake.enqueuePagerDuty, { body }, node === undefined ? undefined : nodes[node]);
    },
    /** Alerts as a Prometheus sends them to its Alertmanager. */
    alertmanager: (alerts: readonly object[], service = "checkout", node?: number) => {
      const input = { body: alerts, headers: bearer(service) };
      return send(
        intake.postAlertmanagerAlerts,
        input,
        node === undefined ? undefined : nodes[node],
      );
    },
    /** Numbers of a service, measured now. */
    measure: (items: readonly Measure[], service = "checkout") => {
      const body = items.map((item) => ({ ...item, at: toIso(now) }));
      return send(intake.postMeasurements, { body, headers: bearer(service) });
    },
    /** Runs acts at the same instant and then all nodes at once, on connections of their own. */
    async together(acts: readonly (() => Promise<unknown>)[]): Promise<void> {
      together = true;
      await Promise.all(acts.map((act) => act())).finally(() => (together = false));
      await Promise.all(nodes.map((node) => node.tick(now)));
      await settle();
    },

    /** Moves the clock, from due time to due time: "90s", "5m", "48h", "7d". */
    async forward(length: string): Promise<void> {
      const target = addMs(now, lengthMs(length));
      for (;;) {
        const next = earlier(earlier(wakeAt, transport.nextAt()), await listening());
        now = next === null || next > target ? target : next;
        transport.release(now);
        await settle();
        if (now === target) return;
      }
    },
    forwardTo: (iso: string): Promise<void> => sim.forward(`${mustBeInstant(iso) - now}ms`),

    /** How the next sends to somebody end. */
    sendsTo: (to: string, ...behaviours: readonly Behaviour[]): void =>
      transport.script(to, behaviours),
    /** How all other sends end from now on. */
    allSends: (behaviour: Parameters<typeof transport.always>[0]): void =>
      transport.always(behaviour),
    /** Ends the node that is sending to somebody right now. The last one is replaced by a new one. */
    killWhoSendsTo(to: string): void {
      const index = nodes.findIndex((node) => node.isSendingTo(to));
      sim.kill(index < 0 ? fail(`no node sends to ${to}`) : index);
    },
    /** Ends a node as kill -9 does. The last one is replaced by a new one. */
    kill(index: number): void {
      const [node] = nodes.splice(index, 1);
      if (node === undefined) return fail(`there is no node ${index}`);
      node.kill();
      dead.push(node);
      if (nodes.length === 0) nodes.push(open());
    },

    /** Ends all nodes as a kill would and starts as many new ones: only what stands in rows goes on. */
    replaceNodes(): void {
      const before = nodes.splice(0, nodes.length, ...nodes.map(open));
      for (const node of before) node.kill();
      dead.push(...before);
    },

    /** All nodes end as in a power cut, and new ones start after a while in which nothing runs. */
    async powerCut(length: string): Promise<void> {
      sim.replaceNodes();
      now = addMs(now, lengthMs(length));
      await settle();
    },

    /** The next message to somebody that no story line has asked for yet; fails when there is none. */
    expectMail(to: string, pattern: RegExp): Received {
      const found = unclaimed(to).find((mail) => pattern.test(`${mail.subject}\n${mail.text}`));
      if (found === undefined)
        return fail(`${to} got nothing like ${pattern}, but\n  ${named(unclaimed())}`);
      claimed.add(found);
      return found;
    },
    /** Nobody, or nobody of that name, got anything else. */
    expectNoMore(to?: string): void {
      const more = unclaimed(to);
      if (more.length > 0) fail(`unexpected:\n  ${named(more)}`);
    },
    /** Everything that somebody, or anybody, got so far. */
    mailsTo: (to?: string): readonly Received[] =>
      transport.received.filter((each) => to === undefined || each.to === to),
    /** The pages among it, which may wake. */
    pagesTo: (to: string): readonly Received[] =>
      transport.received.filter((each) => each.to === to && each.kind === "page"),
    /** Presses a button behind the link of a mail, the first unless named; returns the page that answers. */
    clickLink: (mail: Received, answer?: PageAnswer): Promise<string> =>
      followLink(pressAcknowledge, mail, answer),
    /** A provider tells something; what it is answered. */
    async told({ route, input }: { route: Route; input: Input }): Promise<string> {
      const answer = await send(route, input);
      return answer instanceof Raw ? String(answer.body) : fail("a provider is answered in XML");
    },
    /** Follows the link without pressing, as mail scanners do. */
    openLink: (mail: Received): Promise<string> => followLink(showAcknowledge, mail),

    /** Databases and programs that actions of runbooks reach. */
    outside,

    incident: (id: string): Promise<IncidentDetail> =>
      callAs("zoe")(getIncident, { params: { id } }),
    async timeline(id: string): Promise<readonly string[]> {
      const page = await callAs("zoe")(getTimeline, { params: { id }, query: { limit: 500 } });
      return page.items.map((entry) => entry.text);
    },
    /** The pages of an incident, the oldest decision first. */
    async pages(id: string): Promise<readonly Notification[]> {
      const query = { incident: id, kind: "page", limit: 500 };
      return (await callAs("zoe")(listNotifications, { query })).items.toReversed();
    },
    /** All alerts, the oldest first. */
    alerts: async (): Promise<readonly Alert[]> =>
      (await callAs("zoe")(listAlerts, { query: { limit: 500 } })).items.toReversed(),
    /** Asks any route as somebody. */
    call: (person: string): Call => callAs(person),
    /** States an object of the company anew, or one more, and applies the files. */
    async configure(...objects: readonly DesiredObject[]): Promise<void> {
      put(objects);
      await applyCompany();
    },
    /** The same, and schedules count now, whoever is in the middle of a turn. */
    async configureAtOnce(...objects: readonly DesiredObject[]): Promise<void> {
      put(objects);
      await applyCompany(true);
    },
    /** Takes an object of the company away and applies the files. */
    async remove(kind: DesiredObject["kind"], id: string): Promise<void> {
      company = company.filter((old) => old.kind !== kind || old.id !== id);
      await applyCompany();
    },
    /** Somebody takes a schedule over for a while, beginning now. */
    async override(id: string, person: string, length: string): Promise<void> {
      const span = { startsAt: toIso(now), endsAt: toIso(addMs(now, lengthMs(length))) };
      await callAs("zoe")(addOverride, { params: { id }, body: { person, ...span } });
    },

    /** Everything that the checks look at, now. */
    scene: (): Promise<Scene> => scene(instant(0)),
    journal: () => journalOf(store.db, transport.received),
    journalHash: async (): Promise<string> => hashOf(await sim.journal()),
    /** Looks at all promises over all rows, sequences the ledger and verifies it; then lets go. */
    async end(): Promise<void> {
      await settle();
      await check(instant(0));
      await sequenceAll(nodes[0]!.world);
      const fault = await findLedgerFault(nodes[0]!.world);
      if (fault !== null) fail(fault);
      await mustBeProved(nodes[0]!, now);
      await sim.close();
    },
    async close(): Promise<void> {
      await Promise.all([...nodes, ...dead].map((node) => node.close()));
      await store.drop();
    },
  };

  try {
    await applyCompany();
    return sim;
  } catch (error) {
    await sim.close();
    throw error;
  }
}

/** What `tocsin prove` says of every incident at the end of a story. */
async function mustBeProved({ world: { db } }: VirtualNode, now: Instant): Promise<void> {
  const numbers = await all(
    db,
    sql<{ number: number }>`select number from incident order by number`,
  );
  for (const { number } of numbers) {
    const proof = await findProof(db, ENGINE_READER, number, now);
    const links = proof?.pages.flatMap((page) =>
      page.links
        .filter(({ state }) => state === "missing")
        .map(
          ({ link, because }) => `page to ${page.person} (${page.occasion}): ${link}: ${because}`,
        ),
    );
    const missing = [...(proof?.missing ?? ["it cannot be seen"]), ...(links ?? [])];
    if (missing.length > 0) throw new Error(`INC-${number} is not proved: ${missing.join("; ")}`);
  }
}

function mustBeInstant(iso: string): Instant {
  const at = fromIso(iso);
  if (at === null) throw new Error(`not an instant: ${iso}`);
  return at;
}

/** "90s", "5m", "1h30m", "7d", or milliseconds as "250ms". */
function lengthMs(text: string): number {
  const ms = /^(\d+)ms$/.exec(text)?.[1];
  if (ms !== undefined) return Number(ms);
  const days = /^(\d+)d$/.exec(text)?.[1];
  return days === undefined ? durationMs(`PT${text.toUpperCase()}`) : Number(days) * DAY;
}
