/** Whether a phone outside this network can open the links that pages carry. */
import { isIP } from "node:net";
import type { ReadinessFinding } from "../../../contract/readiness.ts";
import { addressGuard } from "../../base/addresses.ts";
import { missingIn, orAllWell, warningIn } from "./findings.ts";

const guard = addressGuard([]);
/** Names that only a machine or a house answers to (RFC 6761, 6762, 8375, and the common ones). */
const LOCAL_NAME = /(^|\.)(localhost|local|internal|intranet|lan|home|home\.arpa|test|invalid)$/i;

/** Judged by the name alone: what it resolves to here says nothing about what a phone gets. */
export function addressFindings(publicUrl: string): readonly ReadinessFinding[] {
  const { hostname, protocol } = new URL(publicUrl);
  const bare = hostname.replace(/^\[|\]$/g, "");
  if (!isPublicHost(bare)) {
    const what = `${publicUrl} cannot be reached by a phone, so the links in pages do not open.`;
    const todo =
      "Set TOCSIN_URL to the public https:// address under which people reach this server.";
    return [missingIn("address")(what, todo)];
  }
  const plain = warningIn("address")(
    "Links and tokens travel without encryption.",
    "Put TLS in front of it and set TOCSIN_URL to its https:// address.",
  );
  return orAllWell("address", `Pages link to ${publicUrl}.`, protocol === "https:" ? [] : [plain]);
}

function isPublicHost(host: string): boolean {
  if (isIP(host) !== 0) return guard.permits({ host, port: 443, address: host });
  return host.includes(".") && !LOCAL_NAME.test(host);
}
