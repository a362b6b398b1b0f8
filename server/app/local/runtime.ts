/**
 * Refuses a Node that is too old, in one line, before anything that needs the new one is loaded.
 */
const OLDEST_MAJOR = 26;

/** Throws one clear line unless this is Node 26 or newer with Temporal. */
export function requireRuntime(
  version: string = process.versions.node,
  hasTemporal: boolean = typeof Temporal === "object",
): void {
  if (Number.parseInt(version, 10) < OLDEST_MAJOR) {
    throw new Error(
      `Tocsin needs Node ${OLDEST_MAJOR}, this is ${version}: run npm ci, then ./bin/tocsin`,
    );
  }
  if (!hasTemporal) {
    throw new Error(
      `Tocsin needs Temporal, which this Node ${version} lacks: run npm ci, then ./bin/tocsin`,
    );
  }
}
