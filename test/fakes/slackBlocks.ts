/** The limits of Slack's Block Kit that a message of ours could break, in the words Slack uses. */

type Text = { readonly type: "plain_text" | "mrkdwn"; readonly text: string };

export type Button = {
  readonly type: "button";
  readonly action_id: string;
  readonly block_id?: string;
  readonly text: Text;
  readonly value?: string;
  readonly url?: string;
};

export type SlackBlock = {
  readonly type: "header" | "section" | "context" | "actions" | "divider";
  readonly block_id?: string;
  readonly text?: Text;
  readonly fields?: readonly Text[];
  readonly elements?: readonly (Text | Button)[];
};

export const buttonsOf = (blocks: readonly SlackBlock[]): Button[] =>
  blocks.flatMap(({ elements = [], block_id = "generated" }) =>
    elements
      .filter((element): element is Button => element.type === "button")
      .map((button) => ({ ...button, block_id })),
  );

/** The first limit that the blocks break, or null. */
export function blockProblem(blocks: readonly SlackBlock[]): string | null {
  if (blocks.length > 50) return "[ERROR] no more than 50 items allowed [json-pointer:/blocks]";
  for (const [index, block] of blocks.entries()) {
    const problem = problemIn(block);
    if (problem !== null) return `[ERROR] ${problem} [json-pointer:/blocks/${index}]`;
  }
  return null;
}

function problemIn(block: SlackBlock): string | null {
  switch (block.type) {
    case "header":
      if (block.text?.type !== "plain_text") return "must be plain_text";
      return lengthProblem(block.text.text, 150);
    case "section": {
      const { text, fields } = block;
      if (text === undefined && fields === undefined) return "missing required field: text";
      if (fields !== undefined && fields.length > 10) return "no more than 10 items allowed";
      const tooLong = (fields ?? []).map((field) => lengthProblem(field.text, 2_000));
      return first([text ? lengthProblem(text.text, 3_000) : null, ...tooLong]);
    }
    case "context":
      return (block.elements ?? []).length > 10 ? "no more than 10 items allowed" : null;
    case "actions":
      return actionsProblem(block);
    case "divider":
      return null;
    default:
      return "unsupported type";
  }
}

function actionsProblem(block: SlackBlock): string | null {
  const buttons = buttonsOf([block]);
  if (buttons.length === 0) return "must have at least 1 item";
  if (buttons.length > 25) return "no more than 25 items allowed";
  const ids = new Set(buttons.map(({ action_id: id }) => id));
  if (ids.size < buttons.length) return "`action_id` should be unique within a block";
  const checks = buttons.flatMap((button) => [
    button.text.type === "plain_text" ? null : "must be plain_text",
    lengthProblem(button.text.text, 75),
    lengthProblem(button.action_id, 255),
    button.value === undefined ? null : lengthProblem(button.value, 2_000),
    button.url === undefined ? null : lengthProblem(button.url, 3_000),
  ]);
  return first(checks);
}

function lengthProblem(text: string, limit: number): string | null {
  if (text.length === 0) return "must be more than 0 characters";
  return text.length > limit ? `must be less than ${limit + 1} characters` : null;
}

const first = (problems: readonly (string | null)[]): string | null =>
  problems.find((problem) => problem !== null) ?? null;
