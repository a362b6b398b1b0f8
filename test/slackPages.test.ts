/** A page in Slack through a whole node: posted, acknowledged by its button, changed in place. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { start } from "../server/app/main.ts";
import { readSettings } from "../server/app/settings.ts";
import { anchoredClock } from "../server/base/clock.ts";
import { silentLog } from "../server/base/log.ts";
import { startSlack } from "./fakes/slackServer.ts";
import { askOver } from "./node.ts";
import { until } from "./running.ts";
import { freshDatabase } from "./store.ts";

const TOKEN = "an-admin-token";
const WITHIN_MS = 20_000;

test("a page in Slack is acknowledged by its button, and the message says who has it", async () => {
  const store = await freshDatabase();
  const data = await mkdtemp(join(tmpdir(), "tocsin-slack-"));
  const clock = anchoredClock();
  const slack = await startSlack({
    token: "xoxb-test",
    signingSecret: "signing-secret",
    now: () => clock.now(),
    channels: ["C0SHOP"],
    users: ["U0ALICE", "U0BOB"],
  });
  const env = {
    TOCSIN_PORT: "0",
    TOCSIN_DATA: data,
    DATABASE_URL: store.url,
    TOCSIN_ADMIN_TOKEN: TOKEN,
    TOCSIN_ALLOW_PRIVATE: "127.0.0.0/8",
    SLACK_TOKEN: "xoxb-test",
    SLACK_SIGNING: "signing-secret",
  };
  const running = await start({
    settings: readSettings(env),
    env,
    tell: () => undefined,
    log: silentLog,
  });
  const ask = <T>(request: string, body?: unknown) =>
    askOver<T>(running.address, request, { token: TOKEN, ...(body === undefined ? {} : { body }) });
  const put = async (path: string, body: unknown): Promise<void> => {
    const answer = await ask(`PUT /v1/config/${path}`, body);
    expect(answer.status, answer.text).toBeLessThan(300);
  };
  try {
    await put("channels/chat", {
      type: "slack",
      token: "env:SLACK_TOKEN",
      signingSecret: "env:SLACK_SIGNING",
      apiUrl: slack.apiUrl,
    });
    for (const [id, address] of [
      ["alice", "U0ALICE"],
      ["bob", "U0BOB"],
      ["carol", "C0SHOP"],
    ] as const) {
      await put(`people/${id}`, {
        name: id,
        email: `${id}@example.org`,
        contacts: [{ channel: "chat", address }],
        roles: [{ role: "responder" }],
      });
    }
    await put("teams/shop", { name: "Shop", members: ["alice", "bob"] });
    await put("escalations/shop", {
      name: "Shop",
      steps: [
        { notify: ["alice", "bob", "carol"].map((person) => ({ person })), timeoutMinutes: 5 },
      ],
    });
    await put("policies/default", { severities: { SEV1: { commander: { person: "alice" } } } });
    await put("services/till", { name: "Till", team: "shop", tier: 1, escalation: "shop" });
    const declared = await ask<{ id: string }>("POST /v1/incidents", {
      title: "Till <script> & co is down",
      severity: "SEV1",
      services: ["till"],
    });
    expect(declared.status).toBe(201);

    await until(
      async () => slack.messages().length,
      (count) => count === 3,
      WITHIN_MS,
    );
    const shared = slack.messages().find(({ channel }) => channel === "C0SHOP");
    const byStranger = await slack.press({
      ts: shared?.ts ?? "",
      actionId: "acknowledge",
      userId: "U0EVE",
      url: `${running.address}/v1/slack/chat/interactions`,
    });
    expect(byStranger.status).toBe(403);
    const untouched = await ask<{ acknowledgedBy: string }>("GET /v1/incidents/INC-1");
    expect(untouched.json.acknowledgedBy).toBeNull();
    const toBob = slack
      .messages()
      .find((message) => JSON.stringify(message).includes("Acknowledge"));
    expect(slack.messages()[0]?.text).toContain("Till &lt;script&gt; &amp; co is down");
    const pressed = await slack.press({
      ts: toBob?.ts ?? "",
      actionId: "acknowledge",
      userId: "U0BOB",
      url: `${running.address}/v1/slack/chat/interactions`,
    });
    expect(pressed.status).toBe(200);
    const incident = await ask<{ acknowledgedBy: string }>("GET /v1/incidents/INC-1");
    expect(incident.json.acknowledgedBy).toBe("bob");
    await until(
      async () => slack.messages().filter((message) => message.edited).length,
      (edited) => edited === 3,
      WITHIN_MS,
    );
    for (const message of slack.messages())
      expect(JSON.stringify(message)).toContain("bob has it since");
    expect(slack.messages()).toHaveLength(3);

    const forged = await fetch(`${running.address}/v1/slack/chat/interactions`, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-signature": "v0=00",
        "x-slack-request-timestamp": "1",
      },
      body: "payload=%7B%7D",
    });
    expect(forged.status).toBe(401);
  } finally {
    await running.stop();
    await slack.stop();
    await store.drop();
    await rm(data, { recursive: true, force: true });
  }
});
