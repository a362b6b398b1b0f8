/** Light, dark, or as the machine says: the person's choice, kept in this browser. */
import { useSyncExternalStore } from "react";

export type Scheme = "system" | "light" | "dark";
const KEPT = "tocsin.scheme";
const watchers = new Set<() => void>();

export const chosenScheme = (): Scheme => {
  const value = localStorage.getItem(KEPT);
  return value === "light" || value === "dark" ? value : "system";
};

export function applyScheme(): void {
  const scheme = chosenScheme();
  if (scheme === "system") delete document.documentElement.dataset["scheme"];
  else document.documentElement.dataset["scheme"] = scheme;
}

export function chooseScheme(scheme: Scheme): void {
  localStorage.setItem(KEPT, scheme);
  applyScheme();
  watchers.forEach((tell) => tell());
}

export const useScheme = (): Scheme =>
  useSyncExternalStore((tell) => {
    watchers.add(tell);
    return () => watchers.delete(tell);
  }, chosenScheme);
