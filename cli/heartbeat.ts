/** `tocsin heartbeats`: what says that it is well, and when it was heard last. */
import type { Command } from "commander";
import { type HeartbeatView, listHeartbeats } from "../contract/heartbeat.ts";
import {
  addCommand,
  type Cli,
  LIMIT_OPTION,
  limitOf,
  listUpTo,
  present,
  shownList,
} from "./command.ts";
import { dim, table } from "./output.ts";
import { briefTime } from "./time.ts";

export function registerHeartbeat(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: "heartbeats",
    what: "jobs and monitors that say “I am well”, and how each of them stands",
    example: "./bin/tocsin heartbeats --service checkout",
    options: [["--service <service>", "only of this service"], LIMIT_OPTION],
    async run(given) {
      const query = present({ service: given.text("service") });
      const list = await listUpTo(cli.client, listHeartbeats, { query }, limitOf(given));
      return shownList(list, (items) => heartbeatLines(items, cli), "No heartbeat is configured.");
    },
  });
}

function heartbeatLines(items: readonly HeartbeatView[], { now, width }: Cli): readonly string[] {
  const rows = items.map((beat) => [
    beat.id,
    beat.service,
    beat.startedAt === null ? beat.status : `${beat.status}, running`,
    beat.lastPingAt === null
      ? "never"
      : `${briefTime(beat.lastPingAt, now())} ${beat.lastPing ?? ""}`,
    briefTime(beat.dueAt, now()),
    beat.rhythm,
  ]);
  const excused = items.flatMap(({ id, excused: lost }) =>
    lost === null
      ? []
      : [
          dim(
            `${id}: what was expected at ${briefTime(lost.expectedAt, now())} may have been sent ` +
              "while no server could hear it; nobody was paged for it.",
          ),
        ],
  );
  return [
    ...table(["HEARTBEAT", "SERVICE", "STATUS", "LAST HEARD", "RINGS AT", "EXPECTED"], rows, width),
    ...excused,
  ];
}
