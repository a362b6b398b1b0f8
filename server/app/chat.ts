/** Buttons pressed in chat tools: the same answers as everywhere, in the name of whoever pressed. */
import type { PageAnswer } from "../../contract/pages.ts";
import type { Language } from "../../contract/language.ts";
import * as contract from "../../contract/pages.ts";
import { say } from "../../contract/texts.ts";
import { incidentId } from "../../contract/ids.ts";
import { type Queryable, transact } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { bind, type BoundRoute } from "../base/routes.ts";
import { inWords, refusalInWords } from "../base/words.ts";
import type { World } from "../base/world.ts";
import { type Actor, ENGINE_READER } from "../domain/account/account.ts";
import type { Snapshot } from "../domain/config/config.ts";
import type { Notification } from "../domain/notification/notification.ts";
import { answeredFrom } from "../domain/notification/proving.ts";
import { findNotification } from "../domain/notification/store.ts";
import { answerToRequest } from "../edge/inbound/phone/reply.ts";
import { readSlackInteraction } from "../edge/inbound/slackInteraction.ts";
import { readTelegramUpdate } from "../edge/inbound/telegramUpdate.ts";
import { answerAs, ownerOf } from "./answers.ts";

export function chatRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] {
  /** A page that this channel carried. */
  async function pageOf(
    id: string,
    channel: string,
  ): Promise<Notification & { incidentNumber: number }> {
    const row = await findNotification(world.db, ENGINE_READER, id);
    if (row === null || row.incidentNumber === null || row.channelId !== channel)
      throw new Refusal("page.link_invalid");
    return { ...row, incidentNumber: row.incidentNumber };
  }

  /** Answers as a person; what they pressed where it was sent to proves that address. */
  async function answered(
    row: Notification & { incidentNumber: number },
    personId: string | null,
    meant: PageAnswer,
  ): Promise<PageAnswer> {
    const answer = row.requestId === null ? meant : (answerToRequest(meant) ?? meant);
    await answerAs(world, config, personId, row.incidentNumber, answer);
    if (personId === row.personId)
      await transact(world.db, (tx) => answeredFrom(tx, row, world.clock.now()));
    world.nudge();
    return answer;
  }

  return [
    bind(contract.slackInteraction, async ({ params, request }) => {
      const channel = (await config(world.db)).get("channels", params.channel)?.body;
      const secret = channel?.type === "slack" ? world.secret(channel.signingSecret) : null;
      if (secret === null) throw new Refusal("page.link_invalid");
      const press = readSlackInteraction(request, secret, world.clock.now());
      if (press.verb === "open") return {};
      const row = await pageOf(press.notificationId, params.channel);
      const presser =
        personOfAddress(await config(world.db), params.channel, press.slackUserId) ??
        (isPrivate(row.address) ? ownerOf(await config(world.db), row) : null);
      if (presser === null) throw new Refusal("chat.stranger");
      await answered(row, presser, press.verb).catch((error: unknown) => {
        // Somebody was faster: Slack wants a 200, and the message already says who has it.
        if (!(error instanceof Refusal)) throw error;
      });
      return {};
    }),
    bind(contract.telegramUpdate, async ({ params, body, request }) => {
      const channel = (await config(world.db)).get("channels", params.channel)?.body;
      const reference = channel?.type === "telegram" ? channel.webhookSecret : undefined;
      const secret = reference === undefined ? null : world.secret(reference);
      if (secret === null) throw new Refusal("page.link_invalid");
      const press = readTelegramUpdate(request.headers, body, secret);
      if (press === null) return {};
      const said = await telegramSays(params.channel, press);
      return {
        method: "answerCallbackQuery" as const,
        callback_query_id: press.queryId,
        text: said,
      };
    }),
  ];

  /** A group may see the page: whoever is known by that id there answers, and nobody else. */
  async function telegramSays(
    channel: string,
    press: { notificationId: string; userId: string; answer: PageAnswer },
  ): Promise<string> {
    let language: Language = "en";
    try {
      const row = await pageOf(press.notificationId, channel);
      language = row.message.language ?? language;
      const presser = personOfAddress(await config(world.db), channel, press.userId);
      if (presser === null) throw new Refusal("chat.stranger");
      const answer = await answered(row, presser, press.answer);
      return inWords(
        say(`phone ${answer}`, { incident: incidentId(row.incidentNumber) }),
        language,
      );
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return refusalInWords(error, language);
    }
  }
}

/** A conversation of Slack that only its person and we are in: a user, or a direct message. */
const isPrivate = (address: string): boolean => /^[UWD]/.test(address);

/** Whoever pressed the button, where configuration knows their address on the channel. */
function personOfAddress(config: Snapshot, channel: string, address: string): string | null {
  const found = config
    .all("people")
    .find((person) =>
      person.body.contacts.some((c) => c.channel === channel && c.address === address),
    );
  return found?.id ?? null;
}
