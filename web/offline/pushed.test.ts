/** What a device shows of a page, and of the answer to it. */
import { expect, test } from "vitest";
import { acknowledged, isPushed, notAcknowledged, type Pushed, shownOf } from "./pushed.ts";

const pushed: Pushed = {
  title: "[SEV1] INC-12 Payments fail",
  body: "checkout",
  tag: "INC-12",
  open: "https://tocsin.example/a/1.x",
  acknowledge: { label: "Acknowledge", url: "https://tocsin.example/a/1.x" },
  severity: "SEV1",
  quiet: false,
};
const shown = shownOf(pushed);

test("a page stays until it is answered, rings again each time, and has its verb", () => {
  const { requireInteraction, renotify, silent, vibrate, actions } = shown.options;
  expect({ requireInteraction, renotify, silent }).toEqual({
    requireInteraction: true,
    renotify: true,
    silent: false,
  });
  expect(vibrate).toHaveLength(6);
  expect(actions).toEqual([{ action: "acknowledge", title: "Acknowledge" }]);
});

test("what became of it takes its place and rings nobody", () => {
  const { options } = shownOf({ ...pushed, quiet: true, acknowledge: null });
  expect(options).toMatchObject({ tag: "INC-12", silent: true, renotify: false, actions: [] });
  expect(options).not.toHaveProperty("vibrate");
});

test("an acknowledge that arrived says so and has no verb any more", () => {
  const { options } = acknowledged(shown, { done: true, said: "You have it." });
  expect(options).toMatchObject({ body: "You have it.", actions: [], requireInteraction: false });
});

test("one that did not arrive says what still happens, and may be pressed again", () => {
  for (const after of [notAcknowledged(shown), acknowledged(shown, {})]) {
    expect(after.options.body).toContain("escalation continues");
    expect(after.options.actions).toHaveLength(1);
    expect(after.options.data).toEqual(shown.options.data);
  }
  const refused = acknowledged(shown, { detail: "This link does not work." });
  expect(refused.options.body).toBe("This link does not work.");
});

test("what is no page of ours is not shown", () => {
  for (const other of [null, "x", {}, { title: "x" }]) expect(isPushed(other)).toBe(false);
  expect(isPushed(pushed)).toBe(true);
});
