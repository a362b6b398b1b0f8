import { describe, expect, test } from "vitest";
import { seededChance } from "./chance.ts";
import { keyring, sameBytes, sha256, tokenHash } from "./crypto.ts";

const chance = seededChance("crypto");
const keys = keyring(Buffer.alloc(32, 1));
const others = keyring(Buffer.alloc(32, 2));
const plain = Buffer.from("a phone number");

describe("sealing", () => {
  test("gives back what was sealed, and never looks the same twice", () => {
    const [one, two] = [keys.seal("p", plain, chance), keys.seal("p", plain, chance)];
    expect(keys.open("p", one)).toEqual(plain);
    expect(one.equals(two)).toBe(false);
    expect(one.includes(plain)).toBe(false);
  });

  test("is opened only by the same key for the same purpose", () => {
    const sealed = keys.seal("p", plain, chance);
    expect(() => keys.open("q", sealed)).toThrow();
    expect(() => others.open("p", sealed)).toThrow();
  });

  test("notices every altered byte", () => {
    const sealed = keys.seal("p", plain, chance);
    for (let place = 0; place < sealed.length; place++) {
      const altered = Buffer.from(sealed);
      altered[place]! ^= 1;
      expect(() => keys.open("p", altered), `byte ${place}`).toThrow();
    }
    expect(() => keys.open("p", Buffer.alloc(0))).toThrow();
  });
});

describe("signatures of links", () => {
  test("hold for one text, purpose and key", () => {
    const signature = keys.sign("acknowledge", "n-1");
    expect(signature).toMatch(/^[\w-]{22}$/);
    expect(keys.verify("acknowledge", "n-1", signature)).toBe(true);
    expect(keys.verify("acknowledge", "n-2", signature)).toBe(false);
    expect(keys.verify("open", "n-1", signature)).toBe(false);
    expect(others.verify("acknowledge", "n-1", signature)).toBe(false);
    for (const wrong of ["", "x", `${signature}x`, signature.toLowerCase() + "A"]) {
      expect(keys.verify("acknowledge", "n-1", wrong)).toBe(false);
    }
  });
});

test("bytes of other lengths are compared, not refused", () => {
  expect(sameBytes(Buffer.from("a"), Buffer.from("a"))).toBe(true);
  expect(sameBytes(Buffer.from("a"), Buffer.from("ab"))).toBe(false);
});

test("a stored token is not the bare hash of the token", () => {
  expect(tokenHash("t").equals(sha256("t"))).toBe(false);
  expect(tokenHash("t").equals(tokenHash("t"))).toBe(true);
});
