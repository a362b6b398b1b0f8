/** You: who you are here, how this page looks and which keys it takes, and the way out. */
import { useState } from "react";
import { endSession, listSessions, signOut } from "../../contract/session.ts";
import { useMe, useNames } from "../app/me.ts";
import { chooseScheme, type Scheme, useScheme } from "../app/scheme.ts";
import { useTitle } from "../app/tabTitle.ts";
import { useRoute, useSend } from "../kit/client.ts";
import { lettersAreOff, switchLetters } from "../kit/keys.ts";
import { Button, Panel, RefusedLine, Time } from "../kit/parts.tsx";
import { listText } from "../kit/time.ts";

/** Where somebody is signed in, and the way to end what should not be. */
function Sessions() {
  const { data, error } = useRoute(listSessions);
  const send = useSend(endSession, (queries) => void queries.invalidateQueries());
  if (error !== null || data === undefined || data.items.length === 0) return null;
  return (
    <Panel title="Where you are signed in">
      <RefusedLine error={send.error} />
      {data.items.map((session) => (
        <div key={session.id} className="session-line">
          <span>
            since <Time iso={session.createdAt} />, until <Time iso={session.expiresAt} />
          </span>
          {session.current ? (
            <span className="you">this browser</span>
          ) : (
            <Button small onClick={() => send.mutate({ params: { id: session.id } })}>
              End it
            </Button>
          )}
        </div>
      ))}
    </Panel>
  );
}

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
      <Sessions />
      <Panel title="This browser">
        <div className="settings">
          <RefusedLine error={send.error} />
          <Button onClick={() => send.mutate({})}>Sign out</Button>
        </div>
      </Panel>
    </main>
  );
}
