import { expect, test } from "vitest";
import type { DesiredObject } from "../../../../contract/configuration.ts";
import { variants } from "./variants.ts";

const object = (kind: DesiredObject["kind"], id: string, body: object): DesiredObject => ({
  kind,
  id,
  body,
  source: { file: "rules.yaml", line: 1 },
});
const rule = {
  then: { declare: "SEV2" },
  holdBack: "PT1M",
  group: { by: ["region"], acrossServices: true, wait: "PT30S" },
};
const objects = [
  object("rules", "disks", rule),
  object("rules", "inner", {
    within: "disks",
    then: { declare: "SEV1" },
    group: { by: [], wait: "PT5S" },
  }),
  object("inhibitions", "host", {}),
  object("services", "shop", {}),
];
const found = new Map(variants(objects).map(({ removed, rest }) => [removed, rest]));
const bodyOf = (removed: string, id: string) =>
  found.get(removed)?.find((each) => each.id === id)?.body;

test("each rule goes, each of its clauses about waiting, and what else decides who is woken", () => {
  expect([...found.keys()]).toEqual([
    "rules.disks",
    "rules.disks.holdBack",
    "rules.disks.group.by",
    "rules.disks.group.wait",
    "rules.inner",
    "rules.inner.group.wait",
    "inhibitions.host",
  ]);
});

test("a rule takes those within it along, a clause leaves the others alone", () => {
  expect(found.get("rules.disks")?.map(({ id }) => id)).toEqual(["host", "shop"]);
  expect(bodyOf("rules.disks.group.by", "disks")).toEqual({ ...rule, group: { wait: "PT30S" } });
  expect(bodyOf("rules.disks.group.by", "inner")).toEqual(objects[1]?.body);
  expect(bodyOf("rules.inner.group.wait", "inner")).toMatchObject({ group: { by: [] } });
  expect(bodyOf("rules.disks.holdBack", "disks")).not.toHaveProperty("holdBack");
});
