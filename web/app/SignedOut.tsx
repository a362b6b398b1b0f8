/** For whoever is not signed in: the ways in, on whatever page they came to. */
import { SignIn, type Ways } from "../account/SignIn.tsx";
import { Mark } from "../kit/icons.tsx";
import { useTitle } from "../kit/title.ts";
import { t } from "../kit/words.ts";

export function SignedOut({ ways }: { ways: Ways }) {
  useTitle(t("Sign in"));
  return (
    <main className="signed-out">
      <div className="panel">
        <p className="mark row">
          <Mark /> <b>Tocsin</b>
        </p>
        <h1>{t("Sign in")}</h1>
        <SignIn ways={ways} />
      </div>
    </main>
  );
}
