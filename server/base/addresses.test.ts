import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressGuard } from "./addresses.ts";

const permits = (
  address: string,
  allow: readonly string[] = [],
  host = "example.org",
  port = 443,
) => addressGuard(allow).permits({ host, port, address });

describe("without an allow-list", () => {
  for (const address of [
    "1.1.1.1",
    "8.8.8.8",
    "172.15.255.255",
    "172.32.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:80b::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
  ]) {
    test(`${address} is public, so it is permitted`, () => expect(permits(address)).toBe(true));
  }

  for (const [what, addresses] of [
    ["this host", ["0.0.0.0", "0.1.2.3", "::"]],
    ["loopback", ["127.0.0.1", "127.255.255.254", "::1"]],
    ["private", ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12::1"]],
    ["link-local and metadata", ["169.254.169.254", "fe80::1", "fe80::1%eth0", "fec0::1"]],
    ["carrier-grade NAT", ["100.64.0.1", "100.127.255.255"]],
    ["multicast and broadcast", ["224.0.0.1", "239.1.1.1", "255.255.255.255", "ff02::1"]],
    ["documentation and benchmarks", ["192.0.2.1", "198.18.0.1", "203.0.113.9", "2001:db8::1"]],
    ["IPv4-mapped", ["::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::ffff:0:10.0.0.1"]],
    ["IPv4-compatible", ["::127.0.0.1", "::8.8.8.8"]],
    ["NAT64", ["64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1"]],
    ["6to4 and Teredo", ["2002:7f00:1::1", "2002:c0a8:101::", "2001:0:4136:e378::1"]],
    ["no address at all", ["example.org", "", "1.2.3", "127.1", "0x7f.0.0.1", "::ffff"]],
  ] as const) {
    test(`${what}: none is permitted`, () =>
      expect(addresses.filter((address) => permits(address))).toEqual([]));
  }

  test("an IPv4 address is judged alike in every IPv6 disguise", () => {
    const quad = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(quad, (bytes) => {
        const plain = bytes.join(".");
        const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
        const [high, low] = [hex.slice(0, 4), hex.slice(4)];
        const disguised = [
          `::ffff:${plain}`,
          `::ffff:${high}:${low}`,
          `0:0:0:0:0:ffff:${plain}`,
          `64:ff9b::${plain}`,
          `2002:${high}:${low}::1`,
        ];
        const verdict = permits(plain);
        expect(disguised.map((address) => permits(address))).toEqual(disguised.map(() => verdict));
      }),
      { seed: 20_261_121 },
    );
  });
});

describe("with an allow-list", () => {
  for (const [promise, address, allow, host, port, expected] of [
    ["a network permits what it holds", "10.1.2.3", ["10.0.0.0/8"], "a", 80, true],
    ["a network permits nothing beside it", "11.0.0.1", ["12.0.0.0/8"], "a", 80, true],
    ["a network does not open another", "192.168.0.1", ["10.0.0.0/8"], "a", 80, false],
    ["a network holds for mapped forms", "::ffff:10.1.2.3", ["10.0.0.0/8"], "a", 80, true],
    ["an IPv6 network permits", "fd00::5", ["fd00::/8"], "a", 80, true],
    ["a single address permits itself", "127.0.0.1", ["127.0.0.1"], "a", 80, true],
    ["a single address permits no other", "127.0.0.2", ["127.0.0.1"], "a", 80, false],
    [
      "host:port permits that host",
      "10.0.0.9",
      ["hooks.internal:8443"],
      "hooks.internal",
      8443,
      true,
    ],
    ["host:port is blind to case", "10.0.0.9", ["Hooks.Internal:80"], "HOOKS.internal", 80, true],
    [
      "host:port permits no other port",
      "10.0.0.9",
      ["hooks.internal:8443"],
      "hooks.internal",
      80,
      false,
    ],
    ["host:port permits no other host", "10.0.0.9", ["hooks.internal:80"], "hooks.evil", 80, false],
    ["address:port permits the resolved address", "127.0.0.1", ["127.0.0.1:80"], "a", 80, true],
    ["address:port in brackets", "::1", ["[::1]:80"], "::1", 80, true],
    ["address:port permits no other port", "127.0.0.1", ["127.0.0.1:80"], "a", 81, false],
  ] as const) {
    test(promise, () => expect(permits(address, allow, host, port)).toBe(expected));
  }

  for (const entry of [
    "",
    "10.0.0.0/33",
    "10.0.0.0/x",
    "hooks.internal",
    "host:0",
    "host:70000",
    "a b:80",
  ]) {
    test(`refuses to start with the entry “${entry}”`, () =>
      expect(() => addressGuard([entry])).toThrow(RangeError));
  }
});
