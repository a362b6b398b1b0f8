/** Which language the reader gets: what they chose, then what their browser asks for. */
import { chosenLanguage, type Catalogue, languageOf, speak } from "../kit/words.ts";

/** Speaks it; its words are loaded when it is not English. */
export async function speakTheirs(german: () => Promise<Catalogue>): Promise<void> {
  const language = languageOf(chosenLanguage(), navigator.languages);
  document.documentElement.lang = language;
  if (language === "de") speak("de", await german());
}
