/** Alerts by mail, over a real socket: the address carries the key, and 250 means committed. */
import { createTransport, type SendMailOptions } from "nodemailer";
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

const INVITATION = `BEGIN:VCALENDAR
VERSION:2.0
METHOD:REQUEST
BEGIN:VEVENT
UID:1@acme.example
DTSTART:20261121T100000Z
SUMMARY:On-call handover
END:VEVENT
END:VCALENDAR`;

async function send(to: string, subject: string, more: SendMailOptions = {}): Promise<number> {
  const smtp = createTransport({ host: "127.0.0.1", port: node.mailPort!, secure: false });
  try {
    const mail = { from: "Vault <backup@vault.example>", to, subject, text: "Code 3." };
    await smtp.sendMail({ ...mail, ...more });
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

test("what a mail program answers by itself is taken and wakes nobody", async () => {
  const to = `${key}@alerts.example`;
  const before = await alerts();
  const answers: readonly (readonly [subject: string, mail: SendMailOptions])[] = [
    ["Re: CRITICAL: disk", { headers: { "Auto-Submitted": "auto-replied (vacation)" } }],
    ["Automatic reply: CRITICAL: disk", { headers: { "Auto-Submitted": "auto-generated" } }],
    ["CRITICAL: disk", { from: "Mail Delivery System <MAILER-DAEMON@mx.example>" }],
    ["Invitation: on-call handover", { icalEvent: { method: "REQUEST", content: INVITATION } }],
  ];
  for (const [subject, mail] of answers) expect(await send(to, subject, mail)).toBe(250);
  expect(await alerts()).toEqual(before);
});

test("monitoring that calls its mails generated is heard all the same", async () => {
  const headers = { "Auto-Submitted": "auto-generated", Precedence: "bulk" };
  expect(await send(`${key}@alerts.example`, "PROBLEM: queue of till-4", { headers })).toBe(250);
  expect(await alerts()).toMatchObject([{ title: "PROBLEM: queue of till-4" }, {}]);
});

test("an attachment of ten megabytes costs no alert, and a mail in HTML alone has its words", async () => {
  const to = `${key}@alerts.example`;
  const attachments = [{ filename: "report.pdf", content: Buffer.alloc(10_000_000, "x") }];
  expect(await send(to, "ERROR: report of till-5", { attachments })).toBe(250);
  const html = "<p>Disk of till-6 is full</p>";
  expect(await send(to, "", { text: "", html })).toBe(250);
  const titles = (await alerts()).map(({ title }) => title);
  expect(titles).toEqual(
    expect.arrayContaining(["ERROR: report of till-5", "Disk of till-6 is full"]),
  );
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
