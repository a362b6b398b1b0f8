/** Documents from a folder and from a git repository, with nothing of theirs ever running. */
import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readFolder, readRepository } from "./repository.ts";

const hasGit = ((): boolean => {
  try {
    execFileSync("git", ["--version"]);
    return true;
  } catch {
    process.stderr.write("skipped: git is not installed\n");
    return false;
  }
})();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tocsin-source-"));
  await mkdir(join(folder, "ops", ".hidden"), { recursive: true });
  await writeFile(join(folder, "ops", "late.md"), "# Late\n");
  await writeFile(join(folder, "ops", "late.tocsin.yaml"), "tocsin: 1\n");
  await writeFile(join(folder, "ops", "notes.txt"), "no");
  await writeFile(join(folder, "ops", ".hidden", "x.md"), "# Hidden\n");
  await symlink("/etc/passwd", join(folder, "ops", "passwd.md"));
});
afterAll(() => rm(folder, { recursive: true }));

test("a folder gives its documents and sidecars, and follows no link", async () => {
  const found = await readFolder(folder);
  expect(found.kind === "files" && found.files.map(({ path }) => path).toSorted()).toEqual([
    "ops/late.md",
    "ops/late.tocsin.yaml",
  ]);
  expect(await readFolder(join(folder, "gone"))).toMatchObject({ kind: "failure" });
});

describe.skipIf(!hasGit)("a git repository", () => {
  const repository = { branch: "main", folder: null, token: null, known: null };
  const git = (...args: string[]): string =>
    execFileSync(
      "git",
      ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@t.example", ...args],
      {
        encoding: "utf8",
      },
    );
  beforeAll(async () => {
    git("init", "--quiet", "--initial-branch=main");
    await writeFile(join(folder, ".gitattributes"), "*.md filter=evil\n");
    await writeFile(
      join(folder, ".git", "hooks", "post-checkout"),
      `#!/bin/sh\ntouch ${folder}/ran\n`,
    );
    await chmod(join(folder, ".git", "hooks", "post-checkout"), 0o755);
    git("add", "-A");
    git("commit", "--quiet", "-m", "one");
  });

  test("is read at the newest commit of its branch, without links and filters", async () => {
    const found = await readRepository({ ...repository, url: folder });
    expect(found).toMatchObject({ kind: "files", commit: git("rev-parse", "HEAD").trim() });
    const files = found.kind === "files" ? found.files : [];
    expect(files.map(({ path }) => path)).toEqual([
      "ops/.hidden/x.md",
      "ops/late.md",
      "ops/late.tocsin.yaml",
    ]);
    expect(files[1]?.bytes.toString()).toBe("# Late\n");
    const again = await readRepository({
      ...repository,
      url: folder,
      known: found.kind === "files" ? found.commit : null,
    });
    expect(again.kind).toBe("same");
  });

  for (const [what, more] of [
    ["an option as address", { url: "--upload-pack=touch /tmp/x" }],
    ["a transport that runs programs", { url: "ext::sh -c touch% /tmp/x" }],
    ["an ssh option as host", { url: "ssh://-oProxyCommand=touch/x" }],
    ["an option as branch", { url: "/tmp", branch: "--output=x" }],
  ] as const)
    test(`${what} is never handed to git`, async () => {
      expect(await readRepository({ ...repository, ...more })).toMatchObject({
        kind: "failure",
        because: expect.stringMatching(/none that git should be given/),
      });
    });

  test("a branch that is not there is said", async () => {
    const found = await readRepository({ ...repository, url: folder, branch: "gone" });
    expect(found).toEqual({ kind: "failure", because: "there is no branch gone" });
  });
});
