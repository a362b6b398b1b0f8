/**
 * The values that a STIX pattern compares with “=” or “IN”, each enough to be looked for by itself.
 * What is negated, or compared by LIKE, MATCHES or order, is not a value.
 * https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html#_e8slinrhxcc9
 */
import { type ObservableKind } from "../../../domain/signal/observable.ts";

const PATTERN_MAX = 20_000;
const VALUES_MAX = 200;
const COMPARISON =
  /(NOT\s+)?([a-z0-9-]{1,64}):([A-Za-z0-9_.[\]*'-]{1,200})\s+(NOT\s+)?(=|!=|IN|LIKE|MATCHES|ISSUBSET|ISSUPERSET|<=?|>=?)\s*(\((?:\s*'(?:[^'\\]|\\.)*'\s*(?:,|(?=\))))+\)|'(?:[^'\\]|\\.)*')/g;
const DRAFT: Readonly<Record<string, string>> = {
  ipv4addr: "ipv4-addr",
  ipv6addr: "ipv6-addr",
  domain: "domain-name",
  emailaddr: "email-addr",
};
const QUOTED = /'((?:[^'\\]|\\.)*)'/g;

/** What a path of an object holds. */
function kindOf(object: string, path: string): ObservableKind | null {
  const name = path.replaceAll("'", "").toLowerCase();
  if (/^ipv[46]-addr$/.test(object) && name === "value") return "ip";
  if (object === "domain-name" && name === "value") return "domain";
  if (object === "url" && name === "value") return "url";
  if (object === "email-addr" && name === "value") return "email";
  if (object === "email-message" && /^(from_ref|sender_ref)\.value$/.test(name)) return "email";
  if (object === "network-traffic" && /^(src|dst)_ref\.value$/.test(name)) return "ip";
  if (object !== "file") return null;
  if (name === "name") return "file name";
  const hash = /^(?:hashes\.)(md5|sha-?1|sha-?256)$/.exec(name)?.[1]?.replace("-", "");
  return hash === "md5" || hash === "sha1" || hash === "sha256" ? hash : null;
}

export function valuesIn(
  pattern: string,
): readonly { readonly kind: ObservableKind; readonly value: string }[] {
  const found: { kind: ObservableKind; value: string }[] = [];
  for (const match of pattern.slice(0, PATTERN_MAX).matchAll(COMPARISON)) {
    const [, before, named = "", path = "", after, operator, operand = ""] = match;
    // A draft wrote ipv4addr, domain and emailaddr.
    const object = Object.hasOwn(DRAFT, named) ? DRAFT[named]! : named;
    const kind = kindOf(object, path);
    const equal = operator === "=" || operator === "IN" || operator === "ISSUBSET";
    if (kind === null || !equal || before !== undefined || after !== undefined) continue;
    for (const [, value = ""] of operand.matchAll(QUOTED)) {
      if (found.length < VALUES_MAX) found.push({ kind, value: value.replaceAll(/\\(.)/g, "$1") });
    }
  }
  return found;
}
