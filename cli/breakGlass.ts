/** `tocsin break-glass`: codes that open Tocsin when nothing else does. */
import type { Command } from "commander";
import type { z } from "zod";
import {
  type BreakGlassView,
  createBreakGlass,
  listBreakGlass,
  revokeBreakGlass,
} from "../contract/signIn.ts";
import { addCommand, type Cli, summaryOf } from "./command.ts";
import { idMeant, shortId, table } from "./output.ts";
import { briefTime } from "./time.ts";

type Code = z.infer<typeof BreakGlassView>;

export function registerBreakGlass(program: Command, cli: Cli): void {
  const { client, output } = cli;
  const what = "codes that sign an administrator in when the identity provider is down";
  const noun = program.command("break-glass").description(what);
  noun.summary(summaryOf(what, "./bin/tocsin break-glass create --label safe"));
  addCommand(noun, cli, {
    usage: "create",
    what: "make codes that work once each; printed once, to be sealed and put away",
    example: "./bin/tocsin break-glass create --label safe | lp",
    options: [
      ["--label <label>", "where they will lie", "required"],
      ["--count <n>", "how many (default: 5)"],
    ],
    async run(given) {
      const count = given.text("count");
      const label = given.text("label") ?? "";
      const body = { label, ...(count !== undefined && { count: Number(count) }) };
      const made = await client.call(createBreakGlass, { body });
      return {
        value: made,
        lines: () => {
          output.problem(
            "Each works once, for four hours, and tells every administrator. They are not shown again.",
          );
          return made.items.map(({ code }) => code);
        },
      };
    },
  });
  addCommand(noun, cli, {
    usage: "list",
    what: "list the codes that were made and what became of them; never the codes themselves",
    example: "./bin/tocsin break-glass list",
    async run() {
      const list = await client.call(listBreakGlass);
      return { value: list, lines: () => codeTable(list.items, cli) };
    },
  });
  addCommand(noun, cli, {
    usage: "revoke <id>",
    what: "revoke a code; it opens nothing from now on, and what a used one opened ends",
    example: "./bin/tocsin break-glass revoke 3f9c2a71d0b4",
    async run(given) {
      const all = async () => (await client.call(listBreakGlass)).items;
      const id = await idMeant("break-glass code", given.arg(0), all);
      const code = await client.call(revokeBreakGlass, { params: { id } });
      return { value: code, lines: () => [`The code ${shortId(id)} (${code.label}) is revoked.`] };
    },
  });
}

function codeTable(items: readonly Code[], { now, width }: Cli): readonly string[] {
  if (items.length === 0) return ["No break-glass code: ./bin/tocsin break-glass create"];
  const rows = items.map((code) => [
    shortId(code.id),
    code.usedAt !== null
      ? `used ${briefTime(code.usedAt, now())}`
      : code.revokedAt !== null
        ? "revoked"
        : "works",
    briefTime(code.createdAt, now()),
    code.label,
  ]);
  return table(["ID", "STATE", "MADE", "LABEL"], rows, width);
}
