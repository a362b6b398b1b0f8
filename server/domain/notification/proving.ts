/** People verify their own addresses and page themselves. */
import { WEB_PUSH } from "../../../contract/notification.ts";
import { say } from "../../../contract/texts.ts";
import type { Tx } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, DAY, type Instant, MINUTE, toIso } from "../../base/instant.ts";
import type { World } from "../../base/world.ts";
import { type Actor, personOf } from "../account/account.ts";
import { recordAccess } from "../account/commands.ts";
import type { Snapshot } from "../config/config.ts";
import { CODE_MS, judgeCode, nextCodeAt } from "./codes.ts";
import { tellPeople, tellWay } from "./commands.ts";
import type { Way } from "./markStore.ts";
import type { Notification } from "./notification.ts";
import {
  listCodes,
  lockProof,
  type PersonalWay,
  type Proof,
  proveByAnswer,
  saveProof,
} from "./proofStore.ts";
import { markAnswered } from "./receiptStore.ts";
import { languageOf, type Wording } from "./wording.ts";

type Scene = {
  readonly tx: Tx;
  readonly world: World;
  readonly config: Snapshot;
  readonly actor: Actor;
  readonly now: Instant;
};
type Meant = { readonly channel: string; readonly address?: string | undefined };

/** The subject of pages that somebody sends to themselves. */
const TEST = "test:";
export const isTest = ({ subject }: Pick<Notification, "subject">): boolean =>
  subject.startsWith(TEST);

export function personOnly(actor: Actor): string {
  const personId = personOf(actor);
  if (personId === null) throw new Refusal("address.person_only");
  return personId;
}

/** The one address of the actor that is meant. */
function ownWay({ config, actor }: Scene, { channel, address }: Meant): PersonalWay {
  const personId = personOnly(actor);
  const own = (config.get("people", personId)?.body.contacts ?? []).filter(
    (contact) =>
      contact.channel === channel && (address === undefined || contact.address === address),
  );
  const [first, ...more] = [...new Set(own.map((contact) => contact.address))];
  if (first === undefined || config.get("channels", channel) === null)
    throw new Refusal("address.not_yours", { channel });
  if (more.length > 0) throw new Refusal("address.which", { channel });
  return { personId, channelId: channel, address: first };
}

/** The subject of codes to somebody. */
const codesOf = ({ personId }: PersonalWay): string => `address:${personId}`;

/** Sends six digits to an address of the actor. */
export async function sendCode(
  scene: Scene,
  meant: Meant,
): Promise<Way & { readonly until: Instant }> {
  const { tx, world, config, now } = scene;
  const way = ownWay(scene, meant);
  const proof = await mustLock(tx, way);
  const sent = await listCodes(tx, way, codesOf(way), addMs(now, -DAY));
  const soonest = nextCodeAt(proof, sent);
  if (soonest !== null && soonest > now)
    throw new Refusal("address.too_soon", { at: toIso(soonest) });
  const until = addMs(now, CODE_MS);
  const language = languageOf(config, way.personId);
  const codeId = await tellWay(
    tx,
    world,
    { ...way, language },
    {
      subject: codesOf(way),
      occasion: `code ${toIso(now)}`,
      why: { you: { kind: "own address", params: {} }, now: { kind: "code asked", params: {} } },
      words: {
        ...NOTICE,
        subject: say("code subject"),
        lines: [say("code line", { until: toIso(until) }), say("code not you")],
        withCode: true,
      },
      now,
    },
  );
  await saveProof(tx, { ...proof, codeId, codeUntil: until, codeTries: 0 });
  return { ...way, until };
}

/** A wrong code is counted, also where the request is refused for it: the caller commits and then refuses. */
export async function verifyAddress(
  scene: Scene,
  meant: Meant,
  code: string,
): Promise<{ readonly way: PersonalWay; readonly refusal: Refusal | null }> {
  const { tx, world, actor, now } = scene;
  const way = ownWay(scene, meant);
  const proof = await mustLock(tx, way);
  const judged = judgeCode(world, proof, code, now);
  if (judged === "none") return { way, refusal: new Refusal("address.no_code") };
  if (judged === "spent") return { way, refusal: new Refusal("address.tries_spent") };
  if (judged === "wrong") {
    await saveProof(tx, { ...proof, codeTries: proof.codeTries + 1 });
    return { way, refusal: new Refusal("address.wrong_code") };
  }
  const verified = { verifiedAt: now, verifiedBy: "code" as const };
  await saveProof(tx, { ...proof, ...verified, codeId: null, codeUntil: null, codeTries: 0 });
  await recordAccess(tx, world, actor, "address verified", `channel:${way.channelId}`, now);
  return { way, refusal: null };
}

async function mustLock(tx: Tx, way: PersonalWay): Promise<Proof> {
  const proof = await lockProof(tx, way);
  if (proof === null) throw new Refusal("address.not_yours", { channel: way.channelId });
  return proof;
}

/** Pages the actor by all of their ways for pages, each with its own delay. Returns the pages' ids. */
export async function testPage({
  tx,
  world,
  config,
  actor,
  now,
}: Scene): Promise<readonly string[]> {
  const personId = personOnly(actor);
  const minute = Math.floor(now / MINUTE) * MINUTE;
  const { told, unreachable } = await tellPeople(
    tx,
    world,
    config,
    [personId],
    {
      subject: `${TEST}${personId}`,
      occasion: `test ${toIso(minute as Instant)}`,
      kind: "page",
      urgency: "high",
      incidentNumber: null,
      runId: null,
      acceptedAt: now,
      dueAt: now,
      why: { you: { kind: "own test", params: {} }, now: { kind: "test asked", params: {} } },
      words: (id) => ({
        ...NOTICE,
        kind: "page",
        subject: say("test subject"),
        lines: [say("test line", { at: toIso(now) }), say("test what")],
        actions: [
          {
            label: say("test action"),
            url: `${world.publicUrl}/a/${id}`,
            verb: "acknowledge",
            signed: { purpose: "acknowledge", text: id },
          },
        ],
      }),
    },
    now,
  );
  if (unreachable.length > 0) throw new Refusal("address.none");
  if (told.length === 0)
    throw new Refusal("address.too_soon", { at: toIso((minute + MINUTE) as Instant) });
  await recordAccess(tx, world, actor, "test page sent", `person:${personId}`, now);
  return told;
}

/** Somebody answered from where a page went: the address is theirs, and a test page has done its work. */
export async function answeredFrom(
  tx: Tx,
  row: Pick<Notification, "id" | "subject" | "personId" | "channelId" | "address">,
  now: Instant,
): Promise<void> {
  const { personId, channelId, address } = row;
  if (personId === null) return;
  // A device is proved by the session that allowed it.
  if (channelId !== WEB_PUSH) await proveByAnswer(tx, { personId, channelId, address }, now);
  if (isTest(row)) await markAnswered(tx, row.id, now);
}

const NOTICE: Wording = {
  kind: "notice",
  subject: "",
  lines: [],
  facts: [],
  actions: [],
  attachments: [],
  thread: null,
};
