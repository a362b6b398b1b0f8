import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RefusalCode } from "../../../contract/refusals.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, instant, MINUTE, SECOND } from "../../base/instant.ts";
import { readSlackInteraction, type SignedRequest } from "./slackInteraction.ts";

const NOW = instant(Date.UTC(2026, 10, 21, 3, 0));
const SECRET = "8f742231b10e8888abcd99yyyzzz85a5";

const press = {
  type: "block_actions",
  user: { id: "U123ABC", username: "ada" },
  response_url: "https://hooks.slack.com/actions/T1/2/3",
  actions: [{ type: "button", action_id: "acknowledge", block_id: "verbs", value: "0199a-page" }],
};

const bodyOf = (payload: unknown): string =>
  new URLSearchParams({ payload: JSON.stringify(payload) }).toString();

function signed(body: string, secret = SECRET, at = NOW): SignedRequest {
  const timestamp = String(Math.floor(at / SECOND));
  const hmac = createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex");
  return {
    headers: { "x-slack-request-timestamp": timestamp, "x-slack-signature": `v0=${hmac}` },
    rawBody: Buffer.from(body),
  };
}

function refusalOf(read: () => unknown): RefusalCode | null {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

const read = (request: SignedRequest, now = NOW) => readSlackInteraction(request, SECRET, now);

test("verifies the example that Slack publishes, byte for byte", () => {
  const body =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow" +
    "&channel_id=G8PSS9T3V" +
    "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=" +
    "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554" +
    "%2F96rGlfmibIGlgcZRskXaIFfN" +
    "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
  const request: SignedRequest = {
    headers: {
      "x-slack-request-timestamp": "1531420618",
      "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    },
    rawBody: Buffer.from(body),
  };
  // Signed rightly, but a command and no press: the press is missed, not the signature.
  expect(refusalOf(() => read(request, instant(1_531_420_618_000)))).toBe("chat.not_a_press");
});

test("reads an acknowledge with who pressed and where to answer", () =>
  expect(read(signed(bodyOf(press)))).toEqual({
    verb: "acknowledge",
    notificationId: "0199a-page",
    slackUserId: "U123ABC",
    responseUrl: "https://hooks.slack.com/actions/T1/2/3",
  }));

for (const verb of ["not-mine", "escalate", "resolve"] as const)
  test(`reads “${verb}”, from a button of its own`, () => {
    const actions = [{ action_id: verb, value: "0199a-page" }];
    expect(read(signed(bodyOf({ ...press, actions })))).toMatchObject({ verb });
  });

test("a followed link asks for nothing", () =>
  expect(read(signed(bodyOf({ ...press, actions: [{ action_id: "open-1" }] })))).toEqual({
    verb: "open",
  }));

describe("the signature", () => {
  const good = signed(bodyOf(press));
  const head = (name: string, value: string | string[] | undefined): SignedRequest => ({
    ...good,
    headers: { ...good.headers, [name]: value },
  });
  for (const [promise, request] of [
    ["another secret", signed(bodyOf(press), "other")],
    ["an altered body", { ...good, rawBody: Buffer.from(`${good.rawBody.toString()}&a=b`) }],
    ["no signature", head("x-slack-signature", undefined)],
    ["two signatures", head("x-slack-signature", ["v0=a", "v0=b"])],
    ["an empty signature", head("x-slack-signature", "")],
    ["another version", head("x-slack-signature", "v1=00")],
    ["no timestamp", head("x-slack-request-timestamp", undefined)],
    ["another timestamp than the signed one", head("x-slack-request-timestamp", "1")],
  ] as const) {
    test(`${promise} is refused`, () =>
      expect(refusalOf(() => read(request))).toBe("chat.signature"));
  }

  test("any single changed byte of the body is refused", () => {
    fc.assert(
      fc.property(fc.nat(good.rawBody.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const rawBody = Buffer.from(good.rawBody);
        rawBody[at] = rawBody[at]! ^ by;
        expect(refusalOf(() => read({ ...good, rawBody }))).toBe("chat.signature");
      }),
      { seed: 20_261_121 },
    );
  });

  test("an empty secret never verifies anything", () =>
    expect(() => readSlackInteraction(signed(bodyOf(press), ""), "", NOW)).toThrow(
      "broken promise",
    ));
});

describe("the window of five minutes", () => {
  for (const [promise, ms, code] of [
    ["just inside, old", 5 * MINUTE, null],
    ["just outside, old", 5 * MINUTE + 1, "chat.stale"],
    ["just inside, early", -5 * MINUTE, null],
    ["just outside, early", -5 * MINUTE - 1, "chat.stale"],
  ] as const) {
    test(`${promise}: ${code ?? "taken"}`, () =>
      expect(refusalOf(() => read(signed(bodyOf(press)), addMs(NOW, ms)))).toBe(code));
  }

  test("a timestamp that is no number is refused even when signed", () => {
    const hmac = createHmac("sha256", SECRET).update("v0:soon:a=b").digest("hex");
    const headers = { "x-slack-request-timestamp": "soon", "x-slack-signature": `v0=${hmac}` };
    expect(refusalOf(() => read({ headers, rawBody: Buffer.from("a=b") }))).toBe("chat.stale");
  });
});

describe("anything but a press of our buttons is refused", () => {
  for (const [promise, payload] of [
    ["another kind", { ...press, type: "view_submission" }],
    ["another action", { ...press, actions: [{ action_id: "delete", value: "x" }] }],
    ["no action", { ...press, actions: [] }],
    ["two actions at once", { ...press, actions: [press.actions[0], press.actions[0]] }],
    ["no value", { ...press, actions: [{ action_id: "acknowledge" }] }],
    ["an empty value", { ...press, actions: [{ action_id: "acknowledge", value: "" }] }],
    ["nobody who pressed", { ...press, user: {} }],
    ["nowhere to answer", { ...press, response_url: undefined }],
    ["a strange place to answer", { ...press, response_url: "file:///etc/passwd" }],
    ["no object", "text"],
  ] as const) {
    test(promise, () =>
      expect(refusalOf(() => read(signed(bodyOf(payload))))).toBe("chat.not_a_press"),
    );
  }
  test("a form without a payload", () =>
    expect(refusalOf(() => read(signed("a=b")))).toBe("chat.not_a_press"));
  test("a payload that is no JSON", () =>
    expect(refusalOf(() => read(signed("payload=%7B")))).toBe("chat.not_a_press"));
});
