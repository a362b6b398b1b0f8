/** `tocsin shift notes` and `tocsin shift words`: what a shift was, and what the next one should know. */
import type { Command } from "commander";
import { addShiftWords, listShiftNotes, type ShiftNote } from "../contract/shiftNote.ts";
import {
  addCommand,
  type Cli,
  LIMIT_OPTION,
  limitOf,
  listUpTo,
  present,
  shownList,
  summaryOf,
} from "./command.ts";
import { bold } from "./output.ts";
import { briefTime } from "./time.ts";

export function registerShiftNote(program: Command, cli: Cli): void {
  const { client } = cli;
  const noun = program.command("shift").description("what a shift was");
  const example = "./bin/tocsin shift notes --schedule payments-primary";
  noun.summary(summaryOf("notes of shifts, and words for whoever comes", example));
  addCommand(noun, cli, {
    usage: "notes",
    what: "start-of-shift digests and hand-over notes, the newest first",
    example,
    options: [
      ["--schedule <schedule>", "only of this schedule"],
      ["--kind <kind>", "start or end"],
      LIMIT_OPTION,
    ],
    async run(given) {
      const query = present({ schedule: given.text("schedule"), kind: given.text("kind") });
      const list = await listUpTo(client, listShiftNotes, { query }, limitOf(given));
      const lines = (items: readonly ShiftNote[]) => items.flatMap((item) => noteLines(item, cli));
      return shownList(list, lines, "No shift was handed over with a note.");
    },
  });
  addCommand(noun, cli, {
    usage: "words <schedule> <text...>",
    what: "add words to the note of your last shift; whoever is on call now gets them",
    example: './bin/tocsin shift words payments-primary "The queue drains slowly, leave it"',
    async run(given) {
      const params = { id: given.arg(0) };
      const note = await client.call(addShiftWords, { params, body: { text: given.arg(1) } });
      return { value: note, lines: () => noteLines(note, cli) };
    },
  });
}

const noteLines = (note: ShiftNote, { now }: Cli): readonly string[] => [
  `${bold(note.schedule)}  ${note.kind}  ${note.person}  ${briefTime(note.at, now())}`,
  ...note.lines.map((line) => `  ${line}`),
  ...note.words.map(({ by, text }) => `  ${by}: ${text}`),
];
