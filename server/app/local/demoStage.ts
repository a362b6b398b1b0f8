/** What the demo's outage is played with: real requests, real mails, a clock that can run ahead. */
import { z } from "zod";
import { listConfigObjects } from "../../../contract/configuration.ts";
import { Problem, type Route } from "../../../contract/route.ts";
import { createToken, revokeToken } from "../../../contract/session.ts";
import { type PacedClock, sleepReal } from "../../base/clock.ts";
import { addMs, fromIso, type Instant, instant, SECOND } from "../../base/instant.ts";
import type { DemoMail } from "./demoMail.ts";
import type { Voice } from "./demoVoice.ts";

/** A client of the contract, as the command line has one. */
export type Caller = {
  call<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
    route: Route<P, Q, B, R>,
    input?: {
      readonly params?: z.input<P>;
      readonly query?: z.input<Q>;
      readonly body?: z.input<B>;
    },
  ): Promise<z.output<R>>;
};

export type Connect = (server: { readonly url: string; readonly token: string }) => Caller;

export type Person = { readonly id: string; readonly name: string; readonly address: string };

export type Stage = {
  /** Where the node answers. */
  readonly url: string;
  readonly admin: Caller;
  readonly voice: Voice;
  readonly mail: DemoMail;
  readonly clock: PacedClock;
  readonly speed: number;
  person(id: string): Person;
  /** The person's own client: what it does is done by them. */
  as(personId: string): Promise<Caller>;
  /** Lets so much of the story's time pass; only then the clock runs ahead. */
  pass(ms: number): Promise<void>;
  /** Asks again and again until there is an answer; `what` names it when none comes. */
  until<T>(what: string, ask: () => Promise<T | null> | T | null): Promise<T>;
  /** Sends what a monitoring system sends, in PagerDuty's format; fails unless it is accepted. */
  monitor(event: Readonly<Record<string, unknown>>): Promise<void>;
  /** Revokes what `as` made. */
  leave(): Promise<void>;
};

export class Interrupted extends Error {}

const LOOK_EVERY_MS = 20;
const SETTLE_MS = 60;
/** What anything may take on a slow machine. */
const PATIENCE_MS = 30 * SECOND;

export async function openStage(parts: {
  readonly url: string;
  readonly adminToken: string;
  readonly connect: Connect;
  readonly voice: Voice;
  readonly mail: DemoMail;
  readonly clock: PacedClock;
  readonly speed: number;
  readonly stopping: AbortSignal;
}): Promise<Stage> {
  const { url, connect, clock, stopping } = parts;
  const admin = connect({ url, token: parts.adminToken });
  const people = await peopleOf(admin);
  const callers = new Map<string, { caller: Caller; tokenId: string }>();
  const mayGoOn = (): void => {
    if (stopping.aborted) throw new Interrupted();
  };
  return {
    ...parts,
    admin,
    person(id) {
      return people.get(id) ?? { id, name: id, address: "" };
    },
    async as(personId) {
      const known = callers.get(personId);
      if (known !== undefined) return known.caller;
      const body = { label: "demo", person: personId };
      const { id, token } = await admin.call(createToken, { body });
      const caller = connect({ url, token });
      callers.set(personId, { caller, tokenId: id });
      return caller;
    },
    async pass(ms) {
      clock.setPace(parts.speed);
      await clock.sleep(ms, stopping);
      clock.setPace(1);
      // A tick reads the clock once: one that began while it ran ahead is let go by.
      await sleepReal(SETTLE_MS, stopping);
      mayGoOn();
    },
    async until(what, ask) {
      const lateAt = addMs(clock.now(), PATIENCE_MS);
      for (;;) {
        mayGoOn();
        const answer = await ask();
        if (answer !== null) return answer;
        if (clock.now() > lateAt) throw new Error(`the demo waited in vain for ${what}`);
        await sleepReal(LOOK_EVERY_MS, stopping);
      }
    },
    async monitor(event) {
      const body = JSON.stringify({ routing_key: "acme-checkout", ...event });
      const headers = { "content-type": "application/json" };
      const reply = await fetch(`${url}/v2/enqueue`, { method: "POST", headers, body });
      if (reply.status !== 202) throw new Error(`the event was refused: ${await reply.text()}`);
    },
    async leave() {
      for (const { tokenId } of callers.values()) {
        await admin.call(revokeToken, { params: { id: tokenId } });
      }
      callers.clear();
    },
  };
}

const Contacts = z.object({
  name: z.string(),
  contacts: z.array(z.object({ address: z.string() })),
});

async function peopleOf(admin: Caller): Promise<ReadonlyMap<string, Person>> {
  const { items } = await admin.call(listConfigObjects, {
    params: { kind: "people" },
    query: { limit: 500 },
  });
  return new Map(
    items.map(({ id, body }) => {
      const { name, contacts } = Contacts.parse(body);
      return [id, { id, name, address: contacts[0]?.address ?? "" }];
    }),
  );
}

/** An instant as the server writes it; what has not happened was long ago. */
export const at = (iso: string | null): Instant =>
  (iso === null ? null : fromIso(iso)) ?? instant(0);

/** What the server said when it refused, where that is what happened. */
export function problemOf(error: unknown): Problem | null {
  const problem = Problem.safeParse((error as { problem?: unknown } | null)?.problem);
  return problem.success ? problem.data : null;
}
