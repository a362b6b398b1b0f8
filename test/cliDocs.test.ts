import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { ClientError, openClient } from "../cli/client.ts";
import { buildProgram } from "../cli/program.ts";
import { allowedVerbs } from "../server/domain/incident/incident.ts";

const text = await readFile(new URL("../docs/cli.md", import.meta.url), "utf8");
const sections = new Map(
  text.split(/^### /m).map((section) => [section.split("\n", 1)[0] ?? "", section]),
);

const client = openClient({ url: "http://127.0.0.1:1", token: null });
const program = buildProgram({
  client,
  keyless: client,
  output: { line: () => undefined, problem: () => undefined },
  now: () => 0,
  width: 80,
  exit: () => undefined,
});

type Leaf = { readonly name: string; readonly usage: string; readonly command: Command };

function leavesOf(command: Command, path: readonly string[]): readonly Leaf[] {
  if (command.commands.length > 0)
    return command.commands.flatMap((inner) => leavesOf(inner, [...path, inner.name()]));
  const args = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [{ name: path.join(" "), usage: [...path, ...args].join(" "), command }];
}

const leaves = leavesOf(program, []);

for (const { usage, command } of leaves)
  test(`“${usage}” is documented with all its options`, () => {
    const section = sections.get(`\`${usage}\``) ?? "";
    expect(section).not.toBe("");
    const options = command.options.map(({ flags }) => flags).filter((flags) => flags !== "--json");
    expect(options.filter((flags) => !section.includes(`\`${flags}\``))).toEqual([]);
  });

test("nothing is documented that does not exist", () => {
  const documented = [...sections.keys()].filter((heading) => heading.startsWith("`"));
  const there = new Set(leaves.map(({ usage }) => `\`${usage}\``));
  expect(documented.filter((heading) => !there.has(heading))).toEqual([]);
});

test("every verb of an incident is a command", () => {
  const verbs = new Set(
    (["declared", "mitigated", "resolved", "closed"] as const).flatMap(allowedVerbs),
  );
  const names = new Set(leaves.map(({ name }) => name));
  expect([...verbs].filter((verb) => !names.has(`incident ${verb}`))).toEqual([]);
});

test("everything but what runs here can print JSON", () => {
  const without = leaves.filter(
    ({ command }) => !command.options.some(({ long }) => long === "--json"),
  );
  expect(without.map(({ name }) => name)).toEqual(["up", "demo", "backup", "restore", "watch"]);
});

test("a command that reaches nobody ends in a ClientError, not in an end of the process", async () => {
  await expect(program.parseAsync(["incidents"], { from: "user" })).rejects.toThrow(ClientError);
});
