/**
 * The frame of the app, and the door as it is drawn before any script runs, made when the app is built: once for each language, with and
 * without a provider and for each reason why there are no passkeys. The server puts its own words where the marks stand. decisions/0074
 */
import { renderToString } from "react-dom/server";
import { type Language, LANGUAGES } from "../../contract/language.ts";
import { NO_PASSKEYS, type NoPasskeys } from "../../contract/texts.ts";
import type { Ways } from "../account/SignIn.tsx";
import { said, speak } from "../kit/words.ts";
import { door } from "../words/door.ts";
import { Frame } from "./Frame.tsx";
import { SignedOut } from "./SignedOut.tsx";

type Drawn = {
  readonly language: Language;
  readonly title: string;
  /** What the server has, by whether it has it. */
  readonly has: { readonly provider: boolean; readonly noPasskeys: NoPasskeys | null };
  readonly markup: string;
};

/** As `server/app/web.ts` looks for them. */
const PROVIDER = "%PROVIDER%";
const PARAMS = { host: "%HOST%", address: "%ADDRESS%" };

/** What stands in the app's page until the app does. */
export const drawFrame = (): string => renderToString(<Frame />);

export function drawDoors(): readonly Drawn[] {
  const reasons = [null, ...(Object.keys(NO_PASSKEYS) as NoPasskeys[])];
  return (Object.keys(LANGUAGES) as Language[]).flatMap((language) =>
    [true, false].flatMap((provider) =>
      reasons.map((noPasskeys) => {
        speak(language, language === "de" ? door : {});
        const ways: Ways = {
          provider: provider ? PROVIDER : null,
          passkeysNot: noPasskeys,
          passkeysNotBecause:
            noPasskeys === null ? null : { template: NO_PASSKEYS[noPasskeys], params: PARAMS },
        };
        const markup = renderToString(<SignedOut ways={ways} />);
        return { language, title: said("Sign in"), has: { provider, noPasskeys }, markup };
      }),
    ),
  );
}
