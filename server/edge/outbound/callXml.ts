/** What a call says and which keys it takes, in the XML of each provider. Every word of it is escaped. */
import type { Language } from "../../../contract/language.ts";
import { html, type Html } from "../../base/html.ts";
import type { Spoken } from "./phone.ts";
import { sayIn } from "./words.ts";

/** Said twice: whoever wakes up to it has missed the first half. */
const TIMES = [1, 2];

export const twilioXml = (said: Spoken): string =>
  documentOf(said, {
    speak: (line, voice) => html`<Say${voice}>${line}</Say>`,
    listen: (keysTo, inner) =>
      html`<Gather action="${keysTo}" method="POST" numDigits="1" timeout="8">${inner}</Gather>`,
  });

export const plivoXml = (said: Spoken): string =>
  documentOf(said, {
    speak: (line, voice) => html`<Speak${voice}>${line}</Speak>`,
    listen: (keysTo, inner) =>
      html`<GetInput action="${keysTo}" method="POST" inputType="dtmf" numDigits="1" executionTimeout="8">${inner}</GetInput>`,
  });

type Dialect = {
  readonly speak: (line: string, voice: Html | null) => Html;
  readonly listen: (keysTo: string, inner: readonly Html[]) => Html;
};

/** An English voice is what providers take by themselves. */
const VOICES: Readonly<Record<Language, Html | null>> = {
  en: null,
  de: html` language="de-DE"`,
};

function documentOf({ language, lines, keysTo }: Spoken, { speak, listen }: Dialect): string {
  const say = (line: string): Html => speak(line, VOICES[language]);
  const said = lines.map(say);
  const end = sayIn({ language }, "call end");
  const inner = keysTo === null ? said : [...TIMES.map(() => listen(keysTo, said)), say(end)];
  return `<?xml version="1.0" encoding="UTF-8"?>${html`<Response>${inner}</Response>`.toString()}`;
}

export const NOTHING_XML = `<?xml version="1.0" encoding="UTF-8"?><Response></Response>`;

export const twilioReply = (text: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>${html`<Response><Message>${text}</Message></Response>`.toString()}`;

export const plivoReply = (text: string, from: string, to: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>${html`<Response><Message src="${from}" dst="${to}">${text}</Message></Response>`.toString()}`;
