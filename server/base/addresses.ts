/**
 * Where outbound requests may go. Users type webhook addresses, so without this guard they could
 * make the server knock at its own metadata service, database or neighbours. The answer is given
 * for the resolved address a connection is about to use, never for a name, which may resolve anew.
 */
import { isIP, isIPv4 } from "node:net";

export type ConnectionTarget = {
  /** The host as the URL names it, without brackets. */
  readonly host: string;
  readonly port: number;
  /** The resolved address the socket would connect to. */
  readonly address: string;
};

export type AddressGuard = { permits(target: ConnectionTarget): boolean };

type Address = { readonly bits: 32 | 128; readonly value: bigint };
type Network = Address & { readonly prefix: number };

/**
 * Permits public addresses, and of the others only what `allow` names: networks (“10.0.0.0/8”),
 * single addresses, or a host with its port (“hooks.internal:8443”). Throws a RangeError naming the
 * first entry that is none of these.
 */
export function addressGuard(allow: readonly string[]): AddressGuard {
  const entries = allow.map(parseEntry);
  return {
    permits(target) {
      const address = parseAddress(target.address);
      if (address === null) return false;
      const inner = embeddedV4(address);
      const forms = inner === null ? [address] : [address, inner];
      return isPublic(address) || entries.some((entry) => entry(target, forms));
    },
  };
}

type Entry = (target: ConnectionTarget, forms: readonly Address[]) => boolean;

function parseEntry(entry: string): Entry {
  const network = entry.includes("/") || isIP(entry) !== 0 ? parseNetwork(entry) : null;
  if (network !== null) return (_, forms) => forms.some((form) => contains(network, form));
  const [, typed = "", digits = ""] = /^(\[[^\]]+\]|[^:/\s]+):(\d{1,5})$/.exec(entry) ?? [];
  const host = typed === "" ? undefined : URL.parse(`http://${typed}/`)?.hostname;
  const port = Number(digits);
  if (host === undefined || port === 0 || port > 65_535) {
    throw new RangeError(`“${entry}” is neither a network, an address nor host:port`);
  }
  const bare = host.replace(/^\[|\]$/g, "");
  const literal = parseNetwork(bare);
  return (target, forms) =>
    target.port === port &&
    (target.host.toLowerCase() === bare ||
      (literal !== null && forms.some((form) => contains(literal, form))));
}

function parseNetwork(text: string): Network | null {
  const [base = "", prefixText] = text.split("/", 2);
  const address = parseAddress(base);
  if (address === null) return null;
  const prefix = prefixText === undefined ? address.bits : Number(prefixText);
  const valid = prefixText === undefined || /^\d{1,3}$/.test(prefixText);
  return valid && prefix <= address.bits ? { ...address, prefix } : null;
}

function contains(network: Network, address: Address): boolean {
  if (network.bits !== address.bits) return false;
  const shift = BigInt(network.bits - network.prefix);
  return network.value >> shift === address.value >> shift;
}

function parseAddress(text: string): Address | null {
  const [bare = ""] = text.split("%", 1); // a zone (“fe80::1%eth0”) does not change what it is
  if (isIP(bare) === 0) return null;
  return isIPv4(bare)
    ? { bits: 32, value: valueOfV4(bare) }
    : { bits: 128, value: valueOfV6(bare) };
}

const valueOfV4 = (text: string): bigint =>
  text.split(".").reduce((value, part) => (value << 8n) | BigInt(part), 0n);

function valueOfV6(text: string): bigint {
  const hex = text.replace(/[^:]+\.[^:]+$/, (dotted) => {
    const value = valueOfV4(dotted);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
  const groups = (part: string | undefined): string[] => (part ? part.split(":") : []);
  const [head, tail] = hex.split("::", 2);
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].reduce(
    (value, group) => (value << 16n) | BigInt(`0x${group}`),
    0n,
  );
}

const networks = (...texts: readonly string[]): Network[] =>
  texts.map((text) => parseNetwork(text)!);

/**
 * IPv4 that is not the public internet (IANA special-purpose registry, RFC 6890 and successors).
 */
const NOT_PUBLIC_V4 = networks(
  "0.0.0.0/8", // this host
  "10.0.0.0/8", // private
  "100.64.0.0/10", // carrier-grade NAT
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local, and the clouds' metadata services
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments
  "192.0.2.0/24", // documentation
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
);

/** All of IPv6 that is routed at all; loopback, unique local, link-local, multicast lie outside. */
const GLOBAL_V6 = networks("2000::/3")[0]!;
const NOT_PUBLIC_V6 = networks(
  "2001::/23", // protocol assignments: Teredo tunnels, ORCHID, benchmarks
  "2001:db8::/32", // documentation
  "3fff::/20", // documentation
);

/** IPv6 that is IPv4 in disguise: how far the four bytes stand from the right end. */
const DISGUISES = [
  ["::ffff:0:0/96", 0n], // IPv4-mapped
  ["::ffff:0:0:0/96", 0n], // IPv4-translated
  ["64:ff9b::/96", 0n], // NAT64
  ["2002::/16", 80n], // 6to4
].map(([text, shift]) => ({ network: parseNetwork(text as string)!, shift: shift as bigint }));

function embeddedV4(address: Address): Address | null {
  const disguise = DISGUISES.find(({ network }) => contains(network, address));
  if (disguise === undefined) return null;
  return { bits: 32, value: (address.value >> disguise.shift) & 0xffff_ffffn };
}

function isPublic(address: Address): boolean {
  if (address.bits === 32) return !NOT_PUBLIC_V4.some((network) => contains(network, address));
  const inner = embeddedV4(address);
  if (inner !== null) return isPublic(inner);
  return (
    contains(GLOBAL_V6, address) && !NOT_PUBLIC_V6.some((network) => contains(network, address))
  );
}
