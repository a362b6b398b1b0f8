/** The encryption of Web Push against the worked example of its standard, and what it must not do. */
import { createPublicKey, verify } from "node:crypto";
import { describe, expect, test } from "vitest";
import { openAsBrowser } from "../../test/fakes/pushService.ts";
import { instant } from "./instant.ts";
import { isPublicKey, keyPairOf, PUSH_PAYLOAD_BYTES, sealForBrowser, vapid } from "./webPush.ts";

const bytes = (text: string): Buffer => Buffer.from(text, "base64url");
/** RFC 8291, appendix A. */
const EXAMPLE = {
  payload: "When I grow up, I want to be a watermelon",
  receiver: {
    publicKey: bytes(
      "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    ),
    auth: bytes("BTBZMqHH6r4Tts7J_aSIgg"),
  },
  receiverKey: bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"),
  senderKey: bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
  salt: bytes("DGv6ra1nlYgDCS1FRnbzlw"),
  sealed:
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS" +
    "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qu" +
    "lcy4a-fN",
};
const once = { pair: keyPairOf(EXAMPLE.senderKey)!, salt: EXAMPLE.salt };
const browser = { privateKey: EXAMPLE.receiverKey, auth: EXAMPLE.receiver.auth };

describe("a payload for a browser", () => {
  test("is encrypted as the standard's example is", () => {
    const sealed = sealForBrowser(Buffer.from(EXAMPLE.payload), EXAMPLE.receiver, once);
    expect(sealed.toString("base64url")).toBe(EXAMPLE.sealed);
    expect(openAsBrowser(sealed, browser).toString()).toBe(EXAMPLE.payload);
  });

  test("of the most bytes fits what push services take", () => {
    const payload = Buffer.alloc(PUSH_PAYLOAD_BYTES, "x");
    const sealed = sealForBrowser(payload, EXAMPLE.receiver, once);
    expect(sealed.length).toBe(4_096);
    expect(openAsBrowser(sealed, browser)).toEqual(payload);
  });

  test("cannot be changed on its way", () => {
    const sealed = sealForBrowser(Buffer.from("x"), EXAMPLE.receiver, once);
    sealed[sealed.length - 1]! ^= 1;
    expect(() => openAsBrowser(sealed, browser)).toThrow();
  });
});

test("only a point of the curve is a browser's key", () => {
  expect(isPublicKey(EXAMPLE.receiver.publicKey)).toBe(true);
  expect(isPublicKey(Buffer.alloc(65, 4))).toBe(false);
  expect(isPublicKey(Buffer.alloc(0))).toBe(false);
});

test("who sends is signed for one push service and for a time", () => {
  const until = instant(Date.UTC(2026, 10, 26, 12));
  const header = vapid(once.pair, {
    audience: "https://push.example",
    subject: "https://tocsin.example",
    until,
  });
  const [, token = "", key = ""] = /^vapid t=(\S+), k=(\S+)$/.exec(header) ?? [];
  const [head = "", claims = "", signature = ""] = token.split(".");
  expect(bytes(key)).toEqual(once.pair.publicKey);
  expect(JSON.parse(bytes(claims).toString())).toEqual({
    aud: "https://push.example",
    exp: until / 1_000,
    sub: "https://tocsin.example",
  });
  const [x, y] = [bytes(key).subarray(1, 33), bytes(key).subarray(33)];
  const publicKey = createPublicKey({
    format: "jwk",
    key: { kty: "EC", crv: "P-256", x: x.toString("base64url"), y: y.toString("base64url") },
  });
  const signed = Buffer.from(`${head}.${claims}`);
  const made = bytes(signature);
  expect(verify("sha256", signed, { key: publicKey, dsaEncoding: "ieee-p1363" }, made)).toBe(true);
});
