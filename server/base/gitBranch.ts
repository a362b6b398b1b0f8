/**
 * A change of one file as a new branch of a repository. It is made in a bare clone that is thrown away:
 * nothing is checked out, so no filter, hook or link of the repository counts, and no branch that is
 * there is ever moved.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failureOf, isForGit, NOT_FOR_GIT, runGit } from "./git.ts";
import type { Ended } from "./programs.ts";

export type BranchAsked = {
  readonly url: string;
  /** For https. */
  readonly token: string | null;
  /** What the new branch begins at. */
  readonly base: string;
  readonly branch: string;
  readonly path: string;
  /** The file anew, from its bytes at the tip of the base; null: the change does not fit them any more. */
  readonly rewrite: (bytes: Buffer) => Buffer | null;
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string };
  /** Seconds since 1970: the same change asked for twice is the same commit. */
  readonly at: number;
};

export type Branched =
  | { readonly kind: "pushed"; readonly commit: string }
  | { readonly kind: "failure"; readonly because: string };

class Failed extends Error {}

const BRANCH = /^[a-z][a-z0-9]*(?:[/-][a-z0-9]+)*$/;

/** Promises never to reject. A branch of this name that is there already counts as pushed. */
export async function pushBranch(asked: BranchAsked): Promise<Branched> {
  if (!isForGit(asked.url, asked.base) || !BRANCH.test(asked.branch))
    return { kind: "failure", because: NOT_FOR_GIT };
  const directory = await mkdtemp(join(tmpdir(), "tocsin-git-"));
  try {
    return await pushFrom(directory, asked);
  } catch (error) {
    const because = error instanceof Failed ? error.message : "the branch could not be made";
    return { kind: "failure", because };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function pushFrom(directory: string, asked: BranchAsked): Promise<Branched> {
  const { url, token, base, branch, path } = asked;
  const gitDirectory = join(directory, "clone");
  const call = async (
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Extract<Ended, { kind: "ended" }>> => {
    const ended = await runGit({ token, args, environment });
    if (ended.kind === "error" || ended.exitCode !== 0) throw new Failed(failureOf(ended));
    return ended;
  };
  const inside = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
    call([`--git-dir=${gitDirectory}`, ...args], environment);
  const wanted = `refs/heads/${branch}`;
  const there = /^([0-9a-f]{40,64})\s/.exec((await call(["ls-remote", "--", url, wanted])).stdout);
  if (there?.[1] !== undefined) return { kind: "pushed", commit: there[1] };
  const clone = ["clone", "--quiet", "--bare", "--depth=1", "--single-branch", "--no-tags"];
  await call([...clone, `--branch=${base}`, "--", url, gitDirectory]);
  const parent = (await inside(["rev-parse", "HEAD"])).stdout.trim();
  const { mode, blob } = await entryOf(inside, path);
  const after = asked.rewrite((await inside(["cat-file", "blob", blob])).bytes);
  if (after === null)
    throw new Failed(`${path} has moved on in ${base}, and the change does not fit it any more`);
  const [content, message] = [join(directory, "content"), join(directory, "message")];
  await writeFile(content, after);
  await writeFile(message, asked.message);
  const hashed = await inside(["hash-object", "-w", "--no-filters", "--", content]);
  const index = { GIT_INDEX_FILE: join(directory, "index") };
  await inside(["read-tree", "HEAD"], index);
  const entry = `${mode},${hashed.stdout.trim()},${path}`;
  await inside(["update-index", "--cacheinfo", entry], index);
  const tree = (await inside(["write-tree"], index)).stdout.trim();
  const commit = (
    await inside(["commit-tree", tree, "-p", parent, "-F", message], signature(asked))
  ).stdout.trim();
  // Without force: a branch that came meanwhile is never moved.
  await inside(["push", "--quiet", "--", url, `${commit}:${wanted}`]);
  return { kind: "pushed", commit };
}

/** The file as the tip of the base has it. */
async function entryOf(
  inside: (args: readonly string[]) => Promise<Extract<Ended, { kind: "ended" }>>,
  path: string,
): Promise<{ readonly mode: string; readonly blob: string }> {
  const tree = await inside(["ls-tree", "-r", "-z", "--full-tree", "HEAD"]);
  for (const line of tree.stdout.split("\0")) {
    const found = /^(100\d{3}) blob ([0-9a-f]{40,64})\t([\s\S]+)$/.exec(line);
    if (found?.[3] === path) return { mode: found[1] ?? "100644", blob: found[2] ?? "" };
  }
  throw new Failed(`${path} is not there any more`);
}

function signature({ author, at }: BranchAsked): Readonly<Record<string, string>> {
  // These end a field of a commit.
  const clean = (text: string): string => text.replace(/[<>\n\r\0]/g, "").trim() || "unknown";
  return {
    GIT_AUTHOR_NAME: clean(author.name),
    GIT_AUTHOR_EMAIL: clean(author.email),
    GIT_AUTHOR_DATE: `${at} +0000`,
    GIT_COMMITTER_NAME: "Tocsin",
    GIT_COMMITTER_EMAIL: clean(author.email),
    GIT_COMMITTER_DATE: `${at} +0000`,
  };
}
