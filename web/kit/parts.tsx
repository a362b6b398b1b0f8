/** Buttons that say why not, panels, times, and what stands where something is still missing. */
import {
  type ComponentProps,
  type ReactNode,
  useEffect,
  useState,
  useSyncExternalStore,
} from "react";
import { isOver, watchQueue } from "./call.ts";
import { Icon } from "./icons.tsx";
import { useNow } from "./now.ts";
import { at, timeText } from "./time.ts";
import { t } from "./words.ts";

type ButtonProps = Omit<ComponentProps<"button">, "disabled"> & {
  /** The key that does the same; printed on the button. */
  readonly letter?: string | undefined;
  readonly look?: "do" | "danger" | "bare" | undefined;
  readonly small?: boolean;
  /** Why it cannot be done now; the button stays where it is and says so. */
  readonly because?: string | null | undefined;
};

export function Button(props: ButtonProps) {
  const { letter, look, small, because, children, onClick, className, ...rest } = props;
  const refused = because != null;
  return (
    <button
      type="button"
      {...rest}
      className={["btn", look, small === true ? "sm" : null, className].filter(Boolean).join(" ")}
      aria-disabled={refused || undefined}
      title={because ?? rest.title}
      onClick={refused ? undefined : onClick}
    >
      {children}
      {letter === undefined ? null : <kbd aria-hidden="true">{letter}</kbd>}
    </button>
  );
}

/** An instant: the reader's time, with the exact one in UTC behind it. */
export function Time(props: { iso: string; seconds?: boolean; zone?: string | undefined }) {
  const { iso, seconds = false, zone } = props;
  const now = useNow();
  return (
    <time
      dateTime={iso}
      title={t("{text} UTC", { text: iso.replace("T", " ").replace(/(\.\d+)?Z$/, "") })}
    >
      {timeText(at(iso), { now, seconds, zone })}
    </time>
  );
}

/** “Ma” of Mara; a square one is a machine. */
export function Avatar({ name, me = false }: { name: string | null; me?: boolean }) {
  if (name === null) return <span className="av none" aria-hidden="true" />;
  return (
    <span className={me ? "av me" : "av"} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}

/** “MV” of Mara Vos, “ma” of mara. */
export function initialsOf(name: string): string {
  const letters = name.split(/\s+/).map((part) => part.charAt(0));
  return letters.length > 1 ? `${letters[0]}${letters.at(-1)}` : name.slice(0, 2);
}

export function Panel(props: {
  readonly title: ReactNode;
  readonly aside?: ReactNode;
  readonly look?: string;
  readonly label?: string;
  readonly children: ReactNode;
}) {
  return (
    <section className={`panel ${props.look ?? ""}`} aria-label={props.label}>
      <header>
        <h2>{props.title}</h2>
        <span className="grow" />
        {props.aside}
      </header>
      {props.children}
    </section>
  );
}

/** What was refused, in the server's words, beside what caused it. */
export function RefusedLine({ error }: { error: Error | null }) {
  const over = useSyncExternalStore(
    watchQueue,
    () => isOver(error),
    () => false,
  );
  return error === null || over ? null : (
    <p className="refused" role="alert">
      {error.message}
    </p>
  );
}

/** Nothing moves while something is on its way; after three seconds it is said what is awaited. */
export function Waiting({ what }: { what: string }) {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), 3_000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p className="empty" aria-busy="true">
      {long ? t("Still waiting for {what}.", { what }) : ""}
    </p>
  );
}

/** A question that was answered with a refusal, and the way on. */
export function AskAgain({ error, again }: { error: Error; again: () => void }) {
  return (
    <div className="empty row wrap" role="alert">
      <Icon name="warning" />
      <span>{error.message}</span>
      <Button small onClick={again}>
        {t("Ask again")}
      </Button>
    </div>
  );
}

/** A page whose subject has not come, or was refused: its name stands, and what is awaited or the way on. */
export function NotYet(props: {
  readonly title: string;
  readonly what: string;
  readonly error: Error | null;
  readonly again: () => void;
}) {
  return (
    <main className="page">
      <h1>{props.title}</h1>
      {props.error === null ? (
        <Waiting what={props.what} />
      ) : (
        <AskAgain error={props.error} again={props.again} />
      )}
    </main>
  );
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <Button
      small
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => setCopied(true));
      }}
    >
      {copied ? t("Copied") : t("Copy {what}", { what })}
    </Button>
  );
}
