/** The nine sections as one document: a Markdown file; documentPage.ts makes a page of it. */
import { SECTION_TITLES } from "../../../contract/postmortem.ts";
import { plain } from "./markdown.ts";
import type { Section } from "./postmortem.ts";

export type Document = {
  /** “Postmortem of INC-1: …”, as plain text. */
  readonly title: string;
  /** “Draft” or “Published 2026-…”. */
  readonly standing: string;
  readonly sections: readonly Pick<Section, "key" | "body">[];
};

/** Headings and bodies in order. The bodies stand as their authors wrote them. */
export function toMarkdown({ title, standing, sections }: Document): string {
  const parts = sections.map(
    ({ key, body }, index) => `## ${index + 1}. ${SECTION_TITLES[key]}\n\n${body.trim()}`,
  );
  return `${[`# ${plain(title)}`, plain(standing), ...parts].join("\n\n")}\n`;
}
