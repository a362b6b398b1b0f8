/**
 * What a password must be. It opens a session by itself, so NIST SP 800-63B-4 asks for 15 characters and
 * for no composition of them; what was stolen elsewhere or is guessed soon is refused, saying why.
 */
import type { ZxcvbnFactory } from "@zxcvbn-ts/core";

export const PASSWORD_MIN = 15;
/** 10⁸ guesses would be made in hours by whoever had stolen the hashes; below that it is refused. */
const GUESSES_LOG10_MIN = 8;

/** Loaded when somebody sets a password: the lists take memory that most nodes never need. */
let judge: Promise<ZxcvbnFactory> | null = null;
const loadJudge = async (): Promise<ZxcvbnFactory> => {
  const [{ ZxcvbnFactory: Factory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import("@zxcvbn-ts/core"),
    import("@zxcvbn-ts/language-common"),
  ]);
  return new Factory({ graphs: adjacencyGraphs, dictionary: { ...dictionary } });
};

/** Why a password is refused, as the end of a sentence; null when it will do. `own`: names and addresses. */
export async function weaknessOf(password: string, own: readonly string[]): Promise<string | null> {
  const length = [...password.normalize("NFKC")].length;
  if (length < PASSWORD_MIN)
    return `it has ${length} characters, and ${PASSWORD_MIN} are the least. A few words in a row do well`;
  const result = (await (judge ??= loadJudge())).check(password, ["tocsin", ...own]);
  if (result.guessesLog10 >= GUESSES_LOG10_MIN) return null;
  const sources = result.sequence.map((part) => String(part.dictionaryName ?? ""));
  if (sources.includes("userInputs")) return "it is made of your own name or address";
  if (sources.some((name) => name.startsWith("passwords")))
    return "it is made of passwords that were stolen elsewhere and are tried first";
  return "it follows a pattern that is guessed soon, such as repeats or neighbouring keys";
}
