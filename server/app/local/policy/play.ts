/** Plays one policy test: a whole Tocsin on a virtual clock, with the configuration that is tested. */
import { listAlerts } from "../../../../contract/alert.ts";
import { applyConfiguration, type DesiredObject } from "../../../../contract/configuration.ts";
import { acknowledgeIncident, getIncident, listIncidents } from "../../../../contract/incident.ts";
import { incidentNumber } from "../../../../contract/ids.ts";
import { postMeasurements, postSignals } from "../../../../contract/intake.ts";
import { listNotifications } from "../../../../contract/page.ts";
import type { PolicyTest } from "../../../../contract/policyTest.ts";
import type { Route } from "../../../../contract/route.ts";
import { createSilence } from "../../../../contract/silence.ts";
import type { z } from "zod";
import { durationMs } from "../../../base/duration.ts";
import { addMs, earlier, fromIso, type Instant, toIso } from "../../../base/instant.ts";
import { type Actor, ENGINE } from "../../../domain/account/account.ts";
import { actorOfPerson } from "../../../domain/account/commands.ts";
import { hashedKey } from "../../../domain/config/secrets.ts";
import type { Step } from "../../../engine/engine.ts";
import type { Ways } from "../../hands.ts";
import { type Input, type VirtualNode, virtualNode } from "../virtual/node.ts";
import { untilRest } from "../virtual/rest.ts";
import { virtualTransport } from "../virtual/transport.ts";
import type { Outcome } from "./judge.ts";

const ADMIN: Actor = {
  kind: "token",
  tokenId: "policy test",
  label: "policy test",
  grants: [{ role: "admin" }],
};
/** More incidents and alerts than this are no test but a simulation. */
const MOST = 500;

/** Of one measurement: a week of minutes. */
const SAMPLES = 10_080;

/** The set under which the objects of every play are applied. */
export const PLAYED_SET = "policy-test";

/** In a test every intake key has a secret of its own, whatever the files say. */
const secretOf = (key: string): string => `policy-test-${key}`;

const playable = (objects: readonly DesiredObject[]): readonly DesiredObject[] =>
  objects.map((object) =>
    object.kind === "keys"
      ? { ...object, body: { ...(object.body as object), secret: hashedKey(secretOf(object.id)) } }
      : object,
  );

/** Actions of runbooks reach nothing in a test: nothing is asked, nothing is started. */
const NOWHERE: Ways = {
  look: async () => ({ kind: "rows", rows: [], more: false }),
  start: async () => ({
    kind: "ended",
    exitCode: 0,
    stdout: "",
    stderr: "",
    bytes: Buffer.alloc(0),
  }),
  fetch: async () => ({ kind: "failure", because: "a test publishes nothing" }),
  push: async () => ({ kind: "failure", because: "a test publishes nothing" }),
};

/** What happens at an instant of the test. */
type Act = { readonly at: Instant; act(): Promise<unknown> };

export type Played = { readonly outcome: Outcome; readonly faults: readonly string[] };

export async function play(
  databaseUrl: string,
  objects: readonly DesiredObject[],
  test: PolicyTest,
): Promise<Played> {
  const startsAt = fromIso(test.start)!;
  const endsAt = addMs(startsAt, durationMs(test.lasts));
  let now = startsAt;
  const faults: string[] = [];
  const transport = virtualTransport(() => now);
  const node = virtualNode({
    seed: "policy test",
    url: databaseUrl,
    clock: { now: () => now, sleep: () => Promise.reject(new Error("a policy test never sleeps")) },
    nudge: () => undefined,
    transport,
    alter: (steps: readonly Step[]) => steps,
    onFault: (message) => faults.push(message),
    ways: NOWHERE,
  });
  try {
    const body = { set: PLAYED_SET, sample: false, objects: playable(objects) };
    await node.call(applyConfiguration, ADMIN, { body });
    const acts = actsOf(node, test, startsAt, faults).toSorted((a, b) => a.at - b.at);
    let wakeAt = await untilRest(() => [node], now);
    while (now < endsAt) {
      const next = earlier(earlier(wakeAt, transport.nextAt()), acts[0]?.at ?? null);
      now = next === null || next > endsAt ? endsAt : next < now ? now : next;
      transport.release(now);
      while (acts[0] !== undefined && acts[0].at <= now) await acts.shift()?.act();
      wakeAt = await untilRest(() => [node], now);
    }
    return { outcome: await outcomeOf(node, startsAt), faults };
  } finally {
    await node.close();
  }
}

function actsOf(node: VirtualNode, test: PolicyTest, startsAt: Instant, faults: string[]): Act[] {
  const since = (length: string): Instant => addMs(startsAt, durationMs(length));
  const act = (at: string, what: () => Promise<unknown>): Act => ({
    at: since(at),
    // What cannot be done, such as an acknowledge of an incident that is not there, fails the test.
    act: () => what().catch((error: Error) => faults.push(`at ${at}: ${error.message}`)),
  });
  const tell = (alert: PolicyTest["alerts"][number], status: "firing" | "resolved") => () => {
    const { key, title, severity, labels, source } = alert;
    const item = {
      title,
      severity,
      labels,
      status,
      dedupKey: alert.dedupKey ?? title,
      ...(source !== undefined && { source }),
    };
    const headers = { authorization: `Bearer ${secretOf(key)}` };
    return node.call(postSignals, ENGINE, { body: item, headers });
  };
  return [
    ...test.silences.map(({ at, matchers, owner, for: length }) =>
      act(at, async () => {
        const endsAt = toIso(addMs(since(at), durationMs(length)));
        const body = { matchers, owner, endsAt, reason: "policy test" };
        return node.call(createSilence, ADMIN, { body });
      }),
    ),
    ...test.alerts.map((alert) => act(alert.at, tell(alert, "firing"))),
    ...test.alerts.flatMap((alert) =>
      alert.until === undefined ? [] : [act(alert.until, tell(alert, "resolved"))],
    ),
    ...test.measurements.flatMap(({ at, key, measure, value, every, until }) => {
      const headers = { authorization: `Bearer ${secretOf(key)}` };
      const send = () =>
        node.call(postMeasurements, ENGINE, {
          body: { measurements: [{ measure, value }] },
          headers,
        });
      const step = every === undefined ? null : durationMs(every);
      const last = until === undefined ? durationMs(at) : durationMs(until);
      const times = step === null ? 1 : Math.min(SAMPLES, (last - durationMs(at)) / step + 1);
      return Array.from({ length: Math.max(1, Math.floor(times)) }, (_, n) => ({
        ...act(at, send),
        at: addMs(since(at), n * (step ?? 0)),
      }));
    }),
    ...test.acknowledges.map(({ at, person, incident }) =>
      act(at, async () => {
        const actor = actorOfPerson(await node.config(node.world.db), person);
        if (actor === null) throw new Error(`there is no person “${person}”`);
        return node.call(acknowledgeIncident, actor, { params: { id: `INC-${incident}` } });
      }),
    ),
  ];
}

async function outcomeOf(node: VirtualNode, startsAt: Instant): Promise<Outcome> {
  const ask = async <R extends Route>(route: R, input: Input): Promise<z.output<R["reply"]>> =>
    (await node.call(route, ADMIN, input)) as z.output<R["reply"]>;
  const query = { limit: MOST };
  const incidents = (await ask(listIncidents, { query })).items.toReversed();
  const alerts = (await ask(listAlerts, { query })).items.toReversed();
  const pages = (await ask(listNotifications, { query: { ...query, kind: "page" } })).items;
  const counts = new Map<string, number>();
  for (const { id } of incidents)
    counts.set(id, (await ask(getIncident, { params: { id } })).alertCount);
  return {
    incidents: incidents.map((incident) => ({
      severity: incident.severity,
      title: incident.title,
      service: incident.service ?? "",
      rule: incident.rule?.id ?? "",
      state: incident.state,
      alerts: counts.get(incident.id) ?? 0,
      merged: incident.mergedInto !== null,
    })),
    pages: pages
      .filter((page) => page.handedOverAt !== null)
      .map((page) => ({
        person: page.person ?? "",
        channel: page.channel,
        incident: page.incident === null ? 0 : incidentNumber(page.incident),
        at: (fromIso(page.handedOverAt ?? "") ?? startsAt) - startsAt,
      }))
      .toSorted((a, b) => a.at - b.at),
    silenced: alerts.filter(({ hold }) => hold?.because === "silenced").map(({ title }) => title),
    quiet: alerts.filter(({ incident }) => incident === null).map(({ title }) => title),
  };
}
