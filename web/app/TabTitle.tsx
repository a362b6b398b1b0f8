/**
 * The title of the browser's tab carries the next clock. A part of its own, which draws nothing: it changes with every second,
 * and the page around it does not.
 */
import { useEffect } from "react";
import type { DeadlineView } from "../../contract/deadline.ts";
import { tabTitle } from "../incident/clock.ts";
import { useNow } from "../kit/now.ts";

export function TabTitle(props: {
  readonly clocks: readonly DeadlineView[];
  readonly subject: string;
}) {
  const next = tabTitle(props.clocks, useNow(1_000));
  const title = next === "" ? `${props.subject} · Tocsin` : `${next} · ${props.subject}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  return null;
}
