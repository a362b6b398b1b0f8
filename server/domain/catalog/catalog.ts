/** What can break and who answers for it, read from configuration. */
import type { Reader } from "../account/account.ts";
import type { Snapshot } from "../config/config.ts";

/** The service that stands for Tocsin itself: its own failures are alerts of whoever owns it. */
export const OWN_SERVICE = "tocsin";

/** The services whose alerts a reader may see: those of the reader's teams; null for all. */
export function servicesOfReader(config: Snapshot, reader: Reader): readonly string[] | null {
  if (reader.everything || reader.teams === null) return null;
  const teams = reader.teams;
  return config
    .all("services")
    .filter((service) => teams.includes(service.body.team))
    .map((service) => service.id);
}
