/** A key whose sender carries tokens of an OpenID provider takes nothing without one, whichever way it comes. */
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Reply } from "../server/base/transport.ts";
import { golden } from "../server/edge/inbound/golden/samples.ts";
import {
  actionGroupClaims,
  BY_ENTRA,
  BY_GOOGLE,
  ENTRA,
  ENTRA_KEYS,
  GOOGLE,
  GOOGLE_KEYS,
  internetOf,
  pushClaims,
  type TokenIssuer,
  tokenIssuer,
} from "./fakes/tokenIssuer.ts";
import { startTestNode, type TestNode } from "./node.ts";

let google: TokenIssuer;
let entra: TokenIssuer;
let internet: ReturnType<typeof internetOf>;
let node: TestNode;
const keys = { pushed: "", group: "", both: "", signed: "" };

const certificate = readFileSync(new URL("fakes/snsCertificate.pem", import.meta.url), "utf8");
const amazon: Reply = { kind: "http", status: 200, headers: {}, body: certificate };

beforeAll(async () => {
  google = await tokenIssuer(GOOGLE, GOOGLE_KEYS);
  entra = await tokenIssuer(ENTRA, ENTRA_KEYS);
  internet = internetOf(google, entra);
  node = await startTestNode({
    mailPort: 0,
    secrets: { "env:TOCSIN_TEST_SIGNING": "what it signs with" },
    send: async (outbound) => {
      const reply = await internet.send(outbound);
      const isAmazon = outbound.via === "http" && outbound.url.includes(".amazonaws.com/");
      return isAmazon ? amazon : reply;
    },
  });
  await node.configure("teams", "red", { name: "Red" });
  await node.configure("services", "till", { name: "Till", team: "red" });
  const signedWith = "env:TOCSIN_TEST_SIGNING";
  const make = async (id: string, body: object): Promise<string> =>
    (await node.configure("keys", id, { service: "till", secret: "generate", ...body })) ?? "";
  keys.pushed = await make("pushed", { signedBy: BY_GOOGLE });
  keys.group = await make("group", { signedBy: BY_ENTRA });
  keys.both = await make("both", { signedBy: BY_GOOGLE, signedWith });
  keys.signed = await make("signed", { signedWith });
});
afterAll(() => node.stop());
beforeEach(() => {
  internet.isAway = false;
  internet.asked.length = 0;
});

const seconds = (): number => Math.floor(Date.now() / 1_000);
const pushToken = (change: object = {}) => google.sign({ ...pushClaims(seconds()), ...change });
const post = (
  path: string,
  body: unknown,
  token: string | null,
  headers: Readonly<Record<string, string>> = {},
) =>
  node.ask<{ tool: string; accepted: unknown[] }>(`POST /v1/intake/${path}`, {
    token,
    body,
    headers,
  });
const alerts = async (): Promise<string> => (await node.ask("GET /v1/alerts")).text;

test("while the provider cannot be asked nothing is kept, and the sender is asked to repeat it", async () => {
  const before = await alerts();
  internet.isAway = true;
  const token = await entra.sign(actionGroupClaims(seconds()));
  const answer = await post(keys.group, golden("azure-monitor.common.json"), token);
  expect([answer.status, answer.code]).toEqual([503, "signal.sender_away"]);
  expect(await alerts()).toBe(before);
  expect(node.lines.join("\n")).toContain("an issuer's keys cannot be had");
});

test("what Google pushes is accepted with its token, by the tool's address, the key's or another protocol's", async () => {
  const token = await pushToken();
  const pushed = golden("gcp-monitoring.pubsub.json");
  for (const path of [keys.pushed, `${keys.pushed}/gcp-monitoring`]) {
    const answer = await post(path, pushed, token);
    expect([answer.status, answer.json.tool]).toEqual([202, "gcp-monitoring"]);
  }
  const webhook = golden("alertmanager-webhook.v4.json");
  expect((await post(`${keys.pushed}/alertmanager`, webhook, token)).status).toBe(200);
  expect(internet.asked.length).toBe(2);
});

test("and without it, or with somebody else's, nothing is, whichever way it comes", async () => {
  const before = await alerts();
  const { pushed } = keys;
  const foreign = await pushToken({ email: "somebody@gmail.com" });
  const ways: readonly (readonly [string, unknown])[] = [
    [`/v1/intake/${pushed}`, golden("gcp-budget.push.json")],
    [`/v1/intake/${pushed}/gcp-budget`, golden("gcp-budget.push.json")],
    [`/v1/intake/${pushed}/alertmanager`, golden("alertmanager-webhook.v4.json")],
    ["/api/v2/alerts", [{ labels: { alertname: "Unproved" } }]],
    ["/v1/signals", { title: "Unproved", severity: "info" }],
    ["/v1/measurements", { measure: "unproved", value: 1 }],
    [
      "/v2/enqueue",
      { ...(golden("pagerduty-events.trigger.json") as object), routing_key: pushed },
    ],
    [
      "/generic/2010-04-15/create_event.json",
      { ...(golden("pagerduty-events-v1.trigger.json") as object), service_key: pushed },
    ],
    ["/v2/alerts", golden("opsgenie.api.json")],
    ["/v2/alerts/till-offline/acknowledge?identifierType=alias", {}],
    ["/v2/alerts/till-offline/notes?identifierType=alias", { note: "Unproved" }],
  ];
  for (const [way, body] of ways) {
    const answer = await node.ask(`POST ${way}`, { token: pushed, body });
    expect([way, answer.status, answer.code]).toEqual([way, 401, "signal.signature"]);
  }
  for (const [way, body] of ways.slice(0, 3)) {
    for (const token of [null, foreign]) {
      const answer = await node.ask(`POST ${way}`, { token, body });
      expect([way, answer.status, answer.code]).toEqual([way, 401, "signal.signature"]);
    }
  }
  // The header that holds the key elsewhere may hold it beside a token: that is no way in either.
  const headers = { "x-tocsin-key": pushed };
  const own = { title: "Unproved", severity: "info" };
  const beside = await node.ask("POST /v1/measurements", {
    token: await pushToken(),
    headers,
    body: { measure: "unproved", value: 1 },
  });
  expect(beside.status).toBe(401);
  expect((await node.ask("POST /v1/signals", { token: null, headers, body: own })).status).toBe(
    401,
  );
  expect(await mailed(pushed)).toBe(550);
  expect(await alerts()).toBe(before);
  expect(internet.asked).toEqual([]);
});

async function mailed(key: string): Promise<number> {
  const smtp = createTransport({ host: "127.0.0.1", port: node.mailPort!, secure: false });
  const mail = { from: "a@till.example", subject: "CRITICAL: Unproved", text: "Unproved" };
  try {
    await smtp.sendMail({ ...mail, to: `${key}@alerts.example` });
    return 250;
  } catch (error) {
    return (error as { responseCode?: number }).responseCode ?? 0;
  } finally {
    smtp.close();
  }
}

test("where a key names a secret too, both have to be shown", async () => {
  const body = golden("grafana.unified.json");
  const raw = JSON.stringify(body);
  const signature = createHmac("sha256", "what it signs with").update(raw).digest("hex");
  const signed = { "x-grafana-alerting-signature": signature, "content-type": "application/json" };
  const send = (token: string | null, headers: Readonly<Record<string, string>>) =>
    node.ask(`POST /v1/intake/${keys.both}/grafana`, { token, headers, raw });
  const token = await pushToken();
  const bare = { "content-type": "application/json" };
  expect((await send(token, bare)).code).toBe("signal.signature");
  expect((await send(null, signed)).code).toBe("signal.signature");
  expect((await send(token, signed)).status).toBe(202);
});

test("a question whether the address is ours is answered, and takes nothing", async () => {
  const asks = [
    {
      eventType: "Microsoft.EventGrid.SubscriptionValidationEvent",
      data: { validationCode: "till" },
    },
  ];
  const answer = await post(`${keys.pushed}/azure-event-grid`, asks, null, {
    "aeg-event-type": "SubscriptionValidation",
  });
  expect([answer.status, answer.json]).toEqual([200, { validationResponse: "till" }]);
});

test("a subscription of SNS is confirmed only for a key whose proof came with it", async () => {
  const subscription = golden("aws-sns.subscription.json") as { SubscribeURL: string };
  const confirmed = () => internet.asked.filter((url) => url === subscription.SubscribeURL).length;
  for (const key of [keys.pushed, keys.signed]) {
    const answer = await post(key, subscription, null);
    expect([answer.status, answer.code]).toEqual([401, "signal.signature"]);
  }
  expect(confirmed()).toBe(0);
  expect((await post(keys.signed, subscription, "what it signs with")).status).toBe(202);
  expect((await post(keys.pushed, subscription, await pushToken())).status).toBe(202);
  expect(confirmed()).toBe(2);
});

test("a key may not ask for an audience alone, and says what else it can ask for", async () => {
  const wrong: readonly (readonly [object, string])[] = [
    [{ ...BY_GOOGLE, claims: {} }, "at least one claim that only the sender's tokens have"],
    [
      { ...BY_GOOGLE, claims: { iss: GOOGLE } },
      "at least one claim that only the sender's tokens have",
    ],
    [
      { ...BY_ENTRA, claims: { tid: "72f0c5a1", ver: "1.0" } },
      "at least one claim that only the sender's tokens have",
    ],
    [{ ...BY_GOOGLE, issuer: "https://%" }, "the https address of an OpenID provider"],
    [{ ...BY_GOOGLE, claims: { email: "a@b.example", exp: "1" } }, "none of iss, aud"],
    [{ ...BY_GOOGLE, audience: "" }, "audience"],
    [
      { ...BY_GOOGLE, issuer: "http://accounts.google.com" },
      "the https address of an OpenID provider",
    ],
  ];
  for (const [signedBy, expected] of wrong) {
    const body = { service: "till", secret: "generate", signedBy };
    const answer = await node.ask("PUT /v1/config/keys/wrong", { body });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(expected);
  }
});

test("no token stands in the log, only which claim was not as it has to be", () => {
  const log = node.lines.join("\n");
  expect(log).toContain('"because":"email"');
  expect(log).not.toMatch(/eyJ|gmail\.com|gserviceaccount/);
});
