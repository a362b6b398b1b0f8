/**
 * The ways in: passkey, identity provider, password, and those for when nothing else works. The page comes drawn
 * before its script: nothing here depends on what only a browser knows until it has taken over, and fields keep what
 * was typed before.
 */
import {
  type FormEvent,
  type ReactNode,
  type Ref,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { z } from "zod";
import {
  forgotPassword,
  goToProvider,
  readWays,
  signInByCode,
  signInByPassword,
} from "../../contract/signIn.ts";
import { addressOf, call } from "../kit/call.ts";
import { Button, RefusedLine } from "../kit/parts.tsx";
import { t, tParts } from "../kit/words.ts";
import "./account.css";
import { canPasskeys, signInWithPasskey, whyNoPasskeys } from "./passkeys.ts";

/** What the page is drawn with; whether mail goes out is asked when somebody needs it. */
export type Ways = Omit<z.infer<(typeof readWays)["reply"]>, "mail">;

/** The page stays where it is and reads itself anew, as whoever is signed in now. */
const enter = (): void => location.reload();
const never = () => () => undefined;

export function SignIn({ ways }: { ways: Ways }) {
  const [forgotten, setForgotten] = useState(false);
  const passkey = useAsking(signInWithPasskey, enter);
  const canHere = useSyncExternalStore(never, canPasskeys, () => true);
  const here = useSyncExternalStore(
    never,
    () => location.pathname + location.search,
    () => "/",
  );
  const passkeysNot = whyNoPasskeys(ways) ?? (canHere ? null : t("This browser has no passkeys."));
  return (
    <div className="sign-in">
      <RefusedLine error={passkey.error} />
      <div className="stack">
        {ways.provider === null ? null : (
          <a className="btn do wide" href={addressOf(goToProvider.path, {}, { to: here })}>
            {t("Sign in with {provider}", { provider: ways.provider })}
          </a>
        )}
        <Button
          className="wide"
          look={ways.provider === null ? "do" : undefined}
          because={passkeysNot}
          onClick={passkey.ask}
        >
          {t("Sign in with a passkey")}
        </Button>
        {passkeysNot === null ? null : <p className="hint">{passkeysNot}</p>}
      </div>
      <p className="or">{t("or")}</p>
      {forgotten ? (
        <Forgotten back={() => setForgotten(false)} />
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

function EmailField({ ref }: { ref: Ref<HTMLInputElement> }) {
  return (
    <Field id="email" label={t("E-mail address")}>
      {(id) => <input id={id} ref={ref} type="email" autoComplete="username" required />}
    </Field>
  );
}

type Asking = "not yet" | "under way" | "done" | Error;

/** Asks the server, once at a time. */
function useAsking(send: () => Promise<unknown>, done: () => void) {
  const [asking, setAsking] = useState<Asking>("not yet");
  const ask = (): void => {
    if (asking === "under way") return;
    setAsking("under way");
    send().then(
      () => {
        setAsking("done");
        done();
      },
      (error: unknown) => setAsking(error instanceof Error ? error : new Error(String(error))),
    );
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    ask();
  };
  return { ask, submit, asking, error: asking instanceof Error ? asking : null };
}

function ByPassword({ forgotten }: { forgotten: () => void }) {
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const { submit, error, asking } = useAsking(
    () =>
      call(signInByPassword, {
        body: { email: email.current?.value ?? "", password: password.current?.value ?? "" },
      }),
    enter,
  );
  return (
    <form onSubmit={submit} className="stack">
      <EmailField ref={email} />
      <Field id="password" label={t("Password")}>
        {(id) => (
          <input id={id} ref={password} type="password" autoComplete="current-password" required />
        )}
      </Field>
      <RefusedLine error={error} />
      <div className="row">
        <Button type="submit">
          {asking === "under way" ? t("Signing in") : t("Sign in with the password")}
        </Button>
        <span className="grow" />
        <Button look="bare" onClick={forgotten}>
          {t("Forgotten?")}
        </Button>
      </div>
    </form>
  );
}

function Forgotten({ back }: { back: () => void }) {
  const email = useRef<HTMLInputElement>(null);
  const [mail, setMail] = useState(true);
  useEffect(() => {
    // Unknown is not “no”: then the server says it when it is asked for the link.
    call(readWays).then(
      (ways) => setMail(ways.mail),
      () => undefined,
    );
  }, []);
  const { submit, error, asking } = useAsking(
    () => call(forgotPassword, { body: { email: email.current?.value ?? "" } }),
    () => undefined,
  );
  if (asking === "done")
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
      <EmailField ref={email} />
      <RefusedLine error={error} />
      <div className="row">
        <Button
          type="submit"
          because={mail ? null : t("No mail goes out here. Ask an administrator for a link.")}
        >
          {asking === "under way" ? t("Asking") : t("Mail me a link")}
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
  const code = useRef<HTMLInputElement>(null);
  const { submit, error } = useAsking(
    () => call(signInByCode, { body: { code: code.current?.value ?? "" } }),
    enter,
  );
  const path = useSyncExternalStore(
    never,
    () => location.pathname,
    () => "/",
  );
  const incident = /^\/incidents\/(INC-\d+)$/.exec(path)?.[1];
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
            {(id) => <input id={id} ref={code} className="mono" autoComplete="off" required />}
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
