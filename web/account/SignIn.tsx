/** The ways in: passkey, identity provider, password, and those for when nothing else works. */
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import {
  forgotPassword,
  goToProvider,
  readWays,
  signInByCode,
  signInByPassword,
} from "../../contract/signIn.ts";
import { addressOf, call, useRoute } from "../kit/client.ts";
import { Button, RefusedLine } from "../kit/parts.tsx";
import { t, tParts } from "../kit/words.ts";
import "./account.css";
import { canPasskeys, signInWithPasskey } from "./passkeys.ts";

/** The page stays where it is and reads itself anew, as whoever is signed in now. */
const enter = (): void => location.reload();

export function SignIn() {
  const { data: ways, error } = useRoute(readWays);
  const [forgotten, setForgotten] = useState(false);
  const passkey = useMutation({ mutationFn: signInWithPasskey, onSuccess: enter });
  const passkeysNot =
    ways?.passkeysNot ?? (canPasskeys() ? null : t("This browser has no passkeys."));
  const here = location.pathname + location.search;
  return (
    <div className="sign-in">
      <RefusedLine error={error ?? passkey.error} />
      <div className="stack">
        {ways?.provider == null ? null : (
          <a className="btn do wide" href={addressOf(goToProvider.path, {}, { to: here })}>
            {t("Sign in with {provider}", { provider: ways.provider })}
          </a>
        )}
        <Button
          className="wide"
          look={ways?.provider == null ? "do" : undefined}
          because={passkeysNot}
          onClick={() => passkey.mutate()}
        >
          {t("Sign in with a passkey")}
        </Button>
        {passkeysNot === null || ways === undefined ? null : <p className="hint">{passkeysNot}</p>}
      </div>
      <p className="or">{t("or")}</p>
      {forgotten ? (
        <Forgotten mail={ways?.mail !== false} back={() => setForgotten(false)} />
      ) : (
        <ByPassword forgotten={() => setForgotten(true)} />
      )}
      <Others />
    </div>
  );
}

function Field(props: {
  readonly id: string;
  readonly label: string;
  readonly children: (id: string) => ReactNode;
}) {
  return (
    <div className="field">
      <label htmlFor={props.id}>{props.label}</label>
      {props.children(props.id)}
    </div>
  );
}

function EmailField({ value, set }: { value: string; set: (email: string) => void }) {
  return (
    <Field id="email" label={t("E-mail address")}>
      {(id) => (
        <input
          id={id}
          type="email"
          autoComplete="username"
          required
          value={value}
          onChange={(event) => set(event.target.value)}
        />
      )}
    </Field>
  );
}

/** Sends on Enter, and once. */
function useForm(send: () => Promise<unknown>, done: () => void) {
  const { mutate, ...form } = useMutation({ mutationFn: send, onSuccess: done });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!form.isPending) mutate();
  };
  return { ...form, submit };
}

function ByPassword({ forgotten }: { forgotten: () => void }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const { submit, error, isPending } = useForm(
    () => call(signInByPassword, { body: { email, password } }),
    enter,
  );
  return (
    <form onSubmit={submit} className="stack">
      <EmailField value={email} set={setEmail} />
      <Field id="password" label={t("Password")}>
        {(id) => (
          <input
            id={id}
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      <RefusedLine error={error} />
      <div className="row">
        <Button type="submit">
          {isPending ? t("Signing in") : t("Sign in with the password")}
        </Button>
        <span className="grow" />
        <Button look="bare" onClick={forgotten}>
          {t("Forgotten?")}
        </Button>
      </div>
    </form>
  );
}

function Forgotten({ mail, back }: { mail: boolean; back: () => void }) {
  const [email, setEmail] = useState("");
  const { submit, error, isPending, isSuccess } = useForm(
    () => call(forgotPassword, { body: { email } }),
    () => undefined,
  );
  if (isSuccess)
    return (
      <div className="stack" role="status">
        <p>
          {t(
            "If somebody here has that address, a mail with a link is on its way. The link works once, within an hour.",
          )}
        </p>
        <div className="row">
          <Button onClick={back}>{t("Back to the password")}</Button>
        </div>
      </div>
    );
  return (
    <form onSubmit={submit} className="stack">
      <EmailField value={email} set={setEmail} />
      <RefusedLine error={error} />
      <div className="row">
        <Button
          type="submit"
          because={mail ? null : t("No mail goes out here. Ask an administrator for a link.")}
        >
          {isPending ? t("Asking") : t("Mail me a link")}
        </Button>
        <span className="grow" />
        <Button look="bare" onClick={back}>
          {t("Back to the password")}
        </Button>
      </div>
      {mail ? null : (
        <p className="hint">{t("No mail goes out here. Ask an administrator for a link.")}</p>
      )}
    </form>
  );
}

function Others() {
  const [code, setCode] = useState("");
  const { submit, error } = useForm(() => call(signInByCode, { body: { code } }), enter);
  const incident = /^\/incidents\/(INC-\d+)$/.exec(location.pathname)?.[1];
  const command =
    incident === undefined
      ? "./bin/tocsin incidents"
      : t("./bin/tocsin incident show {incident}", { incident });
  return (
    <div className="others">
      <details>
        <summary>{t("You were paged")}</summary>
        <p>{t("The acknowledge link in the page works without signing in.")}</p>
      </details>
      <details>
        <summary>{t("With a link")}</summary>
        <p>
          {tParts(
            "Open the one-time link that an administrator made for you, or that {command} prints when it starts. Then come back to this page.",
            { command: <code className="mono">./bin/tocsin up</code> },
          )}
        </p>
      </details>
      <details>
        <summary>{t("On the command line")}</summary>
        <p>
          {tParts("{command} with your API token in {variable}.", {
            command: <code className="mono">{command}</code>,
            variable: <code className="mono">TOCSIN_TOKEN</code>,
          })}
        </p>
      </details>
      <details>
        <summary>{t("With a break-glass code")}</summary>
        <form onSubmit={submit} className="stack">
          <p>
            {t(
              "For when nothing else works. It opens four hours as an administrator, and every administrator is told.",
            )}
          </p>
          <Field id="code" label={t("Break-glass code")}>
            {(id) => (
              <input
                id={id}
                className="mono"
                autoComplete="off"
                required
                value={code}
                onChange={(event) => setCode(event.target.value)}
              />
            )}
          </Field>
          <RefusedLine error={error} />
          <div className="row">
            <Button type="submit" look="danger">
              {t("Break the glass")}
            </Button>
          </div>
        </form>
      </details>
    </div>
  );
}
