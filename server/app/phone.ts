/**
 * What telephony providers tell. Each request is proved by the provider's signature over this installation's own
 * address; a key or a text message counts for the person whose number it is, when that number was paged.
 */
import type { z } from "zod";
import { incidentId } from "../../contract/ids.ts";
import type { Channel } from "../../contract/notification.ts";
import type { PageAnswer } from "../../contract/pages.ts";
import * as contract from "../../contract/phone.ts";
import type { Route } from "../../contract/route.ts";
import { say } from "../../contract/texts.ts";
import { type Queryable, transact, type Tx } from "../base/db.ts";
import { sha256 } from "../base/crypto.ts";
import { Refusal } from "../base/errors.ts";
import { addMs, DAY } from "../base/instant.ts";
import { bind, type BoundRoute, Raw, type RequestFacts } from "../base/routes.ts";
import { inWords, refusalInWords } from "../base/words.ts";
import type { World } from "../base/world.ts";
import { type Actor, ENGINE_READER } from "../domain/account/account.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { isOpen } from "../domain/incident/incident.ts";
import { findIncidents } from "../domain/incident/store.ts";
import { endTwins } from "../domain/notification/failOver.ts";
import { forgetHeard, saveHeard, saveHeardDone } from "../domain/notification/heardStore.ts";
import { ALL_TEXT, endMarks, saveMarks, type Way } from "../domain/notification/markStore.ts";
import type { Notification } from "../domain/notification/notification.ts";
import { wordsOf } from "../domain/notification/pageParts.ts";
import { answeredFrom, isTest } from "../domain/notification/proving.ts";
import {
  type Answerable,
  listAnswerable,
  saveDelivered,
  saveNotTaken,
  saveUndelivered,
} from "../domain/notification/receiptStore.ts";
import { findNotification } from "../domain/notification/store.ts";
import { languageOf } from "../domain/notification/wording.ts";
import { plivo } from "../edge/inbound/phone/plivo.ts";
import type { Form, PhoneProvider } from "../edge/inbound/phone/provider.ts";
import { answerOfKey, answerToRequest, readReply } from "../edge/inbound/phone/reply.ts";
import { twilio } from "../edge/inbound/phone/twilio.ts";
import { channelDrivers } from "../edge/outbound/index.ts";
import { phoneUrl, spokenOf } from "../edge/outbound/phone.ts";
import { answerAs } from "./answers.ts";

const PROVIDERS: Readonly<Partial<Record<Channel["type"], PhoneProvider>>> = {
  "twilio-sms": twilio,
  "twilio-voice": twilio,
  "plivo-sms": plivo,
  "plivo-voice": plivo,
};

/** How long a page can be answered by text message. */
const ANSWERABLE_MS = DAY;

type OfPage = Route<
  typeof contract.phoneReceipt.params,
  z.ZodType,
  typeof contract.phoneReceipt.body
>;
type Proved = { readonly row: Notification; readonly provider: PhoneProvider };

const xml = (body: string): Raw => new Raw("text/xml; charset=utf-8", body);

export function phoneRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] {
  /** The provider of a channel, once it has shown that the request is its own. */
  async function provedBy(
    channelId: string,
    path: string,
    form: Form,
    request: RequestFacts,
  ): Promise<PhoneProvider> {
    const channel = (await config(world.db)).get("channels", channelId)?.body;
    const provider = channel === undefined ? undefined : PROVIDERS[channel.type];
    const token =
      channel !== undefined && "token" in channel && channel.token !== undefined
        ? world.secret(channel.token)
        : null;
    const told = { url: `${world.publicUrl}${path}`, form, headers: request.headers };
    if (provider === undefined || token === null || !provider.isSigned(told, token))
      throw new Refusal("phone.signature");
    return provider;
  }

  async function provedPage(
    route: OfPage,
    id: string,
    form: Form,
    request: RequestFacts,
  ): Promise<Proved> {
    const row = await findNotification(world.db, ENGINE_READER, id);
    if (row === null) throw new Refusal("phone.signature");
    const provider = await provedBy(row.channelId, route.path.replace(":id", id), form, request);
    return { row, provider };
  }

  /** Somebody has it: neither it nor what took over from it is tried again. */
  async function arrived(tx: Tx, row: Notification): Promise<void> {
    await saveDelivered(tx, row.id, world.clock.now());
    await endTwins(tx, await config(tx), row);
  }

  const spokenPage = ({ row, provider }: Proved): Raw => {
    const message = { ...wordsOf(row), mayRepeat: row.mayRepeat };
    return xml(provider.spoken(spokenOf(message, phoneUrl(world.publicUrl, row.id, "key"))));
  };

  /** The answer's sentence, or why it could not be done. */
  async function answered(row: Answerable, meant: PageAnswer): Promise<string> {
    const language = languageOf(await config(world.db), row.personId);
    const said = (kind: Parameters<typeof say>[0], params = {}): string =>
      inWords(say(kind, params), language);
    const proved = (): Promise<void> =>
      transact(world.db, (tx) => answeredFrom(tx, row, world.clock.now()));
    if (isTest(row)) {
      await proved();
      return said("test answered", { channel: row.channelId });
    }
    const answer = row.requestId === null ? meant : answerToRequest(meant);
    if (answer === null || row.incidentNumber === null) return said("phone help");
    try {
      await answerAs(world, config, row.personId, row.incidentNumber, answer);
      await proved();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return refusalInWords(error, language);
    }
    world.nudge();
    return said(`phone ${answer}`, { incident: incidentId(row.incidentNumber) });
  }

  /** Channels for text messages, with this number: a stop by one of them is one for all, also for those to come. */
  const textWays = (snapshot: Snapshot, address: string): readonly Way[] => [
    { channelId: ALL_TEXT, address },
    ...snapshot
      .all("channels")
      .filter(({ body }) => channelDrivers[body.type].medium === "text")
      .map(({ id }) => ({ channelId: id, address })),
  ];

  async function answeredByText(number: string, meant: PageAnswer, named: number | null) {
    const snapshot = await config(world.db);
    const people = peopleOf(snapshot, number);
    const since = addMs(world.clock.now(), -ANSWERABLE_MS);
    const rows = await listAnswerable(world.db, people, number, since);
    const numbers = [...new Set(rows.flatMap(({ incidentNumber }) => incidentNumber ?? []))];
    const incidents = await findIncidents(world.db, ENGINE_READER, numbers);
    const open = new Set(incidents.filter(({ state }) => isOpen(state)).map((each) => each.number));
    const waiting = rows.filter(({ incidentNumber }) => open.has(incidentNumber ?? 0));
    const choices = [...new Set(waiting.map(({ incidentNumber }) => incidentNumber))];
    const chosen = named ?? (choices.length === 1 ? choices[0] : null);
    const row = waiting.find(({ incidentNumber }) => incidentNumber === chosen);
    if (row !== undefined) return answered(row, meant);
    const test = rows.find(isTest);
    if (choices.length === 0 && named === null && test !== undefined) return answered(test, meant);
    const language = languageOf(snapshot, people[0] ?? null);
    if (choices.length === 0 || named !== null) return inWords(say("phone none"), language);
    const names = choices.map((each) => incidentId(each ?? 0)).join(", ");
    return inWords(say("phone which", { incidents: names, number: choices[0] }), language);
  }

  /** What to answer to a text message; nothing where the provider answers by itself, and would refuse another one. */
  async function repliedTo(
    snapshot: Snapshot,
    person: string,
    from: string,
    text: string,
  ): Promise<string> {
    const language = languageOf(snapshot, person);
    const reply = readReply(text);
    const ways = textWays(snapshot, from);
    switch (reply.kind) {
      case "stop":
        await transact(world.db, (tx) =>
          saveMarks(tx, ways, { kind: "stopped", because: "STOP" }, world.clock.now()),
        );
        return "";
      case "start":
        await transact(world.db, (tx) => endMarks(tx, ways, "stopped"));
        return inWords(say("phone started"), language);
      case "answer":
        return answeredByText(from, reply.answer, reply.incident);
      case "unclear":
        return inWords(say("phone help"), language);
    }
  }

  /**
   * What was said counts once: the signature holds for ever, and whoever saw an “ack” could send it again when it
   * fits another page. What breaks is forgotten, so that the provider may send it again; where even that breaks, or
   * the node dies, it counts again after a while. What has no id of its own cannot be told from something new.
   */
  async function once<T>(
    { id, what }: { readonly id: string; readonly what: string },
    act: (isNew: boolean) => Promise<T>,
  ): Promise<T> {
    if (id === "") return act(true);
    const digest = sha256(what);
    const heard = await saveHeard(world.db, digest, world.clock.now());
    if (heard === "under way") throw new Refusal("phone.under_way");
    if (heard === "done") return act(false);
    try {
      const result = await act(true);
      await saveHeardDone(world.db, digest);
      return result;
    } catch (error) {
      // The first fault is the one to tell.
      await forgetHeard(world.db, digest).catch(() => undefined);
      throw error;
    }
  }

  return [
    bind(contract.phoneReceipt, async ({ params, body, request }) => {
      const { row, provider } = await provedPage(contract.phoneReceipt, params.id, body, request);
      const receipt = provider.receiptOf(body);
      const now = world.clock.now();
      if (receipt !== null)
        await transact(world.db, async (tx) => {
          if (receipt.kind === "delivered") {
            await arrived(tx, row);
            await endMarks(tx, [row], "bounced");
          } else if (receipt.kind === "not taken") await saveNotTaken(tx, row.id, receipt.because);
          else {
            await saveUndelivered(tx, row.id, receipt.because, now);
            if (receipt.mark !== null)
              await saveMarks(tx, [row], { kind: receipt.mark, because: receipt.because }, now);
          }
        });
      world.nudge();
      return xml(provider.replied("", body));
    }),
    bind(contract.phoneAnswer, async ({ params, body, request }) => {
      const proved = await provedPage(contract.phoneAnswer, params.id, body, request);
      // Taken is receipt enough: the provider tells of the end only, which may be long after.
      await transact(world.db, (tx) => arrived(tx, proved.row));
      return spokenPage(proved);
    }),
    bind(contract.phoneKey, async ({ params, body, request }) => {
      const proved = await provedPage(contract.phoneKey, params.id, body, request);
      const { row, provider } = proved;
      const { id, number, key } = provider.keyOf(body);
      const isTheirs = peopleOf(await config(world.db), number).includes(row.personId ?? "");
      if (number !== row.address || !isTheirs) throw new Refusal("phone.signature");
      if (key === "9") return spokenPage(proved);
      const meant = answerOfKey(key);
      const { language = "en" } = row.message;
      return meant === null
        ? xml(
            provider.spoken({
              language,
              lines: [inWords(say("phone key"), language), inWords(say("call keys"), language)],
              keysTo: phoneUrl(world.publicUrl, row.id, "key"),
            }),
          )
        : once({ id, what: `${row.id} ${id} ${key}` }, async (isNew) => {
            const line = isNew ? await answered(row, meant) : inWords(say("phone heard"), language);
            return xml(provider.spoken({ language, lines: [line], keysTo: null }));
          });
    }),
    bind(contract.phoneMessage, async ({ params, body, request }) => {
      const path = contract.phoneMessage.path.replace(":channel", params.channel);
      const provider = await provedBy(params.channel, path, body, request);
      const { id, from, text } = provider.messageOf(body);
      const snapshot = await config(world.db);
      // A number that belongs to nobody here is told nothing.
      const [person] = peopleOf(snapshot, from);
      if (person === undefined) return xml(provider.replied("", body));
      return once({ id, what: `${params.channel} ${id}` }, async (isNew) =>
        xml(provider.replied(isNew ? await repliedTo(snapshot, person, from, text) : "", body)),
      );
    }),
  ];
}

/** Whose number it is: they are paged there by text message or voice. */
const peopleOf = (config: Snapshot, number: string): readonly string[] =>
  config
    .all("people")
    .filter(({ body }) =>
      body.contacts.some(({ channel, address }) => {
        const type = config.get("channels", channel)?.body.type;
        return address === number && type !== undefined && PROVIDERS[type] !== undefined;
      }),
    )
    .map(({ id }) => id);
