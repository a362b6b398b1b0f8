/** The session cookie: what it is called, how it is read and how it is given. */

/** `__Host-` needs TLS; plain http is for trying out on this machine. */
const NAMES = ["__Host-tocsin", "tocsin"] as const;
const SESSION_SECONDS = 7 * 24 * 3_600;

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The secret of the session that a request carries, or null. */
export function sessionCookie(headers: Headers): string | null {
  for (const part of String(headers["cookie"] ?? "").split(";")) {
    const [name, value] = part.trim().split("=", 2);
    if (NAMES.some((known) => known === name) && value !== undefined) return value;
  }
  return null;
}

/** The header that gives a session to a browser, or takes it away. */
export function setSessionCookie(publicUrl: string, secret: string | null): string {
  const secure = publicUrl.startsWith("https:");
  const age = secret === null ? 0 : SESSION_SECONDS;
  // Lax, so that the links in mails arrive signed in; changes ask where they come from as well.
  const attributes = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${age}${secure ? "; Secure" : ""}`;
  return `${NAMES[secure ? 0 : 1]}=${secret ?? ""}; ${attributes}`;
}
