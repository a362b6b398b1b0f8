/** What a person signs in with: the password and the passkeys, changed only shortly after signing in. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  readCredentials,
  readWays,
  removePasskey,
  removePassword,
  setPassword,
} from "../../contract/signIn.ts";
import { call } from "../kit/call.ts";
import { useRoute, useSend } from "../kit/client.ts";
import { Button, Panel, RefusedLine, Time } from "../kit/parts.tsx";
import { t, tParts } from "../kit/words.ts";
import { OwnTokens } from "./OwnTokens.tsx";
import { canPasskeys, makePasskey, whyNoPasskeys } from "./passkeys.ts";

export function Credentials() {
  const { data, error } = useRoute(readCredentials);
  if (error !== null) return <RefusedLine error={error} />;
  if (data === undefined) return null;
  const because =
    data.changeableUntil === null
      ? t("Sign out and in again first: that was more than 15 minutes ago.")
      : null;
  return (
    <>
      <Password since={data.passwordSince} because={because} />
      <Passkeys passkeys={data.passkeys} because={because} />
      <OwnTokens because={because} />
    </>
  );
}

/** A changed way in gives this browser a new cookie; everything is asked for again with it. */
const useAsked = () => {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries();
};

function Password({ since, because }: { since: string | null; because: string | null }) {
  const [password, setText] = useState("");
  const asked = useAsked();
  const set = useMutation({
    mutationFn: () => call(setPassword, { body: { password } }),
    onSuccess: () => {
      setText("");
      asked();
    },
  });
  const remove = useSend(removePassword, asked);
  return (
    <Panel title={t("Password")}>
      <form
        className="settings"
        onSubmit={(event) => {
          event.preventDefault();
          if (because === null && !set.isPending) set.mutate();
        }}
      >
        <p>
          {since === null
            ? t("You have no password.")
            : tParts("You have a password since {since}.", { since: <Time iso={since} /> })}
        </p>
        <div className="field">
          <label htmlFor="own-password">{t("New password")}</label>
          <input
            id="own-password"
            type="password"
            autoComplete="new-password"
            required
            aria-describedby="own-password-hint"
            value={password}
            onChange={(event) => setText(event.target.value)}
          />
          <p className="hint" id="own-password-hint">
            {t("At least 15 characters; a few words in a row do well. Your other sessions end.")}
          </p>
        </div>
        <RefusedLine error={set.error ?? remove.error} />
        {set.isSuccess ? <p role="status">{t("The password is set.")}</p> : null}
        <div className="row">
          <Button type="submit" because={because}>
            {since === null ? t("Set the password") : t("Change the password")}
          </Button>
          {since === null ? null : (
            <Button look="bare" because={because} onClick={() => remove.mutate({})}>
              {t("Do without one")}
            </Button>
          )}
        </div>
        {because === null ? null : <p className="hint">{because}</p>}
      </form>
    </Panel>
  );
}

type Kept = {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
};

function Passkeys({ passkeys, because }: { passkeys: readonly Kept[]; because: string | null }) {
  const { data: ways } = useRoute(readWays);
  const [name, setName] = useState("");
  const asked = useAsked();
  const add = useMutation({
    mutationFn: () => makePasskey(name.trim()),
    onSuccess: () => {
      setName("");
      asked();
    },
  });
  const remove = useSend(removePasskey, asked);
  const not = whyNoPasskeys(ways) ?? (canPasskeys() ? null : t("This browser has no passkeys."));
  const noName = name.trim() === "" ? t("It has no name yet.") : null;
  return (
    <Panel title={t("Passkeys")}>
      {passkeys.map((each) => (
        <div key={each.id} className="session-line">
          <span>
            <b>{each.name}</b>{" "}
            {each.lastUsedAt === null
              ? tParts("made {made}, not used yet", { made: <Time iso={each.createdAt} /> })
              : tParts("made {made}, last used {used}", {
                  made: <Time iso={each.createdAt} />,
                  used: <Time iso={each.lastUsedAt} />,
                })}
          </span>
          <Button
            small
            because={because}
            aria-label={t("Remove {name}", { name: each.name })}
            onClick={() => remove.mutate({ params: { id: each.id } })}
          >
            {t("Remove")}
          </Button>
        </div>
      ))}
      <form
        className="settings"
        onSubmit={(event) => {
          event.preventDefault();
          if ((because ?? not ?? noName) === null && !add.isPending) add.mutate();
        }}
      >
        {passkeys.length > 0 ? null : (
          <p>
            {t(
              "A passkey opens Tocsin with the finger, face or PIN of this device; nobody can fish for it.",
            )}
          </p>
        )}
        <div className="field">
          <label htmlFor="passkey-name">{t("Name of the device")}</label>
          <input
            id="passkey-name"
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <RefusedLine error={add.error ?? remove.error} />
        <div className="row">
          <Button type="submit" because={because ?? not ?? noName}>
            {t("Add a passkey")}
          </Button>
        </div>
        {(because ?? not) === null ? null : <p className="hint">{because ?? not}</p>}
      </form>
    </Panel>
  );
}
