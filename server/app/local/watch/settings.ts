/** What a watcher is told: one YAML file, whose secrets are names of variables. */
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { PositiveDuration } from "../../../../contract/duration.ts";
import { Slug } from "../../../../contract/ids.ts";
import { Channel, SecretReference } from "../../../../contract/notification.ts";
import { Refusal } from "../../../base/errors.ts";

const WatchFile = z.strictObject({
  /** The server that is watched. */
  server: z.url({ protocol: /^https?$/ }),
  /** Shared with the server, as TOCSIN_WATCH_SECRET there. */
  secret: SecretReference,
  every: PositiveDuration.default("PT30S"),
  patience: PositiveDuration.default("PT2M"),
  /** A page through everything, from a drill of the server to a webhook here. */
  roundTrip: z
    .strictObject({
      drill: Slug,
      token: SecretReference,
      /** The secret of the webhook channel. */
      webhook: SecretReference,
      host: z.string().min(1).max(255).default("127.0.0.1"),
      port: z.int().min(1).max(65_535),
      every: PositiveDuration.default("PT15M"),
      patience: PositiveDuration.default("PT3M"),
    })
    .optional(),
  /** Ways of its own, each of them used. */
  page: z
    .array(z.strictObject({ channel: Channel, address: z.string().min(1).max(320) }))
    .min(1)
    .max(8),
  state: z.string().min(1).default("tocsin-watch.json"),
});
export type WatchFile = z.infer<typeof WatchFile>;

export async function readWatchFile(file: string): Promise<WatchFile> {
  let value: unknown;
  try {
    value = parse(await readFile(file, "utf8"));
  } catch (error) {
    const problem = (error as { code?: string }).code ?? "no YAML";
    throw new Refusal("watch.unreadable", { file, field: "file", problem });
  }
  const read = WatchFile.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue?.path.join(".") || "file";
  throw new Refusal("watch.unreadable", {
    file,
    field,
    problem: issue?.message ?? "not understood",
  });
}
