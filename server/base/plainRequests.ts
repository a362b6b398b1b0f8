/**
 * Plain requests straight from Node's own HTTP parser: those that need nothing of what Node makes around a request and
 * its answer, which is two streams, their events and timers, and costs half of what such a request costs (decision 111).
 * The parser stays the one and only that reads a connection, with its limits, its timeouts and its refusals; it is
 * told here what to do with a plain request, and does with every other what Node does.
 *
 * Node documents none of that. So it is tried on a parser of its own before anything is taken, and where it behaves
 * otherwise every request goes Node's way.
 */
import { type Server, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { Server as TlsServer } from "node:tls";
import { httpDate } from "./clock.ts";

/** POST, HTTP/1.1, JSON by its type and with its length: all that came of it. */
export type PlainRequest = {
  readonly url: string;
  /** By their names in lower case, each of which came once; the length is that of the body. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The address of the peer. */
  readonly peer: string;
};
export type PlainAnswer = {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
};
export type PlainRequests = {
  /** How many bytes a body for this address may have; null for what is not taken here. Asked before the body comes. */
  takes(url: string): number | null;
  /** Never rejects. Requests of one connection are answered one after the other. */
  answer(request: PlainRequest): Promise<PlainAnswer>;
  /** Nothing more is taken, and connections end with what is being answered. */
  isClosing(): boolean;
};

type HeadersComplete = (
  this: Parser,
  major: number,
  minor: number,
  headers: string[] | undefined,
  method: number,
  url: string | undefined,
  statusCode: number | undefined,
  statusMessage: string | undefined,
  upgrade: boolean,
  keepAlive: boolean,
) => number;
type ParserClass = { new (): Parser } & Readonly<Record<string, number>>;
/** What Node's parser calls, by the numbers that its class gives. */
type Parser = {
  [callback: number]: unknown;
  readonly constructor: ParserClass;
  socket: Socket | null;
  initialize(type: number, resource: object): void;
  execute(data: Buffer): unknown;
};
type Watched = Socket & {
  parser?: Parser | null;
  [ANSWER]?: object | null;
  [LINE]?: Line;
};
const LINE = Symbol("line");
/** The answer that is being written; Node does not end a connection as idle that has one. */
const ANSWER = "_httpMessage";

type Internals = {
  readonly onHeaders: number;
  readonly onBody: number;
  readonly onComplete: number;
  readonly postNumber: number;
};

/** How Node's parser tells of a request; null when it is another one than is known here. */
function internalsOf(parserClass: ParserClass): Internals | null {
  const { REQUEST, kOnHeadersComplete, kOnBody, kOnMessageComplete } = parserClass;
  const numbers = [REQUEST, kOnHeadersComplete, kOnBody, kOnMessageComplete];
  if (!numbers.every((number) => typeof number === "number")) return null;
  const [onHeaders, onBody, onComplete] = [kOnHeadersComplete!, kOnBody!, kOnMessageComplete!];
  const told: unknown[] = [];
  let postNumber = -1;
  const trial = new parserClass();
  trial[onHeaders] = (
    ...[major, minor, headers, method, url, , , upgrade, keepAlive]: unknown[]
  ) => {
    postNumber = Number(method);
    told.push(major, minor, headers, url, upgrade, keepAlive);
    return 0;
  };
  trial[onBody] = (part: unknown) => void told.push(String(part));
  trial[onComplete] = () => void told.push("complete");
  trial.initialize(REQUEST!, {});
  trial.execute(Buffer.from("POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\n[]"));
  const expected = [
    1,
    1,
    ["Host", "b", "Content-Length", "2"],
    "/a",
    false,
    true,
    "[]",
    "complete",
  ];
  const isKnown = JSON.stringify(told) === JSON.stringify(expected) && postNumber >= 0;
  return isKnown ? { onHeaders, onBody, onComplete, postNumber } : null;
}

/** Takes plain requests out of what comes to a server; at its first connection it is told when that cannot be. */
export function takePlainRequests(
  server: Server,
  requests: PlainRequests,
  onUnknownParser: () => void,
): void {
  let internals: Internals | null | undefined;
  // Node's own listener came first, and has given the connection its parser.
  server.on(server instanceof TlsServer ? "secureConnection" : "connection", (socket: Watched) => {
    const parser = socket.parser;
    if (internals === undefined) {
      internals = null;
      try {
        internals = parser == null ? null : internalsOf(parser.constructor);
      } catch {
        // What throws is another parser.
      }
      if (internals === null) onUnknownParser();
    }
    if (internals === null || parser == null) return;
    socket[LINE] = new Line(socket, server, requests, internals.postNumber);
    watch(parser, internals);
  });
}

const watched = new WeakSet<object>();
const written = writer();

/** Once for each parser: Node gives them to other connections later, which are then asked for their line. */
function watch(parser: Parser, { onHeaders, onBody, onComplete }: Internals): void {
  if (watched.has(parser)) return;
  watched.add(parser);
  const headersOf = parser[onHeaders] as HeadersComplete;
  const bodyOf = parser[onBody] as (this: Parser, part: Buffer) => void;
  const completeOf = parser[onComplete] as (this: Parser) => void;
  const lineOf = (of: Parser): Line | undefined => (of.socket as Watched | null)?.[LINE];
  const ours: HeadersComplete = function (
    major,
    minor,
    headers,
    method,
    url,
    code,
    message,
    upgrade,
    keepAlive,
  ) {
    const line = lineOf(this);
    if (line !== undefined && headers !== undefined && url !== undefined) {
      const isPlain = method === line.postNumber && major === 1 && minor === 1;
      if (isPlain && !upgrade && keepAlive && line.begin(url, headers)) return 0;
    }
    if (line?.leave() === false) return 0;
    return headersOf.call(
      this,
      major,
      minor,
      headers,
      method,
      url,
      code,
      message,
      upgrade,
      keepAlive,
    );
  };
  parser[onHeaders] = ours;
  parser[onBody] = function (this: Parser, part: Buffer): void {
    if (lineOf(this)?.add(part) !== true) bodyOf.call(this, part);
  };
  parser[onComplete] = function (this: Parser): void {
    if (lineOf(this)?.complete() !== true) completeOf.call(this);
  };
}

type Coming = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Buffer[];
  /** So many bytes are still to come. */
  left: number;
};

/** One connection, whose plain requests are answered in their order. */
class Line {
  readonly postNumber: number;
  readonly #socket: Watched;
  readonly #server: Server;
  readonly #requests: PlainRequests;
  /** The one whose body is being read. */
  #coming: Coming | null = null;
  /** Those that came before the answer to an earlier one. */
  readonly #waiting: PlainRequest[] = [];
  #answering: { readonly finished: boolean; emit(): boolean } | null = null;
  /** Something else came before its turn: nothing more is read. */
  #isLast = false;
  #isTimed = false;
  #headers: readonly string[] = [];
  #plain: Readonly<Record<string, string>> | null = null;
  #lengthAt = 0;

  constructor(socket: Watched, server: Server, requests: PlainRequests, postNumber: number) {
    this.#socket = socket;
    this.#server = server;
    this.#requests = requests;
    this.postNumber = postNumber;
  }

  /** Whether the request is taken. */
  begin(url: string, headers: readonly string[]): boolean {
    if (this.#isLast) return true;
    const most = this.#requests.takes(url);
    if (most === null || this.#requests.isClosing()) return false;
    // Behind an answer of Node's, or one that is not read, it waits as Node has it wait.
    const isTaken = (this.#socket[ANSWER] ?? null) !== this.#answering;
    if (isTaken || this.#socket.writableNeedDrain || this.#waiting.length >= MOST_WAITING)
      return false;
    const plain = this.#plainHeaders(headers);
    const left = Number(headers[this.#lengthAt]);
    if (plain === null || left > most) return false;
    this.#coming = { url, headers: plain, parts: [], left };
    return true;
  }

  /** Hands the connection to Node; false when that has to wait until what came before is answered, and so ends it. */
  leave(): boolean {
    if (this.#answering !== null || this.#isLast) {
      this.#isLast = true;
      return false;
    }
    if (this.#isTimed) this.#socket.setTimeout(this.#server.timeout);
    this.#isTimed = false;
    return true;
  }

  add(part: Buffer): boolean {
    if (this.#isLast) return true;
    const coming = this.#coming;
    if (coming === null) return false;
    coming.left -= part.length;
    // The parser ends a body where its length says; whatever it took for the length, no more is kept than was looked at.
    if (coming.left < 0) this.#breakOff();
    else coming.parts.push(part);
    return true;
  }

  complete(): boolean {
    if (this.#isLast) return true;
    if (this.#coming === null) return false;
    const { url, headers, parts, left } = this.#coming;
    this.#coming = null;
    if (left > 0) this.#breakOff();
    if (this.#isLast) return true;
    const body = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    const request = new Taken(url, headers, body, this.#socket);
    if (this.#answering === null) void this.#answer(request);
    else this.#waiting.push(request);
    return true;
  }

  async #answer(first: PlainRequest): Promise<void> {
    const socket = this.#socket;
    let next: PlainRequest | undefined = first;
    // What is told of an idle connection it takes as its own: nobody ends it meanwhile.
    this.#answering = socket[ANSWER] = { finished: false, emit: () => true };
    while (next !== undefined) {
      const answer = await this.#requests.answer(next);
      next = this.#waiting.shift();
      const isLast = next === undefined && (this.#isLast || this.#requests.isClosing());
      if (!socket.writable) return this.#end();
      const { keepAliveTimeout } = this.#server;
      socket.write(written(answer, isLast ? "close" : keptFor(keepAliveTimeout)));
      if (isLast) return this.#end();
    }
    this.#idle();
  }

  /** As after any answer; what is going on moves it further. */
  #idle(): void {
    const socket = this.#socket;
    this.#answering = socket[ANSWER] = null;
    const { keepAliveTimeout } = this.#server;
    if (!this.#isTimed && keepAliveTimeout > 0) socket.setTimeout(keepAliveTimeout + IDLE_GRACE_MS);
    this.#isTimed = true;
  }

  /** Lets the peer go when what was written is sent, whether or not it ends its side; as idle when it takes nothing. */
  #end(): void {
    this.#isLast = true;
    this.#isTimed = false;
    this.#idle();
    this.#socket.destroySoon();
  }

  #breakOff(): void {
    this.#isLast = true;
    this.#coming = null;
    this.#socket.destroy();
  }

  /** Null when something about them is not plain. One tool sends the same again and again. */
  #plainHeaders(headers: readonly string[]): Readonly<Record<string, string>> | null {
    if (!this.#isAsBefore(headers)) {
      this.#plain = plainHeaders(headers);
      this.#headers = headers;
      this.#lengthAt = lengthAt(headers);
    }
    return PLAIN_LENGTH.test(headers[this.#lengthAt] ?? "") ? this.#plain : null;
  }

  #isAsBefore(headers: readonly string[]): boolean {
    const before = this.#headers;
    if (headers.length !== before.length) return false;
    for (let at = 0; at < headers.length; at++)
      if (headers[at] !== before[at] && at !== this.#lengthAt) return false;
    return true;
  }
}

/** A sender who does not wait for answers has so many taken; then its connection goes Node's way, or ends. */
const MOST_WAITING = 8;
/** The sender, who is told a second less, is to be the one that ends a connection. */
const IDLE_GRACE_MS = 1_000;
const LENGTH = "content-length";
const PLAIN_LENGTH = /^[1-9]\d{0,8}$/;
const UNUSUAL = ["content-encoding", "transfer-encoding", "expect", "upgrade", "trailer"];

class Taken implements PlainRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly #socket: Socket;
  constructor(url: string, headers: PlainRequest["headers"], body: Buffer, socket: Socket) {
    this.url = url;
    this.headers = headers;
    this.body = body;
    this.#socket = socket;
  }
  get peer(): string {
    return this.#socket.remoteAddress ?? "";
  }
}

/** Where the value of the length stands, behind its name: what stands in a value is no name. -1: there is none. */
const lengthAt = (pairs: readonly string[]): number =>
  1 + pairs.findIndex((text, at) => at % 2 === 0 && text.toLowerCase() === LENGTH) || -1;

function plainHeaders(pairs: readonly string[]): Readonly<Record<string, string>> | null {
  const headers = Object.create(null) as Record<string, string>;
  for (let at = 0; at < pairs.length; at += 2) {
    const name = pairs[at]!.toLowerCase();
    if (name in headers) return null;
    headers[name] = pairs[at + 1]!;
  }
  const { host, accept = "", "content-type": type } = headers;
  const isJson = type === "application/json" || type === "application/json; charset=utf-8";
  const isUnusual = UNUSUAL.some((name) => name in headers) || accept.includes("html");
  if (host === undefined || !(LENGTH in headers) || !isJson || isUnusual) return null;
  // The same stand for the next request, which is of another length.
  delete headers[LENGTH];
  return headers;
}

const keptFor = (ms: number): string =>
  ms < 1_000 ? "keep-alive" : `keep-alive\r\nkeep-alive: timeout=${Math.floor(ms / 1_000)}`;

/** Head and body as Node writes them, to go out in one write. */
function textOf({ status, type, headers, body }: PlainAnswer, connection: string): string {
  let own = "";
  for (const [name, values] of Object.entries(headers))
    for (const value of [values].flat()) own += `${name}: ${value}\r\n`;
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\ncache-control: no-store\r\n${own}content-type: ${type}\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\ndate: ${httpDate()}\r\nconnection: ${connection}\r\n\r\n${body}`
  );
}

/** As `textOf`; most answers of a second are the same, word by word. */
function writer(): typeof textOf {
  let last = { status: 0, type: "", headers: {}, body: "", connection: "", date: "", text: "" };
  return (answer, connection) => {
    const { status, type, headers, body } = answer;
    const date = httpDate();
    const isLast =
      status === last.status &&
      type === last.type &&
      headers === last.headers &&
      body === last.body &&
      connection === last.connection &&
      date === last.date;
    if (!isLast) {
      const text = textOf(answer, connection);
      last = { status, type, headers, body, connection, date, text };
    }
    return last.text;
  };
}
