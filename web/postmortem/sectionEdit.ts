/** Editing a section that others may edit as well: whose words are shown, and when there is a conflict. Pure. */
export type Draft = {
  /** What is typed here. */
  readonly text: string;
  /** The version it began from. */
  readonly base: number;
};

export type Section = { readonly body: string; readonly version: number };

export type Standing =
  /** Nothing is typed here that the server does not have. */
  | { readonly kind: "clean"; readonly text: string }
  /** Words of ours are not saved yet; nobody else changed it. */
  | { readonly kind: "typed"; readonly text: string }
  /** Words of ours are not saved, and somebody else changed it: both are shown, none is lost. */
  | { readonly kind: "conflict"; readonly text: string; readonly theirs: string };

export function standingOf(draft: Draft | null, section: Section): Standing {
  if (draft === null || draft.text === section.body) return { kind: "clean", text: section.body };
  if (draft.base === section.version) return { kind: "typed", text: draft.text };
  return { kind: "conflict", text: draft.text, theirs: section.body };
}

/** “filled”, “empty”: how a section stands in the list. */
export const isEmpty = (body: string): boolean =>
  body
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/^\s*_.*_\s*$/gm, "")
    .trim() === "";
