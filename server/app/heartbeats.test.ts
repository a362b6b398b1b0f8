/** The first ping of a heartbeat, and what it meets. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { CONFIG_KINDS } from "../../contract/config.ts";
import { pingHeartbeat } from "../../contract/heartbeat.ts";
import { type Acts, meeting } from "../../test/meeting.ts";
import { reviewStage, type Stage } from "../../test/reviewStage.ts";
import { tokenHash } from "../base/crypto.ts";
import { type Db, transact } from "../base/db.ts";
import { type AnyEntry, everyEntry, type Snapshot, snapshot } from "../domain/config/config.ts";
import { setConfigVersion } from "../domain/config/store.ts";
import { findBeats } from "../domain/signal/heartbeatStore.ts";
import { openListening } from "../domain/signal/listening.ts";
import { heartbeatsStep } from "../engine/heartbeats.ts";
import { heartbeatRoutes } from "./heartbeats.ts";

let stage: Stage;
beforeAll(async () => void (stage = await reviewStage()));
afterAll(() => stage.drop());

const BEGINS = /insert into heartbeat\b/;
const LOCKS = /from heartbeat order by heartbeat_id for update/;

const VERSION = 2;

/** A node with this heartbeat newly configured, and what pings it and takes it up; `late` knows only what was before. */
async function node(id: string, acts: Acts) {
  const secret = `secret-of-${id}`;
  const body = CONFIG_KINDS.heartbeats.parse({
    service: "checkout",
    every: "PT1H",
    secret: `sha256:${tokenHash(secret).toString("hex")}`,
  });
  const entry = { kind: "heartbeats", id, body, owner: "file", source: null, ref: `ref-${id}` };
  const known = everyEntry(await stage.config(null));
  const company = snapshot(VERSION, [...known, entry as AnyEntry]);
  const onStore = (db: Db, knows: Snapshot = company) => {
    const world = { ...stage.world, db };
    const config = async (): Promise<Snapshot> => knows;
    const listening = openListening(world, false);
    const routes = heartbeatRoutes({ world, config, listening });
    return {
      pings: () => stage.call(routes, pingHeartbeat, stage.as("ann"), { params: { secret } }),
      takesUp: () => heartbeatsStep({ world, config }, {} as never, listening).run(stage.now()),
    };
  };
  const met = meeting(stage.world.db, acts);
  const late = onStore(met, snapshot(VERSION - 1, known));
  return { ...onStore(met), other: onStore(stage.world.db), late };
}

test("counts when it comes while the engine takes the heartbeat up", async () => {
  const acts: Acts = [[BEGINS, () => books.other.pings()]];
  const books = await node("books", acts);
  await books.takesUp();
  expect(await findBeats(stage.world.db, ["books"])).toMatchObject([{ status: "up", pings: 1 }]);
});

test("counts together with another that comes at once", async () => {
  const acts: Acts = [[BEGINS, () => till.other.pings()]];
  const till = await node("till", acts);
  await till.pings();
  expect(await findBeats(stage.world.db, ["till"])).toMatchObject([{ status: "up", pings: 2 }]);
});

test("counts though a node that knows only older configuration takes that up after it", async () => {
  const acts: Acts = [
    [
      LOCKS,
      async () => {
        await transact(stage.world.db, (tx) => setConfigVersion(tx, VERSION));
        await rota.other.takesUp();
        await rota.other.pings();
      },
    ],
  ];
  const rota = await node("rota", acts);
  await rota.late.takesUp();
  expect(await findBeats(stage.world.db, ["rota"])).toMatchObject([{ status: "up", pings: 1 }]);
});
