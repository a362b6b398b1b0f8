/**
 * What a watcher on another host concludes: an outage begins when what it expects has not come in time, is
 * told once by each of its ways, and ends when everything that failed has come again. Pure, so that it can be
 * told as a table; what it concludes is kept in a file before anything is sent.
 */
import { addMs, type Instant, instant, MINUTE, SECOND, toIso } from "../../../base/instant.ts";

export const LINES = ["heartbeat", "round trip"] as const;
export type LineName = (typeof LINES)[number];

/** How long each line may be silent; null: it is not watched. */
export type Patience = Readonly<Record<LineName, number | null>>;

export type Line = {
  /** When it was well last; null: never so far. */
  readonly okAt: Instant | null;
  /** What went wrong last. */
  readonly because: string | null;
};

export type Outage = {
  readonly id: string;
  readonly openedAt: Instant;
  readonly since: Instant;
  readonly lines: readonly LineName[];
  /** The ways, by their places, that took its page. */
  readonly told: readonly number[];
};

/** A message that has not been taken yet. */
export type Unsent = {
  readonly key: string;
  readonly way: number;
  readonly kind: "page" | "notice";
  readonly subject: string;
  readonly lines: readonly string[];
  readonly dueAt: Instant;
  /** It was on its way when the process ended, or its reply was lost. */
  readonly mayRepeat: boolean;
  readonly isSending: boolean;
};

export type WatchState = {
  readonly lines: Readonly<Record<LineName, Line>>;
  readonly outage: Outage | null;
  readonly unsent: readonly Unsent[];
};

const SILENT: Line = { okAt: null, because: null };
export const FRESH: WatchState = {
  lines: { heartbeat: SILENT, "round trip": SILENT },
  outage: null,
  unsent: [],
};

export const RETRY_MS = 30 * SECOND;

/** After a start: what was on its way may have arrived. */
export const resumed = (state: WatchState): WatchState => ({
  ...state,
  unsent: state.unsent.map((message) =>
    message.isSending ? { ...message, isSending: false, mayRepeat: true } : message,
  ),
});

export const wasWell = (state: WatchState, name: LineName, now: Instant): WatchState => ({
  ...state,
  lines: { ...state.lines, [name]: { okAt: now, because: null } },
});

export const wentWrong = (state: WatchState, name: LineName, because: string): WatchState => ({
  ...state,
  lines: { ...state.lines, [name]: { ...state.lines[name], because } },
});

export type Watching = {
  readonly server: string;
  readonly patience: Patience;
  readonly ways: number;
  /** When this process began: nothing was heard before, whoever was silent. */
  readonly startedAt: Instant;
};

/** What follows from what is known at `now`. */
export function concluded(state: WatchState, watching: Watching, now: Instant): WatchState {
  const silent = LINES.filter((name) => isSilent(state, watching, name, now));
  const { outage } = state;
  if (outage === null) return silent.length === 0 ? state : begun(state, watching, silent, now);
  const lines = LINES.filter((name) => outage.lines.includes(name) || silent.includes(name));
  const isBack = (name: LineName): boolean => {
    const { okAt } = state.lines[name];
    return okAt !== null && okAt > outage.openedAt;
  };
  if (silent.length > 0 || !lines.every(isBack)) return { ...state, outage: { ...outage, lines } };
  return ended(state, watching, outage, now);
}

function isSilent(
  { lines }: WatchState,
  { patience, startedAt }: Watching,
  name: LineName,
  now: Instant,
): boolean {
  const most = patience[name];
  if (most === null) return false;
  const since = Math.max(lines[name].okAt ?? startedAt, startedAt);
  return now - since > most;
}

function begun(
  state: WatchState,
  { server, ways, startedAt }: Watching,
  lines: readonly LineName[],
  now: Instant,
): WatchState {
  const since = instant(Math.min(...lines.map((name) => state.lines[name].okAt ?? startedAt)));
  const outage: Outage = { id: `watch-${now}`, openedAt: now, since, lines, told: [] };
  const told = lines.map((name) => lineText(name, state.lines[name]));
  return {
    ...state,
    outage,
    unsent: [
      ...state.unsent.filter(({ kind }) => kind === "page"),
      ...messages(ways, {
        key: outage.id,
        kind: "page",
        subject: `Tocsin at ${server} does not answer`,
        lines: [...told, "Nobody is paged by it as long as that lasts."],
        dueAt: now,
      }),
    ],
  };
}

/** Who was told that it began is told that it is over; a page that nobody got is not sent any more. */
function ended(state: WatchState, { server }: Watching, outage: Outage, now: Instant): WatchState {
  const minutes = Math.max(1, Math.round((now - outage.since) / MINUTE));
  const unsure = state.unsent.filter(({ isSending, mayRepeat }) => isSending || mayRepeat);
  const heard = [...new Set([...outage.told, ...unsure.map(({ way }) => way)])];
  return {
    ...state,
    outage: null,
    unsent: heard.map((way) => ({
      key: `${outage.id}-over-${way}`,
      way,
      kind: "notice",
      subject: `Tocsin at ${server} is well again`,
      lines: [`It was away for ${minutes} min, since ${toIso(outage.since)}.`],
      dueAt: now,
      mayRepeat: false,
      isSending: false,
    })),
  };
}

type Words = Pick<Unsent, "key" | "kind" | "subject" | "lines" | "dueAt">;

const messages = (ways: number, words: Words): readonly Unsent[] =>
  Array.from({ length: ways }, (_, way) => ({
    ...words,
    key: `${words.key}-${way}`,
    way,
    mayRepeat: false,
    isSending: false,
  }));

function lineText(name: LineName, { okAt, because }: Line): string {
  const last = okAt === null ? "never" : `last at ${toIso(okAt)}`;
  const what = name === "heartbeat" ? "Its signed heartbeat came" : "A page came through it";
  return `${what} ${last}${because === null ? "" : `: ${because}`}.`;
}

/** Kept before a message is handed over, so that whatever happens then is known to have begun. */
export const sending = (state: WatchState, key: string): WatchState =>
  changed(state, key, { isSending: true });

export type Sent = "taken" | "not taken" | "unknown";

/** What became of it. One that was taken is never sent again. */
export function settled(state: WatchState, key: string, sent: Sent, now: Instant): WatchState {
  if (sent !== "taken") {
    const again = { isSending: false, dueAt: addMs(now, RETRY_MS) };
    return changed(state, key, sent === "unknown" ? { ...again, mayRepeat: true } : again);
  }
  const message = state.unsent.find((each) => each.key === key);
  const unsent = state.unsent.filter((each) => each.key !== key);
  const { outage } = state;
  if (message?.kind !== "page" || outage === null) return { ...state, unsent };
  return { ...state, unsent, outage: { ...outage, told: [...outage.told, message.way] } };
}

const changed = (state: WatchState, key: string, change: Partial<Unsent>): WatchState => ({
  ...state,
  unsent: state.unsent.map((each) => (each.key === key ? { ...each, ...change } : each)),
});
