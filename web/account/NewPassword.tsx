/** Where the mailed link leads: a password is set, and its person is signed in. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { setPasswordByLink } from "../../contract/signIn.ts";
import { call } from "../kit/call.ts";
import { Mark } from "../kit/icons.tsx";
import { Button, RefusedLine } from "../kit/parts.tsx";
import { useTitle } from "../kit/title.ts";
import { t } from "../kit/words.ts";
import "./account.css";

export function NewPassword() {
  useTitle(t("Set your password"));
  // Behind the “#” it reaches no server and no log on the way here.
  const [token] = useState(() => location.hash.slice(1));
  const [password, setPassword] = useState("");
  const set = useMutation({
    mutationFn: () => call(setPasswordByLink, { body: { token, password } }),
    onSuccess: () => location.assign("/"),
  });
  const because =
    token === "" ? t("The address is cut off: open the whole link of the mail.") : null;
  return (
    <main className="signed-out">
      <div className="panel">
        <p className="mark row">
          <Mark /> <b>Tocsin</b>
        </p>
        <h1>{t("Set your password")}</h1>
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (because === null && !set.isPending) set.mutate();
          }}
        >
          <div className="field">
            <label htmlFor="new-password">{t("New password")}</label>
            <input
              id="new-password"
              type="password"
              autoComplete="new-password"
              required
              aria-describedby="new-password-hint"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
            <p className="hint" id="new-password-hint">
              {t("At least 15 characters; a few words in a row do well. All your sessions end.")}
            </p>
          </div>
          <RefusedLine error={set.error} />
          {because === null ? null : <p className="hint">{because}</p>}
          <div className="row">
            <Button type="submit" look="do" because={because}>
              {t("Set the password and sign in")}
            </Button>
          </div>
        </form>
      </div>
    </main>
  );
}
