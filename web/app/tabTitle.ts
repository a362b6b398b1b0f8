/** The title of the browser's tab carries the next clock, and is what it was before when the page is left. */
import { useEffect } from "react";
import type { DeadlineView } from "../../contract/deadline.ts";
import { tabTitle } from "../incident/clock.ts";
import { useNow } from "../kit/now.ts";

export function useTabTitle(clocks: readonly DeadlineView[], subject: string): void {
  const next = tabTitle(clocks, useNow(1_000));
  const title = next === "" ? `${subject} · Tocsin` : `${next} · ${subject}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}
