/** Somebody leaves the company, and later somebody else has their id. */
import { expect } from "vitest";
import { listAddresses, testPage } from "../../contract/address.ts";
import { giveFeed, readFeed } from "../../contract/feed.ts";
import { explainOnCall } from "../../contract/schedule.ts";
import { tokenHash } from "../../server/base/crypto.ts";
import type { Tx } from "../../server/base/db.ts";
import { addMs, HOUR } from "../../server/base/instant.ts";
import { findDevicesOf, saveDevice } from "../../server/domain/account/deviceStore.ts";
import {
  findSession,
  findSignInLink,
  findToken,
  insertSession,
  insertSignInLink,
  insertToken,
} from "../../server/domain/account/store.ts";
import {
  findIdentity,
  findPassword,
  insertIdentity,
  insertPasskey,
  listPasskeys,
  savePassword,
} from "../../server/domain/account/waysStore.ts";
import { listLeave, replaceLeave } from "../../server/domain/oncall/leaveStore.ts";
import { object } from "../company.ts";
import { story } from "../story.ts";
import type { Simulation } from "../world.ts";

const gwen = (mail = "gwen") =>
  object("people", "gwen", {
    name: mail,
    email: `${mail}@sim.example`,
    contacts: [{ channel: "mail", address: `${mail}@sim.example` }],
    roles: [{ role: "responder" }],
  });
const pagedFirst = (person: string) =>
  object("escalations", "payments", {
    name: "Payments",
    steps: [
      { notify: [{ person }], timeoutMinutes: 15 },
      { notify: [{ person: "bob" }], timeoutMinutes: 15 },
    ],
    repeat: 0,
  });

story(
  "whoever had it has left: it pages again, and whoever is on call is offered the command",
  async (sim) => {
    await sim.configure(gwen(), pagedFirst("gwen"));
    await sim.event();
    await sim.as("gwen").acknowledge("INC-1");
    await sim.as("bob").assignRole("INC-1", { person: "gwen", role: "scribe" });
    await sim.as("bob").addResponders("INC-1", { to: [{ person: "gwen" }] });
    await sim.configure(pagedFirst("dave"));
    await sim.remove("people", "gwen");
    expect(await sim.incident("INC-1")).toMatchObject({
      commander: null,
      offeredCommander: "dave",
      acknowledgedBy: null,
      roles: [],
    });
    const told = (await sim.timeline("INC-1")).join("\n");
    expect(told).toMatch(
      /gwen has left and is no longer incident commander\.\nCommand offered to dave/,
    );
    expect(told).toMatch(/gwen is no longer scribe/);
    expect(told).toMatch(/gwen no longer has it: they have left/);
    sim.expectMail("bob", /gwen did not answer/);
    sim.expectMail("dave", /gwen was incident commander and has left/);
    sim.expectMail("dave", /Database down/);
    await sim.as("dave").acceptCommand("INC-1");
    await sim.as("dave").acknowledge("INC-1");
    expect((await sim.incident("INC-1")).commander).toBe("dave");
  },
);

/** Everything by which somebody is known here. */
async function known(sim: Simulation) {
  const { db } = await sim.scene();
  const now = sim.now();
  const id = (n: number): string => `0199c0de-0000-7000-8000-00000000000${n}`;
  const later = addMs(now, 9 * HOUR);
  const their = { personId: "gwen", createdAt: now };
  const hash = tokenHash("gwen's");
  const before = { grants: [], expiresAt: later };
  const tx = db as Tx;
  await insertToken(tx, { ...their, ...before, id: id(1), label: "ci", revokedAt: null }, hash);
  const session = { ...their, ...before, id: id(2), how: null, signedInAt: now };
  await insertSession(tx, session, hash, now);
  await insertSignInLink(tx, hash, { personId: "gwen", purpose: "password" }, now, later);
  const device = {
    ...their,
    id: id(3),
    sessionId: id(2),
    sealed: hash,
    name: "phone",
    service: "s",
  };
  await saveDevice(tx, device, hash, now);
  await savePassword(tx, "gwen", "hash", now);
  const key = { credentialId: hash, publicKey: hash, counter: 0, transports: [], name: "key" };
  await insertPasskey(tx, { ...their, ...key, id: id(4), lastUsedAt: null });
  await insertIdentity(tx, { issuer: "i", subject: "s", personId: "gwen" }, now);
  await replaceLeave(tx, "gwen", [{ person: "gwen", startsAt: now, endsAt: later }], now);
  return async () => [
    await findToken(db, hash, sim.now()),
    await findSession(db, hash, sim.now()),
    await findSignInLink(db, hash, "password", sim.now()),
    [...(await findDevicesOf(db, ["gwen"]))],
    await findPassword(db, "gwen"),
    await listPasskeys(db, "gwen"),
    await findIdentity(db, "i", "s"),
    await listLeave(db, addMs(sim.now(), 1), later),
  ];
}

story(
  "somebody else has my id now: nothing of mine works for them, nor anything of theirs for me",
  async (sim) => {
    await sim.configure(gwen());
    await sim.call("gwen")(testPage, {});
    await sim.clickLink(sim.expectMail("gwen", /Test page/));
    const { url } = await sim.call("gwen")(giveFeed, { params: { of: "person", id: "gwen" } });
    const calendar = () => {
      const secret = url.split("/").at(-1);
      return sim.call("zoe")(readFeed, { params: { of: "person", id: "gwen", secret } });
    };
    await calendar();
    await sim.override("payments-primary", "gwen", "48h");
    await sim.event();
    const page = sim.expectMail("gwen", /SEV1/);
    await sim.as("bob").changeSeverity("INC-1", { severity: "SEV2", because: "a part of it" });
    // Planted last: nothing can be sent to this device.
    const ways = await known(sim);
    expect((await ways()).filter((way) => way === null || [way].flat().length === 0)).toEqual([]);

    await sim.remove("people", "gwen");
    const who = await sim.call("zoe")(explainOnCall, {
      params: { id: "payments-primary" },
      query: {},
    });
    expect(who).toMatchObject({ person: "alice" });
    await sim.forward("1m");
    await sim.configure(gwen("gwendolyn"));
    expect(await ways()).toEqual([null, null, null, [], null, [], null, []]);
    await expect(calendar()).rejects.toThrow();
    await expect(sim.clickLink(page)).rejects.toThrow();
    expect((await sim.call("gwen")(listAddresses, {})).items[0]).toMatchObject({
      verifiedAt: null,
    });
    expect((await sim.incident("INC-1")).acknowledgedBy).toBeNull();
    await sim.as("alice").acknowledge("INC-1");
  },
);
