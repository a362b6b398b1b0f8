/** What the web app keeps of the contract. */
import { parseAst } from "vite";
import { expect, test } from "vitest";
import { lightened } from "./lightContract.ts";

const light = (code: string): string => lightened(code, parseAst(code));

test("of a route its method and path are kept, whatever it is made by", () => {
  expect(light('export const a = made({ method: "GET", path: "/v1/a", reply: z.any() });')).toBe(
    'export const a = /* @__PURE__ */ (() => made({ method: "GET", path: "/v1/a" }))();',
  );
});

test("what looks like one only in part stays as it is", () => {
  for (const call of ['f({ method: "GET" })', 'f({ ...more, method: "GET", path: "/" })', "f()"])
    expect(light(`const b = ${call};`)).toBe(`const b = /* @__PURE__ */ (() => ${call})();`);
  for (const code of ["const c = 1, d = new Set();", "export { e };", "f();", "function g() {}"])
    expect(light(code)).toBe(code);
});
