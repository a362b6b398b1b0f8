/** `tocsin test` as a team's CI runs it: a diff that reads, and rules that no test misses. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testPolicies } from "../server/app/local/policy/testPolicies.ts";

const CONFIG = `channels:
  mail: { type: email, from: tocsin@x.example }
people:
  ann: { name: Ann, email: ann@x.example, contacts: [{ channel: mail, address: ann@x.example }] }
  bob: { name: Bob, email: bob@x.example, contacts: [{ channel: mail, address: bob@x.example }] }
teams:
  web: { name: Web, members: [ann], manager: ann }
escalations:
  web: { name: Web, steps: [{ notify: [{ person: ann }], timeoutMinutes: 5 }] }
services:
  shop: { name: Shop, team: web, escalation: web }
  # It watches itself here too: what its reconciler tells is judged in the same instant.
  tocsin: { name: Tocsin, team: web, escalation: web }
keys:
  shop: { service: shop, secret: env:SHOP_KEY }
rules:
  sev1: { when: severity == "critical", then: { declare: SEV1 }, order: 1 }
  unneeded: { when: title == "never", then: { declare: SEV2 }, order: 2 }
`;
const tests = (person: string) => `tests:
  critical pages:
    start: 2026-11-23T10:00:00Z
    lasts: PT2M
    alerts: [{ key: shop, title: Down, severity: critical }]
    expect:
      incidents: [{ severity: SEV1, alerts: 1 }]
      pages: [{ person: ${person}, within: PT10S }]
`;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tocsin-policies-"));
  await writeFile(join(directory, "all.yaml"), CONFIG);
});
afterAll(() => rm(directory, { recursive: true }));

const run = async (text: string, mutate = false) => {
  await writeFile(join(directory, "paging.test.yaml"), text);
  return testPolicies(directory, { mutate, onResult: () => undefined });
};

test("what the configuration does passes, and a rule that no test misses is named", async () => {
  const { tests: results, mutants } = await run(tests("ann"), true);
  expect(results).toMatchObject([{ name: "critical pages", line: 2, passed: true, diff: [] }]);
  expect(mutants?.map(({ removed, missedBy }) => [removed, missedBy])).toEqual([
    ["rules.sev1", "critical pages"],
    ["rules.unneeded", null],
  ]);
}, 120_000);

test("what it does not do fails with both sides; nothing is mutated then", async () => {
  const { tests: results, mutants } = await run(tests("bob"), true);
  expect(results[0]?.diff).toEqual([
    "pages:",
    "  - bob within 10 s",
    "  + ann by mail of incident 1 after 0 s",
  ]);
  expect(mutants).toBeNull();
}, 120_000);

test("what no file has, and what comes too late, is a finding, and nothing is played", async () => {
  const text = tests("anna")
    .replace("key: shop", "key: shopp")
    .replace("alerts: 1", "service: shoe, rule: sev2")
    .replace("severity: critical }", "severity: critical, at: PT5M }");
  const { findings, tests: results } = await run(text);
  expect(findings.map((one) => one.replace(/^.*test\.yaml:/, ""))).toEqual([
    "5: tests.critical pages.alerts.0.key: no intake key “shopp” stands in these files; there is shop",
    "7: tests.critical pages.expect.incidents.0.service: no service “shoe” stands in these files; there is shop",
    "7: tests.critical pages.expect.incidents.0.rule: no rule “sev2” stands in these files; there is sev1",
    "8: tests.critical pages.expect.pages.0.person: no person “anna” stands in these files; there is ann",
    "5: tests.critical pages.alerts.0.at: after the end: the test lasts PT2M",
  ]);
  expect(results).toEqual([]);
});

test("a rule that cannot be read is a finding with file and line, and nothing is played", async () => {
  const file = join(directory, "all.yaml");
  await writeFile(file, CONFIG.replace("when: severity ==", "when: severty =="));
  const { findings, tests: results } = await run(tests("ann"));
  await writeFile(file, CONFIG);
  expect(findings).toEqual([expect.stringMatching(/all\.yaml:17: rules\.sev1\.when: .*severty/)]);
  expect(findings.join()).not.toContain("policy-test");
  expect(results).toEqual([]);
}, 120_000);

test("a misspelt field is a finding with file and line, and nothing is played", async () => {
  const { findings, tests: results } = await run(tests("ann").replace("within", "wthin"));
  expect(findings).toEqual([
    expect.stringMatching(/paging\.test\.yaml:8: .*wthin: unknown key; known: person, channel/),
  ]);
  expect(results).toEqual([]);
});
