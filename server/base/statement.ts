/**
 * How statements go to PostgreSQL and their answers come back. What one transaction asks without waiting is one packet
 * that ends in one Sync: PostgreSQL answers it at once with another. After each of them by itself, either side would be
 * woken for every statement, which costs as much as a small statement does.
 */
import type { Socket } from "node:net";
import pg from "pg";
import { arrayText } from "./arrays.ts";
import { MOST_VALUES, Packet, type Value } from "./packet.ts";

/** Of the client that is used here; its types do not name them. */
type Connection = {
  readonly stream: Socket;
  readonly parsedStatements: Readonly<Record<string, string>>;
  readonly submittedNamedStatements: Record<string, string>;
  emit(event: "readyForQuery" | "errorMessage", message: object): boolean;
};
type Field = { readonly name: string; readonly dataTypeID: number };
type Reader = (text: string) => unknown;

/** The columns of a result, named as the code does. */
type Columns = {
  readonly names: readonly string[];
  readonly readers: readonly Reader[];
  /** All rows have one shape. */
  readonly empty: Readonly<Record<string, null>>;
};

export type Result = {
  readonly command: string;
  readonly rowCount: number | null;
  readonly rows: Record<string, unknown>[];
};
type Tell = (error: Error | null, result?: Result) => void;

/** What the statements of one connection share. */
type Line = {
  readonly packet: Packet;
  /** Has what is written now go out at the end of this turn. */
  readonly gather: () => void;
  /** Columns of the statements that it has prepared: PostgreSQL keeps to them, or refuses. */
  readonly known: Map<string, Columns>;
  /** While a packet that failed is passed over: who was told last. */
  told: Statement | null;
};

const prepared = (
  pg as unknown as { utils: { prepareValue: (value: unknown) => Value | undefined } }
).utils.prepareValue;

const CAMEL_NAMES = new Map<string, string>();

export function camelName(column: string): string {
  let name = CAMEL_NAMES.get(column);
  if (name === undefined) {
    name = column.replace(/(?<=[^_])_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    CAMEL_NAMES.set(column, name);
  }
  return name;
}

const columnsOf = (fields: readonly Field[]): Columns => {
  const names = fields.map(({ name }) => camelName(name));
  return {
    names,
    readers: fields.map(({ dataTypeID }) => pg.types.getTypeParser(dataTypeID, "text")),
    empty: Object.fromEntries(names.map((name) => [name, null])),
  };
};

const NO_COLUMNS = columnsOf([]);
/** Of the portal that was just bound: describe it and carry it out, or only carry it out. */
const DESCRIBE = Buffer.from([0x44, 0, 0, 0, 6, 0x50, 0]);
const EXECUTE = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0]);
const DESCRIBE_AND_EXECUTE = Buffer.concat([DESCRIBE, EXECUTE]);
const SYNC = Buffer.from([0x53, 0, 0, 0, 4]);

/** The client lets nothing else go out beside others. */
const Query = pg.Query as unknown as new (text: string) => object;

/** One statement with its values, and what came back. What goes out after it is answered after it. */
class Statement extends Query {
  readonly name: string;
  readonly text: string;
  readonly callback: Tell;
  /** It went out. */
  isSent = false;
  /** A Sync follows it. */
  isLast = false;
  #values: readonly unknown[];
  readonly #line: Line;
  #columns: Columns | null;
  readonly #isKnown: boolean;
  #fault: Error | null = null;
  #command = "";
  #rowCount: number | null = null;
  readonly #rows: Record<string, unknown>[] = [];

  constructor(
    text: string,
    {
      name,
      values,
      line,
    }: {
      readonly name: string;
      readonly values: readonly unknown[];
      readonly line: Line;
    },
    tell: Tell,
  ) {
    super(text);
    this.text = text;
    this.name = name;
    this.callback = tell;
    this.#values = values;
    this.#line = line;
    this.#columns = line.known.get(name) ?? null;
    this.#isKnown = this.#columns !== null;
  }

  submit(connection: Connection): Error | null {
    const { name, text } = this;
    const { packet, gather } = this.#line;
    const { parsedStatements, submittedNamedStatements } = connection;
    // Not half a message: a value that cannot be put into words is found before anything is written.
    let values: readonly Value[];
    try {
      values = this.#values.map(valueOf);
      if (values.length > MOST_VALUES)
        throw new RangeError(`${values.length} values; PostgreSQL takes ${MOST_VALUES}`);
    } catch (error) {
      return error as Error;
    }
    // Of a crowd they are much, and the answer may take its time.
    this.#values = [];
    gather();
    if (name === "" || !(name in parsedStatements || name in submittedNamedStatements)) {
      packet.parse(name, text);
      if (name !== "") submittedNamedStatements[name] = text;
    }
    packet.bind(name, values);
    packet.add(this.#isKnown ? EXECUTE : DESCRIBE_AND_EXECUTE);
    this.isSent = true;
    return null;
  }

  handleRowDescription({ fields }: { readonly fields: readonly Field[] }): void {
    this.#columns = columnsOf(fields);
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    if (this.#fault !== null) return;
    const { names, readers, empty } = this.#columns!;
    const row: Record<string, unknown> = { ...empty };
    try {
      for (let at = 0; at < names.length; at++) {
        const text = fields[at]!;
        if (text !== null) row[names[at]!] = readers[at]!(text);
      }
      this.#rows.push(row);
    } catch (error) {
      this.#fault = error as Error;
    }
  }

  handleCommandComplete({ text }: { readonly text: string }, connection: Connection): void {
    const words = text.split(" ");
    const count = Number(words.at(-1));
    this.#command = words[0]!;
    this.#rowCount = Number.isNaN(count) ? null : count;
    const { known } = this.#line;
    if (this.name !== "" && !this.#isKnown) known.set(this.name, this.#columns ?? NO_COLUMNS);
    // The client waits for this before it turns to the next one.
    if (!this.isLast) connection.emit("readyForQuery", { status: "T" });
  }

  handleReadyForQuery(): void {
    if (this.#fault !== null) return this.callback(this.#fault);
    this.callback(null, { command: this.#command, rowCount: this.#rowCount, rows: this.#rows });
  }

  /** PostgreSQL passes over the rest of a packet: each of those is told why, one after the other. */
  handleError(error: Error, connection: Connection): void {
    this.callback(error);
    const line = this.#line;
    const isFirst = line.told === null;
    line.told = this;
    if (!isFirst) return;
    let last: Statement | null = null;
    while (error instanceof pg.DatabaseError && line.told !== last && !line.told.isLast) {
      last = line.told;
      connection.emit("readyForQuery", { status: "E" });
      connection.emit("errorMessage", error);
    }
    line.told = null;
  }
}

const valueOf = (value: unknown): Value =>
  typeof value === "string"
    ? value
    : ((Array.isArray(value) ? arrayText(value) : undefined) ?? prepared(value) ?? null);

type Named = { readonly name: string; readonly text: string; readonly values: readonly unknown[] };
const isNamed = (query: unknown): query is Named =>
  typeof query === "object" && query !== null && Object.keys(query).join() === "name,text,values";

/** They end a packet: what comes after them stands by itself. */
const ENDS = new Set(["commit", "rollback"]);

const ENDINGS = new WeakMap<pg.ClientBase, (say: () => void) => void>();

/**
 * Says the last words of the packet that the client gathers in this turn, behind everything that is asked until then;
 * they stay unsaid where something of it could not be put into words.
 */
export const sayLast = (client: pg.ClientBase, say: () => void): void => ENDINGS.get(client)!(say);

/**
 * Has the statements of a client that are a text with its values, named or not, go out together, in one write for each turn of the event
 * loop: a write costs the kernel as much as a small statement costs us. `nameOf` names those that are to be prepared.
 */
export function askTogether(client: pg.ClientBase, nameOf: (text: string) => string | null): void {
  const { connection } = client as unknown as { connection: Connection };
  const { stream } = connection;
  const direct = client.query.bind(client) as (...args: unknown[]) => unknown;
  const packet = new Packet(stream);
  let isGathering = false;
  let isWithin = false;
  /** Went out last, without a Sync. */
  let open: Statement | null = null;
  let lastWords: (() => void) | null = null;
  /** Something of this turn could not even be asked. */
  let isSpoiled = false;

  const close = (): void => {
    if (open === null) return;
    open.isLast = true;
    open = null;
    packet.add(SYNC);
  };
  const gather = (): void => {
    if (isGathering) return;
    isGathering = true;
    stream.cork();
    process.nextTick(() => {
      if (!isSpoiled) lastWords?.();
      lastWords = null;
      isSpoiled = false;
      isGathering = false;
      close();
      packet.handOver();
      stream.uncork();
    });
  };
  const line: Line = { packet, gather, known: new Map(), told: null };
  ENDINGS.set(client, (say) => {
    lastWords = say;
    gather();
  });
  const ask = (text: string, name: string, values: readonly unknown[]): Promise<Result> =>
    new Promise<Result>((resolve, reject) => {
      // It must not be passed over with what failed before it.
      if (text === "rollback") close();
      const statement = new Statement(text, { name, values, line }, (error, result) =>
        error === null ? resolve(result!) : reject(error),
      );
      // Until it went out whole: whatever breaks off here must not be committed without it.
      const wasSpoiled = isSpoiled;
      isSpoiled = true;
      direct(statement);
      isSpoiled = wasSpoiled || !statement.isSent;
      if (!statement.isSent) return;
      open = statement;
      if (text === "begin") isWithin = true;
      if (ENDS.has(text)) isWithin = false;
      if (!isWithin) close();
    }).catch((error: Error) => {
      // As the client does: whoever asked is of more use than the socket.
      Error.captureStackTrace(error);
      throw error;
    });
  const query = (...args: unknown[]): unknown => {
    gather();
    const [text, values] = args;
    if (args.length === 1 && isNamed(text)) return ask(text.text, text.name, text.values);
    const isOwn = typeof text === "string" && args.length <= 2;
    if (isOwn && (text === "begin" || ENDS.has(text))) return ask(text, text, []);
    if (isOwn && Array.isArray(values)) {
      const name = nameOf(text);
      if (name !== null || values.length > 0) return ask(text, name ?? "", values);
    }
    // By the client's own ways, each with its own Sync, behind what was asked before.
    close();
    packet.handOver();
    return direct(...args);
  };
  Object.assign(client, { query });
}
