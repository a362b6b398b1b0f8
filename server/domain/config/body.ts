/** Reads the body of one object strictly, the same way for files and for the API. */
import { CONFIG_KINDS, type ConfigBody, type ConfigKind } from "../../../contract/config.ts";
import { type Expectation, expectationsOf } from "../../../contract/expected.ts";
import { hasKeySecret, literalSecrets, withoutSampleKey } from "./secrets.ts";

export type BodyResult =
  | { readonly body: ConfigBody; readonly problems: null }
  | { readonly body: null; readonly problems: readonly Expectation[] };

/**
 * The body with its defaults filled in and sample keys hashed, or everything that is wrong with it.
 * `sample`: whether sample keys may stand in it.
 */
export function readBody(kind: ConfigKind, value: unknown, sample: boolean): BodyResult {
  const problems: Expectation[] = literalSecrets(value).map((path) => ({
    path,
    expected: "a secret never stands here: expected env:NAME, or an address without a password",
  }));
  const plain = hasKeySecret(kind) ? withoutSampleKey(value, sample) : value;
  if (plain === null && value !== null) {
    const expected = "a sample key is accepted only where tocsin.yaml says “sample: true”";
    problems.push({ path: ["secret"], expected });
  }
  const shape = CONFIG_KINDS[kind];
  const read = shape.safeParse(plain ?? value);
  if (!read.success) problems.push(...expectationsOf(shape, read.error));
  return read.success && problems.length === 0
    ? { body: read.data, problems: null }
    : { body: null, problems };
}
