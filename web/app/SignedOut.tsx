/** For whoever is not signed in: the ways in, on whatever page they came to. */
import { lazy, Suspense } from "react";
import { SignIn } from "../account/SignIn.tsx";
import { Mark } from "../kit/icons.tsx";
import { t } from "../kit/words.ts";
import { useTitle } from "./tabTitle.ts";

const NewPassword = lazy(async () => ({
  default: (await import("../account/NewPassword.tsx")).NewPassword,
}));

/** The mailed link leads here, signed in or not. */
export const setsPassword = (): boolean => location.pathname === "/password";

export function SignedOut() {
  useTitle(t("Sign in"));
  if (setsPassword())
    return (
      <Suspense fallback={null}>
        <NewPassword />
      </Suspense>
    );
  return (
    <main className="signed-out">
      <div className="panel">
        <p className="mark row">
          <Mark /> <b>Tocsin</b>
        </p>
        <h1>{t("Sign in")}</h1>
        <SignIn />
      </div>
    </main>
  );
}
