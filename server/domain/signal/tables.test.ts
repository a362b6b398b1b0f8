import { expect, test } from "vitest";
import type { ConfigFinding } from "../../../contract/configuration.ts";
import { readFiles } from "../config/files.ts";
import { type AnyEntry, snapshot } from "../config/config.ts";
import { enrich } from "./tables.ts";

const YAML = `tables:
  a-hosts: { file: hosts.csv, match: [host] }
  b-racks:
    match: [rack]
    columns: [rack, row, service]
    rows: [[r1, "7", checkout], [r2, "8", unknown], [r1, "9", checkout]]
`;
const read = (csv: string, yaml = YAML) =>
  readFiles(
    [
      { path: "net/tables.yaml", text: yaml },
      { path: "net/hosts.csv", text: csv },
    ],
    "acme",
  );
const said = (findings: readonly ConfigFinding[]) =>
  findings.map(({ source, message }) => `${source?.file}:${source?.line} ${message}`);

const services = ["checkout"].map((id) => ({
  kind: "services",
  id,
  body: { name: id, team: "t", tier: 1, dependsOn: [], regions: [] },
  owner: "api",
  source: null,
  ref: id,
}));
const config = snapshot(1, [
  ...read("\ufeffhost,rack,owner\ndb-1,r1,ann\ndb-2,,bob\n").objects.map((object) => ({
    ...object,
    owner: "file",
    ref: object.id,
  })),
  ...services,
] as unknown as AnyEntry[]);

test("a row adds its columns, a later table goes on from them and chooses the service", () => {
  expect(enrich(config, { host: "db-1" })).toEqual({
    labels: { host: "db-1", rack: "r1", owner: "ann", row: "7" },
    service: "checkout",
    tables: ["a-hosts", "b-racks"],
    unknown: [],
  });
});

test("what the tool said stays, empty values add nothing, an unknown service is a label", () => {
  expect(enrich(config, { host: "db-2", owner: "eve" }).labels).toEqual({
    host: "db-2",
    owner: "eve",
  });
  const { labels, service } = enrich(config, { rack: "r2" });
  expect({ labels, service }).toEqual({
    labels: { rack: "r2", row: "8", service: "unknown" },
    service: null,
  });
  expect(enrich(config, { host: "elsewhere" }).tables).toEqual([]);
});

for (const [promise, csv, yaml, found] of [
  [
    "a file that is not there",
    "",
    YAML.replace("hosts.csv", "no.csv"),
    "net/tables.yaml:2 expected a .csv file beside this one: there is no net/no.csv",
  ],
  ["a file without a line", "", YAML, "net/hosts.csv:1 expected a first line"],
  [
    "a line with more values than columns",
    "host,rack\ndb-1,r1,x\n",
    YAML,
    "net/hosts.csv:2 not CSV",
  ],
  [
    "a column to match that is not there",
    "server,rack\ndb-1,r1\n",
    YAML,
    "net/tables.yaml:2 expected names of columns",
  ],
] as const)
  test(`${promise} is refused with file and line`, () => {
    expect(said(read(csv, yaml).findings)).toEqual([expect.stringContaining(found)]);
  });
