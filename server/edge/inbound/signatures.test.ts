/** Promises of proofs of a sender, by vectors that openssl made. */
import { describe, expect, test } from "vitest";
import { hmacSha256 } from "../../base/crypto.ts";
import { addMs, type Instant, MINUTE } from "../../base/instant.ts";
import { authorizedBy } from "./authorization.ts";
import { NOW } from "./golden/samples.ts";
import { ADAPTERS } from "./index.ts";

const rawBody = Buffer.from('{"till":"open"}');

type Headers = Readonly<Record<string, string>>;
/** A tool, its secret, and a request that it signed two minutes ago. */
const SIGNED: readonly (readonly [promise: string, tool: string, secret: string, Headers])[] = [
  [
    "CrowdStrike signs body and time",
    "crowdstrike",
    "a secret",
    {
      "x-cs-primary-signature": "VMM4k9wU1DUgAX/JAQUUwELSarsZXOPJDgtZylejEhU=",
      "x-cs-delivery-timestamp": "2026-11-21T09:58:00Z",
    },
  ],
  [
    "GitLab's signing token signs identity, time and body",
    "gitlab",
    "whsec_YSBrZXkgb2YgdHdlbnR5LWZvdXIgYnl0",
    {
      "webhook-id": "msg_21",
      "webhook-timestamp": "1795255080",
      "webhook-signature": "v1,bm90IHRoaXMgb25l v1,Pay0Cq+vkkvku4ytHbHeDgKMn8oEpHPK63HIZIHeTq8=",
    },
  ],
  [
    "incident.io signs as GitLab's tokens do",
    "incident-io",
    "whsec_YSBrZXkgb2YgdHdlbnR5LWZvdXIgYnl0",
    {
      "webhook-id": "msg_21",
      "webhook-timestamp": "1795255080",
      "webhook-signature": "v1,bm90IHRoaXMgb25l v1,Pay0Cq+vkkvku4ytHbHeDgKMn8oEpHPK63HIZIHeTq8=",
    },
  ],
  [
    "Grafana signs time and body where it sends the time",
    "grafana",
    "a secret",
    {
      "x-grafana-alerting-timestamp": "1795255080",
      "x-grafana-alerting-signature":
        "f66e55e996ca5dfd69745a6d5c0c2826c92f2435f2198ad4f6ad191cd73c46b0",
    },
  ],
  [
    "Grafana Incident signs the body's hash and the time",
    "grafana",
    "a secret",
    {
      "gi-signature":
        "t=1795255080,v1=76d065e8db66eb84006f7f25c5eaa98af1963203dd4c6103738d3f4ca86b2713",
    },
  ],
];

describe.each(SIGNED)("%s", (_, tool, secret, headers) => {
  const { verify } = ADAPTERS.get(tool)!;
  const ask = (given: Headers, now: Instant = NOW, body = rawBody): boolean | undefined =>
    verify?.({ headers: given, rawBody: body, now }, secret);

  test("and is believed then, of another body never", () => {
    expect(ask(headers)).toBe(true);
    expect(ask(headers, NOW, Buffer.from('{"till":"shut"}'))).toBe(false);
  });

  test("sent again later it is not believed, nor from a time to come", () => {
    expect(ask(headers, addMs(NOW, 3 * MINUTE))).toBe(true);
    expect(ask(headers, addMs(NOW, 3 * MINUTE + 1))).toBe(false);
    expect(ask(headers, addMs(NOW, -7 * MINUTE - 1))).toBe(false);
  });

  test("nor with another time, another identity, or without one of its headers", () => {
    for (const [name, value] of Object.entries(headers)) {
      expect(ask({ ...headers, [name]: value.replace(/\d(?=\D*$)/, "7") })).toBe(false);
      expect(ask({ ...headers, [name]: "" })).toBe(false);
    }
  });
});

describe("the header of Grafana Incident", () => {
  const { verify } = ADAPTERS.get("grafana")!;
  const mac = "76d065e8db66eb84006f7f25c5eaa98af1963203dd4c6103738d3f4ca86b2713";
  const at = "t=1795255080";
  for (const [says, given, believed] of [
    ["time and signature", `${at},v1=${mac}`, true],
    ["them in the other order, with blanks", `v1=${mac}, ${at}`, true],
    ["a signature of an older secret too", `${at},v1=${"0".repeat(64)},v1=${mac}`, true],
    ["no time", `v1=${mac}`, false],
    ["another time", `t=1795255081,v1=${mac}`, false],
    ["another time before the signed one", `t=1795255140,${at},v1=${mac}`, false],
    ["no signature", at, false],
    ["an empty signature", `${at},v1=`, false],
    ["a signature of another version", `${at},v0=${mac}`, false],
    ["half of the signature", `${at},v1=${mac.slice(0, 32)}`, false],
    ["nothing", "", false],
  ] as const)
    test(`${believed ? "proves" : "does not prove"} a sender by ${says}`, () => {
      const request = { headers: { "gi-signature": given }, rawBody, now: NOW };
      expect(verify?.(request, "a secret")).toBe(believed);
      for (const secret of ["", "another"]) expect(verify?.(request, secret)).toBe(false);
    });

  test("proves nothing where it is missing", () => {
    expect(verify?.({ headers: {}, rawBody, now: NOW }, "a secret")).toBe(false);
  });
});

test("a secret token of GitLab is shown, and a signing token never taken for one", () => {
  const { verify } = ADAPTERS.get("gitlab")!;
  const ask = (shown: string, secret: string): boolean | undefined =>
    verify?.({ headers: { "x-gitlab-token": shown }, rawBody, now: NOW }, secret);
  expect(ask("a secret", "a secret")).toBe(true);
  expect(ask("whsec_YSBr", "whsec_YSBr")).toBe(false);
  expect(ask("whsec_", "whsec_")).toBe(false);
});

test("base64 is read by what it means, without padding and in either alphabet", () => {
  const { verify } = ADAPTERS.get("crowdstrike")!;
  const signed = "VMM4k9wU1DUgAX/JAQUUwELSarsZXOPJDgtZylejEhU=";
  const ask = (given: string): boolean | undefined => {
    const headers = {
      "x-cs-primary-signature": given,
      "x-cs-delivery-timestamp": "2026-11-21T09:58:00Z",
    };
    return verify?.({ headers, rawBody, now: NOW }, "a secret");
  };
  for (const given of [signed, signed.replace("=", ""), signed.replace("/", "_"), `${signed} `])
    expect(ask(given)).toBe(true);
  for (const given of ["", "=", signed.slice(4), `${signed.slice(0, -4)}AAA=`])
    expect(ask(given)).toBe(false);
});

test("GitGuardian's signature of last week is no proof, nor one with another time", () => {
  const { verify } = ADAPTERS.get("gitguardian")!;
  const ask = (timestamp: string, key = timestamp): boolean | undefined => {
    const signed = hmacSha256(`${key}a secret`, rawBody).toString("hex");
    const headers = { timestamp, "gitguardian-signature": `sha256=${signed}` };
    return verify?.({ headers, rawBody, now: NOW }, "a secret");
  };
  expect(ask("2026-11-21T09:58:00Z")).toBe(true);
  expect(ask("2026-11-14T09:58:00Z")).toBe(false);
  expect(ask("2026-11-21T09:58:00Z", "2026-11-14T09:58:00Z")).toBe(false);
});

test.each(["auth0", "okta"])("a key of %s whose secret is the whole header goes on", (tool) => {
  const { verify } = ADAPTERS.get(tool)!;
  for (const secret of ["Bearer a secret", "Basic dGlsbDphIHNlY3JldA==", "a secret"]) {
    const request = { headers: { authorization: secret }, rawBody, now: NOW };
    expect(verify?.(request, secret)).toBe(true);
    expect(verify?.(request, `${secret}!`)).toBe(false);
  }
});

describe("the header Authorization", () => {
  for (const [shows, authorization, believed] of [
    ["the secret as it is", "a secret", true],
    ["a bearer token", "Bearer a secret", true],
    ["a bearer token in small letters", "bearer a secret", true],
    ["the password of a user", "Basic dGlsbDphIHNlY3JldA==", true],
    ["another password", "Basic dGlsbDphbm90aGVy", false],
    ["a user without a password", "Basic dGlsbA==", false],
    ["no base64", "Basic a secret", false],
    ["another token", "Bearer another", false],
    ["a scheme and nothing behind it", "Bearer ", false],
    ["base64 without a password", "Basic OmEgc2VjcmU=", false],
    ["another scheme", "Token a secret", false],
    ["nothing", undefined, false],
  ] as const)
    test(`${believed ? "proves" : "does not prove"} a sender by ${shows}`, () => {
      const request = { headers: { authorization }, rawBody, now: NOW };
      expect(authorizedBy(request, "a secret")).toBe(believed);
      expect(authorizedBy(request, "")).toBe(false);
    });
});
