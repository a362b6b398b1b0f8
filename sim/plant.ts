/**
 * Plants faults: loads the production's modules once more, each time with one line of one file replaced,
 * as an absent-minded change would. Nothing in production knows of it. A line that is not there any more,
 * or stands there twice, is an error: the fault has to be planted anew.
 */
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";

export type Patch = {
  /** From the root of the project. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
};

const ROOT = new URL("..", import.meta.url);
const MARK = "fault";

let planted = 0;
const patchesOf = new Map<string, readonly Patch[]>();
/** Without their types, as they are: twenty faults load seven hundred files each, and alter one or two. */
const stripped = new Map<string, string>();

const isOurs = (url: string): boolean =>
  url.startsWith(ROOT.href) &&
  !url.includes("/node_modules/") &&
  url.split("?")[0]!.endsWith(".ts");

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const mark = context.parentURL === undefined ? null : markOf(context.parentURL);
    if (mark === null || !isOurs(resolved.url) || markOf(resolved.url) !== null) return resolved;
    return { ...resolved, url: `${resolved.url}?${MARK}=${mark}` };
  },
  load(url, context, next) {
    const mark = markOf(url);
    if (mark === null || !isOurs(url)) return next(url, context);
    const source = patched(url, patchesOf.get(mark) ?? []);
    return { format: "module", source, shortCircuit: true };
  },
});

const markOf = (url: string): string | null => new URL(url).searchParams.get(MARK);

function patched(url: string, patches: readonly Patch[]): string {
  const path = url.split("?")[0]!;
  const here = patches.filter(({ file }) => path === new URL(file, ROOT).href);
  const known = here.length === 0 ? stripped.get(path) : undefined;
  if (known !== undefined) return known;
  let source = readFileSync(fileURLToPath(path), "utf8");
  for (const { find, replace } of here) source = source.replace(find, () => replace);
  const bare = stripTypeScriptTypes(source);
  if (here.length === 0) stripped.set(path, bare);
  return bare;
}

/** Says which patches no longer fit the code. */
export function misfits(patches: readonly Patch[]): readonly string[] {
  return patches.flatMap(({ file, find }) => {
    const times = readFileSync(new URL(file, ROOT), "utf8").split(find).length - 1;
    return times === 1 ? [] : [`${file} has ${times} times: ${find}`];
  });
}

/** Imports a module of the project and everything below it, with the patches in place. */
export async function importWith<T>(module: string, patches: readonly Patch[]): Promise<T> {
  const mark = String(++planted);
  patchesOf.set(mark, patches);
  return (await import(`${new URL(module, ROOT).href}?${MARK}=${mark}`)) as T;
}
