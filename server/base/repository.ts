/**
 * Reading documents from a folder of this machine or from a git repository. Nothing is checked out: files
 * are listed and read from the repository itself, so no filter, hook or symbolic link of it ever counts.
 */
import { mkdtemp, readdir, readFile, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, posix, relative, sep } from "node:path";
import { failureOf, isForGit, NOT_FOR_GIT, runGit } from "./git.ts";
import type { Ended } from "./programs.ts";

export type FoundFile = { readonly path: string; readonly bytes: Buffer };

export type Fetched =
  | { readonly kind: "files"; readonly commit: string | null; readonly files: readonly FoundFile[] }
  /** Nothing has changed since the commit that was given. */
  | { readonly kind: "same"; readonly commit: string }
  | { readonly kind: "failure"; readonly because: string };

const WANTED = /\.(md|markdown|tocsin\.ya?ml)$/i;
const MOST_FILES = 500;
const MOST_BYTES = 1024 * 1024;

/** Documents and sidecars below a folder. What a link leads out of it to is not read. */
export async function readFolder(path: string): Promise<Fetched> {
  try {
    const root = await realpath(path);
    const names = await readdir(root, { recursive: true, withFileTypes: true });
    const files: FoundFile[] = [];
    for (const entry of names) {
      const full = join(entry.parentPath, entry.name);
      if (!entry.isFile() || !WANTED.test(entry.name)) continue;
      if (files.length >= MOST_FILES) break;
      const inside = relative(root, full).split(sep).join("/");
      if (inside.split("/").some((part) => part.startsWith("."))) continue;
      if ((await stat(full)).size <= MOST_BYTES)
        files.push({ path: inside, bytes: await readFile(full) });
    }
    return { kind: "files", commit: null, files };
  } catch (error) {
    const code = (error as { code?: string }).code ?? "unreadable";
    return { kind: "failure", because: `${path} cannot be read (${code})` };
  }
}

export type Repository = {
  readonly url: string;
  readonly branch: string;
  readonly folder: string | null;
  /** For https. */
  readonly token: string | null;
  /** The commit that was read last. */
  readonly known: string | null;
};

/** The newest commit of a branch, read through git, which must be installed. */
export async function readRepository(repository: Repository): Promise<Fetched> {
  const { url, branch, known } = repository;
  if (!isForGit(url, branch)) return { kind: "failure", because: NOT_FOR_GIT };
  const reference = `refs/heads/${branch}`;
  const listed = await git(repository, ["ls-remote", "--", url, reference]);
  if (listed.kind === "error" || listed.exitCode !== 0) return failed(listed);
  const commit = /^([0-9a-f]{40,64})\s/.exec(listed.stdout)?.[1];
  if (commit === undefined) return { kind: "failure", because: `there is no branch ${branch}` };
  if (commit === known) return { kind: "same", commit };
  const directory = await mkdtemp(join(tmpdir(), "tocsin-git-"));
  try {
    return await readClone(repository, directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function readClone(repository: Repository, directory: string): Promise<Fetched> {
  const { url, branch, folder } = repository;
  const clone = ["clone", "--quiet", "--bare", "--depth=1", "--single-branch", "--no-tags"];
  const cloned = await git(repository, [...clone, `--branch=${branch}`, "--", url, directory]);
  if (cloned.kind === "error" || cloned.exitCode !== 0) return failed(cloned);
  const inside = (args: readonly string[]): Promise<Ended> =>
    git(repository, [`--git-dir=${directory}`, ...args]);
  const head = await inside(["rev-parse", "HEAD"]);
  const tree = await inside(["ls-tree", "-r", "-z", "--long", "HEAD"]);
  if (tree.kind === "error" || tree.exitCode !== 0) return failed(tree);
  const commit = head.kind === "ended" ? head.stdout.trim() : null;
  const below = folder === null ? "" : `${posix.normalize(folder).replace(/\/+$/, "")}/`;
  const files: FoundFile[] = [];
  for (const line of tree.stdout.split("\0")) {
    // Only plain files: no symbolic links (120000), no submodules (160000).
    const found = /^100\d{3} blob ([0-9a-f]{40,64})\s+(\d+)\t([\s\S]+)$/.exec(line);
    if (found === null || files.length >= MOST_FILES) continue;
    const [, blob = "", size = "0", path = ""] = found;
    if (!path.startsWith(below) || !WANTED.test(path) || Number(size) > MOST_BYTES) continue;
    const read = await inside(["cat-file", "blob", blob]);
    if (read.kind === "ended" && read.exitCode === 0) files.push({ path, bytes: read.bytes });
  }
  return { kind: "files", commit, files };
}

const failed = (ended: Ended): Fetched => ({ kind: "failure", because: failureOf(ended) });

const git = ({ token }: Repository, args: readonly string[]): Promise<Ended> =>
  runGit({ token, args });
