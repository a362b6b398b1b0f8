/** You: who you are here, how this page looks and which keys it takes, and the way out. */
import { useState } from "react";
import { type Language, LANGUAGES } from "../../contract/language.ts";
import {
  endSession,
  listSessions,
  readOwnLanguage,
  setOwnLanguage,
  signOut,
} from "../../contract/session.ts";
import type { SignInWay } from "../../contract/signIn.ts";
import { useMe, useNames } from "../app/me.ts";
import { chooseScheme, type Scheme, useScheme } from "../app/scheme.ts";
import { useRoute, useSend } from "../kit/client.ts";
import { lettersAreOff, switchLetters } from "../kit/keys.ts";
import { Button, Panel, RefusedLine, Time } from "../kit/parts.tsx";
import { useTitle } from "../kit/title.ts";
import { listText } from "../kit/time.ts";
import { chooseLanguage, chosenLanguage, said, t, tParts } from "../kit/words.ts";
import { forgetEverything } from "../offline/kept.ts";
import "./account.css";
import { Addresses } from "./Addresses.tsx";
import { Credentials } from "./Credentials.tsx";
import { Devices } from "./Devices.tsx";
import { LeaveFeed } from "./LeaveFeed.tsx";

/** Where somebody is signed in, and the way to end what should not be. */
function Sessions() {
  const { data, error } = useRoute(listSessions);
  const send = useSend(endSession, (queries) => void queries.invalidateQueries());
  if (error !== null || data === undefined || data.items.length === 0) return null;
  return (
    <Panel title={t("Where you are signed in")}>
      <RefusedLine error={send.error} />
      {data.items.map((session) => (
        <div key={session.id} className="session-line">
          <span>
            {tParts("{how} since {since}, until {until}", {
              how: session.how === null ? null : wayText(session.how),
              since: <Time iso={session.createdAt} />,
              until: <Time iso={session.expiresAt} />,
            })}
          </span>
          {session.current ? (
            <span className="you">{t("this browser")}</span>
          ) : (
            <Button small onClick={() => send.mutate({ params: { id: session.id } })}>
              {t("End it")}
            </Button>
          )}
        </div>
      ))}
    </Panel>
  );
}

function wayText(how: SignInWay): string {
  switch (how) {
    case "link":
      return t("By a link");
    case "password":
      return t("By password");
    case "passkey":
      return t("By passkey");
    case "provider":
      return t("By the provider");
    case "break-glass":
      return t("By a break-glass code");
  }
}

const SCHEMES: Readonly<Record<Scheme, () => string>> = {
  system: () => t("as this machine says"),
  light: () => t("light"),
  dark: () => t("dark"),
};

function LanguageChoice() {
  const me = useMe();
  const chosen = chosenLanguage();
  const choices: readonly (Language | null)[] = [null, ...(Object.keys(LANGUAGES) as Language[])];
  return (
    <Panel title={t("Language")}>
      <fieldset className="choices settings">
        <legend className="only-read">{t("Language")}</legend>
        {choices.map((each) => (
          <label key={each ?? "system"} className="choice" lang={each ?? undefined}>
            <input
              type="radio"
              name="language"
              checked={chosen === each}
              onChange={() => chooseLanguage(each)}
            />
            {each === null ? t("as this browser says") : LANGUAGES[each]}
          </label>
        ))}
      </fieldset>
      {me.person === null ? null : <SentIn />}
    </Panel>
  );
}

/** What is sent to them comes in one language, whatever browser they read in. */
function SentIn() {
  const { data } = useRoute(readOwnLanguage);
  const send = useSend(setOwnLanguage, (queries) => void queries.invalidateQueries());
  if (data === undefined) return null;
  const chosen = send.variables?.body?.language ?? data.language;
  return (
    <fieldset className="choices settings">
      <legend>{t("Pages, mails, text messages and calls come in")}</legend>
      {(Object.keys(LANGUAGES) as Language[]).map((each) => (
        <label key={each} className="choice" lang={each}>
          <input
            type="radio"
            name="sent-in"
            checked={chosen === each}
            onChange={() => send.mutate({ body: { language: each } })}
          />
          {LANGUAGES[each]}
        </label>
      ))}
      <RefusedLine error={send.error} />
    </fieldset>
  );
}

export function You() {
  useTitle(t("You"));
  const me = useMe();
  const names = useNames();
  const scheme = useScheme();
  const [off, setOff] = useState(lettersAreOff);
  const send = useSend(signOut, (_, { next }) => {
    void forgetEverything().finally(() => location.assign(next ?? "/"));
  });
  const name = me.person === null ? (me.label ?? t("signed in")) : names.person(me.person);
  const roles = me.grants.map(({ role, team }) =>
    team === undefined
      ? said(role)
      : t("{role} in {team}", { role: said(role), team: names.team(team) }),
  );
  return (
    <main className="page narrow-page">
      <h1>{name}</h1>
      <p className="q">
        {me.person === null
          ? t(
              "You are signed in as an administrator, not as a person: what you do is recorded as that.",
            )
          : t("Here you are {person}.", { person: me.person })}{" "}
        {t("Your roles: {roles}.", { roles: roles.length === 0 ? t("none") : listText(roles) })}
      </p>
      {me.person === null ? null : <Addresses />}
      {me.person === null ? null : <Devices person={me.person} />}
      {me.person === null ? null : <LeaveFeed person={me.person} />}
      <Panel title={t("Light and dark")}>
        <fieldset className="choices settings">
          <legend className="only-read">{t("Light and dark")}</legend>
          {(Object.keys(SCHEMES) as Scheme[]).map((each) => (
            <label key={each} className="choice">
              <input
                type="radio"
                name="scheme"
                checked={scheme === each}
                onChange={() => chooseScheme(each)}
              />
              {SCHEMES[each]()}
            </label>
          ))}
        </fieldset>
      </Panel>
      <LanguageChoice />
      <Panel title={t("Keys")}>
        <div className="settings">
          <label className="choice">
            <input
              type="checkbox"
              checked={!off}
              onChange={(event) => {
                switchLetters(!event.target.checked);
                setOff(!event.target.checked);
              }}
            />
            {t("Single letters act outside of text fields")}
          </label>
          <p className="hint">
            {tParts("{question} shows the keys of any page; {palette} always works.", {
              question: <kbd>?</kbd>,
              palette: <kbd>Ctrl K</kbd>,
            })}
          </p>
        </div>
      </Panel>
      {me.person === null ? null : <Credentials />}
      <Sessions />
      <Panel title={t("This browser")}>
        <div className="settings">
          <RefusedLine error={send.error} />
          <Button onClick={() => send.mutate({})}>{t("Sign out")}</Button>
        </div>
      </Panel>
    </main>
  );
}
