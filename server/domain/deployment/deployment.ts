/** A change of something that runs, as a deployment or pipeline tool tells it. */
import type { Instant } from "../../base/instant.ts";

export type ChangeKind = "deployment" | "pipeline" | "release" | "configuration" | "other";
export type ChangeStatus = "started" | "succeeded" | "failed" | "cancelled" | "told";

export type Change = {
  readonly kind: ChangeKind;
  /** The tool's own identity: what it tells later about the same change has the same one. */
  readonly dedupKey: string;
  readonly title: string;
  /** “told”: the tool says that it was, not how it went. */
  readonly status: ChangeStatus;
  /** What was changed, by the tool's own words. */
  readonly service: string | null;
  readonly environment: string | null;
  /** A version, a tag or the hash of a commit. */
  readonly version: string | null;
  /** Who or what caused it. */
  readonly by: string | null;
  /** An http or https address. */
  readonly link: string | null;
  readonly at: Instant | null;
  readonly labels: Readonly<Record<string, string>>;
};
