/** A real OpenID provider on this machine (`oidc-provider`), and a visitor who fills in its forms. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import OpenidServer, { type Configuration } from "oidc-provider";

export type OpenidProvider = {
  readonly issuer: string;
  /** Whom it knows: by the name typed at its form. */
  readonly accounts: Map<string, Account>;
  stop(): Promise<void>;
};
export type Account = {
  readonly sub: string;
  readonly email: string;
  readonly verified: boolean;
  readonly name: string;
};

export const CLIENT = { id: "tocsin", secret: "a-secret-of-the-test-with-32-letters" };

export async function startOpenidProvider(publicUrl: string): Promise<OpenidProvider> {
  const accounts = new Map<string, Account>();
  const settings: Configuration = {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [`${publicUrl}/sign-in/provider/back`],
        post_logout_redirect_uris: [`${publicUrl}/`],
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    findAccount: (_, id) => {
      const account = accounts.get(id);
      if (account === undefined) return undefined;
      const { sub, email, verified, name } = account;
      return {
        accountId: id,
        claims: async () => ({ sub, email, email_verified: verified, name }),
      };
    },
    cookies: { keys: ["a key of the test"] },
    jwks: undefined,
  };
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answer = new OpenidServer(issuer, settings).callback();
  server.on("request", (request, reply) => void answer(request, reply));
  return {
    issuer,
    accounts,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** A browser as far as signing in needs one: follows redirects, keeps cookies, fills in forms. */
export function visitor(resolve: (url: URL) => URL) {
  const jar = new Map<string, Map<string, string>>();
  const ask = async (url: URL, init: RequestInit = {}): Promise<Response> => {
    const cookies = jar.get(url.host) ?? new Map<string, string>();
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const reply = await fetch(resolve(url), {
      ...init,
      redirect: "manual",
      headers: { ...(init.headers as Record<string, string> | undefined), cookie },
    });
    for (const line of reply.headers.getSetCookie()) {
      const [name = "", ...value] = (line.split(";")[0] ?? "").split("=");
      if (/Max-Age=0|Expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name);
      else cookies.set(name, value.join("="));
    }
    jar.set(url.host, cookies);
    return reply;
  };
  return {
    jar,
    ask,
    /** Goes on until the address fits, signing in as `name` where a form asks. */
    async follow(start: URL, name: string, until: (url: URL) => boolean): Promise<URL> {
      let url = start;
      let reply = await ask(url);
      for (let hops = 0; hops < 20; hops++) {
        const next = reply.headers.get("location");
        if (next !== null) {
          url = new URL(next, url);
          if (until(url)) return url;
          reply = await ask(url);
          continue;
        }
        const page = await reply.text();
        const action = /action="([^"]+)"/.exec(page)?.[1];
        if (action === undefined) throw new Error(`${url.href}: ${page.slice(0, 300)}`);
        const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? "";
        const fields = { prompt, ...(prompt === "login" && { login: name, password: "any" }) };
        url = new URL(action, url);
        reply = await ask(url, {
          method: "POST",
          headers: { "content-type": "application/x-www-form-urlencoded" },
          body: new URLSearchParams(fields).toString(),
        });
      }
      throw new Error("it goes on and on");
    },
  };
}
