/** What a pushed page looks like on the screen of a device, and what it says once it was answered from there. */
import type { PressedAnswer } from "../../contract/pages.ts";

/** As server/edge/outbound/webPush.ts writes it. */
export type Pushed = {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly open: string | null;
  readonly acknowledge: { readonly label: string; readonly url: string } | null;
  readonly severity: string | null;
  readonly unsent?: string;
  readonly quiet: boolean;
};

export type Shown = {
  readonly title: string;
  readonly options: {
    readonly body: string;
    readonly tag: string;
    readonly icon: string;
    readonly badge: string;
    /** Rings again although one with its tag is there. */
    readonly renotify: boolean;
    /** Stays until somebody answers. */
    readonly requireInteraction: boolean;
    readonly silent: boolean;
    readonly vibrate?: readonly number[];
    readonly actions: readonly { readonly action: "acknowledge"; readonly title: string }[];
    readonly data: {
      readonly open: string | null;
      readonly acknowledge: string | null;
      /** What it says when the answer could not be sent. */
      readonly unsent: string;
    };
  };
};

const [STROKE, REST] = [400, 200];
/** As many strokes as it is grave. */
const STROKES: Readonly<Record<string, number>> = { SEV1: 3, SEV2: 2 };

const isText = (value: unknown): boolean => typeof value === "string";

export function isPushed(value: unknown): value is Pushed {
  if (typeof value !== "object" || value === null) return false;
  const given = value as Readonly<Record<string, unknown>>;
  return isText(given["title"]) && isText(given["body"]) && isText(given["tag"]);
}

export function shownOf(pushed: Pushed): Shown {
  const { title, body, tag, quiet, acknowledge } = pushed;
  const strokes = STROKES[pushed.severity ?? ""] ?? 1;
  const vibrate = Array.from({ length: strokes }, () => [STROKE, REST]).flat();
  return {
    title,
    options: {
      body,
      tag,
      icon: "/assets/icon-192.png",
      badge: "/assets/badge-96.png",
      renotify: !quiet,
      requireInteraction: !quiet,
      silent: quiet,
      // A silent one must not ask for it.
      ...(quiet ? {} : { vibrate }),
      actions: acknowledge == null ? [] : [{ action: "acknowledge", title: acknowledge.label }],
      data: {
        open: pushed.open ?? null,
        acknowledge: acknowledge?.url ?? null,
        unsent: pushed.unsent ?? UNSENT,
      },
    },
  };
}

/** The same, saying something else; it rings nobody, because somebody is looking at it. */
function saying(shown: Shown, body: string, isDone: boolean): Shown {
  const { vibrate: _, ...options } = shown.options;
  const actions = isDone ? [] : options.actions;
  const rest = { renotify: false, silent: true, requireInteraction: !isDone };
  return { ...shown, options: { ...options, ...rest, body, actions } };
}

export function acknowledged(shown: Shown, answer: unknown): Shown {
  const { done, said, detail } = answer as Partial<PressedAnswer> & { readonly detail?: string };
  return saying(shown, said ?? detail ?? shown.options.data.unsent, done === true);
}

export const notAcknowledged = (shown: Shown): Shown =>
  saying(shown, shown.options.data.unsent, false);

/** Of a server that does not say it yet. */
const UNSENT = "Not sent yet, escalation continues. Press again when there is a network.";
