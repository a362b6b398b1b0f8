/** Speaks to the server over the routes of the contract, with the session of this browser. */
import type { z } from "zod";
import type { Problem, Route } from "../../contract/route.ts";
import { refusalSaid, t } from "./words.ts";

/** A refusal in the reader's language or else in the server's words, or what kept us from asking. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string | null;
  readonly params: Readonly<Record<string, unknown>>;
  constructor(message: string, status: number, problem: Problem | null) {
    super(message);
    this.name = "Refused";
    this.status = status;
    this.code = problem?.code ?? null;
    this.params = problem?.params ?? {};
  }
}

export type Input<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = {
  readonly params?: z.input<P>;
  readonly query?: z.input<Q>;
  readonly body?: z.input<B>;
};

/** What was to be sent, as plain data, so that it can be kept. */
export type Sending = {
  readonly method: Route["method"];
  readonly path: string;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
};

/** It was not sent, and waits: what is said of that is true only as long. */
export class Kept extends Refused {
  readonly sending: Sending;
  constructor(message: string, sending: Sending) {
    super(message, 0, null);
    this.sending = sending;
  }
}

type Queue = {
  /** Takes what could not be sent and may wait; gives the words for that, or null. */
  readonly take: (sending: Sending) => string | null;
  readonly waits: (sending: Sending) => boolean;
};
let queue: Queue = { take: () => null, waits: () => true };
export const setQueue = (set: Queue): void => void (queue = set);

const watchers = new Set<() => void>();
export const queueChanged = (): void => watchers.forEach((tell) => tell());
export function watchQueue(tell: () => void): () => void {
  watchers.add(tell);
  return () => watchers.delete(tell);
}
export const isOver = (error: Error | null): boolean =>
  error instanceof Kept && !queue.waits(error.sending);

/** An answer that was asked for before the app was there, or nothing. */
let early: (address: string) => Promise<Response> | undefined = () => undefined;
export const setEarly = (take: typeof early): void => void (early = take);

/** Sends what the route takes, gives back what it promises; else throws {@link Refused}. */
export async function call<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
>(route: Route<P, Q, B, R>, input: Input<P, Q, B> = {}): Promise<z.output<R>> {
  const { method, path } = route;
  const { params, query, body } = input;
  const sending = { method, path, params, query, body };
  try {
    return (await sendNow(sending)) as z.output<R>;
  } catch (error) {
    const waits = error instanceof Refused && error.status === 0 ? queue.take(sending) : null;
    throw waits === null ? error : new Kept(waits, sending);
  }
}

/** Sends it at once, or says that it cannot. */
export async function sendNow({ method, path, params, query, body }: Sending): Promise<unknown> {
  const sends = method !== "GET" && method !== "DELETE";
  const address = addressOf(path, params, query);
  const asked = method === "GET" ? early(address) : undefined;
  const reply = await (
    asked ??
    fetch(address, {
      method,
      headers: {
        accept: "application/json",
        ...(sends && { "content-type": "application/json" }),
      },
      ...(sends && { body: JSON.stringify(body ?? {}) }),
    })
  ).catch(() => {
    throw new Refused(t("The server does not answer. What you wrote is kept here."), 0, null);
  });
  const value: unknown = await reply.json().catch(() => null);
  if (reply.ok) return value;
  const problem = isProblem(value) ? value : null;
  const words =
    problem === null
      ? t("The server answered {status} without saying why.", { status: reply.status })
      : (refusalSaid(problem.code, problem.params) ?? problem.detail);
  throw new Refused(words, reply.status, problem);
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === "object" &&
  value !== null &&
  ["detail", "code", "params"].every((name) => name in value);

export function addressOf(path: string, params: unknown, query: unknown): string {
  const values = (params ?? {}) as Readonly<Record<string, unknown>>;
  const filled = path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(values[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries((query ?? {}) as Readonly<Record<string, unknown>>)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  return search.size === 0 ? filled : `${filled}?${search}`;
}
