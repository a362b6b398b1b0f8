/** German for what the contract says, by the English sentence; what only pages say is in web/words/. */
import { HOLDS, MESSAGES, REASONS } from "../texts.ts";
import { doorRefusalWords } from "./doorRefusals.ts";
import { ledger } from "./ledger.ts";
import { messages } from "./messages.ts";
import { near } from "./near.ts";
import { pages } from "./pages.ts";
import { holds, reasons } from "./reasons.ts";
import { refusals, refusalWords } from "./refusals.ts";
import { timeline } from "./timeline.ts";

const byEnglish = <Kind extends string>(
  english: Readonly<Record<Kind, string>>,
  german: Readonly<Record<Kind, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries((Object.keys(english) as Kind[]).map((kind) => [english[kind], german[kind]]));

export const told: Readonly<Record<string, string>> = {
  ...byEnglish(MESSAGES, messages),
  ...byEnglish(REASONS, reasons),
  ...byEnglish(HOLDS, holds),
};

/** Refusals stand by their code. */
export const german: Readonly<Record<string, string>> = {
  ...told,
  ...pages,
  ...near,
  ...ledger,
  ...timeline,
  ...refusals,
  ...refusalWords,
  ...doorRefusalWords,
};
