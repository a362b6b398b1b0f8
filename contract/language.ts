/** The languages that people may have; each has words for every sentence. */
import { z } from "zod";

export const LANGUAGES = { en: "English", de: "Deutsch" } as const;

export const Language = z.enum(["en", "de"]);
export type Language = z.infer<typeof Language>;
