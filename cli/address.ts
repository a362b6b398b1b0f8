/** `tocsin address …` and `tocsin page test`: how you are reached, and whether that works. */
import type { Command } from "commander";
import {
  type AddressView,
  listAddresses,
  sendCode,
  testPage,
  verifyAddress,
} from "../contract/address.ts";
import { addCommand, type Cli, type Given, present, summaryOf } from "./command.ts";
import { section, table } from "./output.ts";
import { briefTime, localTime } from "./time.ts";

const ADDRESS = [
  "--address <address>",
  "which one, where you have several on the channel",
] as const;

export function registerAddress(program: Command, cli: Cli): void {
  const { client } = cli;
  const meant = (given: Given) =>
    present({ channel: given.arg(0), address: given.text("address") }) as { channel: string };
  const noun = program.command("address").description("how you are reached");
  noun.summary(summaryOf("how you are reached", "./bin/tocsin address list"));
  addCommand(noun, cli, {
    usage: "list",
    what: "your addresses, what shows that they work, and what would keep a page from you",
    example: "./bin/tocsin address list",
    async run() {
      const list = await client.call(listAddresses, {});
      return {
        value: list,
        lines: () => [
          ...(list.items.length === 0 ? ["No address."] : addressTable(list.items, cli)),
          ...section("What would keep a page from you", list.doubts),
        ],
      };
    },
  });
  addCommand(noun, cli, {
    usage: "code <channel>",
    what: "send six digits to an address of yours, to verify it",
    example: "./bin/tocsin address code text",
    options: [ADDRESS],
    async run(given) {
      const sent = await client.call(sendCode, { body: meant(given) });
      const { channel } = sent;
      return {
        value: sent,
        lines: () => [
          `Sent by ${channel}. Until ${localTime(sent.until)}: ./bin/tocsin address verify ${channel} CODE`,
        ],
      };
    },
  });
  addCommand(noun, cli, {
    usage: "verify <channel> <code>",
    what: "verify an address of yours by the six digits that came there",
    example: "./bin/tocsin address verify text 123456",
    options: [ADDRESS],
    async run(given) {
      const body = { ...meant(given), code: given.arg(1) };
      const verified = await client.call(verifyAddress, { body });
      return { value: verified, lines: () => [`Pages by ${verified.channel} reach you.`] };
    },
  });
  const page = program.command("page").description("a page to yourself");
  page.summary(summaryOf("a page to yourself", "./bin/tocsin page test"));
  addCommand(page, cli, {
    usage: "test",
    what: "page yourself, by the way a true page goes, once in a minute",
    example: "./bin/tocsin page test",
    async run() {
      const { pages } = await client.call(testPage, {});
      return {
        value: { pages },
        lines: () => pages.map(({ channel, dueAt }) => `By ${channel}, at ${localTime(dueAt)}.`),
      };
    },
  });
}

function addressTable(items: readonly AddressView[], { now, width }: Cli): readonly string[] {
  const rows = items.map((each) => [
    each.channel,
    each.address,
    each.urgency ?? "both",
    each.mark !== null
      ? `${each.mark.kind}: ${each.mark.because}`
      : each.verifiedAt === null
        ? "not verified"
        : `verified ${briefTime(each.verifiedAt, now())}`,
    each.lastPageAt === null ? "–" : briefTime(each.lastPageAt, now()),
  ]);
  return table(["CHANNEL", "ADDRESS", "FOR", "STATE", "LAST PAGE"], rows, width);
}
