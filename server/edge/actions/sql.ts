/**
 * Looking at a PostgreSQL: one statement in a read-only transaction with a time limit. The statement
 * stands in the sidecar as it is; values of a run reach it only as parameters.
 */
import { z } from "zod";
import type { Connection } from "../../../contract/action.ts";
import {
  action,
  type ActionRequest,
  type ActionResult,
  type EffectReply,
  type UsableConnection,
} from "../../domain/runbook/action.ts";
import { lost } from "./replies.ts";

const Statement = z
  .string()
  .max(10_000)
  .regex(/^\s*(select|with|values|table)\b/i, "a statement that only reads: select, with, values");
const Values = z
  .array(z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .max(50)
  .default([]);

const Query = z.strictObject({ statement: Statement, values: Values });
const Assertion = z.strictObject({
  statement: Statement,
  values: Values,
  /** zero: the one value is 0. none: no row. some: a row. true: the one value is true. */
  expect: z.enum(["zero", "none", "some", "true"]),
});
type Postgres = Extract<Connection, { type: "postgres" }>;

const common = {
  connection: "postgres" as const,
  risk: () => "read" as const,
  permission: "runbooks.run" as const,
  timeoutMs: 30_000,
  prose: [],
  fixed: ["statement", "expect"],
  repeatable: true,
  dryRun: null,
  undo: null,
};

export const sqlQuery = action<z.infer<typeof Query>>({
  ...common,
  name: "sql.query",
  version: 1,
  title: "Ask a database, read-only",
  input: Query,
  output: z.object({ rows: z.array(z.record(z.string(), z.unknown())), more: z.boolean() }),
  plan: effectOf,
  read(reply) {
    if (reply.via === "error") return lost(reply);
    if (reply.via !== "sql") return { kind: "failed", learned: "the reply is of another kind" };
    const { rows, more } = reply;
    const learned = `${rows.length}${more ? " and more" : ""} row(s)`;
    return { kind: "done", output: { rows, more }, learned };
  },
});

export const sqlAssert = action<z.infer<typeof Assertion>>({
  ...common,
  name: "sql.assert",
  version: 1,
  title: "Prove something with a database, read-only",
  input: Assertion,
  output: z.object({ held: z.boolean(), found: z.unknown() }),
  plan: effectOf,
  read: (reply, { input }) => judged(reply, input.expect),
});

function effectOf({ input, connection, timeoutMs }: ActionRequest<z.infer<typeof Query>>) {
  const { connection: stated, secret } = connection as UsableConnection;
  const { url, statementTimeoutSeconds } = stated as Postgres;
  return {
    via: "sql",
    url: secret(url),
    statement: input.statement,
    values: input.values,
    timeoutMs: Math.min(timeoutMs, statementTimeoutSeconds * 1_000),
  } as const;
}

/** A broken expectation is a failure of the step, and says what was found instead. */
function judged(reply: EffectReply, expect: z.infer<typeof Assertion>["expect"]): ActionResult {
  if (reply.via === "error") return lost(reply);
  if (reply.via !== "sql") return { kind: "failed", learned: "the reply is of another kind" };
  const { rows } = reply;
  const first: unknown = Object.values(rows[0] ?? {})[0];
  const found = expect === "none" || expect === "some" ? rows.length : (first ?? null);
  const held = {
    zero: rows.length === 1 && (first === 0 || first === "0" || first === 0n),
    none: rows.length === 0,
    some: rows.length > 0,
    true: rows.length === 1 && first === true,
  }[expect];
  const output = { held, found };
  return held
    ? { kind: "done", output, learned: `held: expected ${expect}` }
    : {
        kind: "failed",
        output,
        learned: `broken: expected ${expect}, found ${JSON.stringify(found)}`,
      };
}
