/** What the pictures of the pages are taken of: an outage that is over, one in the middle, and what else a house has. */
import type { RunDetail } from "../contract/run.ts";
import type { Stage } from "./browserStage.ts";
import { all, sql } from "../server/base/db.ts";
import { eventually, type TestNode } from "./node.ts";
import { actOnRun, publishOutage } from "./runbookStage.ts";

/** An outage in the middle, with everything a war room shows. */
export async function playSome({ node, ring, act, keyOf }: Stage): Promise<string> {
  await ring("search", "Search results are an hour old");
  await ring("billing", "Invoices are not sent");
  for (const [service, summary] of [
    ["ledger", "Deployed ledger 2026.11.2"],
    ["checkout", "Flag three-ds-v2 turned on for half of the customers"],
  ] as const)
    await node.ask("POST /v2/change/enqueue", {
      token: null,
      body: {
        routing_key: keyOf(service),
        payload: { summary, source: "acme/rollout" },
        links: [{ href: "https://ci.acme.example/run/4711", text: "Run" }],
      },
    });
  const id = await ring("checkout", "Card payments fail at checkout");
  await eventually(async () => {
    const { json } = await node.ask<{ items: unknown[] }>(
      `GET /v1/notifications?incident=${id}&kind=page&state=accepted`,
    );
    return json.items.length > 0 ? true : null;
  });
  await act("mara", id, "acknowledge");
  await playRun(node, id);
  await act("mara", id, "hand-over", { to: "priya" });
  await act("priya", id, "accept-command");
  await act("priya", id, "hand-over", { to: "mara" });
  await act("mara", id, "accept-command");
  await act("mara", id, "role", { role: "comms lead", person: "oleg" });
  await act("mara", id, "role", { role: "scribe", person: "sofia" });
  await act("mara", id, "impact", {
    percent: 14.2,
    customers: "9 200 customers",
    revenue: "41 k€ an hour: orders × 38 €",
  });
  await act("oleg", id, "update", {
    text: "Some card payments fail at checkout in the EU and the US. Other ways to pay work. We write again within half an hour.",
    audiences: ["customers", "leadership"],
  });
  await act("priya", id, "note", {
    text: "3-D Secure handshakes time out after exactly 5 s in all three regions. The old flow on the canary is clean.",
  });
  await act("mara", id, "task", { title: "Freeze all rollouts", owner: "priya" });
  await act("mara", id, "task", {
    title: "Approve the text for the mail to customers",
    owner: "mara",
    dueAt: new Date(Date.now() + 13 * 60_000).toISOString(),
  });
  await act("mara", id, "task", { title: "Count orders that were paid twice" });
  await act("jonas", id, "note", { text: "Turned the flag off in eu-1; errors fall." });
  await act("mara", id, "record", {
    piece: "evidence",
    text: "Gateway log of eu-1, 02:00 to 02:30, in the evidence bucket",
  });
  return id;
}

/** Its runbook in the middle: done, skipped, failed three times, yours, and one that waits for a second. */
async function playRun(node: TestNode, incident: string): Promise<void> {
  const [mara, priya] = await Promise.all([node.tokenOf("mara"), node.tokenOf("priya")]);
  await publishOutage(node);
  const start = await node.ask<{ id: string }>("POST /v1/runs", {
    token: mara,
    body: { runbook: "checkout-outage", incident, inputs: { REGION: "eu-1" } },
  });
  const on = (token: string, verb: string, step: string, more?: object): Promise<void> =>
    actOnRun(node, token, start.json.id, verb, step, more);
  await on(priya, "done-step", "Confirm");
  await on(priya, "done-step", "Compare");
  await on(priya, "skip-step", "Ask the card", { because: "its status page is green" });
  for (const attempt of [1, 2, 3]) {
    await on(priya, "run-action", "Scale");
    await eventually(async () => {
      const { json } = await node.ask<RunDetail>(`GET /v1/runs/${start.json.id}`);
      const steps = json.phases.flatMap((phase) => phase.steps);
      const ended = steps.flatMap((step) => step.automation?.attempts ?? []);
      return ended.filter(({ state }) => state === "failed").length === attempt ? true : null;
    });
  }
  await on(mara, "begin-step", "If the failures");
  await on(mara, "answer", "If the failures", { answer: "yes" });
  await on(priya, "run-action", "Fail over");
}

/** An outage that is over, with its postmortem drafted. */
export async function playOne({ ring, act }: Stage): Promise<string> {
  const id = await ring("ledger", "Ledger answers slowly");
  await act("priya", id, "acknowledge");
  await act("priya", id, "note", { text: "A backup held the disk." });
  await act("priya", id, "resolve", { text: "The backup was stopped." });
  return id;
}

/** What no outage brings along: drills, mutes, heartbeats, a link of a page. */
export async function playHouse({ node, keyOf }: Stage): Promise<void> {
  await node.configure("drills", "checkout-monthly", {
    name: "Checkout, every month",
    service: "checkout",
    cron: "0 10 1 * *",
    timezone: "Europe/Amsterdam",
  });
  await node.configure("drills", "search-by-hand", { service: "search" });
  await node.ask("POST /v1/drills/search-by-hand/start", { body: {} });
  await node.configure("heartbeats", "nightly-backup", {
    name: "Backup of the ledger",
    service: "ledger",
    cron: "30 2 * * *",
    timezone: "Europe/Amsterdam",
    secret: "generate",
  });
  await node.configure("maintenance", "index-rebuild", {
    reason: "The index is rebuilt on Sundays",
    owner: "sofia",
    services: ["search"],
    timezone: "Europe/Amsterdam",
    startsAt: "2026-01-04T02:00",
    duration: "PT3H",
    repeats: "FREQ=WEEKLY;BYDAY=SU",
    until: "2027-12-31T00:00",
  });
  const alert = (summary: string, dedup_key: string, kind: string) =>
    node.ask("POST /v2/enqueue", {
      token: null,
      body: {
        routing_key: keyOf("search"),
        event_action: "trigger",
        dedup_key,
        payload: { summary, source: "node-7", severity: "warning", class: kind },
      },
    });
  await alert("Disk of node-7 is 91 % full", "disk-7", "disk");
  await alert("Certificate of search.acme.example ends in 13 days", "ends", "certificate");
  await node.ask("POST /v1/silences", {
    token: await node.tokenOf("sofia"),
    body: {
      matchers: ['class="disk"', 'service="search"'],
      reason: "Known: the disk grows slowly, a larger one comes on Monday",
      endsAt: new Date(Date.now() + 26 * 3_600_000).toISOString(),
    },
  });
  await node.ask("POST /v1/schedules/platform-primary/hand-over-words", {
    token: await node.tokenOf("mara"),
    body: { text: "The index was rebuilt twice this week. Watch its age after 22:00." },
  });
}

/** The path of the link in the page of an incident's first responder. */
export const pageLink = (node: TestNode, incident: string): Promise<string> =>
  eventually(async () => {
    const [found] = await all(
      node.store.db,
      sql<{ id: string }>`select id from notification
        where incident_number = ${Number(incident.slice("INC-".length))} and kind = 'page' and state = 'accepted'
        order by id limit 1`,
    );
    return found === undefined ? null : node.pageLink(found.id);
  });
