/** Cookies: what they are called, how they are read and how they are given. */

/** The session; that a person has signed in with this browser before; a way to a provider and back. */
export type CookieName = "tocsin" | "tocsin-known" | "tocsin-way";

const SECONDS: Readonly<Record<CookieName, number>> = {
  tocsin: 7 * 24 * 3_600,
  "tocsin-known": 365 * 24 * 3_600,
  "tocsin-way": 600,
};

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Over TLS the name begins with `__Host-`, which a browser takes only from this host itself; without that
 * mark, a neighbour under the same domain could slip us a session of its own, so none is read. Plain http
 * is for trying out on this machine: `http://localhost` has no neighbours.
 */
const isSecure = (publicUrl: string): boolean => publicUrl.startsWith("https:");
const nameOf = (publicUrl: string, name: CookieName): string =>
  isSecure(publicUrl) ? `__Host-${name}` : name;

/** What the request carries under that name, or null. */
export function readCookie(publicUrl: string, headers: Headers, name: CookieName): string | null {
  return cookieNamed(headers, nameOf(publicUrl, name));
}

/** What stands under exactly this name, whoever put it there. */
export function cookieNamed(headers: Headers, wanted: string): string | null {
  for (const part of String(headers["cookie"] ?? "").split(";")) {
    const [found, value] = part.trim().split("=", 2);
    if (found === wanted && value !== undefined && value !== "") return value;
  }
  return null;
}

/** The secret of the session that a request carries, or null. */
export const sessionCookie = (publicUrl: string, headers: Headers): string | null =>
  readCookie(publicUrl, headers, "tocsin");

/** The header that gives a cookie to a browser, or takes it away. */
export function setCookie(publicUrl: string, name: CookieName, value: string | null): string {
  const age = value === null ? 0 : SECONDS[name];
  // Lax, so that the links in mails arrive signed in; changes ask where they come from as well.
  const attributes = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${age}`;
  return `${nameOf(publicUrl, name)}=${value ?? ""}; ${attributes}${isSecure(publicUrl) ? "; Secure" : ""}`;
}
