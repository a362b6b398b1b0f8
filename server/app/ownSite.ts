/** Whether a request that a browser sent comes from our own pages. */
import { Refusal } from "../base/errors.ts";
import type { Asking } from "./refused.ts";

/** Browsers say where a request comes from; one that came from elsewhere changes nothing. */
export function mustBeOwnSite(publicUrl: string, { headers }: Pick<Asking, "headers">): void {
  const site = headers["sec-fetch-site"];
  if (site === "same-origin" || site === "none") return;
  const origin = headers["origin"];
  const own = [new URL(publicUrl).origin, `http://${String(headers["host"])}`];
  if (typeof origin === "string" && own.includes(origin)) return;
  throw new Refusal("access.cross_site");
}
