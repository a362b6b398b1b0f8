/** The first ping of a heartbeat, and what it meets. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { CONFIG_KINDS } from "../../contract/config.ts";
import { pingHeartbeat } from "../../contract/heartbeat.ts";
import { type Acts, meeting } from "../../test/meeting.ts";
import { reviewStage, type Stage } from "../../test/reviewStage.ts";
import { tokenHash } from "../base/crypto.ts";
import type { Db } from "../base/db.ts";
import { type AnyEntry, everyEntry, type Snapshot, snapshot } from "../domain/config/config.ts";
import { findBeats } from "../domain/signal/heartbeatStore.ts";
import { openListening } from "../domain/signal/listening.ts";
import { heartbeatsStep } from "../engine/heartbeats.ts";
import { heartbeatRoutes } from "./heartbeats.ts";

let stage: Stage;
beforeAll(async () => void (stage = await reviewStage()));
afterAll(() => stage.drop());

const BEGINS = /insert into heartbeat\b/;

/** A node with this heartbeat newly configured, and what pings it and takes it up. */
async function node(id: string, acts: Acts) {
  const secret = `secret-of-${id}`;
  const body = CONFIG_KINDS.heartbeats.parse({
    service: "checkout",
    every: "PT1H",
    secret: `sha256:${tokenHash(secret).toString("hex")}`,
  });
  const entry = { kind: "heartbeats", id, body, owner: "file", source: null, ref: `ref-${id}` };
  const known = everyEntry(await stage.config(null));
  const company: Snapshot = snapshot(2, [...known, entry as AnyEntry]);
  const onStore = (db: Db) => {
    const world = { ...stage.world, db };
    const config = async (): Promise<Snapshot> => company;
    const listening = openListening(world, false);
    const routes = heartbeatRoutes({ world, config, listening });
    return {
      pings: () => stage.call(routes, pingHeartbeat, stage.as("ann"), { params: { secret } }),
      takesUp: () => heartbeatsStep({ world, config }, {} as never, listening).run(stage.now()),
    };
  };
  return { ...onStore(meeting(stage.world.db, acts)), other: onStore(stage.world.db) };
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
