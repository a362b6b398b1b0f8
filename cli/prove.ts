/** `tocsin prove`: every page of an incident, link by link, from the accepted signal to the acknowledge. */
import type { Command } from "commander";
import {
  type IncidentProof,
  type PageProof,
  proveIncident,
  type ProofLink,
} from "../contract/proof.ts";
import { addCommand, type Cli } from "./command.ts";
import { bold, dim, incidentIdFrom, shortId, styled } from "./output.ts";
import { exactTime, localized } from "./time.ts";

const MARKS = {
  proved: { text: "proved ", style: "green" },
  waiting: { text: "waiting", style: "yellow" },
  ended: { text: "ended  ", style: "dim" },
  missing: { text: "MISSING", style: "red" },
} as const;
const LINK_WIDTH = 12;

/** Ends with 1 when a link is missing, so that a script can hold us to it. */
export function registerProve(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: "prove <incident>",
    what: "prove that no page of an incident was lost (exit 1 when a link is missing)",
    example: "./bin/tocsin prove INC-1",
    async run(given) {
      const id = incidentIdFrom(given.arg(0));
      const proof = await cli.client.call(proveIncident, { params: { id } });
      return { value: proof, exitCode: proof.holds ? 0 : 1, lines: () => proofLines(proof) };
    },
  });
}

function proofLines(proof: IncidentProof): readonly string[] {
  const { signal, ledger } = proof;
  return [
    bold(`${proof.incident}, ${proof.severity}, ${proof.state}`),
    signal === null
      ? "Declared by a person, or its alerts have gone on to another incident."
      : `Signal ${shortId(signal.signal)} by key ${signal.key} (${signal.adapter}), accepted ${exactTime(signal.receivedAt)}: ` +
        `${signal.outcome} by ${signal.rule ?? "no rule"}${signal.source === null ? "" : ` (${signal.source})`}.`,
    ...proof.pages.flatMap(pageLines),
    "",
    ...proof.missing.map((text) => `${styled(MARKS.missing)}  ${localized(text)}`),
    ledgerLine(ledger),
    verdict(proof),
  ];
}

function pageLines(page: PageProof): readonly string[] {
  const { person, channel, occasion, attempts } = page;
  const repeats = attempts.filter(({ mayRepeat }) => mayRepeat).length;
  const tries = attempts.length === 1 ? "1 attempt" : `${attempts.length} attempts`;
  const may = repeats === 0 ? "" : `, ${repeats} may repeat`;
  return [
    "",
    `${bold(person ?? "an audience")} by ${channel}, ${occasion} ${dim(`page ${shortId(page.page)}, ${tries}${may}`)}`,
    ...page.links.map(linkLine),
  ];
}

function linkLine({ link, state, at, because }: ProofLink): string {
  const when = at === null ? "" : `${exactTime(at)}  `;
  return `  ${styled(MARKS[state])}  ${link.padEnd(LINK_WIDTH)}  ${when}${localized(because)}`;
}

function ledgerLine({ leaves, waiting, fault }: IncidentProof["ledger"]): string {
  const more = waiting === 0 ? "" : `, ${waiting} on their way`;
  return fault === null
    ? `Its ledger verifies: ${leaves} leaves${more}.`
    : `Its ledger does not verify: ${fault}.`;
}

function verdict({ holds, pages }: IncidentProof): string {
  if (!holds) return `${bold("Not proved")}: what is missing is named above.`;
  const count = pages.length === 1 ? "1 page" : `${pages.length} pages`;
  return `${bold("Proved")}: ${count}, no link missing.`;
}
