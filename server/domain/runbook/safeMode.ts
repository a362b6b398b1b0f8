/** The Safe Mode banner: dashboards ask which of them show numbers that are not up to date. */
import { all, run, sql, type Queryable } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { Command } from "../incident/commands.ts";
import { recount } from "./carry.ts";
import type { Carried } from "./run.ts";

export type Banner = { readonly on: boolean; readonly scope: string; readonly message: string };

/** Turns it on or off, which anybody can see afterwards. */
export async function setSafeMode(
  command: Command,
  carried: Carried,
  { on, scope, message }: Banner,
): Promise<string> {
  await run(
    command.tx,
    sql`insert into safe_mode (scope, is_on, message, since, incident_number, run_number)
        values (${scope}, ${on}, ${message}, ${command.now}, ${carried.run.incidentNumber},
          ${carried.run.number})
        on conflict (scope) do update set is_on = excluded.is_on, message = excluded.message,
          since = excluded.since, incident_number = excluded.incident_number,
          run_number = excluded.run_number`,
  );
  const state = on ? "on" : "off";
  await recount(command, carried.run, "safe mode", { state, scope });
  return `banner ${state} for ${scope}`;
}

export type BannerRow = {
  readonly scope: string;
  readonly isOn: boolean;
  readonly message: string;
  readonly since: Instant;
  readonly incidentNumber: number | null;
};

/** Those that are on first. */
export const listSafeMode = (tx: Queryable): Promise<readonly BannerRow[]> =>
  all(
    tx,
    sql<BannerRow>`select scope, is_on, message, since, incident_number from safe_mode
      order by is_on desc, since desc, scope limit 500`,
  );
