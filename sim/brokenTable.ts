/** A small runbook with a look, an action that may destroy and one that writes, as a team would publish it. */
import { draftSidecar, getRunbook, publishRunbook } from "../contract/published.ts";
import type { DesiredObject } from "../contract/configuration.ts";
import { object } from "./company.ts";
import type { Call } from "./people.ts";

export const DOCUMENT = `# Table is broken

**Trigger:** A table is broken.

1. **Look**
   - Count the broken rows.
2. **Mend**
   - Delete the broken partition.
   - Let the jobs go on.
`;

/** Its steps, in their order. */
export const LOOK = "Count the broken rows.";
export const DESTROY = "Delete the broken partition.";
export const WRITE = "Let the jobs go on.";

/** What its actions reach. */
export const CONNECTIONS: readonly DesiredObject[] = [
  object("connections", "warehouse", { type: "postgres", url: "env:W", teams: ["payments"] }),
  object("connections", "drop", { type: "command", program: "/bin/drop", risk: "destructive" }),
  object("connections", "jobs", { type: "command", program: "/bin/go", undo: "halt" }),
  object("connections", "halt", { type: "command", program: "/bin/halt" }),
];

/** The anchors are those that runbook bind would write. */
export async function sidecarFor(call: Call, starts = ""): Promise<string> {
  const bare = { path: "broken.md", document: DOCUMENT, sidecar: null };
  await call(draftSidecar, { body: bare });
  const body = { id: "broken", ...bare, sidecar: "tocsin: 1\nowner: payments\n", dryRun: false };
  await call(publishRunbook, { body });
  const { document: read } = await call(getRunbook, { params: { id: "broken" } });
  const steps = read.plans.flatMap((plan) => plan.phases.flatMap((phase) => phase.steps));
  const binding = (text: string, more: string): string => {
    const step = steps.find((each) => each.text === text);
    return `  - step: { path: ${step?.path}, quote: "${text}", hash: ${step?.hash} }\n${more}`;
  };
  return [
    `tocsin: 1\nowner: payments${starts}\nbindings:`,
    binding(
      LOOK,
      "    action: sql.assert@1\n    with: { connection: warehouse, statement: select count(*) from broken, expect: zero }\n    mode: auto",
    ),
    binding(
      DESTROY,
      "    action: command.run@1\n    with: { connection: drop }\n    mode: auto\n    risk: read",
    ),
    binding(WRITE, "    action: command.run@1\n    with: { connection: jobs }"),
    "",
  ].join("\n");
}

/** Publishes it; `starts` says when it starts by itself, as lines of its sidecar. */
export async function publishBrokenTable(call: Call, starts = ""): Promise<void> {
  const sidecar = await sidecarFor(call, starts);
  await call(publishRunbook, {
    body: { id: "broken", path: "broken.md", document: DOCUMENT, sidecar },
  });
}
