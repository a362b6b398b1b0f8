/** A document as a page: its words as safe HTML, with marks on what was read in them. */
import type { PageMark } from "../../../contract/published.ts";
import type { RunbookDocument } from "../../../contract/runbook.ts";
import { type MarkedSpan, toMarkedHtml } from "../../base/markedHtml.ts";
import { pageMarks } from "./pageMarks.ts";
import { frontMatterOf } from "./reading/frontMatter.ts";
import { decode, openSource } from "./reading/source.ts";

export type RunbookPage = { readonly html: string; readonly marks: readonly PageMark[] };

/** It may take long: call it in a thread that can be stopped (safePages.ts). */
export function runbookPage(document: RunbookDocument, bytes: Uint8Array): RunbookPage {
  const decoded = decode(bytes);
  if (decoded === null) return { html: "", marks: [] };
  const source = openSource(document.path, bytes, decoded);
  const placeOf = placesOf(source.text, source.range(0, 0).startOffset);
  const marks = pageMarks(document, (byte) => source.lineAt(placeOf(byte)));
  const spans = marks.map(({ id, range }): MarkedSpan => ({
    id,
    start: placeOf(range.startOffset),
    end: placeOf(range.endOffset),
  }));
  const front = frontMatterOf(source)?.span ?? null;
  return { html: toMarkedHtml({ text: source.text, spans, front }), marks };
}

/** From bytes of the file to places in its text; `first` is the byte at which the text begins. */
function placesOf(text: string, first: number): (byte: number) => number {
  const places = new Map<number, number>();
  let byte = first;
  let place = 0;
  for (const character of text) {
    places.set(byte, place);
    byte += Buffer.byteLength(character);
    place += character.length;
  }
  return (at) => places.get(at) ?? (at < first ? 0 : text.length);
}
