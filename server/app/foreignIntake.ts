/**
 * Addresses, keys and answers of services that tools are already set up for: PagerDuty's Events API
 * v1 and change events, and Opsgenie's alert API. Only the host has to change.
 */
import * as contract from "../../contract/intake.ts";
import { transact } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { toIso } from "../base/instant.ts";
import { bind, type BoundRoute, type RequestFacts } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import { type Actor, ENGINE } from "../domain/account/account.ts";
import type { AlertRow } from "../domain/alert/alert.ts";
import { findAlertOfKey } from "../domain/alert/store.ts";
import { note } from "../domain/incident/record.ts";
import type { SignalAction, SignalProblem } from "../domain/signal/signal.ts";
import { opsgenie } from "../edge/inbound/opsgenie.ts";
import { serviceKeyOf } from "../edge/inbound/pagerDutyV1.ts";
import { routingKeyOf } from "../edge/inbound/pagerDutyEvents.ts";
import { filled, isObject } from "../edge/inbound/reading.ts";
import { asJson, mustAcceptSome } from "./intake.ts";
import type { Found, IntakeDoor, Taken } from "./intakeDoor.ts";
import { presentedKey } from "./keys.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** The actions of Opsgenie's API that change something here. */
const ACTIONS: Readonly<Record<string, SignalAction>> = {
  close: "resolve",
  acknowledge: "acknowledge",
};
const NOTE_MAX = 4_000;

export function foreignIntakeRoutes(world: World, door: IntakeDoor): readonly BoundRoute<Actor>[] {
  const genieFound = (request: RequestFacts): Promise<Found> =>
    door.mustFind(presentedKey(request.headers));
  const taken = (result: string, requestId: string | null) => ({
    result,
    took: 0,
    requestId: requestId ?? world.chance.id(world.clock.now()),
  });

  async function actOn(
    found: Found,
    identifier: { readonly type: string; readonly value: string },
    action: string,
    request: RequestFacts,
    body: unknown,
  ) {
    const { value, type } = identifier;
    const alert = await alertNamed(found, identifier);
    if (action === "notes") return taken(await noteOn(found, alert, body), alert?.id ?? null);
    const verb = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
    if (verb === undefined) return taken("Taken; nothing of it is kept", alert?.id ?? null);
    const dedupKey = alert?.dedupKey ?? (type === "alias" ? value : null);
    if (dedupKey === null) throw new Refusal("alert.not_found", { id: value });
    await signal(found, verb, dedupKey, request);
    return taken("Request will be processed", alert?.id ?? null);
  }

  function alertNamed(
    { key }: Found,
    { type, value }: { readonly type: string; readonly value: string },
  ): Promise<AlertRow | null> {
    if (type === "alias") return findAlertOfKey(world.db, key.id, { dedupKey: value });
    return type === "id" && UUID.test(value)
      ? findAlertOfKey(world.db, key.id, { id: value })
      : Promise.resolve(null);
  }

  async function signal(
    found: Found,
    action: SignalAction,
    dedupKey: string,
    request: RequestFacts,
  ): Promise<void> {
    const now = world.clock.now();
    const empty = { title: "", severity: null, source: null, labels: {}, details: null };
    const signals = [
      {
        index: 0,
        signal: { action, dedupKey, ...empty, link: null, startedAt: null, endsAt: null },
      },
    ];
    const part = { adapter: opsgenie, result: { signals, refused: [], findings: [] } };
    const done = await door.accept(found, [part], { raw: request.rawBody, now });
    mustAcceptSome(done);
  }

  /** A note stands on the timeline of the alert's incident, where people look; there is no other place. */
  async function noteOn({ key, config }: Found, alert: AlertRow | null, body: unknown) {
    const text = isObject(body) ? filled(body["note"]) : null;
    if (text === null) throw new Refusal("request.invalid", { field: "note", expected: "a text" });
    const number = alert?.incidentNumber ?? null;
    if (number === null) return "The alert has no incident, so the note is not kept";
    const who = isObject(body) ? (filled(body["user"]) ?? filled(body["source"])) : null;
    const by = who === null ? `by key ${key.id}` : `${who}, by key ${key.id}`;
    await transact(world.db, (tx) =>
      note(
        { tx, world, config, actor: ENGINE, now: world.clock.now() },
        number,
        `${text.slice(0, NOTE_MAX)} (${by})`,
      ),
    );
    return "Request will be processed";
  }

  return [
    bind(contract.createPagerDutyV1, async ({ body, request }) => {
      const secret = serviceKeyOf(body) ?? presentedKey(request.headers);
      const done = await answered(() => door.take("pagerduty-events-v1", secret, body, request));
      if (!("accepted" in done)) return badEvent("service_key", [done]);
      const [first] = done.accepted;
      if (first === undefined) return badEvent("", done.refused);
      return { status: "success", message: "Event processed", incident_key: first.dedupKey };
    }),
    bind(contract.enqueuePagerDutyChange, async ({ body, request }) => {
      const secret = routingKeyOf(body) ?? presentedKey(request.headers);
      const done = await answered(() => door.take("pagerduty-change", secret, body, request));
      if (!("accepted" in done)) return badEvent("routing_key", [done]);
      if (done.refused.length > 0) return badEvent("", done.refused);
      return { status: "success", message: "Change event processed" };
    }),
    bind(contract.createOpsgenieAlert, async ({ body, request }) => {
      const done = await door.take("opsgenie", presentedKey(request.headers), body, request);
      mustAcceptSome(done);
      return taken("Request will be processed", done.accepted[0]?.alert ?? null);
    }),
    bind(contract.actOnOpsgenieAlert, async ({ params, query, body, request }) => {
      const named = { type: query.identifierType, value: params.identifier };
      return actOn(await genieFound(request), named, params.action, request, body);
    }),
    bind(contract.changeOpsgenieAlert, async ({ params, query, request }) => {
      const named = { type: query.identifierType, value: params.identifier };
      const alert = await alertNamed(await genieFound(request), named);
      return taken("Taken; nothing of it is kept", alert?.id ?? null);
    }),
    bind(contract.deleteOpsgenieAlert, async ({ params, query, request }) => {
      const named = { type: query.identifierType, value: params.identifier };
      return actOn(await genieFound(request), named, "close", request, null);
    }),
    bind(contract.getOpsgenieRequest, async ({ params, request }) => {
      const found = await genieFound(request);
      const named = { id: params.requestId };
      const alert = await findAlertOfKey(world.db, found.key.id, named);
      if (alert === null) throw new Refusal("alert.not_found", { id: params.requestId });
      const data = {
        success: true,
        action: "Create",
        processedAt: toIso(alert.lastReceivedAt),
        isSuccess: true,
        status: `Created alert with id [${alert.id}]`,
        alertId: alert.id,
        alias: alert.dedupKey,
      };
      return { data, took: 0, requestId: params.requestId };
    }),
  ];
}

type Problem = Omit<SignalProblem, "index">;

/** What was taken, or the problem of a key that nobody has, which PagerDuty tells as one of the event. */
async function answered(take: () => Promise<Taken>): Promise<Taken | Problem> {
  try {
    return await take();
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "signal.key_unknown") throw error;
    return { field: "", expected: "the secret of an intake key" };
  }
}

/** The body of the 400 that clients of version 1 expect, as those of version 2 do. */
function badEvent(field: string, problems: readonly Problem[]) {
  const errors = problems.map(
    (problem) => `${problem.field || field} is missing or invalid: expected ${problem.expected}`,
  );
  return asJson(400, { status: "invalid event", message: "Event object is invalid", errors });
}
