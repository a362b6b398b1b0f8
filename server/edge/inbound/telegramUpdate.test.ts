import { expect, test } from "vitest";
import { pressData, readTelegramUpdate } from "./telegramUpdate.ts";

const ID = "0199a111-0000-7000-8000-000000000001";
const headers = { "x-telegram-bot-api-secret-token": "s3" };
const pressed = (data: string) => ({
  update_id: 1,
  callback_query: { id: "q1", from: { id: 4711, is_bot: false }, data },
});

test("a press says who pressed what; its data fits into what Telegram takes", () => {
  for (const answer of ["acknowledge", "not-mine", "escalate", "resolve"] as const) {
    const data = pressData(answer, ID);
    expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
    expect(readTelegramUpdate(headers, pressed(data), "s3")).toEqual({
      answer,
      notificationId: ID,
      userId: "4711",
      queryId: "q1",
    });
  }
});

for (const [promise, shown] of [
  ["another secret", { "x-telegram-bot-api-secret-token": "s4" }],
  ["no secret", {}],
] as const)
  test(`refuses ${promise}`, () =>
    expect(() => readTelegramUpdate(shown, pressed(`escalate ${ID}`), "s3")).toThrow("signature"));

for (const [promise, body] of [
  ["a message to the bot", { update_id: 2, message: { text: "hello" } }],
  ["another button", pressed("delete everything")],
  ["an answer that no page offers", pressed(`cancel ${ID}`)],
  ["nothing", null],
] as const)
  test(`passes over ${promise}`, () => expect(readTelegramUpdate(headers, body, "s3")).toBeNull());
