/** What a kind of configuration is called, as a heading and within a sentence. */
import { capital } from "../kit/time.ts";
import { inSentence, later, said } from "../kit/words.ts";

const OTHERWISE: Readonly<Record<string, string>> = { keys: later("Intake keys") };

export const kindTitle = (kind: string): string => said(OTHERWISE[kind] ?? capital(kind));
export const kindName = (kind: string): string => inSentence(kindTitle(kind));
