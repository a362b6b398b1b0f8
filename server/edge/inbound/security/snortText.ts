/**
 * The text in which Snort and Suricata tell an alert: a line of alert_fast or fast.log, of syslog, of
 * alert_csv with the columns of Snort 2 or 3, or a block of alert_full. All become the names of alert_json.
 * https://docs.snort.org/start/alert_logging
 * https://docs.suricata.io/en/latest/configuration/suricata-yaml.html#line-based-alerts-log-fast-log
 */
import { type Json } from "../reading.ts";

const RULE = String.raw`\[(?<rule>\d{1,10}:\d{1,10}:\d{1,10})\] +"?(?<msg>[^\n]{1,500}?)"?`;
const CLASS = String.raw`(?: *\[Classification: (?<class>[^\]\n]{1,200})\])?`;
const PRIORITY = String.raw`(?: *\[Priority: (?<priority>\d{1,10})\])?`;
const ENDS = String.raw`(?<src>[\da-fA-F.:]{1,60}) +-> +(?<dst>[\da-fA-F.:]{1,60})`;
const FLOW = String.raw`\{(?<proto>[^}\n]{1,30})\} +${ENDS}`;
const CLOCK = String.raw`\d\d:\d\d:\d\d\.\d{1,9}`;
/** Without a year, with two digits of one (Snort), or with four (Suricata). */
const DAY = String.raw`\d\d\/\d\d(?:\/\d{2}(?:\d{2})?)?`;
const TIME = String.raw`(?<time>${DAY}-${CLOCK})`;
const PART = String.raw`[\da-fA-F.:]{0,60}`;

const FAST = new RegExp(
  String.raw`^${TIME} +(?:\[w?Drop\] +)?\[\*\*\] +${RULE} +\[\*\*\]${CLASS}${PRIORITY}.*?(?:${FLOW})?\s*$`,
);
/** Behind a header of syslog, where the stars are mostly left away. */
const SYSLOG = new RegExp(
  String.raw`(?:^|[\s>])(?<program>snort|suricata)(?:\[\d{1,10}\])?: +(?:\[w?Drop\] +)?(?:\[\*\*\] +)?${RULE}(?: +\[\*\*\])?${CLASS}${PRIORITY}:? +${FLOW}`,
  "i",
);
const SYSLOG_TIME =
  /[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d)/;
const FULL = new RegExp(
  String.raw`^\[\*\*\] +${RULE} +\[\*\*\] *\r?\n${CLASS}${PRIORITY}[^\n]*\n${TIME} +(?:[^\n]{1,100}\n)?${ENDS}[^\n]*(?:\n(?<proto>[A-Z\d-]{2,12}) TTL:)?`,
);
const CSV_TWO = new RegExp(
  String.raw`^${TIME} *,(?<gid>\d{1,10}),(?<sid>\d{1,10}),(?<rev>\d{1,10}),"(?<msg>[^"\n]{0,500})",(?<proto>[A-Z\d-]{0,12}),(?<src>${PART}),\d{0,5},(?<dst>${PART}),\d{0,5}(?:,[^,\n]{0,60},(?<class>[^,\n]{0,200}),(?<priority>\d{0,3}),(?<action>[a-z]{0,12}))?`,
);
const CSV_THREE = new RegExp(
  String.raw`^${TIME} *, *\d{1,20}, *(?<proto>[A-Z\d-]{1,12}), *[a-z_]{1,30}, *\d{1,9}, *(?:C2S|S2C|UNK), *(?<src>${PART}), *(?<dst>${PART}), *(?<rule>\d{1,10}:\d{1,10}:\d{1,10}), *(?<action>[a-z_]{1,20})\s*$`,
);

/** Longer than any alert; what looks into a line stays quick whoever wrote it. */
const ALERT_MAX = 8_192;

export type TextAlert = { readonly program: string | null; readonly fields: Json };

/** The alert of one line or block; null for any other text. */
export function textAlert(whole: string): TextAlert | null {
  const text = whole.slice(0, ALERT_MAX);
  for (const form of [FAST, CSV_THREE, CSV_TWO, FULL]) {
    const groups = form.exec(text)?.groups;
    if (groups !== undefined) return { program: programOf(groups["time"]), fields: named(groups) };
  }
  const found = SYSLOG.exec(text);
  if (found?.groups === undefined) return null;
  const time = SYSLOG_TIME.exec(text.slice(0, found.index + 1))?.[0];
  return {
    program: found.groups["program"]!.toLowerCase(),
    fields: named({ ...found.groups, time }),
  };
}

/** Only Suricata writes the year with four digits. */
const programOf = (time: string | undefined): string | null =>
  /^\d\d\/\d\d\/\d{4}-/.test(time ?? "") ? "suricata" : null;

/** The text with each block of alert_full on a line of its own; other texts as they are. */
export function withoutBlocks(text: string): readonly string[] {
  if (!/^\s*\[\*\*\] +\[\d/.test(text.slice(0, 200))) {
    return text.split("\n").filter((line) => line.trim() !== "");
  }
  return text
    .split(/\r?\n(?=\[\*\*\] +\[\d)/)
    .map((block) => block.trim())
    .filter((block) => block !== "");
}

const named = (groups: Readonly<Record<string, string | undefined>>): Json => ({
  msg: groups["msg"],
  rule: groups["rule"] ?? [groups["gid"], groups["sid"], groups["rev"]].join(":"),
  class: groups["class"],
  priority: groups["priority"],
  proto: groups["proto"],
  action: groups["action"],
  src_ap: groups["src"] === "" ? undefined : groups["src"],
  dst_ap: groups["dst"] === "" ? undefined : groups["dst"],
  timestamp: groups["time"],
});

/** The address of “10.0.0.1:443”; a bare IPv6 address has more colons than one. */
export function addressOf(pair: string | null): string | null {
  if (pair === null) return null;
  const v4 = /^(\d+\.\d+\.\d+\.\d+)(?::\d+)?$/.exec(pair);
  return (
    v4?.[1] ??
    pair.replace(/:\d{1,5}$/, (port, at: number) =>
      pair.slice(0, at).split(":").length > 7 ? "" : port,
    )
  );
}
