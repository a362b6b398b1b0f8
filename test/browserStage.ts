/** A small company with an outage, for tests in the browser and for pictures of the pages. */
import { eventually, type NodeSetting, startTestNode, type TestNode } from "./node.ts";

export type Stage = {
  readonly node: TestNode;
  /** Sends a critical alert to a service's key and waits for its incident. */
  ring(
    service: string,
    summary: string,
    labels?: Readonly<Record<string, string>>,
  ): Promise<string>;
  /** A verb in somebody's name. */
  act(person: string, incident: string, verb: string, body?: object): Promise<void>;
  keyOf(service: string): string;
};

const PEOPLE = {
  mara: ["Mara Vos", [{ role: "responder" }]],
  jonas: ["Jonas Falk", [{ role: "responder" }]],
  priya: ["Priya Nair", [{ role: "responder" }]],
  oleg: ["Oleg Dudek", [{ role: "responder" }]],
  sofia: ["Sofia Marin", [{ role: "responder" }]],
  ines: ["Ines Prado", [{ role: "manager" }]],
  vera: ["Vera Lund", [{ role: "viewer" }]],
  adam: ["Adam Roth", [{ role: "admin" }]],
} as const;

export async function openStage(setting: NodeSetting = {}): Promise<Stage> {
  const node = await startTestNode(setting);
  await node.configure("channels", "mail", { type: "email", from: "tocsin@acme.example" });
  for (const [id, [name, roles]] of Object.entries(PEOPLE)) {
    const contacts = [{ channel: "mail", address: `${id}@acme.example` }];
    const email = `${id}@acme.example`;
    const phone = `+3120555${String(1000 + Object.keys(PEOPLE).indexOf(id))}`;
    await node.configure("people", id, { name, email, phone, roles, contacts });
  }
  const members = { payments: ["jonas", "priya"], platform: ["mara", "sofia", "oleg"] };
  for (const [id, people] of Object.entries(members))
    await node.configure("teams", id, { name: id, members: people, manager: "ines" });
  const weekly = { every: "week", startsOn: "2026-01-05", handoffAt: "09:00" };
  for (const [id, name, team, people] of [
    ["payments-primary", "Payments primary", "payments", ["jonas", "priya"]],
    ["payments-secondary", "Payments secondary", "payments", ["priya", "jonas"]],
    ["platform-primary", "Platform primary", "platform", ["mara", "sofia", "oleg"]],
  ] as const) {
    const layers = [
      { name: "weekly", people, ...weekly, ...(team === "platform" && { every: "day" }) },
    ];
    await node.configure("schedules", id, { name, team, timezone: "Europe/Amsterdam", layers });
  }
  const customer = {
    name: "day",
    people: ["oleg"],
    ...weekly,
    restrictions: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "06:00", to: "22:00" }],
  };
  await node.configure("schedules", "customer-lead", {
    name: "Customer lead",
    timezone: "Europe/Amsterdam",
    layers: [customer],
  });
  for (const team of ["payments", "platform"]) {
    const second = team === "payments" ? "payments-secondary" : "platform-primary";
    const steps = [
      { notify: [{ schedule: `${team}-primary` }], timeoutMinutes: 4 },
      { notify: [{ schedule: second }], timeoutMinutes: 4 },
      { notify: [{ person: "ines" }], timeoutMinutes: 10 },
    ];
    await node.configure("escalations", team, { name: team, team, steps });
  }
  const keys = new Map<string, string>();
  for (const [id, name, team, tier, dependsOn] of [
    ["ledger", "Ledger", "payments", 2, []],
    ["checkout", "Checkout", "payments", 1, ["ledger"]],
    ["search", "Search", "platform", 3, []],
    ["billing", "Billing", "payments", 2, ["ledger"]],
  ] as const) {
    await node.configure("services", id, { name, team, tier, dependsOn, escalation: team });
    keys.set(id, (await node.configure("keys", id, { service: id, secret: "generate" })) ?? "");
  }
  await node.configure("audiences", "customers", { name: "Customers", people: ["oleg"] });
  await node.configure("audiences", "leadership", { name: "Leadership", people: ["ines"] });
  const rule = (when: string, declare: string, order: number) => ({
    when,
    order,
    then: { declare },
  });
  await node.configure(
    "rules",
    "critical-on-search",
    rule('service == "search" && severity == "critical"', "SEV3", 10),
  );
  await node.configure(
    "rules",
    "critical-on-billing",
    rule('service == "billing" && severity == "critical"', "SEV2", 20),
  );
  await node.configure("rules", "critical", rule('severity == "critical"', "SEV1", 30));
  const tokens = new Map<string, string>();
  let count = 0;
  const send = async (service: string, payload: object, dedup: string): Promise<void> => {
    const body = {
      routing_key: keys.get(service),
      event_action: "trigger",
      dedup_key: dedup,
      payload: { source: "probe", ...payload },
    };
    const { status, text } = await node.ask("POST /v2/enqueue", { token: null, body });
    if (status !== 202) throw new Error(text);
  };
  return {
    node,
    keyOf: (service) => keys.get(service) ?? "",
    async ring(service, summary) {
      const dedup = `ring-${count++}`;
      await send(service, { summary, severity: "critical" }, dedup);
      return eventually(async () => {
        const { json } = await node.ask<{ items: { incident: string | null }[] }>(
          `GET /v1/alerts?dedupKey=${dedup}`,
        );
        return json.items[0]?.incident ?? null;
      });
    },
    async act(person, incident, verb, body = {}) {
      if (!tokens.has(person)) tokens.set(person, await node.tokenOf(person));
      const asked = { token: tokens.get(person) ?? null, body };
      const { status, text } = await node.ask(`POST /v1/incidents/${incident}/${verb}`, asked);
      if (status !== 200) throw new Error(`${verb}: ${text}`);
    },
  };
}
