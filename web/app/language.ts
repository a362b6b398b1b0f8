/** Which language the reader gets: what they chose, then what their browser asks for. */
import { chosenLanguage, languageOf, speak } from "../kit/words.ts";

export async function speakTheirs(): Promise<void> {
  const language = languageOf(chosenLanguage(), navigator.languages);
  document.documentElement.lang = language;
  if (language === "de") speak("de", (await import("../words/de.ts")).de);
}
