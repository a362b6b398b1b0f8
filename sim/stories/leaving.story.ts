/** Somebody leaves the company, and later somebody else has their id. */
import { expect } from "vitest";
import { listAddresses, testPage } from "../../contract/address.ts";
import { giveFeed, readFeed } from "../../contract/feed.ts";
import { explainOnCall, takeShift } from "../../contract/schedule.ts";
import { acceptSwap, askSwap } from "../../contract/swap.ts";
import { tokenHash } from "../../server/base/crypto.ts";
import type { Tx } from "../../server/base/db.ts";
import { addMs, HOUR, toIso } from "../../server/base/instant.ts";
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

story(
  "an incident whose commander has left since opens again: its roles are free, and the command is offered",
  async (sim) => {
    await sim.configure(gwen(), pagedFirst("gwen"));
    await sim.event();
    await sim.as("gwen").acknowledge("INC-1");
    await sim.as("bob").assignRole("INC-1", { person: "gwen", role: "scribe" });
    await sim.as("gwen").resolve("INC-1");
    await sim.configure(pagedFirst("dave"));
    await sim.remove("people", "gwen");
    await sim.forward("1h");
    expect((await sim.incident("INC-1")).commander).toBe("gwen");
    const told = await sim.as("bob").reopen("INC-1", { because: "it came back" });
    expect(told).toMatchObject({
      commander: null,
      offeredCommander: "dave",
      acknowledgedBy: "bob",
      roles: [],
    });
    const lines = (await sim.timeline("INC-1")).join("\n");
    expect(lines).toMatch(/Reopened/);
    expect(lines).toMatch(
      /gwen has left and is no longer incident commander\.\nCommand offered to dave/,
    );
    sim.expectMail("dave", /gwen was incident commander and has left/);
    await sim.forward("10m");
    sim.expectNoMore("bob");
    await sim.as("dave").acceptCommand("INC-1");
  },
);

story(
  "an incident that opens again is not commanded by somebody who only has the id of its commander",
  async (sim) => {
    await sim.configure(gwen(), pagedFirst("gwen"));
    await sim.event();
    await sim.as("gwen").resolve("INC-1");
    await sim.configure(pagedFirst("dave"));
    await sim.remove("people", "gwen");
    await sim.forward("1h");
    await sim.configure(gwen("gwendolyn"));
    expect(await sim.as("bob").reopen("INC-1", { because: "it came back" })).toMatchObject({
      commander: null,
      offeredCommander: "dave",
    });
    await sim.forward("5m");
    sim.expectNoMore("gwendolyn");
  },
);

story(
  "an alert opens again what somebody had who has left since: nobody has it, and it pages",
  async (sim) => {
    await sim.configure(gwen(), pagedFirst("gwen"));
    const fires = { key: "node", severity: "error", class: "healing" } as const;
    await sim.event(fires);
    await sim.as("gwen").acknowledge("INC-1");
    await sim.event({ key: "node", action: "resolve" });
    expect((await sim.incident("INC-1")).state).toBe("resolved");
    await sim.configure(pagedFirst("dave"));
    await sim.remove("people", "gwen");
    await sim.event(fires);
    expect(await sim.incident("INC-1")).toMatchObject({
      state: "declared",
      commander: null,
      offeredCommander: "dave",
      acknowledgedBy: null,
    });
    expect((await sim.timeline("INC-1")).join("\n")).toMatch(
      /gwen no longer has it: they have left/,
    );
    expect(sim.pagesTo("dave")).toHaveLength(1);
    await sim.as("dave").acknowledge("INC-1");
  },
);

story(
  "a merge is taken back after its commander left: the roles are free, and the command is offered",
  async (sim) => {
    await sim.configure(gwen(), pagedFirst("gwen"));
    await sim.event();
    await sim.event({ severity: "error", title: "Slow" });
    await sim.as("gwen").acknowledge("INC-2");
    await sim.as("bob").merge("INC-2", { into: "INC-1" });
    await sim.configure(pagedFirst("dave"));
    await sim.remove("people", "gwen");
    await sim.as("bob").acknowledge("INC-1");
    await sim.as("bob").unmerge("INC-2");
    expect(await sim.incident("INC-2")).toMatchObject({
      state: "declared",
      commander: null,
      offeredCommander: "dave",
      acknowledgedBy: null,
    });
    await sim.forward("1m");
    expect(sim.pagesTo("dave").length).toBeGreaterThan(0);
    await sim.as("dave").acknowledge("INC-2");
  },
);

story(
  "I took a part of her stand-in, and she left: that part is still mine, and the rest falls to the rotation",
  async (sim) => {
    await sim.configure(gwen());
    const params = { id: "payments-primary" };
    const whoIn = async (length: string) => {
      const query = { at: toIso(sim.after(length)) };
      return (await sim.call("zoe")(explainOnCall, { params, query })).person;
    };
    const alone = await whoIn("1h");
    await sim.override("payments-primary", "gwen", "48h");
    const span = { startsAt: toIso(sim.after("12h")), endsAt: toIso(sim.after("36h")) };
    const { id } = await sim.call("gwen")(askSwap, { params, body: { to: "bob", span } });
    await sim.call("bob")(acceptSwap, { params: { id }, body: {} });
    const told = async () => [await whoIn("1h"), await whoIn("13h"), await whoIn("37h")];
    expect(await told()).toEqual(["gwen", "bob", "gwen"]);
    await sim.remove("people", "gwen");
    expect(await told()).toEqual([alone, "bob", alone]);
    // Nor does it hang on her name, which may be somebody else's.
    await sim.configure(gwen("gwendolyn"));
    expect(await told()).toEqual([alone, "bob", alone]);
    await sim.call("gwen")(takeShift, { params, body: { endsAt: span.endsAt } });
    expect(await whoIn("13h")).toBe("gwen");
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
