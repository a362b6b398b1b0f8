/**
 * A week of a realistic company on the virtual clock: how many alerts became how many incidents and pages, once as
 * its rules calm it and once without their calm. The same seed is the same week.
 *
 *   npm run week [-- --seed 1 --days 7 --only calm]
 */
import setup from "../test/globalSetup.ts";
import { playWeek, type WeekReport } from "./week/play.ts";
import { optionsOf } from "../test/options.ts";

const values = optionsOf({
  seed: { type: "string", default: "1" },
  days: { type: "string", default: "7" },
  share: { type: "string", default: "1" },
  only: { type: "string" },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const listed = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ") || "none";

function tell(name: string, report: WeekReport): void {
  const declared = Object.values(report.incidents).reduce((sum, count) => sum + count, 0);
  say(`${name}: ${report.messages} messages, ${report.changes} changes, ${report.alerts} alerts`);
  say(`  what became of them: ${listed(report.byReason)}`);
  say(
    `  ${report.outside} alerts stand in no incident; the largest incident has ${report.largest}`,
  );
  say(
    `  ${declared} incidents (${listed(report.incidents)}), ${report.merged} taken in by their cause`,
  );
  say(`  ${report.pages} pages, ${report.atNight} of them at night: ${listed(report.byPerson)}`);
}

const stop = await setup();
try {
  for (const [name, calm] of [
    ["calm", true],
    ["bare", false],
  ] as const) {
    if (values.only !== undefined && values.only !== name) continue;
    const from = performance.now();
    const [days, share] = [Number(values.days), Number(values.share)];
    const onDay = (day: number): void => say(`  … day ${day} of ${days}`);
    tell(
      name === "calm" ? "With the rules' calm" : "Every alert at once",
      await playWeek({ seed: values.seed, days, share, calm, onDay }),
    );
    say(`  played in ${((performance.now() - from) / 1_000).toFixed(0)} s`);
  }
} finally {
  await stop();
}
