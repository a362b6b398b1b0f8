/**
 * Small files that only their owner may read and that a crash or a power cut never leaves in
 * halves: the lock, the master key, the password of the database.
 */
import { access, link, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { realChance } from "../../base/chance.ts";

/** Makes a new name in a directory survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a private file under a name that must be free; false when it is taken. */
export async function createFile(file: string, text: string): Promise<boolean> {
  // Linked into place when complete, so that nobody ever reads half of it.
  const draft = await writeDraft(file, text);
  try {
    await link(draft, file);
    await syncDirectory(dirname(file));
    return true;
  } catch (error) {
    if (isSystemError(error) && error.code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** The text of a file, or null when there is none. */
export async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isSystemError(error) && error.code === "ENOENT") return null;
    throw error;
  }
}

/** True for what the operating system refused, as opposed to a mistake of ours. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && "syscall" in error;

/** True when something is there under that name. */
export const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** A name beside the file that nobody else uses. */
const draftName = (file: string): string =>
  `${file}.${process.pid}-${realChance().bytes(4).toString("hex")}`;

async function writeDraft(file: string, text: string): Promise<string> {
  const draft = draftName(file);
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return draft;
}

/** Puts a private file in the place of another; readers see the one or the other, never a part. */
export const replaceFile = async (file: string, text: string): Promise<void> =>
  rename(await writeDraft(file, text), file);
