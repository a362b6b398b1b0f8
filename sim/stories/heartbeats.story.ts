/** “The monitoring died and nobody knew”: what says that it is well rings by falling silent. */
import { expect } from "vitest";
import { getHeartbeat, postHeartbeat, postHeartbeatWord } from "../../contract/heartbeat.ts";
import { hashedKey } from "../../server/domain/config/secrets.ts";
import { COMPANY, object } from "../company.ts";
import { story } from "../story.ts";
import type { Simulation } from "../world.ts";

const watched = (more: object) =>
  object("heartbeats", "prometheus", {
    name: "Prometheus",
    service: "checkout",
    secret: hashedKey("beat"),
    declare: "SEV1",
    ...more,
  });
const often = { config: [...COMPANY, watched({ every: "PT5M", grace: "PT2M" })] };
const nightly = watched({ cron: "30 2 * * *", timezone: "Europe/Berlin", grace: "PT10M" });

const ping = (sim: Simulation, word?: string) =>
  word === undefined
    ? sim.call("vera")(postHeartbeat, { params: { secret: "beat" } })
    : sim.call("vera")(postHeartbeatWord, { params: { secret: "beat", word } });
const see = (sim: Simulation) => sim.call("vera")(getHeartbeat, { params: { id: "prometheus" } });

story(
  "the monitoring died and nobody knew: its silence pages, and its return ends the incident",
  async (sim) => {
    await ping(sim);
    await sim.forward("5m");
    await ping(sim);
    await sim.forward("6m");
    sim.expectNoMore("alice");
    await sim.forward("1m");
    const mail = sim.expectMail("alice", /Prometheus has not been heard since 2026-11-23T10:05/);
    expect(mail.kind).toBe("page");
    expect(await see(sim)).toMatchObject({ status: "missed", pings: 2 });
    await sim.as("alice").acknowledge("INC-1");
    await sim.forward("1h");
    await ping(sim);
    expect((await sim.incident("INC-1")).state).toBe("resolved");
    expect(await sim.alerts()).toMatchObject([{ status: "resolved" }]);
    expect(await see(sim)).toMatchObject({ status: "up" });
  },
  often,
);

story(
  "the job was set up and never ran: nobody waits for a first ping forever",
  async (sim) => {
    await sim.forward("7m");
    sim.expectMail("alice", /Prometheus has never been heard/);
  },
  often,
);

story(
  "the job ran and failed: its exit code pages at once, and once",
  async (sim) => {
    await ping(sim, "start");
    await sim.forward("1m");
    await ping(sim, "2");
    sim.expectMail("alice", /Prometheus says that it failed \(exit 2\)/);
    await sim.as("alice").acknowledge("INC-1");
    await sim.forward("5m");
    await ping(sim, "2");
    expect(await sim.alerts()).toHaveLength(1);
    sim.expectNoMore("bob");
    await ping(sim, "0");
    expect((await sim.incident("INC-1")).state).toBe("resolved");
  },
  often,
);

story(
  "a restart of Tocsin called everything dead: what nobody could hear is excused, then watched again",
  async (sim) => {
    await ping(sim);
    await sim.forward("4m30s");
    await sim.powerCut("20m");
    await sim.forward("1m");
    sim.expectNoMore("alice");
    expect(await see(sim)).toMatchObject({
      status: "up",
      excused: { expectedAt: "2026-11-23T10:05:00.000Z" },
    });
    await sim.forward("7m");
    sim.expectMail("alice", /Prometheus has not been heard/);
  },
  often,
);

story(
  "Tocsin was down between two pings: a silence that it did hear is no less a silence",
  async (sim) => {
    await ping(sim);
    await sim.forward("30s");
    await sim.powerCut("1m");
    await sim.forward("6m");
    sim.expectMail("alice", /Prometheus has not been heard/);
  },
  often,
);

story(
  "the nightly job rang at the clock change: an hour shown twice is one turn, one that is skipped is none",
  async (sim) => {
    await sim.configure(nightly);
    // The daemon of this host runs it at the second 02:30 of the night.
    await sim.forwardTo("2026-10-25T01:30:20Z");
    await ping(sim);
    await sim.forwardTo("2026-10-26T01:31:00Z");
    await ping(sim);
    sim.expectNoMore("alice");
    expect(await see(sim)).toMatchObject({ expectedAt: "2026-10-27T01:30:00.000Z" });
    await sim.forwardTo("2026-10-27T01:40:00Z");
    sim.expectMail("alice", /Prometheus has not been heard since 2026-10-26T01:31/);
  },
  { config: COMPANY, startsAt: "2026-10-24T22:00:00Z" },
);

story(
  "the heartbeat was taken away and its alert stayed: what rang ends with it",
  async (sim) => {
    await sim.forward("7m");
    sim.expectMail("alice", /never been heard/);
    await sim.remove("heartbeats", "prometheus");
    expect(await sim.alerts()).toMatchObject([{ status: "resolved" }]);
    sim.expectNoMore("bob");
  },
  often,
);

story(
  "two nodes heard the silence: it is one alert and one page",
  async (sim) => {
    await sim.forward("7m");
    sim.expectMail("alice", /never been heard/);
    sim.expectNoMore("alice");
    expect(await sim.alerts()).toMatchObject([{ count: 1 }]);
  },
  { ...often, nodes: 2 },
);
