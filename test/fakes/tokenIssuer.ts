/** An OpenID provider that issues tokens to machines: what it publishes, as Google and Microsoft Entra do, and what it signs. */
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import type { Outbound, Reply } from "../../server/base/transport.ts";

export type TokenIssuer = {
  readonly issuer: string;
  /** What it answers at an address of its own; null at every other. */
  answer(url: string): Reply | null;
  /** Signs with its newest key, or in another way. */
  sign(claims: JWTPayload, head?: Head): Promise<string>;
  /** As sign, but nobody signs it. */
  unsigned(claims: JWTPayload): string;
  /** As sign, with the published half of the key as a shared secret. */
  confused(claims: JWTPayload): Promise<string>;
  /** Signs with a new key from now on; the ones of before stay published, or not. */
  rotate(keep?: boolean): Promise<void>;
  /** What its discovery document says instead. */
  says: Record<string, unknown>;
  /** What stands beside each published key. */
  beside: Record<string, unknown>;
};
type Head = { readonly alg?: string; readonly kid?: string };

export const json = (body: unknown, status = 200): Reply => ({
  kind: "http",
  status,
  headers: {},
  body: JSON.stringify(body),
});

const pairOf = async (alg: string, kid: string) => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, publicKey, jwk: await exportJWK(publicKey) };
};

/** `keysAt` is where its keys lie, often at another host. */
export async function tokenIssuer(
  issuer: string,
  keysAt: string,
  alg = "RS256",
): Promise<TokenIssuer> {
  let pairs = [await pairOf(alg, `${issuer} 1`)];
  let made = 1;
  const newest = () => pairs.at(-1)!;
  const it: TokenIssuer = {
    issuer,
    says: {},
    beside: {},
    answer(url) {
      if (url === `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`)
        return json({
          issuer,
          jwks_uri: keysAt,
          response_types_supported: ["id_token"],
          ...it.says,
        });
      if (url !== keysAt) return null;
      return json({
        keys: pairs.map(({ jwk, kid }) => ({ ...jwk, kid, use: "sig", alg, ...it.beside })),
      });
    },
    sign(claims, { alg: other = alg, kid = newest().kid } = {}) {
      const { privateKey } = newest();
      return new SignJWT(claims)
        .setProtectedHeader({ alg: other, kid, typ: "JWT" })
        .sign(privateKey);
    },
    unsigned: (claims) => new UnsecuredJWT(claims).encode(),
    async confused(claims) {
      const secret = Buffer.from(await exportSPKI(newest().publicKey));
      const head = { alg: "HS256", kid: newest().kid, typ: "JWT" };
      return new SignJWT(claims).setProtectedHeader(head).sign(secret);
    },
    async rotate(keep = true) {
      made++;
      const pair = await pairOf(alg, `${issuer} ${made}`);
      pairs = keep ? [...pairs, pair] : [pair];
    },
  };
  return it;
}

/** A transport by which these providers are reached, and what was asked of it. */
export function internetOf(...providers: readonly TokenIssuer[]) {
  const asked: string[] = [];
  const waits: number[] = [];
  const internet = {
    asked,
    /** How long each answer was waited for at most, in milliseconds. */
    waits,
    isAway: false,
    /** No question gets an answer. */
    isSilent: false,
    /** Answers break off at the limit. */
    isCut: false,
    async send(outbound: Outbound): Promise<Reply> {
      const url = outbound.via === "http" ? outbound.url : outbound.via;
      asked.push(url);
      waits.push(outbound.timeoutMs);
      if (internet.isSilent) return new Promise<Reply>(() => undefined);
      if (internet.isAway) return { kind: "error", reached: "no", because: "no route" };
      for (const provider of providers) {
        const answer = provider.answer(url);
        if (answer !== null)
          return internet.isCut && answer.kind === "http" ? { ...answer, isCut: true } : answer;
      }
      return json({}, 404);
    },
  };
  return internet;
}

const APPLICATION = "0e7a5c1d-33a5-4b2f-9a4e-5a0b6f6d2c11";
const TENANT = "72f0c5a1-1d2e-4c3b-8f4a-0b1c2d3e4f50";
/** Of Azure Monitor's action groups, the same in every tenant. */
export const ACTION_GROUPS = "461e8683-5575-4561-ac7f-899cc907d62a";

export const GOOGLE = "https://accounts.google.com";
export const GOOGLE_KEYS = "https://www.googleapis.com/oauth2/v3/certs";
export const PUSHER = "tocsin-push@till-project.iam.gserviceaccount.com";
export const ENTRA = `https://sts.windows.net/${TENANT}/`;
export const ENTRA_KEYS = "https://login.windows.net/common/discovery/keys";
export const ENTRA_2 = `https://login.microsoftonline.com/${TENANT}/v2.0`;
export const ENTRA_2_KEYS = `https://login.microsoftonline.com/${TENANT}/discovery/v2.0/keys`;

/** The keys' descriptions of such senders. */
export const BY_GOOGLE = {
  issuer: GOOGLE,
  audience: "https://tocsin.example",
  claims: { email: PUSHER },
};
export const BY_ENTRA = {
  issuer: ENTRA,
  audience: `api://${APPLICATION}`,
  claims: { appid: ACTION_GROUPS, roles: "ActionGroupsSecureWebhook" },
};
export const BY_ENTRA_2 = {
  issuer: ENTRA_2,
  audience: APPLICATION,
  claims: { azp: ACTION_GROUPS, roles: "ActionGroupsSecureWebhook" },
};

/** What Pub/Sub's tokens say; they count for an hour. */
export const pushClaims = (nowSeconds: number) => ({
  aud: BY_GOOGLE.audience,
  azp: "113774264463038321964",
  email: PUSHER,
  email_verified: true,
  exp: nowSeconds + 3_600,
  iat: nowSeconds,
  iss: GOOGLE,
  sub: "113774264463038321964",
});

const entraClaims = (nowSeconds: number) => ({
  iat: nowSeconds,
  nbf: nowSeconds,
  exp: nowSeconds + 86_700,
  aio: "k2RgYJhy9fXFJ0+LfR7MzAcA",
  oid: "5b1f3a2c-0d4e-4f6a-8b7c-9d0e1f2a3b4c",
  rh: "1.AAAAocXwci4dO0yPSgscLT5PUA.",
  roles: ["ActionGroupsSecureWebhook"],
  sub: "5b1f3a2c-0d4e-4f6a-8b7c-9d0e1f2a3b4c",
  tid: TENANT,
  uti: "Qm9yZGVycyBhcmUgb3Blbg",
});

/** What an action group's tokens say, of an application that takes those of version 1. */
export const actionGroupClaims = (nowSeconds: number) => ({
  ...entraClaims(nowSeconds),
  aud: BY_ENTRA.audience,
  iss: ENTRA,
  appid: ACTION_GROUPS,
  appidacr: "2",
  idp: ENTRA,
  ver: "1.0",
});

/** And of version 2. */
export const actionGroupClaims2 = (nowSeconds: number) => ({
  ...entraClaims(nowSeconds),
  aud: BY_ENTRA_2.audience,
  iss: ENTRA_2,
  azp: ACTION_GROUPS,
  azpacr: "2",
  ver: "2.0",
});
