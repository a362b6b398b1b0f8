/** Rows of people who were asked to join an incident. */
import { all, maybe, type Queryable, run, sql, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";

export type ResponderRequest = {
  readonly id: string;
  readonly incidentNumber: number;
  readonly personId: string;
  readonly askedBy: string;
  readonly message: string | null;
  readonly askedAt: Instant;
  /** How often they were paged for it. */
  readonly pages: number;
  /** Null once it is settled. */
  readonly attendAt: Instant | null;
  readonly answer: "joined" | "declined" | "unanswered" | "over" | null;
  readonly answeredAt: Instant | null;
};

const columns = sql.raw(
  "id, incident_number, person_id, asked_by, message, asked_at, pages, attend_at, answer, answered_at",
);

export async function insertRequest(tx: Tx, request: ResponderRequest): Promise<void> {
  await run(
    tx,
    sql`insert into responder_request (id, incident_number, person_id, asked_by, message, asked_at, pages, attend_at)
        values (${request.id}, ${request.incidentNumber}, ${request.personId}, ${request.askedBy}, ${request.message},
          ${request.askedAt}, ${request.pages}, ${request.attendAt})`,
  );
}

export async function saveRequest(tx: Tx, request: ResponderRequest): Promise<void> {
  await run(
    tx,
    sql`update responder_request set pages = ${request.pages}, attend_at = ${request.attendAt},
          answer = ${request.answer}, answered_at = ${request.answeredAt} where id = ${request.id}`,
  );
}

/** What a person was asked and has not answered; the incident is locked before. */
export async function findOpenRequest(
  tx: Queryable,
  incident: number,
  personId: string,
): Promise<ResponderRequest | null> {
  return maybe(
    tx,
    sql<ResponderRequest>`select ${columns} from responder_request
      where incident_number = ${incident} and person_id = ${personId} and answer is null`,
  );
}

export async function findRequest(tx: Queryable, id: string): Promise<ResponderRequest | null> {
  return maybe(
    tx,
    sql<ResponderRequest>`select ${columns} from responder_request where id = ${id}`,
  );
}

export async function lockRequest(tx: Tx, id: string): Promise<ResponderRequest | null> {
  return maybe(
    tx,
    sql<ResponderRequest>`select ${columns} from responder_request where id = ${id} for update`,
  );
}

/** Everybody who was asked, in that order. */
export async function listRequests(
  tx: Queryable,
  incident: number,
): Promise<readonly ResponderRequest[]> {
  return all(
    tx,
    sql<ResponderRequest>`select ${columns} from responder_request where incident_number = ${incident}
      order by asked_at, id limit 200`,
  );
}

export async function findDueRequests(
  tx: Queryable,
  now: Instant,
  limit: number,
): Promise<readonly { readonly id: string; readonly incidentNumber: number }[]> {
  return all(
    tx,
    sql<{ id: string; incidentNumber: number }>`select id, incident_number from responder_request
      where attend_at <= ${now} order by attend_at, id limit ${limit}`,
  );
}

export async function putOffRequest(tx: Queryable, id: string, until: Instant): Promise<void> {
  await run(
    tx,
    sql`update responder_request set attend_at = ${until} where id in (
      select id from responder_request where id = ${id} and attend_at is not null for update skip locked)`,
  );
}

/** When the next request is paged again or counts as unanswered. */
export const nextRequest = sql`select min(attend_at) from responder_request where attend_at is not null`;
