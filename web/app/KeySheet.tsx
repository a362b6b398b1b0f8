/** `?`: all keys that work on this page now. */
import { useEffect, useRef } from "react";
import { lettersAreOff, useKnownKeys } from "../kit/keys.ts";
import { Button } from "../kit/parts.tsx";
import { t } from "../kit/words.ts";

export function KeySheet({ close }: { close: () => void }) {
  const keys = useKnownKeys();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const seen = new Set<string>();
  const unique = keys
    .toReversed()
    .filter(({ keys: key }) => !seen.has(key) && seen.add(key))
    .toReversed();
  return (
    <dialog ref={dialog} className="sheet" aria-label={t("Keys of this page")} onClose={close}>
      <header>
        <h2>{t("Keys of this page")}</h2>
        <span className="grow" />
        <Button small look="bare" onClick={() => dialog.current?.close()}>
          {t("Close")} <kbd>Esc</kbd>
        </Button>
      </header>
      {lettersAreOff() ? (
        <p className="q t13">
          {t("Single letters are switched off on your page; Ctrl K still works.")}
        </p>
      ) : null}
      <ul>
        {unique.map(({ keys: key, what }) => (
          <li key={key}>
            <span>{what}</span>
            <span className="row">
              {key.split(" ").map((part) => (
                <kbd key={part}>{part}</kbd>
              ))}
            </span>
          </li>
        ))}
        <li>
          <span>{t("Send what is written")}</span>
          <span className="row">
            <kbd>Ctrl</kbd>
            <kbd>Enter</kbd>
          </span>
        </li>
        <li>
          <span>{t("Leave a field or a form; what is written is kept")}</span>
          <kbd>Esc</kbd>
        </li>
      </ul>
    </dialog>
  );
}
