/**
 * Proves that a message came from Amazon SNS, and confirms a subscription. Both ask Amazon inside of
 * the request, and only read: when Amazon cannot be asked, nothing is accepted, and the topic, which
 * repeats what was not accepted, is the one that remembers (decisions/0021).
 */
import { Refusal } from "../base/errors.ts";
import { DAY, type Instant } from "../base/instant.ts";
import type { World } from "../base/world.ts";
import {
  certificateUrl,
  isSignedBy,
  type SnsMessage,
  snsMessage,
  subscribeUrl,
} from "../edge/inbound/snsSignature.ts";

const TIMEOUT_MS = 5_000;
const CERTIFICATES_MAX = 50;
/** Amazon changes certificates now and then, under new names. */
const CERTIFICATE_KEPT_MS = DAY;

/** Refuses a message of a topic that Amazon did not sign; everything else passes. */
export type SnsSender = (body: unknown, keyId: string) => Promise<void>;

export function snsSender(world: World): SnsSender {
  const certificates = new Map<string, { readonly pem: string; readonly until: Instant }>();

  async function fetched(url: string): Promise<string> {
    const outbound = {
      via: "http",
      method: "GET",
      url,
      headers: {},
      body: null,
      timeoutMs: TIMEOUT_MS,
    } as const;
    const reply = await world.transport.send(outbound);
    if (reply.kind !== "http" || reply.status !== 200)
      throw new Refusal("signal.sender_away", { host: new URL(url).host });
    return reply.body;
  }

  async function certificate(url: string, now: Instant): Promise<string> {
    const known = certificates.get(url);
    if (known !== undefined && known.until > now) return known.pem;
    const pem = await fetched(url);
    if (certificates.size >= CERTIFICATES_MAX) certificates.clear();
    certificates.set(url, { pem, until: (now + CERTIFICATE_KEPT_MS) as Instant });
    return pem;
  }

  async function confirm(message: SnsMessage): Promise<void> {
    const url = subscribeUrl(message);
    if (url === null)
      throw new Refusal("request.invalid", {
        field: "SubscribeURL",
        expected: "an address of Amazon SNS that confirms this topic",
      });
    await fetched(url);
  }

  return async (body, keyId) => {
    const message = snsMessage(body);
    if (message === null) return;
    const now = world.clock.now();
    const url = certificateUrl(message);
    if (url === null || !isSignedBy(message, await certificate(url, now), now)) {
      throw new Refusal("signal.signature", { key: keyId });
    }
    if (message.Type === "SubscriptionConfirmation") await confirm(message);
  };
}
