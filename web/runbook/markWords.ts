/** What a mark of a document is called. */
import type { PageMark } from "../../contract/published.ts";
import { later, said } from "../kit/words.ts";
import { isoText } from "./isoText.ts";

const NAMES: Readonly<Record<PageMark["kind"], string>> = {
  metadata: later("Metadata"),
  plan: later("Plan"),
  trigger: later("Trigger"),
  phase: later("Phase"),
  condition: later("Condition"),
  step: later("Step"),
  role: later("Role"),
  deadline: later("Deadline"),
  guard: later("Guard"),
  input: later("Input"),
  assertion: later("Assertion"),
  record: later("Record"),
  escalation: later("Escalation"),
  severity: later("Severity"),
  declares: later("Declares"),
  retention: later("Retention"),
  field: later("Field"),
  item: later("Item"),
  finding: later("Finding"),
};

export const markName = (kind: PageMark["kind"]): string => said(NAMES[kind]);

export const markLabel = ({ kind, label }: Pick<PageMark, "kind" | "label">): string =>
  kind === "deadline" ? isoText(label) : label;
