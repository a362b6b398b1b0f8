/** Alerts by mail, over a real socket: the address carries the key, and 250 means committed. */
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWire, type Wire } from "./fakes/wire.ts";
import { startTestNode, type TestNode } from "./node.ts";

let node: TestNode;
let wire: Wire;
let key: string;

beforeAll(async () => {
  node = await startTestNode({
    reach: async (url) => (wire = await openWire(url)).url,
    mailPort: 0,
  });
  await node.configure("teams", "red", { name: "Red" });
  await node.configure("services", "till", { name: "Till", team: "red" });
  key = (await node.configure("keys", "till-key", { service: "till", secret: "generate" })) ?? "";
});
afterAll(async () => {
  await node.stop();
  await wire.close();
});

async function send(to: string, subject: string): Promise<number> {
  const smtp = createTransport({ host: "127.0.0.1", port: node.mailPort!, secure: false });
  try {
    await smtp.sendMail({ from: "Vault <backup@vault.example>", to, subject, text: "Code 3." });
    return 250;
  } catch (error) {
    return (error as { responseCode?: number }).responseCode ?? 0;
  } finally {
    smtp.close();
  }
}

type Alerts = { readonly items: readonly { title: string; severity: string; status: string }[] };
const alerts = async (): Promise<Alerts["items"]> =>
  (await node.ask<Alerts>("GET /v1/alerts")).json.items;

test("a mail to the key's address is an alert, and the end of it ends it", async () => {
  expect(await send(`${key}@alerts.example`, "CRITICAL: Backup of vault-2 failed")).toBe(250);
  expect(await alerts()).toMatchObject([
    { title: "CRITICAL: Backup of vault-2 failed", severity: "critical", status: "firing" },
  ]);
  expect(await send(`alerts+${key}@alerts.example`, "RESOLVED: Backup of vault-2")).toBe(250);
  expect(await alerts()).toMatchObject([{ status: "resolved" }]);
});

test("an address that no key has is refused for good", async () => {
  expect(await send("nobody@alerts.example", "Anything")).toBe(550);
});

test("an address whose key takes only what is signed takes no mail", async () => {
  const body = { service: "till", secret: "generate", signedWith: "env:TOCSIN_TEST_SIGNING" };
  const signed = (await node.configure("keys", "signed-key", body)) ?? "";
  expect(await send(`${signed}@alerts.example`, "CRITICAL: Unsigned")).toBe(550);
  expect(JSON.stringify(await alerts())).not.toContain("Unsigned");
});

test("while the store is away the sender is asked to try again", async () => {
  wire.cut();
  expect(await send(`${key}@alerts.example`, "WARNING: Disk")).toBe(451);
  wire.mend();
});

test("the log says neither the key nor the text", () => {
  expect(node.lines.join("\n")).not.toContain(key);
  expect(node.lines.join("\n")).not.toContain("Code 3.");
});
