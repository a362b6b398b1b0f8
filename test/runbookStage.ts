/** A runbook of the small company, published with its sidecar: for tests in the browser and for pictures. */
import type { RunbookDocument } from "../contract/runbook.ts";
import type { RunDetail } from "../contract/run.ts";
import type { TestNode } from "./node.ts";

export const OUTAGE = `# Checkout outage

Owner: Payments
Last reviewed: 2026-10-12

**Trigger:** failed card payments above 1 %, or error rate above 10 % for more than 5 minutes.

1. **Triage** (Payments primary)
   - Confirm the error rate on the dashboard within 15 minutes.
   - Compare its start with the last changes in $REGION.
   - Ask the card provider for its status.
2. **Containment** (Containment lead)
   - Scale the payment gateway up.
   - If the failures began after a rollout, turn the flag \`checkout-3ds-v2\` off within 20 minutes.
   - Fail over \`payments-db\` to its standby.
3. **Verification** (Investigation lead)
   - Look at the failed payments until they stay below 1 %.
   - Replay the payments that were kept in the retry queue.
4. **Communication** (Customer lead)
   - Tell customers every 30 minutes how it stands.

Escalation: Payments primary → Payments secondary → Head of payments
`;

const BINDINGS: Readonly<Record<string, string>> = {
  "Scale the payment gateway": "    action: command.run@1\n    with: { connection: scale }\n",
  "If the failures began": "    action: command.run@1\n    with: { connection: flag }\n",
  "Fail over": "    action: command.run@1\n    with: { connection: failover }\n",
};

/** Publishes it, its steps bound to programs that do nothing; the first of them fails. */
export async function publishOutage(node: TestNode, document = OUTAGE): Promise<void> {
  const command = { type: "command", program: "/bin/true" };
  await node.configure("connections", "scale", { ...command, program: "/bin/false" });
  await node.configure("connections", "unflag", command);
  await node.configure("connections", "flag", { ...command, undo: "unflag" });
  await node.configure("connections", "failover", { ...command, risk: "destructive" });
  const path = "runbooks/checkout-outage.md";
  const { json: read } = await node.ask<RunbookDocument>("POST /v1/runbooks/parse", {
    raw: document,
    headers: { "content-type": "text/markdown" },
  });
  const steps = read.plans.flatMap((plan) => plan.phases.flatMap((phase) => phase.steps));
  const bindings = Object.entries(BINDINGS).flatMap(([begins, how]) => {
    const step = steps.find(({ text }) => text.startsWith(begins));
    if (step === undefined) return [];
    const anchor = JSON.stringify({ path: step.path, quote: step.quote, hash: step.hash });
    return [`  - step: ${anchor}\n${how}`];
  });
  const gate = `${read.plans[0]?.id}/${read.plans[0]?.phases[0]?.id}`;
  const sidecar = [
    "tocsin: 1",
    "owner: payments",
    `gates: [${JSON.stringify(gate)}]`,
    "bindings:",
    bindings.join(""),
  ].join("\n");
  const body = { id: "checkout-outage", path, document, sidecar };
  const { status, text } = await node.ask("POST /v1/runbooks", { body });
  if (status !== 200) throw new Error(text);
}

/** A verb of a run in the name of a person, by the first words of its step. */
export async function actOnRun(
  node: TestNode,
  token: string,
  run: string,
  verb: string,
  step: string,
  more: object = {},
): Promise<void> {
  const { json } = await node.ask<RunDetail>(`GET /v1/runs/${run}`);
  const found = json.phases.flatMap(({ steps }) => steps).find(({ text }) => text.startsWith(step));
  const body = { step: found?.id, ...more };
  const { status, text } = await node.ask(`POST /v1/runs/${run}/${verb}`, { token, body });
  if (status !== 200) throw new Error(`${verb} ${step}: ${text}`);
}
