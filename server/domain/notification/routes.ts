/** HTTP of the page ledger. */
import type { Sentence } from "../../../contract/route.ts";
import * as contract from "../../../contract/page.ts";
import { incidentId, incidentNumber } from "../../../contract/ids.ts";
import { fill, type ReasonKind, REASONS } from "../../../contract/texts.ts";
import { readCursor, toPage } from "../../base/cursor.ts";
import { Refusal } from "../../base/errors.ts";
import { toIso, toIsoOrNull } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, readerOf } from "../account/account.ts";
import type { Notification } from "./notification.ts";
import { wordsOf } from "./pageParts.ts";
import { findDelivery } from "./receiptStore.ts";
import { findNotification, listAttempts, listNotifications } from "./store.ts";

export function notificationView(row: Notification): contract.Notification {
  return {
    id: row.id,
    kind: row.kind,
    urgency: row.urgency,
    subject: row.subject,
    occasion: row.occasion,
    incident: row.incidentNumber === null ? null : incidentId(row.incidentNumber),
    person: row.personId,
    channel: row.channelId,
    state: row.state,
    inFlight: row.state === "sending",
    mayRepeat: row.mayRepeat,
    acceptedAt: toIsoOrNull(row.acceptedAt),
    decidedAt: toIso(row.decidedAt),
    dueAt: toIso(row.dueAt),
    nextTryAt: row.state === "pending" ? toIsoOrNull(row.attendAt) : null,
    handedOverAt: toIsoOrNull(row.handedOverAt),
    receiptAt: toIsoOrNull(row.receiptAt),
    acknowledgedAt: toIsoOrNull(row.acknowledgedAt),
    because: row.endedBecause ?? (row.state === "pending" ? row.waitsBecause : null),
    title: wordsOf(row).subject,
  };
}

type Reason = { readonly kind: string; readonly params: Readonly<Record<string, string>> };
const saidOf = ({ kind, params }: Reason): Sentence => ({
  template: REASONS[kind as ReasonKind] ?? kind,
  params,
});
const inWords = ({ template, params }: Sentence): string => fill(template, params);

export function notificationRoutes(world: World): readonly BoundRoute<Actor>[] {
  return [
    bind(contract.listNotifications, async ({ actor, query }) => {
      const filter = {
        incidentNumber: query.incident === undefined ? undefined : incidentNumber(query.incident),
        personId: query.person,
        kind: query.kind,
        state: query.state,
      };
      const after = readCursor(query.cursor);
      const rows = await listNotifications(
        world.db,
        readerOf(actor),
        filter,
        query.limit + 1,
        after,
      );
      return toPage(
        rows,
        query.limit,
        (row) => ({ at: row.decidedAt, id: row.id }),
        notificationView,
      );
    }),
    bind(contract.explainNotification, async ({ actor, params }) => {
      const row = await findNotification(world.db, readerOf(actor), params.id);
      if (row === null) throw new Refusal("notification.not_found", { id: params.id });
      const attempts = await listAttempts(world.db, row.id);
      const delivery = await findDelivery(world.db, row.id);
      const { reason } = row;
      const [you, now, way] = [saidOf(reason.you), saidOf(reason.now), saidOf(reason.way)];
      return {
        ...notificationView(row),
        whyYou: inWords(you),
        whyNow: inWords(now),
        whyThisWay: inWords(way),
        whySaid: { you, now, way },
        delivery: delivery === null ? null : { said: delivery.said, at: toIsoOrNull(delivery.at) },
        attempts: attempts.map((attempt) => ({
          ...attempt,
          startedAt: toIso(attempt.startedAt),
          endedAt: toIsoOrNull(attempt.endedAt),
        })),
      };
    }),
  ];
}
