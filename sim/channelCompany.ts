/** The company in bad weather, reached by every channel there is. */
import { createECDH } from "node:crypto";
import type { DesiredObject } from "../contract/configuration.ts";
import { sha256 } from "../server/base/crypto.ts";
import { transact } from "../server/base/db.ts";
import type { World } from "../server/base/world.ts";
import { senderKey } from "../server/domain/account/devices.ts";
import { saveDevice } from "../server/domain/account/deviceStore.ts";
import { object } from "./company.ts";
import { WEATHER_COMPANY } from "./forecast.ts";
import { NUMBERS, PHONE_CHANNELS } from "./phones.ts";

type Contacts = Parameters<typeof object<"people">>[2]["contacts"];

/** Where somebody is in each tool, so that whom a message reached can be read from it. */
export const PLACES = {
  slack: (person: string): string => `U0${person.toUpperCase()}`,
  telegram: (person: string): string => String(1_000 + PEOPLE.indexOf(person)),
  pushover: (person: string): string => person.padEnd(30, "0"),
  ntfy: (person: string): string => `pages-${person}`,
  discord: (person: string): string => `https://discord.com/api/webhooks/1/tok-${person}`,
  mattermost: (person: string): string => `https://mattermost.sim.example/hooks/${person}`,
  teams: (person: string): string =>
    `https://teams.sim.example/workflows/${person}/triggers/manual?sig=s`,
  push: (person: string): string => `https://push.sim.example/${person}`,
};
export const PEOPLE: readonly string[] = ["alice", "bob", "carol", "dave", "erin", "zoe"];
export const ENGINEERING = "C0ENGINEERING";

const CONTACTS: Readonly<Record<string, Contacts>> = {
  alice: [
    { channel: "text", address: NUMBERS["alice"]! },
    { channel: "slack", address: PLACES.slack("alice") },
    { channel: "telegram", address: PLACES.telegram("alice"), afterMinutes: 1 },
  ],
  bob: [
    { channel: "mail", address: "bob@sim.example" },
    { channel: "hook", address: "https://hooks.sim.example/bob" },
    { channel: "voice", address: NUMBERS["bob"]!, afterMinutes: 1 },
    { channel: "ntfy", address: PLACES.ntfy("bob"), afterMinutes: 1 },
  ],
  carol: [
    { channel: "teams", address: PLACES.teams("carol") },
    { channel: "pushover", address: PLACES.pushover("carol") },
    { channel: "mail", address: "carol@sim.example", afterMinutes: 2 },
  ],
  dave: [
    { channel: "discord", address: PLACES.discord("dave") },
    { channel: "text", address: NUMBERS["dave"]!, afterMinutes: 1 },
    { channel: "voice", address: NUMBERS["dave"]!, afterMinutes: 2 },
  ],
  erin: [
    { channel: "mattermost", address: PLACES.mattermost("erin") },
    { channel: "pushover", address: PLACES.pushover("erin") },
    { channel: "ntfy", address: PLACES.ntfy("erin"), afterMinutes: 1 },
  ],
};

export const CHANNEL_COMPANY: readonly DesiredObject[] = [
  ...PHONE_CHANNELS,
  object("channels", "slack", { type: "slack", token: "env:SLACK", signingSecret: "env:SIGNS" }),
  object("channels", "telegram", { type: "telegram", token: "env:BOT" }),
  object("channels", "pushover", { type: "pushover", token: "env:PUSHOVER" }),
  object("channels", "ntfy", { type: "ntfy", token: "env:NTFY" }),
  object("channels", "discord", { type: "discord" }),
  object("channels", "mattermost", { type: "mattermost" }),
  object("channels", "teams", { type: "teams" }),
  object("audiences", "engineering", {
    name: "Engineering",
    contacts: [{ channel: "slack", address: ENGINEERING }],
  }),
  ...WEATHER_COMPANY.filter(({ kind, id }) => kind !== "audiences" || id !== "engineering").map(
    (each) => {
      const contacts = each.kind === "people" ? CONTACTS[each.id] : undefined;
      return contacts === undefined
        ? each
        : { ...each, body: { ...(each.body as object), contacts } };
    },
  ),
];

/** Whose browsers are woken, beside their other ways. */
const WOKEN = ["alice", "erin"];

/** Of a browser: the same in every weather. */
export function browserOf(person: string): { readonly privateKey: Buffer; readonly auth: Buffer } {
  const seed = sha256(`browser of ${person}`);
  return { privateKey: seed, auth: seed.subarray(0, 16) };
}

export async function allowBrowsers(world: World): Promise<void> {
  const now = world.clock.now();
  await senderKey(world.db, world, now);
  for (const personId of WOKEN) {
    const { privateKey, auth } = browserOf(personId);
    const pair = createECDH("prime256v1");
    pair.setPrivateKey(privateKey);
    const keys = {
      p256dh: pair.getPublicKey().toString("base64url"),
      auth: auth.toString("base64url"),
    };
    const endpoint = PLACES.push(personId);
    const subscription = Buffer.from(JSON.stringify({ endpoint, keys }));
    const row = {
      id: world.chance.id(now),
      personId,
      sessionId: world.chance.id(now),
      name: "a browser",
      service: new URL(endpoint).host,
      sealed: world.keys.seal("push device", subscription, world.chance),
    };
    await transact(world.db, (tx) => saveDevice(tx, row, sha256(endpoint), now));
  }
}
