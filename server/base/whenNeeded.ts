/**
 * Packages that a server at rest has no use for. The start finds each one's place, so that a missing package is
 * noticed then and not in the middle of a night; it is loaded at the first call, which takes some milliseconds.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

type Packages = {
  "@simplewebauthn/server": typeof import("@simplewebauthn/server");
  "csv-parse/sync": typeof import("csv-parse/sync");
  "ical.js": typeof import("ical.js");
  jose: typeof import("jose");
  "openid-client": typeof import("openid-client");
  "rrule-temporal": typeof import("rrule-temporal");
  yaml: typeof import("yaml");
};

const load = createRequire(import.meta.url);

/** What gives the package; throws at once where it is not installed. */
export function whenNeeded<Name extends keyof Packages>(name: Name): () => Packages[Name] {
  // By its place and not by its name: an import would find this one, and some packages have two.
  const place = fileURLToPath(import.meta.resolve(name));
  let loaded: Packages[Name] | undefined;
  return () => (loaded ??= load(place) as Packages[Name]);
}
