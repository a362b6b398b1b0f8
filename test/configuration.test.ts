import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Command } from "commander";
import { applyDirectory, exportDirectory, registerConfiguration } from "../cli/configuration.ts";
import type { Output } from "../cli/output.ts";
import * as contract from "../contract/configuration.ts";
import { all, type Db, one, run, sql } from "../server/base/db.ts";
import {
  admin,
  type ConfigurationStage,
  heard,
  openConfigurationStage,
  refused,
  viewer,
} from "./configurationStage.ts";

const ACME = new URL("../examples/acme", import.meta.url).pathname;
let db: Db;
let root: string;

let stage: ConfigurationStage;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "tocsin-configuration-"));
  stage = await openConfigurationStage();
  ({ db } = stage);
});
afterAll(async () => {
  await stage.close();
  await rm(root, { recursive: true, force: true });
});
beforeEach(() => stage.empty());

async function directory(files: Readonly<Record<string, string>>): Promise<string> {
  const path = await mkdtemp(join(root, "dir-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return path;
}
async function acmeWith(
  changed: Readonly<Record<string, (text: string) => string>>,
): Promise<string> {
  const files: Record<string, string> = {};
  for (const name of await readdir(ACME)) {
    const text = await readFile(join(ACME, name), "utf8");
    files[name] = changed[name]?.(text) ?? text;
  }
  return directory(files);
}
const apply = (
  path: string,
  options: { dryRun?: boolean; take?: boolean } = {},
  output: Output = heard(),
) =>
  applyDirectory(stage.clientOf(admin), path, { dryRun: false, take: false, ...options }, output);
const version = async () =>
  (await one(db, sql<{ version: number }>`select version from config_version`)).version;
const objects = async () =>
  all(
    db,
    sql<{
      kind: string;
      id: string;
      body: unknown;
      owner: string;
    }>`select kind, id, body, owner from config_object order by kind, id`,
  );
const count = async () => (await objects()).length;

describe("apply", () => {
  test("makes everything as the files say; the second time changes nothing and says so", async () => {
    const before = await version();
    const first = await apply(ACME);
    expect(first.changes.every(({ verb }) => verb === "create")).toBe(true);
    expect(first.warnings).toEqual([]);
    expect(await version()).toBe(before + 1);
    const second = await apply(ACME);
    expect(second).toMatchObject({
      changes: [],
      unchanged: first.changes.length,
      version: before + 1,
    });
    expect(second.text.at(-1)).toBe("Nothing to change: everything is as the files say.");
    expect(await version()).toBe(before + 1);
  });

  test("shows in a dry run who would be on call, and changes nothing", async () => {
    await apply(ACME);
    const kept = await objects();
    const changed = await acmeWith({
      "schedules.yaml": (text) =>
        text.replace("people: [lena, noah, hana]", "people: [noah, hana, lena]"),
    });
    const report = await apply(changed, { dryRun: true });
    expect(report.changes).toMatchObject([
      {
        verb: "update",
        kind: "schedules",
        id: "payments-primary",
        fields: [
          {
            path: "layers.0.people",
            before: ["lena", "noah", "hana"],
            after: ["noah", "hana", "lena"],
          },
        ],
      },
    ]);
    const [shown] = report.onCall.filter(({ changes }) => changes);
    expect(shown).toMatchObject({ schedule: "payments-primary" });
    expect(shown?.moments[0]?.before).not.toBe(shown?.moments[0]?.after);
    expect(await objects()).toEqual(kept);
    expect((await apply(ACME)).changes).toEqual([]);
  });

  test("removes only what vanished from its own files", async () => {
    await apply(ACME);
    await stage.clientOf(admin).call(contract.putConfigObject, {
      params: { kind: "teams", id: "legal" },
      body: { name: "Legal" },
    });
    const fewer = await acmeWith({
      "rules.yaml": (text) => text.slice(0, text.indexOf("  warning-is-sev3")),
    });
    const report = await apply(fewer);
    expect(report.changes).toMatchObject([
      { verb: "remove", kind: "rules", id: "warning-is-sev3" },
    ]);
    expect((await objects()).some(({ id }) => id === "legal")).toBe(true);
  });

  test("refuses with file and line of the field, all findings at once", async () => {
    const broken = await acmeWith({
      "services.yaml": (text) => text.replace("team: payments", "team: nobody"),
      "rules.yaml": (text) => text.replace('severity == "error"', 'severity == "awful"'),
    });
    const output = heard();
    const { message } = await refused(apply(broken, {}, output));
    expect(message).toBe("nothing was applied: 2 to put right");
    expect(output.problems[0]).toBe(
      `${broken}/services.yaml:8: services.checkout.team: there is no team “nobody”`,
    );
    expect(output.problems[1]).toMatch(
      /rules\.yaml:12: rules\.error-is-sev2\.when: .*no alert has the severity “awful”/,
    );
    expect(await count()).toBe(0);
  });

  test("says that an unreadable or empty directory is not applied", async () => {
    expect((await refused(apply(join(root, "nowhere")))).message).toMatch(
      /nowhere cannot be read \(ENOENT\)/,
    );
    const output = heard();
    await refused(apply(await directory({ "tocsin.yaml": "set: acme\n" }), {}, output));
    expect(output.problems[0]).toContain("an empty directory is not applied");
  });

  test("does not overwrite what the API owns without --take", async () => {
    const path = await directory({
      "tocsin.yaml": "set: mine\n",
      "teams.yaml": "teams:\n  legal: { name: Law }\n",
    });
    await stage.clientOf(admin).call(contract.putConfigObject, {
      params: { kind: "teams", id: "legal" },
      body: { name: "Legal" },
    });
    const output = heard();
    await refused(apply(path, {}, output));
    expect(output.problems).toEqual([
      `${path}/teams.yaml:2: teams.legal: owned by the API; --take takes it over`,
    ]);
    expect((await apply(path, { take: true })).changes).toMatchObject([
      { verb: "update", id: "legal" },
    ]);
    expect(await objects()).toMatchObject([{ id: "legal", owner: "file", body: { name: "Law" } }]);
  });

  test("runs two at once one after the other, each whole", async () => {
    const a = await directory({
      "tocsin.yaml": "set: one\n",
      "teams.yaml": "teams:\n  a: { name: A }\n  b: { name: B }\n",
    });
    const b = await directory({
      "tocsin.yaml": "set: one\n",
      "teams.yaml": "teams:\n  b: { name: BB }\n  c: { name: C }\n",
    });
    for (let round = 0; round < 5; round++) {
      await Promise.all([apply(a), apply(b)]);
      const names = (await objects()).map(({ body }) => (body as { name: string }).name).join();
      expect(["A,B", "BB,C"]).toContain(names);
    }
  });

  test("records every change with before and after, without a name in the ledger", async () => {
    await apply(ACME);
    const { items } = await stage.clientOf(admin).call(contract.listConfigChanges, {
      query: { limit: 500 },
    });
    expect(items).toHaveLength(await count());
    const change = items.find(({ object }) => object === "ines");
    expect(change).toMatchObject({
      verb: "create",
      kind: "people",
      before: null,
      by: { kind: "person", personId: "ines" },
    });
    expect(change?.after).toMatchObject({ email: "ines@acme.example" });
    const entries = await all(
      db,
      sql<{
        objectRef: string;
        stream: string;
      }>`select object_ref, stream from ledger_pending order by id`,
    );
    expect(entries.length).toBeGreaterThanOrEqual(items.length);
    expect(
      entries.every(
        ({ objectRef, stream }) => stream === "config" && /^[a-z]+:[0-9a-f-]{36}$/.test(objectRef),
      ),
    ).toBe(true);
    expect(stage.nudges()).toBe(1);
  });
});

describe("export", () => {
  test("writes files that apply reads back unchanged", async () => {
    await apply(ACME);
    await stage.clientOf(admin).call(contract.putConfigObject, {
      params: { kind: "keys", id: "extra" },
      body: { service: "cart" },
    });
    const kept = await objects();
    const path = join(root, "exported");
    expect(await exportDirectory(stage.clientOf(admin), path, { force: false }, heard())).toBe(13);
    expect(await readFile(join(path, "tocsin.yaml"), "utf8")).toBe("set: acme\n");
    expect((await apply(path)).changes).toEqual([]);
    expect(await objects()).toEqual(kept);
    await run(db, sql`delete from config_object`);
    await apply(path);
    expect((await objects()).map(({ body }) => body)).toEqual(kept.map(({ body }) => body));
  });

  test("does not replace files that differ, nor joins other files, without --force", async () => {
    await apply(ACME);
    const path = await directory({ "teams.yaml": "teams: {}\n", "other.yaml": "teams: {}\n" });
    const output = heard();
    await refused(exportDirectory(stage.clientOf(admin), path, { force: false }, output));
    expect(output.problems).toEqual([
      `${path}/other.yaml is not part of the export`,
      `${path}/teams.yaml differs`,
    ]);
    expect(await readFile(join(path, "teams.yaml"), "utf8")).toBe("teams: {}\n");
    await exportDirectory(stage.clientOf(admin), path, { force: true }, heard());
    expect(await readFile(join(path, "teams.yaml"), "utf8")).toContain("platform-reliability");
  });
});

describe("the API", () => {
  const put = (
    kind: "keys" | "people" | "services" | "teams",
    id: string,
    body: Record<string, unknown>,
  ) => stage.clientOf(admin).call(contract.putConfigObject, { params: { kind, id }, body });
  const remove = (kind: "people" | "teams", id: string) =>
    stage.clientOf(admin).call(contract.removeConfigObject, { params: { kind, id } });

  test("answers a change of a file's object with the patch to make", async () => {
    await apply(ACME);
    const { problem } = await refused(
      put("teams", "data", { name: "Data and insight", members: ["priya"] }),
    );
    expect(problem).toMatchObject({
      status: 409,
      code: "config.owned_by_file",
      params: {
        kind: "teams",
        id: "data",
        file: "acme/teams.yaml",
        line: 19,
        patch: "teams:\n  data:\n    name: Data and insight\n    members:\n      - priya\n",
      },
    });
    // What it would do is shown all the same.
    const params = { kind: "teams", id: "data" } as const;
    const body = { name: "Data and insight", members: ["priya"] };
    const seen = await stage.clientOf(admin).call(contract.previewConfigObject, { params, body });
    expect(seen.changes).toMatchObject([{ verb: "update", source: { file: "acme/teams.yaml" } }]);
    expect((await refused(remove("teams", "data"))).problem).toMatchObject({
      code: "config.owned_by_file_remove",
      status: 409,
    });
  });
  test("accepts a file's object as it is", async () => {
    await apply(ACME);
    const before = await version();
    const { owner } = await put("teams", "storefront", {
      name: "Storefront",
      members: ["maya", "marek", "darren"],
      manager: "maya",
      calendar: "new-york",
    });
    expect(owner).toBe("file");
    expect(await version()).toBe(before);
  });
  test("checks references and fields, and changes nothing", async () => {
    const { problem } = await refused(put("services", "cart", { name: "Cart", team: "nobody" }));
    expect(problem).toMatchObject({
      code: "config.findings",
      params: { findings: ["services.cart.team: there is no team “nobody”"] },
    });
    const wrong = await refused(put("teams", "a", { nam: "A" }));
    expect(wrong.problem?.params["findings"]).toEqual([
      "teams.a.name: required: a text",
      "teams.a.nam: unknown key; known: name, members, manager, calendar",
    ]);
    expect(await count()).toBe(0);
  });
  test("does not remove what is named elsewhere, naming who does", async () => {
    await put("people", "ann", { name: "Ann", email: "ann@acme.example" });
    await put("teams", "shop", { name: "Shop", members: ["ann"] });
    expect((await refused(remove("people", "ann"))).problem).toMatchObject({
      code: "config.referenced",
      params: { by: ["teams.shop.members.0"] },
    });
    await remove("teams", "shop");
    expect(await remove("people", "ann")).toEqual({ removed: true });
    expect((await refused(remove("people", "ann"))).problem?.code).toBe("config.unknown");
  });
  test("makes a key, shows it once and keeps its hash", async () => {
    await put("teams", "shop", { name: "Shop" });
    await put("services", "cart", { name: "Cart", team: "shop" });
    const made = await put("keys", "k", { service: "cart" });
    expect(made.key).toMatch(/^[\w-]{32}$/);
    expect(JSON.stringify(await objects())).not.toContain(made.key);
    const changed = await put("keys", "k", { service: "cart", description: "Mine" });
    expect(changed).toMatchObject({ key: null, body: { secret: made.body["secret"] } });
    const again = await put("keys", "k", { service: "cart", secret: "generate" });
    expect(again.key).not.toBe(made.key);
    expect(
      (await refused(put("keys", "k", { service: "cart", secret: "sample:abcd" }))).problem?.code,
    ).toBe("config.findings");
  });
  test("shows hashes of keys only to who may change configuration", async () => {
    await apply(ACME);
    const params = { kind: "keys", id: "acme-checkout" } as const;
    const seen = await stage.clientOf(viewer).call(contract.readConfigObject, { params });
    expect(seen.body["secret"]).toBe("sha256:…");
    const changes = await stage.clientOf(viewer).call(contract.listConfigChanges, {
      query: { limit: 500 },
    });
    expect(JSON.stringify(changes)).not.toMatch(/sha256:[0-9a-f]/);
    expect(
      (await stage.clientOf(admin).call(contract.readConfigObject, { params })).body["secret"],
    ).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(
      (await refused(stage.clientOf(viewer).call(contract.exportConfiguration))).problem?.code,
    ).toBe("access.forbidden");
  });
  test("lists the objects of a kind page by page", async () => {
    await apply(ACME);
    const list = (cursor?: string) =>
      stage.clientOf(viewer).call(contract.listConfigObjects, {
        params: { kind: "teams" },
        query: { limit: 3, ...(cursor === undefined ? {} : { cursor }) },
      });
    const first = await list();
    const second = await list(first.next ?? "");
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([
      "data",
      "payments",
      "platform-reliability",
      "storefront",
    ]);
    expect(second.next).toBeNull();
    expect((await refused(list("NO"))).problem?.code).toBe("request.cursor");
  });
});

describe("the commands", () => {
  const type = async (...words: string[]) => {
    const lines: string[] = [];
    const program = new Command();
    registerConfiguration(program, stage.clientOf(admin), {
      line: (text) => void lines.push(text),
      problem: (text) => void lines.push(text),
    });
    await program.parseAsync(words, { from: "user" });
    const exitCode = process.exitCode;
    process.exitCode = undefined;
    return { lines, exitCode };
  };
  test("apply and export tell what they did", async () => {
    const { lines, exitCode } = await type("apply", ACME);
    expect(exitCode).toBeUndefined();
    expect(lines.join("\n")).toContain(`+ services.checkout  (${ACME}/services.yaml:5)`);
    expect(lines.at(-1)).toMatch(/^Applied: \d+ created, 0 updated, 0 removed\.$/);
    const path = join(root, "typed");
    expect((await type("export", path)).lines).toEqual([`13 files written to ${path}`]);
    const { lines: json } = await type("apply", path, "--dry-run", "--json");
    expect(JSON.parse(json.join("\n"))).toMatchObject({ dryRun: true, changes: [] });
  });
  test("end with exit code 2 and one line when they are refused", async () => {
    const told = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const { exitCode } = await type("apply", join(root, "nowhere"));
    expect(exitCode).toBe(2);
    expect(told.mock.calls).toEqual([[`tocsin: ${root}/nowhere cannot be read (ENOENT)\n`]]);
    told.mockRestore();
  });
});
