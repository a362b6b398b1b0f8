/** Channels against their vendors over real sockets: one page, how it is sent, and what every channel keeps of it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Channel } from "../contract/notification.ts";
import { addressGuard } from "../server/base/addresses.ts";
import { instant } from "../server/base/instant.ts";
import { realTransport } from "../server/base/realTransport.ts";
import type { Outbound } from "../server/base/transport.ts";
import type { ChannelSettings, Message, Verdict } from "../server/domain/notification/channel.ts";
import { channelDrivers } from "../server/edge/outbound/index.ts";
import { startVendor, type Vendor, type VendorServer } from "./fakes/vendor.ts";

export const NOW = instant(Date.UTC(2026, 10, 21, 3, 0));
export const PAGE: Message = {
  notificationId: "0199a111-0000-7000-8000-000000000001",
  idempotencyKey: "0199a111-0000-7000-8000-000000000001",
  kind: "page",
  subject: "[SEV1] INC-12 Payments: <failure> & *refunds* @here",
  lines: ["More than 1 % of payments fail.", "You are first on call."],
  facts: [{ name: "Service", value: "payments" }],
  actions: [
    { label: "Acknowledge", url: "https://tocsin.example/a/1?t=x", verb: "acknowledge" },
    { label: "Open INC-12", url: "https://tocsin.example/incidents/INC-12", verb: "open" },
  ],
  mayRepeat: false,
  attachments: [],
  thread: null,
};
/** Longer than any of them takes, in letters that grow when they are escaped. */
const LONG: Message = {
  ...PAGE,
  mayRepeat: true,
  subject: "ä*<".repeat(900),
  lines: Array.from({ length: 40 }, () => "ö_&".repeat(400)),
  facts: Array.from({ length: 30 }, () => ({ name: "ü*[".repeat(90), value: 'ß"\\'.repeat(500) })),
  actions: [
    ...PAGE.actions,
    ...Array.from({ length: 4 }, (_, n) => ({
      label: `Call ${n} ${"é]".repeat(90)}`,
      url: `https://call.example/${n}`,
      verb: "open" as const,
    })),
  ],
};

/** How one channel reaches its vendor. */
export type Case = {
  readonly channel: (url: string) => object;
  readonly secrets: Readonly<Record<string, string>>;
  readonly address: (url: string) => string;
  /** How long it asks to be left alone, where it says so; a text: it is no use to try again. */
  readonly limited: number | null | string;
};

export function vendorStage<T extends Channel["type"]>(
  vendor: Vendor,
  cases: Readonly<Record<T, Case>>,
) {
  const transport = realTransport({ smtpUrl: null, guard: addressGuard(["127.0.0.1"]) });
  let server: VendorServer;
  beforeAll(async () => void (server = await startVendor(vendor)));
  afterAll(() => server.stop());

  const settingsOf = (type: T, secrets = cases[type].secrets): ChannelSettings => ({
    channel: Channel.parse({ type, ...cases[type].channel(server.url) }),
    secrets,
    productName: "Tocsin",
    publicUrl: "https://tocsin.example",
  });
  const addressOf = (type: T): string => cases[type].address(server.url);
  const ask = async (type: T, outbound: Outbound): Promise<Verdict> =>
    channelDrivers[type].verdict(await transport.send(outbound));
  const stage = {
    url: () => server.url,
    settingsOf,
    addressOf,
    ask,
    /** What was taken last. */
    taken: () => server.taken().at(-1)?.body ?? {},
    send(
      type: T,
      { message = PAGE, address = addressOf(type), settings = settingsOf(type) } = {},
    ): Promise<Verdict> {
      return ask(type, channelDrivers[type].render(message, address, settings, NOW));
    },
  };

  for (const type of Object.keys(cases) as unknown as readonly T[]) {
    test(`${type} takes a page, and its form is the one that stands here`, async () => {
      expect(await stage.send(type)).toMatchObject({ kind: "accepted" });
      await expect(`${JSON.stringify(stage.taken(), null, 2)}\n`).toMatchFileSnapshot(
        `../server/edge/outbound/golden/${type}.page.json`,
      );
    });
    test(`${type} takes the longest message too, cut to its limits, with the link that answers it`, async () => {
      const [first] = PAGE.actions;
      const hasLink = (): boolean => JSON.stringify(stage.taken()).includes(first!.url);
      await stage.send(type);
      const had = hasLink();
      expect(await stage.send(type, { message: LONG })).toMatchObject({ kind: "accepted" });
      expect(hasLink()).toBe(had);
    });
    test(`${type} loses its answer: that is unknown, never accepted`, async () => {
      server.breakOff();
      expect(await stage.send(type)).toMatchObject({ kind: "unknown" });
    });
    test(`${type} says that there were too many, and is left alone as long as it asks`, async () => {
      server.limitNext();
      const { limited } = cases[type];
      expect(await stage.send(type)).toMatchObject(
        typeof limited === "string"
          ? { kind: "refused", because: limited }
          : { kind: "retry", afterMs: limited },
      );
    });
    test(`${type} knows its own addresses`, () => {
      const { expects } = channelDrivers[type];
      expect(expects?.pattern.test(stage.addressOf(type))).toBe(true);
      expect(expects?.pattern.test("not an address")).toBe(false);
    });
  }
  return stage;
}
