/** The long form of a test: ten rounds instead of one, hundreds of seeds instead of fifty. */
import { test, type TestContext } from "vitest";

/** Set by `npm run test:long`. */
export const isLong = process.env["TOCSIN_LONG"] === "1";

/** `TOCSIN_PART=2/4`: the second quarter of what can be divided; all of it where nothing is said. */
const [PART, PARTS] = (process.env["TOCSIN_PART"] ?? "1/1").split("/").map(Number);

/** Whether the part that runs now takes this one of so many. */
export const isOfPart = (index: number, of: number): boolean =>
  Math.floor((index * PARTS!) / of) === PART! - 1;

/** A test that takes minutes: it runs by `npm run test:long`, and says so where it does not. */
export function longTest(
  promise: string,
  timeout: number,
  body: (context: TestContext) => Promise<void>,
): void {
  test(promise, { timeout }, async (context) => {
    if (!isLong) return context.skip("a long form: npm run test:long");
    await body(context);
  });
}
