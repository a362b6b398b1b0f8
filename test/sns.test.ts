/** Messages of Amazon SNS: proved by Amazon's certificate, subscriptions confirmed, nothing else believed. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Reply } from "../server/base/transport.ts";
import { changed, golden } from "../server/edge/inbound/golden/samples.ts";
import { startTestNode, type TestNode } from "./node.ts";

const certificate = readFileSync(new URL("fakes/snsCertificate.pem", import.meta.url), "utf8");
const http = (status: number, body: string): Reply => ({ kind: "http", status, headers: {}, body });

let node: TestNode;
let key: string;
let asked: string[] = [];
/** What Amazon answers to every address. */
let amazon: () => Reply;

beforeAll(async () => {
  node = await startTestNode({
    send: async (outbound) => {
      asked.push(outbound.via === "http" ? outbound.url : outbound.via);
      return amazon();
    },
  });
  await node.configure("teams", "red", { name: "Red" });
  await node.configure("services", "till", { name: "Till", team: "red" });
  key = (await node.configure("keys", "till-key", { service: "till", secret: "generate" })) ?? "";
});
afterAll(() => node.stop());
beforeEach(() => {
  asked = [];
  amazon = () => http(200, certificate);
});

const post = (body: unknown, path = key) =>
  node.ask<{ tool: string; accepted: unknown[] }>(`POST /v1/intake/${path}`, { token: null, body });
const alarm = golden("cloudwatch.sns.json");

test("while Amazon cannot be asked nothing is accepted, and the topic will repeat it", async () => {
  amazon = () => ({ kind: "error", reached: "no", because: "no route" });
  const answer = await post(alarm);
  expect([answer.status, answer.code]).toEqual([503, "signal.sender_away"]);
});

test("what Amazon signed is accepted, by either version, and the certificate is asked for once", async () => {
  for (const body of [alarm, golden("cloudwatch.sns-ok.json"), alarm]) {
    const answer = await post(body);
    expect([answer.status, answer.json.tool, answer.json.accepted.length]).toEqual([
      202,
      "cloudwatch",
      1,
    ]);
  }
  expect(asked).toEqual(["https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem"]);
});

for (const [promise, body] of [
  ["whose message was changed", changed(alarm, "Message", "{}")],
  ["whose topic was changed", changed(alarm, "TopicArn", "arn:aws:sns:eu-west-1:1:mine")],
  ["that says no signature", changed(alarm, "Signature", undefined)],
  [
    "with the certificate of somebody else",
    changed(
      alarm,
      "SigningCertURL",
      "https://sns.eu-west-1.amazonaws.com.example.org/SimpleNotificationService-0.pem",
    ),
  ],
  [
    "with a certificate from a bucket",
    changed(
      alarm,
      "SigningCertURL",
      "https://bucket.s3.amazonaws.com/SimpleNotificationService-0.pem",
    ),
  ],
  [
    "with a certificate without https",
    changed(
      alarm,
      "SigningCertURL",
      "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem",
    ),
  ],
] as const) {
  test(`a message ${promise} is refused, whatever tool the path names`, async () => {
    for (const path of [key, `${key}/cloudwatch`, `${key}/generic`]) {
      const answer = await post(body, path);
      expect([answer.status, answer.code]).toEqual([401, "signal.signature"]);
    }
    expect(asked.every((url) => url.startsWith("https://sns.eu-west-1.amazonaws.com/"))).toBe(true);
  });
}

test("a subscription is confirmed at Amazon's own address", async () => {
  const subscription = golden("aws-sns.subscription.json") as { SubscribeURL: string };
  const answer = await post(subscription);
  expect([answer.status, answer.json.tool]).toEqual([202, "aws-sns"]);
  expect(asked).toEqual([subscription.SubscribeURL]);
});

test("a subscription that names another address confirms nothing", async () => {
  const elsewhere = changed(
    golden("aws-sns.subscription.json"),
    "SubscribeURL",
    "http://127.0.0.1/?Action=ConfirmSubscription",
  );
  expect((await post(elsewhere)).code).toBe("signal.signature");
  expect(asked).toEqual([]);
});
