/** What incidents wait for from people: an acknowledge that is renewed, an answer of whoever was asked to join. */
import { sql } from "../base/db.ts";
import { attendLease } from "../domain/incident/lease.ts";
import { findDueLeases, nextLease, putOffLease } from "../domain/incident/leaseStore.ts";
import { attendRequest } from "../domain/incident/responders.ts";
import { findDueRequests, nextRequest, putOffRequest } from "../domain/incident/responderStore.ts";
import type { Step } from "./engine.ts";
import { asEngine, each, type EngineParts } from "./parts.ts";

const LIMIT = 100;

export const askedStep = (parts: EngineParts): Step => ({
  name: "asked",
  dueAt: () => sql`select least((${nextLease}), (${nextRequest}))`,
  async run(now) {
    const { db } = parts.world;
    const leases = await each(parts, {
      now,
      items: await findDueLeases(db, now, LIMIT),
      work: (number) => asEngine(parts, now, (command) => attendLease(command, number)),
      putOff: (number, until) => putOffLease(db, number, until),
    });
    const requests = await each(parts, {
      now,
      items: await findDueRequests(db, now, LIMIT),
      work: ({ id, incidentNumber }) =>
        asEngine(parts, now, (command) => attendRequest(command, id, incidentNumber)),
      putOff: ({ id }, until) => putOffRequest(db, id, until),
    });
    return { done: leases + requests, nextAt: null };
  },
});
