/** `tocsin import`: people, schedules, policies and services of another tool, with a proof of equality. */
import type { Command } from "commander";
import { ClientError } from "./client.ts";
import { addCommand, type Cli } from "./command.ts";
import { bold, section } from "./output.ts";

const DIFFERENT = 1;
const NOT_PROVED = 2;
/** Of so many differences of one schedule each is shown; a wrong order differs every week. */
const SHOWN = 20;

export function registerImport(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: "import <tool> <files...>",
    what: "make configuration of an export of pagerduty, opsgenie, grafana-oncall or goalert",
    example: "./bin/tocsin import pagerduty export/ --out acme",
    options: [["--out <directory>", "write the configuration there, as apply reads it"]],
    async run(given) {
      const { importFiles } = await import("../server/app/local/importing.ts");
      const report = await importFiles(given.arg(0), given.words);
      const { files, ...shown } = report;
      const isEmpty = Object.keys(report.counts).length === 0;
      const out = isEmpty ? undefined : given.text("out");
      if (out !== undefined) await write(out, files);
      const verdicts = report.proofs.map(({ verdict }) => verdict);
      const isOpen =
        isEmpty || verdicts.some((verdict) => verdict === "short" || verdict === "not proved");
      const exitCode = isOpen ? NOT_PROVED : verdicts.includes("different") ? DIFFERENT : 0;
      return { value: shown, lines: () => linesOf(report, out), exitCode };
    },
  });
}

async function write(out: string, files: Readonly<Record<string, string>>): Promise<void> {
  const local = await import("../server/app/local/configDirectory.ts");
  const obstacles = await local.findObstacles(out, files);
  const [first] = obstacles;
  if (first !== undefined)
    throw new ClientError(`nothing was written: ${first} (name a directory that is not there yet)`);
  await local.writeDirectory(out, files);
}

type Report = Awaited<
  ReturnType<(typeof import("../server/app/local/importing.ts"))["importFiles"]>
>;
type Proof = Report["proofs"][number];

function linesOf(report: Report, out: string | undefined): readonly string[] {
  const counts = Object.entries(report.counts).map(([kind, count]) => `${count} ${kind}`);
  if (counts.length === 0)
    return [
      `${bold(report.tool)}: nothing that can be read, so nothing is proved and nothing was written.`,
      "docs/moving.md says which answers of its API to save.",
      ...section("By hand", report.notes),
    ];
  return [
    `${bold(report.tool)}: ${counts.join(", ")}.`,
    ...(out === undefined
      ? ["Nothing was written: --out says where."]
      : [`Written to ${out}: look at it, then ./bin/tocsin apply ${out} --dry-run`]),
    ...section("Who is on call, there and here", report.proofs.flatMap(proofLines)),
    ...section("By hand", [
      ...report.notes,
      ...report.overrides.map(
        ({ schedule, person, startsAt, endsAt }) =>
          `./bin/tocsin override add ${schedule} ${person} --from ${startsAt} --to ${endsAt}`,
      ),
    ]),
  ];
}

function proofLines({
  schedule,
  verdict,
  because,
  from,
  to,
  differences,
}: Proof): readonly string[] {
  const span = `from ${from ?? ""} to ${to ?? ""}`;
  switch (verdict) {
    case "same":
      return [`${schedule}: the same at every boundary of 52 weeks, ${span}`];
    case "short":
      return [
        `${schedule}: not proved beyond ${to ?? ""}, where the export ends; the same until then`,
      ];
    case "not proved":
      return [`${schedule}: not proved: ${because ?? ""}`];
    case "different":
      return [
        `${schedule}: ${differences.length} differences ${span}`,
        ...differences
          .slice(0, SHOWN)
          .map(
            (one) =>
              `  ${one.from} – ${one.to}: there ${peopleText(one.there)}, here ${peopleText(one.here)}: ${one.because}`,
          ),
        ...(differences.length > SHOWN ? [`  and ${differences.length - SHOWN} more: --json`] : []),
      ];
  }
}

const peopleText = (people: readonly string[]): string => people.join(" and ") || "nobody";
