/** How the demo speaks in the terminal: chapters, and short lines with their time. */
import { styleText } from "node:util";
import { type Instant, toIso } from "../../base/instant.ts";

type Style = Parameters<typeof styleText>[0];

export type Voice = {
  chapter(title: string): void;
  /** What happened at an instant; the lines after the first say why or what follows. */
  tell(at: Instant, fact: string, ...more: readonly string[]): void;
  /** Something between two facts: what is waited for, what could be tried. */
  aside(text: string): void;
  /** A text as somebody sees it, such as a mail. */
  quote(lines: readonly string[]): void;
  line(text?: string): void;
};

const WIDTH = 96;
const MARGIN = " ".repeat(10);

export const strong = (text: string): string => styleText("bold", text);
export const quiet = (text: string): string => styleText("dim", text);
const coloured = (style: Style, text: string): string => styleText(style, text);

/** A voice that prints line by line. Colour goes where the terminal has none. */
export function voiceTo(print: (line: string) => void): Voice {
  let chapters = 0;
  return {
    chapter(title) {
      chapters += 1;
      print("");
      print(`${coloured(["bold", "red"], String(chapters))} ${strong(title)}`);
    },
    tell(at, fact, ...more) {
      const [first = "", ...rest] = wrapped(fact);
      print(`${quiet(timeOf(at))}  ${strong(first)}`);
      for (const line of rest) print(`${MARGIN}${strong(line)}`);
      for (const line of more.flatMap(wrapped)) print(`${MARGIN}${line}`);
    },
    aside(text) {
      for (const line of wrapped(text)) print(`${MARGIN}${quiet(line)}`);
    },
    quote(lines) {
      for (const line of lines) print(`${MARGIN}${coloured("cyan", "│")} ${line}`);
    },
    line: (text = "") => print(text),
  };
}

/** The time of day in UTC, as mails and pages show it too. */
export const timeOf = (at: Instant): string => toIso(at).slice(11, 19);

/** Lines no longer than a terminal is wide; a longer word, such as an address, stays whole. */
export function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > WIDTH - MARGIN.length) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
