/** What single samples do not show: the same condition over time, and hostile names. */
import { describe, expect, test } from "vitest";
import { type Adapter } from "../../domain/signal/signal.ts";
import { ADAPTERS } from "./index.ts";
import { changed, golden, onlySignal, readAt } from "./golden/samples.ts";

const adapter = (id: string): Adapter => ADAPTERS.get(id)!;

describe("what failed and passes later ends its own alert", () => {
  for (const [id, sample, path, good] of [
    ["dbt", "dbt.sources.json", "results.0.status", "pass"],
    ["dbt", "dbt.run-results.json", "results.1.status", "pass"],
    ["soda", "soda.check.json", "checkResults.0.outcome", "pass"],
    ["great-expectations", "great-expectations.validation.json", "success", true],
    ["openlineage", "openlineage.fail.json", "eventType", "COMPLETE"],
    ["airflow", "airflow.failure.json", "state", "success"],
    ["securityhub", "securityhub.event.json", "detail.findings.0.Compliance.Status", "PASSED"],
    ["guardduty", "guardduty.event.json", "detail.service.archived", true],
    ["wiz", "wiz.webhook.json", "issue.status", "RESOLVED"],
    ["defender", "defender.incident.json", "status", "resolved"],
    ["sentinel", "sentinel.incident.json", "object.properties.status", "Closed"],
    ["github", "github.secret-leaked.json", "action", "resolved"],
    ["ocsf", "ocsf.detection.json", "status_id", 4],
  ] as const) {
    test(`${id}: ${path}`, () => {
      const [before, after] = [golden(sample), changed(golden(sample), path, good)].map((body) =>
        readAt(adapter(id), body).signals.map(({ signal }) => signal),
      );
      const position = before!.findIndex(
        ({ action, dedupKey }, at) =>
          action === "trigger" &&
          after![at]?.dedupKey === dedupKey &&
          after![at]?.action === "resolve",
      );
      expect(position).toBeGreaterThanOrEqual(0);
    });
  }
});

test("what attackers name themselves cannot turn a title around or speak to a terminal", () => {
  const hostile = "in\u202evoice\u0000 \u001b[31mred\u200b\nsecond line";
  const body = changed(golden("falco.rule.json"), "rule", hostile);
  const { title } = onlySignal(readAt(adapter("falco"), body));
  expect(title).toBe("in voice\ufffd [31mred second line on cart-6d4");
});

test("a blank name of an event is answered, not thrown", () => {
  const okta = changed(golden("okta.event-hook.json"), "data.events.0.eventType", " ");
  const falcon = changed(golden("crowdstrike.stream.json"), "metadata.eventType", " ");
  expect(readAt(adapter("okta"), okta).refused).toMatchObject([{ index: 0, field: "eventType" }]);
  expect(readAt(adapter("crowdstrike"), falcon).findings).toHaveLength(1);
});
