/** You: who you are here, how this page looks and which keys it takes, and the way out. */
import { useState } from "react";
import { signOut } from "../../contract/session.ts";
import { useMe, useNames } from "../app/me.ts";
import { chooseScheme, type Scheme, useScheme } from "../app/scheme.ts";
import { useTitle } from "../app/tabTitle.ts";
import { useSend } from "../kit/client.ts";
import { lettersAreOff, switchLetters } from "../kit/keys.ts";
import { Button, Panel, RefusedLine } from "../kit/parts.tsx";
import { listText } from "../kit/time.ts";

const SCHEMES: Readonly<Record<Scheme, string>> = {
  system: "as this machine says",
  light: "light",
  dark: "dark",
};

export function You() {
  useTitle("You");
  const me = useMe();
  const names = useNames();
  const scheme = useScheme();
  const [off, setOff] = useState(lettersAreOff);
  const send = useSend(signOut, () => location.assign("/"));
  const name = me.person === null ? (me.label ?? "signed in") : names.person(me.person);
  const roles = me.grants.map(({ role, team }) =>
    team === undefined ? role : `${role} in ${names.team(team)}`,
  );
  return (
    <main className="page narrow-page">
      <h1>{name}</h1>
      <p className="q">
        {me.person === null
          ? "You are signed in by an administrator’s link, not as a person: what you do is recorded as that."
          : `Here you are ${me.person}.`}{" "}
        Your roles: {roles.length === 0 ? "none" : listText(roles)}.
      </p>
      <Panel title="Light and dark">
        <fieldset className="choices settings">
          <legend className="only-read">Light and dark</legend>
          {(Object.keys(SCHEMES) as Scheme[]).map((each) => (
            <label key={each} className="choice">
              <input
                type="radio"
                name="scheme"
                checked={scheme === each}
                onChange={() => chooseScheme(each)}
              />
              {SCHEMES[each]}
            </label>
          ))}
        </fieldset>
      </Panel>
      <Panel title="Keys">
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
            Single letters act outside of text fields
          </label>
          <p className="hint">
            <kbd>?</kbd> shows the keys of any page; <kbd>Ctrl K</kbd> always works.
          </p>
        </div>
      </Panel>
      <Panel title="This browser">
        <div className="settings">
          <RefusedLine error={send.error} />
          <Button onClick={() => send.mutate({})}>Sign out</Button>
        </div>
      </Panel>
    </main>
  );
}
