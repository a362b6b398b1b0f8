/** Single keys of a page, outside of text fields; and the list of them for `?`. */
import { useEffect, useRef, useSyncExternalStore } from "react";

export type Key = {
  /** “K”, “?”, “Shift C”, “Ctrl K”, “G H”: as it is printed. */
  readonly keys: string;
  readonly what: string;
  readonly run: () => void;
};

const pages: { current: readonly Key[] }[] = [];
const changed = new Set<() => void>();
let known: readonly Key[] = [];

function publish(): void {
  known = pages.flatMap((page) => page.current);
  changed.forEach((tell) => tell());
}

/** Keys work while the page that names them is shown; the newest page's win. */
export function useKeys(keys: readonly Key[]): void {
  const held = useRef(keys);
  held.current = keys;
  const names = keys.map(({ keys: key, what }) => `${key}\n${what}`).join("\n");
  useEffect(() => publish(), [names]);
  useEffect(() => {
    pages.push(held);
    publish();
    return () => {
      pages.splice(pages.indexOf(held), 1);
      publish();
    };
  }, []);
}

/** All keys that work now. */
export const useKnownKeys = (): readonly Key[] =>
  useSyncExternalStore(
    (tell) => {
      changed.add(tell);
      return () => changed.delete(tell);
    },
    () => known,
  );

const LETTERS_OFF = "tocsin.letters-off";
export const lettersAreOff = (): boolean => localStorage.getItem(LETTERS_OFF) === "true";
export const switchLetters = (off: boolean): void => localStorage.setItem(LETTERS_OFF, String(off));

const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !["checkbox", "radio"].includes(target.type)));

/** The name under which a key press is printed. */
export function nameOfPress(press: {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}): string {
  const key = press.key.length === 1 ? press.key.toUpperCase() : press.key;
  if (press.ctrlKey || press.metaKey) return `Ctrl ${key}`;
  return press.shiftKey && /^[A-Z]$/.test(key) ? `Shift ${key}` : key;
}

let prefix: { readonly key: string; readonly at: number } | null = null;
const PREFIX_MS = 1_500;

function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const name = nameOfPress(event);
  const isChord = name.startsWith("Ctrl ");
  if (!isChord && (isWriting(event.target) || lettersAreOff())) return;
  if (!isChord && document.querySelector("dialog[open]") !== null) return;
  const held = prefix !== null && event.timeStamp - prefix.at < PREFIX_MS ? prefix.key : null;
  prefix = null;
  const found = (wanted: string): Key | undefined => known.findLast(({ keys }) => keys === wanted);
  const key = (held === null ? undefined : found(`${held} ${name}`)) ?? found(name);
  if (key !== undefined) {
    event.preventDefault();
    key.run();
    return;
  }
  if (known.some(({ keys }) => keys.startsWith(`${name} `)))
    prefix = { key: name, at: event.timeStamp };
}

export const listenToKeys = (): void => document.addEventListener("keydown", press);
