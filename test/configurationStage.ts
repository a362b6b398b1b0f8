/** Where configuration is applied: the command line's client over the routes of a store, without a network between. */
import type { z } from "zod";
import { type Client, ClientError } from "../cli/client.ts";
import type { Output } from "../cli/output.ts";
import { refusalStatus } from "../contract/refusals.ts";
import type { Route } from "../contract/route.ts";
import { seededChance } from "../server/base/chance.ts";
import { keyring } from "../server/base/crypto.ts";
import { type Db, run, sql } from "../server/base/db.ts";
import { Refusal } from "../server/base/errors.ts";
import { addMs, instant, type Instant, SECOND } from "../server/base/instant.ts";
import { silentLog } from "../server/base/log.ts";
import { type Actor, actorRef, allow, markOf, may } from "../server/domain/account/account.ts";
import type { ConfigTools } from "../server/domain/config/commands.ts";
import { configRoutes } from "../server/domain/config/routes.ts";
import { countsFrom } from "../server/domain/oncall/effective.ts";
import { finalShifts, holdersOf } from "../server/domain/oncall/oncall.ts";
import { compileRules } from "../server/domain/signal/rules.ts";
import { freshDatabase } from "./store.ts";

export const admin: Actor = {
  kind: "person",
  personId: "ines",
  ref: "0b",
  grants: [{ role: "admin" }],
};
export const viewer: Actor = {
  kind: "person",
  personId: "theo",
  ref: "0c",
  grants: [{ role: "viewer" }],
};

export type ConfigurationStage = Awaited<ReturnType<typeof openConfigurationStage>>;

export async function openConfigurationStage() {
  const store = await freshDatabase();
  const { db } = store;
  let nudges = 0;
  const tools = toolsOf(db, () => void nudges++);
  return {
    db,
    nudges: () => nudges,
    clientOf: (actor: Actor) => clientOf(tools, actor),
    async empty() {
      await run(db, sql`delete from config_object`);
      await run(db, sql`delete from config_change`);
      nudges = 0;
    },
    close: () => store.drop(),
  };
}

function toolsOf(db: Db, nudge: () => void): ConfigTools {
  let now: Instant = instant(Date.UTC(2026, 10, 23, 10));
  const clock = { now: () => (now = addMs(now, SECOND)), sleep: () => Promise.resolve() };
  const world = {
    clock,
    chance: seededChance("configuration"),
    db,
    keys: keyring(Buffer.alloc(32, 1)),
    log: silentLog,
    publicUrl: "http://127.0.0.1:4400",
    secret: () => null,
    nudge,
    transport: { send: () => Promise.reject(new Error("nothing is sent here")) },
  };
  return {
    world,
    checkObjects: (snapshot) =>
      compileRules(snapshot.all("rules")).findings.map(({ ruleId, text }) => ({
        kind: "rules" as const,
        id: ruleId,
        path: "when",
        message: text,
      })),
    onCallSpans: (_, snapshot, from, to) =>
      Promise.resolve(
        snapshot.all("schedules").flatMap(({ id, body }) =>
          finalShifts(body, [], from, to).map(({ startsAt, endsAt, ...shift }) => ({
            schedule: id,
            people: holdersOf(shift),
            startsAt,
            endsAt,
          })),
        ),
      ),
    countsFrom,
    endWhatWas: () => Promise.resolve(),
  };
}

/** The command line's client without a network between: the same shapes, the same routes. */
function clientOf(tools: ConfigTools, actor: Actor): Pick<Client, "call"> {
  const routes = configRoutes<Actor>(tools, {
    authorOf: (who) => {
      allow(who, "config.write", null);
      return { ref: actorRef(who), mark: markOf(who) };
    },
    mayWrite: (who) => may(who, "config.write", null),
  });
  return {
    async call(route, { params, query, body } = {}) {
      const bound = routes.find((candidate) => candidate.route === (route as unknown as Route));
      if (bound === undefined) throw new Error(`no route ${route.path}`);
      const read = (shape: z.ZodType, value: unknown) =>
        shape.parse(JSON.parse(JSON.stringify(value ?? {}))) as never;
      const input = {
        actor,
        params: read(route.params, params),
        query: read(route.query, query),
        body: read(route.body, body),
      };
      try {
        const reply = await bound.answer({
          ...input,
          request: { requestId: "r", headers: {}, address: "127.0.0.1", rawBody: Buffer.alloc(0) },
        });
        return route.reply.parse(JSON.parse(JSON.stringify(reply))) as never;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const { code, message: detail } = error;
        const problem = {
          type: "",
          title: "",
          status: refusalStatus(code),
          detail,
          code,
          params: error.params,
          requestId: "r",
        };
        throw new ClientError(detail, problem);
      }
    },
  };
}

export function heard(): Output & { readonly problems: string[] } {
  const problems: string[] = [];
  return { line: () => undefined, problem: (text) => void problems.push(text), problems };
}

export const refused = (work: Promise<unknown>) =>
  work.then(
    () => Promise.reject(new Error("it was not refused")),
    (error: unknown) => (error instanceof ClientError ? error : Promise.reject(error)),
  );
