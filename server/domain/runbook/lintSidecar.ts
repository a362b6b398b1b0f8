/** What the sidecar beside a document answers of its findings, and what is wrong with it by itself. */
import type { RunbookDocument, RunbookFinding } from "../../../contract/runbook.ts";
import type { ActionRegistry } from "./action.ts";
import { bind } from "./binding.ts";
import { finding, type FindingCode } from "./reading/codes.ts";
import { answeredBy, readSidecar } from "./sidecar.ts";

/** Without a server, so nothing of the configuration is known: whether a team exists, publishing says. */
export function withSidecar(
  document: RunbookDocument,
  { file, text }: { readonly file: string; readonly text: string },
  actions: ActionRegistry,
): RunbookDocument {
  const { sidecar, findings, lineOf } = readSidecar(text, file);
  const say = (
    code: FindingCode,
    line: number,
    params: Readonly<Record<string, string>>,
  ): RunbookFinding => {
    // It is about the other file, so no words of this one are meant.
    const place = { line: 1, range: { startOffset: 0, endOffset: 0 }, quote: "" };
    return finding(code, place, { file, line, ...params });
  };
  if (sidecar === null) {
    const problems = findings.map(({ line, message }) => say("E101", line, { problem: message }));
    return { ...document, findings: [...document.findings, ...problems] };
  }
  const answered = answeredBy(sidecar);
  const drifted = bind(document, sidecar, actions, lineOf).flatMap((bound) => {
    if (bound.state === "live") return [];
    const params = { action: bound.binding.action, problem: bound.because ?? "it fits nothing" };
    return [say(bound.state === "orphan" ? "E102" : "W501", bound.line, params)];
  });
  return {
    ...document,
    findings: [...document.findings.filter(({ code }) => !answered.includes(code)), ...drifted],
  };
}
