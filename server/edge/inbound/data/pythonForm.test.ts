/** What urllib.parse.urlencode(json.loads(body)) of Python 3 gave for the same bodies. */
import { expect, test } from "vitest";
import { pythonForm } from "./pythonForm.ts";

for (const [what, body, form] of [
  [
    "texts alone",
    String.raw`{"a b":"it's 5 > 3 ~*()!","ü":"é"}`,
    "a+b=it%27s+5+%3E+3+~%2A%28%29%21&%C3%BC=%C3%A9",
  ],
  [
    "nothing, yes and no",
    `{"a":null,"b":true,"c":false,"d":"","e":{},"f":[]}`,
    "a=None&b=True&c=False&d=&e=%7B%7D&f=%5B%5D",
  ],
] as const)
  test(`writes ${what} as Python does`, () => expect(pythonForm(body)).toBe(form));

/** The same for one value below the first level, where it is easier to read. */
const printed = (json: string): string =>
  decodeURIComponent(pythonForm(`{"v":[${json}]}`)!.replaceAll("+", "%20")).slice("v=[".length, -1);

test("prints numbers as they were written, and fractions as Python does", () => {
  const numbers =
    "0 -0 7 123456789012345678901234567890 1.0 -0.0 2.50 1e5 1e16 1e22 0.0001 0.00001 1.5e-7 12345678901234567.0 123456789.125";
  expect(numbers.split(" ").map(printed).join(" ")).toBe(
    "0 0 7 123456789012345678901234567890 1.0 -0.0 2.5 100000.0 1e+16 1e+22 0.0001 1e-05 1.5e-07 1.2345678901234568e+16 123456789.125",
  );
});

test("puts texts between the quotes that Python chooses, and what cannot be seen by its number", () => {
  expect(printed(String.raw`"plain", "it's", "it's \"x\"", "\"x\""`)).toBe(
    String.raw`'plain', "it's", 'it\'s "x"', '"x"'`,
  );
  expect(printed(String.raw`"a\\b\n\t\u0001\u00a0é\u200b\ud83d\udc80"`)).toBe(
    String.raw`'a\\b\n\t\x01\xa0é\u200b💀'`,
  );
});

test("keeps the order of names, also of those that are numbers", () => {
  expect(printed('{"b":1,"2":true,"1":{"10":null,"9":[]}}')).toBe(
    "{'b': 1, '2': True, '1': {'10': None, '9': []}}",
  );
});

test("is none of what is no object", () => {
  for (const text of ["", "[1]", "nope", "7"]) expect(pythonForm(text)).toBeNull();
});
