/** A sender is proved by a token of its cloud's OpenID provider, which is asked for its keys as seldom as can be. */
import { exportJWK, generateKeyPair, type JWTPayload } from "jose";
import { KeyObject, sign as signBytes } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import type { SignedBy } from "../../contract/signal.ts";
import {
  actionGroupClaims,
  actionGroupClaims2,
  BY_ENTRA,
  BY_ENTRA_2,
  BY_GOOGLE,
  ENTRA,
  ENTRA_2,
  ENTRA_2_KEYS,
  ENTRA_KEYS,
  GOOGLE,
  GOOGLE_KEYS,
  internetOf,
  PUSHER,
  pushClaims,
  tokenIssuer,
} from "../../test/fakes/tokenIssuer.ts";
import { Refusal } from "../base/errors.ts";
import { HOUR, type Instant, instant, MINUTE, SECOND } from "../base/instant.ts";
import type { Log, LogFields } from "../base/log.ts";
import { addressGuard } from "../base/addresses.ts";
import { realTransport } from "../base/realTransport.ts";
import { type TokenSender, tokenSender } from "./tokenSender.ts";

const google = await tokenIssuer(GOOGLE, GOOGLE_KEYS);
const entra = await tokenIssuer(ENTRA, ENTRA_KEYS);
const entra2 = await tokenIssuer(ENTRA_2, ENTRA_2_KEYS);
const stranger = await tokenIssuer("https://stranger.example", "https://stranger.example/keys");
const elliptic = await tokenIssuer(
  "https://cluster.example",
  "https://cluster.example/keys",
  "ES256",
);

/** Somebody's own key. */
const own = await generateKeyPair("RS256", { extractable: true });
const ownPublished = await exportJWK(own.publicKey);
/** Signs whatever its head says, as no library would. */
function signedByOwn(head: object, claims: JWTPayload): string {
  const signed = [head, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const signature = signBytes("sha256", Buffer.from(signed), KeyObject.from(own.privateKey));
  return `${signed}.${signature.toString("base64url")}`;
}

const silent = (): void => undefined;
const quiet: Log = { info: silent, warn: silent, error: silent, with: () => quiet };
let now: Instant;
let internet: ReturnType<typeof internetOf>;
let told: LogFields[];
let sender: TokenSender;

const DISCOVERY = `${GOOGLE}/.well-known/openid-configuration`;
const ASKED_ONCE = [DISCOVERY, GOOGLE_KEYS];

beforeEach(() => {
  now = instant(Date.UTC(2026, 10, 26, 20));
  internet = internetOf(google, entra, entra2, stranger, elliptic);
  told = [];
  const warn = (_: string, fields: LogFields = {}): void => void told.push(fields);
  sender = tokenSender({
    clock: { now: () => now } as Parameters<typeof tokenSender>[0]["clock"],
    log: { ...quiet, warn },
    transport: internet,
  });
  google.says = {};
  google.beside = {};
});

const seconds = (): number => Math.floor(now / SECOND);
const push = (change: JWTPayload = {}): JWTPayload => ({ ...pushClaims(seconds()), ...change });

const ask = (token: string | null, signedBy: SignedBy = BY_GOOGLE): Promise<string> =>
  asked(token === null ? {} : { authorization: `Bearer ${token}` }, signedBy);

/** “accepted”, or the code of the refusal. */
async function asked(
  headers: Readonly<Record<string, string>>,
  by: SignedBy = BY_GOOGLE,
): Promise<string> {
  try {
    await sender("till-key", by, headers);
    return "accepted";
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

describe("what is issued to the sender is accepted", () => {
  test("by Google for a push of Pub/Sub, which names itself in either way", async () => {
    expect(await ask(await google.sign(push()))).toBe("accepted");
    expect(await ask(await google.sign(push({ iss: "accounts.google.com" })))).toBe("accepted");
    expect(internet.asked).toEqual(ASKED_ONCE);
  });

  test("by Microsoft Entra for an action group, in either version, whose keys name no algorithm", async () => {
    entra.beside = { alg: undefined, issuer: "https://sts.windows.net/{tenantid}/" };
    entra2.beside = { alg: undefined, issuer: ENTRA_2 };
    const [first, second] = [actionGroupClaims(seconds()), actionGroupClaims2(seconds())];
    expect(await ask(await entra.sign(first), BY_ENTRA)).toBe("accepted");
    expect(await ask(await entra2.sign(second), BY_ENTRA_2)).toBe("accepted");
    // What one of them signed is not the other's.
    expect(await ask(await entra.sign(second), BY_ENTRA_2)).toBe("signal.signature");
  });

  test("with an elliptic key", async () => {
    const signedBy = { issuer: elliptic.issuer, audience: "tocsin", claims: { sub: "prometheus" } };
    const claims = { iss: elliptic.issuer, aud: ["tocsin", "other"], sub: "prometheus" };
    const token = await elliptic.sign({ ...claims, exp: seconds() + 60 });
    expect(await ask(token, signedBy)).toBe("accepted");
  });
});

describe("everything else is refused, and nobody is asked about it", () => {
  for (const [promise, change, because] of [
    ["for another audience", { aud: "https://else.example" }, "aud"],
    ["for no audience", { aud: undefined }, "aud"],
    ["of another issuer", { iss: "https://accounts.google.com.example" }, "iss"],
    ["of another account", { email: "somebody@gmail.com" }, "email"],
    ["of an address that Google has not verified", { email_verified: false }, "email_verified"],
    ["that says verified in words", { email_verified: "true" }, "email_verified"],
    ["that has expired", { exp: -61 }, "exp"],
    ["that never expires", { exp: undefined }, "exp"],
    ["that does not count yet", { nbf: 61 }, "nbf"],
    ["that was issued in time to come", { iat: 61 }, "iat"],
  ] as const) {
    test(`a token ${promise}`, async () => {
      const given: JWTPayload = { ...change };
      // Times are told in seconds from now.
      for (const name of ["exp", "nbf", "iat"] as const)
        if (typeof given[name] === "number") given[name] = seconds() + given[name];
      expect(await ask(await google.sign(push(given)))).toBe("signal.signature");
      expect(told).toEqual([{ key: "till-key", because }]);
      expect(internet.asked).toEqual([]);
    });
  }

  test("a token that nobody signed, or that is signed with the public key as a secret", async () => {
    expect(await ask(google.unsigned(push()))).toBe("signal.signature");
    expect(await ask(await google.confused(push()))).toBe("signal.signature");
    expect(internet.asked).toEqual([]);
  });

  test("no token, the key itself, or something that is none", async () => {
    for (const token of [null, "a-secret", "a.b.c", `${"x".repeat(5_000)}.y.z`])
      expect(await ask(token)).toBe("signal.signature");
    expect(internet.asked).toEqual([]);
  });

  test("a claim in a list within a list, or as another kind of value", async () => {
    for (const change of [{ aud: [[BY_GOOGLE.audience]] }, { email: [[PUSHER]] }, { aud: {} }]) {
      const token = await google.sign(push(change as unknown as JWTPayload));
      expect(await ask(token)).toBe("signal.signature");
    }
    expect(internet.asked).toEqual([]);
  });

  test("the clocks may be a minute apart", async () => {
    expect(await ask(await google.sign(push({ exp: seconds() - 59 })))).toBe("accepted");
    expect(await ask(await google.sign(push({ iat: seconds() + 59 })))).toBe("accepted");
  });

  test("a claim that is a list has to hold what is asked for", async () => {
    const claims = { ...actionGroupClaims(seconds()), roles: ["Reader"] };
    expect(await ask(await entra.sign(claims), BY_ENTRA)).toBe("signal.signature");
    // Nor is anything inherited.
    const inherited = { ...BY_GOOGLE, claims: { constructor: "x" } };
    expect(await ask(await google.sign(push()), inherited)).toBe("signal.signature");
  });
});

describe("a token that says all the right things", () => {
  test("is refused where somebody else signed it, also under the name of a known key", async () => {
    expect(await ask(await google.sign(push()))).toBe("accepted");
    const kid = `${GOOGLE} 1`;
    expect(await ask(await stranger.sign(push(), { kid }))).toBe("signal.signature");
    expect(internet.asked).toEqual(ASKED_ONCE);
  });

  test("is refused where its last part was changed", async () => {
    const [head, body] = (await google.sign(push())).split(".");
    const [, , other] = (await google.sign(push({ sub: "1" }))).split(".");
    expect(await ask(`${head}.${body}.${other}`)).toBe("signal.signature");
  });

  test("is refused where the key is another tenant's", async () => {
    entra.beside = {
      issuer: "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
    };
    const token = await entra.sign(actionGroupClaims(seconds()));
    // It publishes no key that could sign for this tenant.
    expect(await ask(token, BY_ENTRA)).toBe("signal.sender_away");
    entra.beside = {};
  });
});

describe("a token decides nothing about how it is checked", () => {
  for (const [promise, head] of [
    ["that brings its key", { jwk: ownPublished }],
    ["that says where its keys lie", { jku: "https://stranger.example/keys" }],
    ["that brings a certificate", { x5u: "https://stranger.example/x5u", x5c: ["YQ=="] }],
    ["that names its key by a path", { kid: "../../stranger" }],
    ["that names its key by anything but a text", { kid: [`${GOOGLE} 1`] as unknown as string }],
    ["that wants something understood", { kid: `${GOOGLE} 1`, crit: ["till"], till: true }],
    ["whose body is not encoded", { kid: `${GOOGLE} 1`, crit: ["b64"], b64: false }],
  ] as const)
    test(`one ${promise} is refused, and nobody else is asked`, async () => {
      const token = signedByOwn({ alg: "RS256", ...head }, push());
      expect(await ask(token)).toBe("signal.signature");
      for (const url of internet.asked) expect(ASKED_ONCE).toContain(url);
    });

  test("one is read from one bearer header alone", async () => {
    const token = await google.sign(push());
    for (const authorization of [
      `Bearer ${token}, Bearer ${token}`,
      `Bearer ${token} `,
      `Bearer\t${token}`,
      `Basic ${token}`,
      token,
    ])
      expect(await asked({ authorization })).toBe("signal.signature");
    expect(await asked({ "x-tocsin-key": token, cookie: `authorization=Bearer ${token}` })).toBe(
      "signal.signature",
    );
    expect(await asked({ authorization: `bearer   ${token}` })).toBe("accepted");
  });
});

describe("keys", () => {
  test("are asked for again when a new one signs, and then not for a minute", async () => {
    expect(await ask(await google.sign(push()))).toBe("accepted");
    now = instant(now + 2 * MINUTE);
    await google.rotate();
    expect(await ask(await google.sign(push()))).toBe("accepted");
    expect(internet.asked).toEqual([...ASKED_ONCE, ...ASKED_ONCE]);

    const unheard = await google.sign(push(), { kid: "unheard" });
    for (let times = 0; times < 20; times++) expect(await ask(unheard)).toBe("signal.signature");
    expect(internet.asked.length).toBe(4);
    // It may have been published since: whoever repeats only what may come again has to hear that it may.
    now = instant(now + SECOND);
    expect(await ask(unheard)).toBe("signal.sender_away");
    expect(internet.asked.length).toBe(4);
    now = instant(now + MINUTE);
    expect(await ask(unheard)).toBe("signal.signature");
    expect(internet.asked.length).toBe(6);
    // A stranger's tries fill no log.
    expect(told.length).toBeLessThanOrEqual(2);
  });

  test("that were withdrawn are no longer believed after six hours", async () => {
    const old = push({ exp: seconds() + 86_400 });
    const token = await google.sign(old);
    expect(await ask(token)).toBe("accepted");
    await google.rotate(false);
    now = instant(now + 6 * HOUR - 1);
    expect(await ask(token)).toBe("accepted");
    now = instant(now + 1);
    expect(await ask(token)).not.toBe("accepted");
    now = instant(now + MINUTE);
    expect(await ask(token)).toBe("signal.signature");
  });

  test("are asked for once by whoever comes at the same time", async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => google.sign(push())));
    expect(await Promise.all(tokens.map((token) => ask(token)))).toEqual(
      tokens.map(() => "accepted"),
    );
    expect(internet.asked).toEqual(ASKED_ONCE);
  });

  test("are renewed beside what is sent, so that nobody waits for that", async () => {
    const token = await google.sign(push({ exp: seconds() + 86_400 }));
    expect(await ask(token)).toBe("accepted");
    now = instant(now + 5 * HOUR);
    internet.isSilent = true;
    expect(await ask(token)).toBe("accepted");
    expect(await ask(token)).toBe("accepted");
    expect(internet.asked).toEqual([...ASKED_ONCE, DISCOVERY]);
  });

  test("both are asked for before whoever sends gives up", async () => {
    await ask(await google.sign(push()));
    expect(internet.waits.length).toBe(2);
    expect(internet.waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThan(10 * SECOND);
  });

  test("that are published in any shape cost one question, and the sender repeats", async () => {
    const token = await google.sign(push());
    const deep = JSON.parse(`${"[".repeat(1_000)}${"]".repeat(1_000)}`) as unknown;
    for (const beside of [{ kty: "oct", k: "YQ" }, { kty: ["RSA"] }, { n: deep }]) {
      internet.asked.length = 0;
      now = instant(now + MINUTE);
      google.beside = beside;
      const asked = [await ask(token), await ask(token)];
      expect(asked).not.toContain("accepted");
      expect(internet.asked).toEqual(ASKED_ONCE);
    }
    google.beside = { x5c: deep };
    now = instant(now + 6 * HOUR);
    expect(await ask(await google.sign(push()))).toBe("accepted");
    google.beside = {};
  });

  test("of two issuers are kept apart", async () => {
    expect(await ask(await google.sign(push()))).toBe("accepted");
    expect(await ask(await entra.sign(actionGroupClaims(seconds())), BY_ENTRA)).toBe("accepted");
    expect(await ask(await entra.sign(push()), BY_GOOGLE)).toBe("signal.signature");
  });
});

describe("while the provider is away", () => {
  test("nothing is accepted as long as its keys were never had, and it is asked every ten seconds", async () => {
    internet.isAway = true;
    const token = await google.sign(push());
    for (let times = 0; times < 5; times++) expect(await ask(token)).toBe("signal.sender_away");
    expect(internet.asked).toEqual([DISCOVERY]);
    expect(told).toEqual([{ host: "accounts.google.com", because: "no route" }]);
    internet.isAway = false;
    now = instant(now + 10 * SECOND);
    expect(await ask(token)).toBe("accepted");
  });

  test("known keys are believed, however long, and others may be its new ones", async () => {
    expect(await ask(await google.sign(push()))).toBe("accepted");
    internet.isAway = true;
    now = instant(now + 48 * HOUR);
    expect(await ask(await google.sign(push()))).toBe("accepted");
    expect(await ask(await google.sign(push(), { kid: "unheard" }))).toBe("signal.sender_away");
    expect(internet.asked).toEqual([...ASKED_ONCE, DISCOVERY]);
  });

  test("nobody waits again and again for a provider that does not answer", async () => {
    const token = await google.sign(push({ exp: seconds() + 172_800 }));
    expect(await ask(token)).toBe("accepted");
    now = instant(now + 24 * HOUR);
    internet.isAway = true;
    expect(await ask(token)).toBe("accepted");
    internet.isAway = false;
    internet.isSilent = true;
    for (let times = 0; times < 5; times++) {
      now = instant(now + 10 * SECOND);
      expect(await ask(token)).toBe("accepted");
    }
    // The second question is still open: there is no third beside it.
    expect(internet.asked).toEqual([...ASKED_ONCE, DISCOVERY, DISCOVERY]);
  });

  test("an answer that was cut off gives no keys", async () => {
    internet.isCut = true;
    expect(await ask(await google.sign(push()))).toBe("signal.sender_away");
    expect(told).toEqual([{ host: "accounts.google.com", because: "its answer is too long" }]);
  });

  for (const [promise, says, because] of [
    [
      "names another issuer",
      { issuer: "https://stranger.example" },
      "its discovery document names another issuer",
    ],
    [
      "names keys without https",
      { jwks_uri: "http://www.googleapis.com/oauth2/v3/certs" },
      "its discovery document names no https address of keys",
    ],
    [
      "names no keys",
      { jwks_uri: undefined },
      "its discovery document names no https address of keys",
    ],
    [
      "names keys that are not there",
      { jwks_uri: "https://www.googleapis.com/none" },
      "status 404",
    ],
  ] as const) {
    test(`a discovery document that ${promise} gives no keys`, async () => {
      google.says = { ...says };
      expect(await ask(await google.sign(push()))).toBe("signal.sender_away");
      expect(told).toEqual([{ host: "accounts.google.com", because }]);
    });
  }
});

test("keys at a private address are not fetched", async () => {
  const transport = realTransport({ smtpUrl: null, guard: addressGuard([]) });
  google.says = { jwks_uri: "https://127.0.0.1:1/keys" };
  const real: string[] = [];
  sender = tokenSender({
    clock: { now: () => now } as Parameters<typeof tokenSender>[0]["clock"],
    log: { ...quiet, warn: (_, fields) => void real.push(String(fields?.["because"])) },
    transport: {
      send: (outbound) =>
        outbound.via === "http" && outbound.url === DISCOVERY
          ? internet.send(outbound)
          : transport.send(outbound),
    },
  });
  expect(await ask(await google.sign(push()))).toBe("signal.sender_away");
  expect(real).toEqual(["127.0.0.1 is not a public address and not on the list of permitted ones"]);
  transport.close();
});
