/**
 * How the reader reads, told to the server in a cookie that is no secret, beside that of their language: it draws the first
 * sight in their zone and scheme (`server/app/reader.ts`). What it does not know yet it guesses.
 */
import { chosenScheme } from "./scheme.ts";

const NAME = "tocsin-reader";
const SECONDS = 365 * 24 * 3_600;

/** With the page: the server wants it with the next one, and to name the zone takes a phone up to 200 ms. */
export function rememberAsTheyLeave(): void {
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") rememberReader();
  });
}

function rememberReader(): void {
  const said = `${chosenScheme()} ${new Date().getTimezoneOffset()}`;
  const before = new RegExp(`(?:^|; )${NAME}=([^;]*)`).exec(document.cookie)?.[1] ?? "";
  if (decodeURIComponent(before).startsWith(`${said} `)) return;
  // Named only when something is another than before.
  const value = encodeURIComponent(`${said} ${Intl.DateTimeFormat().resolvedOptions().timeZone}`);
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${NAME}=${value}; Path=/; SameSite=Lax; Max-Age=${SECONDS}${secure}`;
}
