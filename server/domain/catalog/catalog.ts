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

/**
 * The way along which the service depends on one of `wanted`, nearest first: "payments", "database". Null
 * where it depends on none of them.
 */
export function causesAmong(
  config: Snapshot,
  service: string,
  wanted: readonly string[],
): readonly string[] | null {
  const seen = new Set([service]);
  let ways: readonly (readonly string[])[] = [[]];
  while (ways.length > 0) {
    const next: (readonly string[])[] = [];
    for (const way of ways) {
      for (const needed of config.get("services", way.at(-1) ?? service)?.body.dependsOn ?? []) {
        if (seen.has(needed)) continue;
        if (wanted.includes(needed)) return [...way, needed];
        seen.add(needed);
        next.push([...way, needed]);
      }
    }
    ways = next;
  }
  return null;
}

/** The services themselves and everything they need in order to work, with how many steps away it is. */
export function neededBy(
  config: Snapshot,
  services: readonly string[],
): ReadonlyMap<string, number> {
  const distances = new Map(services.map((service) => [service, 0]));
  let edge = [...distances.keys()];
  for (let distance = 1; edge.length > 0; distance++) {
    const needed = edge.flatMap((service) => config.get("services", service)?.body.dependsOn ?? []);
    edge = [...new Set(needed)].filter((service) => !distances.has(service));
    for (const service of edge) distances.set(service, distance);
  }
  return distances;
}

/** Everything that needs one of these services, with how many steps away it is; not they themselves. */
export function needing(
  config: Snapshot,
  services: readonly string[],
): ReadonlyMap<string, number> {
  const users = new Map<string, string[]>();
  for (const { id, body } of config.all("services"))
    for (const needed of body.dependsOn) users.set(needed, [...(users.get(needed) ?? []), id]);
  const distances = new Map<string, number>();
  let edge: readonly string[] = services;
  for (let distance = 1; edge.length > 0; distance++) {
    edge = [...new Set(edge.flatMap((service) => users.get(service) ?? []))].filter(
      (service) => !distances.has(service) && !services.includes(service),
    );
    for (const service of edge) distances.set(service, distance);
  }
  return distances;
}
