/** How long a send belongs to the node that claimed it. */
import { expect, test } from "vitest";
import { addMs, instant, type Instant, SECOND } from "../../base/instant.ts";
import { type Held, LEASE_MS, LONGEST_SEND_MS, renewalAt, renewedUntil } from "./notification.ts";

const START = instant(Date.UTC(2026, 10, 26));
const at = (seconds: number): Instant => addMs(START, seconds * SECOND);
const held = (leaseUntil: Instant): Held => ({
  id: "a",
  attempt: 1,
  startedAt: START,
  leaseUntil,
});

for (const [promise, leaseUntil, renewed] of [
  ["a lease is renewed long before it ends", at(15), at(4)],
  ["and again", at(19), at(8)],
  ["but not beyond the longest send", at(60), null],
] as const)
  test(promise, () => expect(renewalAt(held(leaseUntil))).toBe(renewed));

for (const [promise, now, until] of [
  ["a renewed lease is as long as the first", at(4), at(19)],
  ["it ends with the longest send", at(50), at(60)],
] as const)
  test(promise, () => expect(renewedUntil(held(at(15)), now)).toBe(until));

test("a node that renews in time keeps its send until the longest send, and asks for no more than it gets", () => {
  let send = held(addMs(START, LEASE_MS));
  let renewals = 0;
  for (let next = renewalAt(send); next !== null; next = renewalAt(send)) {
    expect(next).toBeLessThan(send.leaseUntil);
    send = { ...send, leaseUntil: renewedUntil(send, next) };
    renewals += 1;
    expect(renewalAt(send) ?? send.leaseUntil).toBeGreaterThan(next);
  }
  expect(send.leaseUntil).toBe(addMs(START, LONGEST_SEND_MS));
  expect(renewals).toBeLessThan(20);
});
