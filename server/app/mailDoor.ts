/**
 * Alerts by mail: mail for KEY@anything, where KEY is the secret of an intake key, and nothing else. It
 * is answered with 250 only once the alert is committed; what could not be stored gets 451, so that
 * the sender's server tries again.
 */
import { Refusal } from "../base/errors.ts";
import { errorFields } from "../base/log.ts";
import {
  type MailListener,
  type MailRefusal,
  openMailListener,
  type TakenMail,
} from "../base/mailListener.ts";
import type { World } from "../base/world.ts";
import { email } from "../edge/inbound/email.ts";
import type { IntakeDoor } from "./intakeDoor.ts";
import { mailBody } from "./mailBody.ts";

export function openMailDoor(
  world: World,
  door: IntakeDoor,
  at: { readonly host: string; readonly port: number },
): Promise<MailListener> {
  const tried = async (work: () => Promise<unknown>): Promise<MailRefusal | null> => {
    try {
      await work();
      return null;
    } catch (error) {
      return told(world, error);
    }
  };
  return openMailListener({
    ...at,
    knows: (address) => tried(() => door.mustFind(keyIn(address))),
    take: (mail) => tried(() => take(world, door, mail)),
  });
}

async function take(
  world: World,
  door: IntakeDoor,
  { raw, cut, recipients }: TakenMail,
): Promise<void> {
  const body = await mailBody(raw, cut);
  const now = world.clock.now();
  for (const address of recipients) {
    const found = await door.mustFind(keyIn(address));
    const result = email.read({ body, headers: {}, now });
    const taken = await door.accept(found, [{ adapter: email, result }], { raw, now });
    const [refused] = taken.refused;
    if (taken.accepted.length === 0 && refused !== undefined) {
      throw new Refusal("request.invalid", { field: refused.field, expected: refused.expected });
    }
  }
}

/** KEY@host, or alerts+KEY@host where a relay knows only one mailbox. */
function keyIn(address: string): string {
  const local = address.slice(0, address.lastIndexOf("@"));
  return local.slice(local.lastIndexOf("+") + 1);
}

/** For good where the mail or its address is at fault, for now where the store is. */
function told(world: World, error: unknown): MailRefusal {
  const code = error instanceof Refusal ? error.code : null;
  if (code === "signal.key_unknown") return { code: 550, text: "No such address" };
  if (error instanceof Refusal && code === "signal.signature") {
    return {
      code: 550,
      text: "This address takes nothing by mail: its key takes only what is signed",
    };
  }
  if (error instanceof Refusal && code === "request.invalid") {
    return { code: 554, text: error.message };
  }
  world.log.warn("mail not taken", errorFields(error));
  return { code: 451, text: "Nothing was accepted; send it again" };
}
