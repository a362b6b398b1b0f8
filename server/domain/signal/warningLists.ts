/**
 * Values that no indicator should raise an alarm for, because everybody meets them: private networks,
 * public resolvers, empty files, the names of very large services. Feeds carry them by mistake.
 */
import { BlockList } from "node:net";
import type { IndicatorType } from "./indicator.ts";

const SPECIAL = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  SPECIAL.addSubnet(network, prefix);
}
for (const [network, prefix] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const) {
  SPECIAL.addSubnet(network, prefix, "ipv6");
}

const RESOLVERS: ReadonlySet<string> = new Set([
  "1.0.0.1",
  "1.1.1.1",
  "8.8.4.4",
  "8.8.8.8",
  "9.9.9.9",
  "149.112.112.112",
  "208.67.220.220",
  "208.67.222.222",
  "2001:4860:4860::8844",
  "2001:4860:4860::8888",
  "2606:4700:4700::1001",
  "2606:4700:4700::1111",
  "2620:fe::fe",
]);

/** MD5, SHA-1 and SHA-256 of nothing. */
const EMPTY: ReadonlySet<string> = new Set([
  "d41d8cd98f00b204e9800998ecf8427e",
  "da39a3ee5e6b4b0d3255bfef95601890afd80709",
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
]);

const LARGE: ReadonlySet<string> = new Set(
  (
    "amazonaws.com apple.com azure.com cloudflare.com cloudfront.net facebook.com fastly.net github.com " +
    "githubusercontent.com gitlab.com gmail.com google.com googleapis.com gstatic.com icloud.com live.com " +
    "microsoft.com microsoftonline.com office.com office365.com outlook.com twitter.com " +
    "ubuntu.com debian.org wikipedia.org windows.com windowsupdate.com yahoo.com youtube.com"
  ).split(" "),
);

/** The warning list that a value is on, in words; null when it is on none. */
export function warningFor(type: IndicatorType, value: string): string | null {
  switch (type) {
    case "ipv4":
    case "ipv6":
      if (SPECIAL.check(value, type)) return "private or reserved addresses";
      return RESOLVERS.has(value) ? "public DNS resolvers" : null;
    case "md5":
    case "sha1":
    case "sha256":
      return EMPTY.has(value) ? "hashes of the empty file" : null;
    case "domain":
      return LARGE.has(value.replace(/^www\./, "")) ? "names of very large services" : null;
    case "url":
    case "email":
    case "file name":
    case "other":
      return null;
  }
}
