/** Configuration in a directory: what `apply` reads and `export` writes. Touches only files. */
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import type { ApplyRequest, ConfigFinding } from "../../../contract/configuration.ts";
import { Slug } from "../../../contract/ids.ts";
import { type FilesResult, readFiles, type SourceFile } from "../../domain/config/files.ts";

/** Objects, and the tables that they name; policy tests are `test`'s. */
const READ = /\.(ya?ml|csv)$/;
const POLICY_TEST = /\.test\.ya?ml$/;
/** Larger is no configuration but a mistake, and parsing it would take all memory. */
const FILE_BYTES_MAX = 8 * 1024 * 1024;

export type DirectoryResult = {
  readonly request: Pick<ApplyRequest, "set" | "sample" | "objects">;
  /** Each with its file as the caller reaches it. Apply nothing while there are any. */
  readonly findings: readonly ConfigFinding[];
  /** A line of the server's, with our path in it and the line of the very field. */
  readonly located: (text: string) => string;
};

/**
 * Reads every .yaml, .yml and .csv file of the directory, and of those below it whose names do not
 * begin with a dot. Throws only when the directory itself cannot be read.
 */
export async function readDirectory(directory: string): Promise<DirectoryResult> {
  const files: SourceFile[] = [];
  const findings: ConfigFinding[] = [];
  for (const path of await pathsIn(directory)) {
    const { size } = await stat(join(directory, path));
    const tooLarge = {
      source: { file: path, line: 1 },
      path: "YAML",
      message: `larger than ${FILE_BYTES_MAX} bytes`,
    };
    if (size > FILE_BYTES_MAX) findings.push(tooLarge);
    else files.push({ path, text: await readFile(join(directory, path), "utf8") });
  }
  const read = readFiles(files, setNamedLike(directory));
  findings.push(...read.findings);
  if (read.objects.length === 0 && findings.length === 0) {
    const message = "no object stands in any .yaml file here; an empty directory is not applied";
    findings.push({ source: null, path: directory, message });
  }
  return {
    request: { set: read.set, sample: read.sample, objects: [...read.objects] },
    findings: findings.map((finding) => ({
      ...finding,
      source: reachable(directory, finding.source),
    })),
    located: (text) => locate(text, directory, read),
  };
}

const reachable = (directory: string, source: ConfigFinding["source"]): ConfigFinding["source"] =>
  source === null ? null : { ...source, file: join(directory, source.file) };

/** The server says "set/file:line: path: …" with the line of the object; we know the field's. */
function locate(text: string, directory: string, read: FilesResult): string {
  const prefix = `${read.set}/`;
  const at = text.indexOf(prefix);
  const place = /^([^:\n]+):(\d+)(?:: (\S+):)?/.exec(at < 0 ? "" : text.slice(at + prefix.length));
  if (at < 0 || place === null || !/(^|[\s(])$/.test(text.slice(0, at))) return text;
  const [whole, file = "", line = "", path] = place;
  const exact = (path === undefined ? undefined : read.lines.get(path)) ?? line;
  const rest = text.slice(at + prefix.length + whole.length);
  const field = path === undefined ? "" : `: ${path}:`;
  return `${text.slice(0, at)}${join(directory, file)}:${exact}${field}${rest}`;
}

/** Where no tocsin.yaml names the set, the directory does: no two share one by accident. */
function setNamedLike(directory: string): string {
  const name = basename(resolve(directory))
    .toLowerCase()
    .replace(/[^a-z0-9._-]/g, "-")
    .replace(/^[^a-z0-9]+/, "");
  const read = Slug.safeParse(name.slice(0, 63));
  return read.success ? read.data : "files";
}

async function pathsIn(directory: string): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.name.startsWith(".")) continue;
      // Links to files are followed (mounted configuration is made of them), to folders not.
      if (entry.isDirectory()) await walk(path);
      else if (READ.test(entry.name) && !POLICY_TEST.test(entry.name))
        found.push(relative(directory, path).split(sep).join("/"));
    }
  };
  await walk(directory);
  return found.toSorted();
}

/** What stands in the way of writing an export; empty means it may be written. */
export async function findObstacles(
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const existing = await pathsIn(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const obstacles: string[] = [];
  for (const path of existing) {
    const text = files[path];
    if (text === undefined) obstacles.push(`${join(directory, path)} is not part of the export`);
    else if ((await readFile(join(directory, path), "utf8")) !== text)
      obstacles.push(`${join(directory, path)} differs`);
  }
  return obstacles;
}

/** Writes the files of an export, replacing what is there; never removes a file. */
export async function writeDirectory(
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [path, text] of Object.entries(files)) await writeFile(join(directory, path), text);
}
