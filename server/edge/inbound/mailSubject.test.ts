/** Subjects as tools write them → state, severity and what is left as the identity. */
import { describe, expect, test } from "vitest";
import { mailSeverity, mailStatus, mailSubject } from "./mailSubject.ts";

describe("a subject says the state", () => {
  for (const [title, status] of [
    ["CRITICAL: Backup of vault-2 failed", "firing"],
    ["RESOLVED: Backup of vault-2", "resolved"],
    ["CRITICAL: connection closed unexpectedly", "firing"],
    ["Alert: port 443 closed on web-1", "firing"],
    ["Connection to the database closed", "firing"],
    ["Server web-1 is not OK", "firing"],
    ["DNS name api.example could not be resolved", "firing"],
    ["PROBLEM: cannot resolve api.example", "firing"],
    ["Not all hosts recovered", "firing"],
    ["Unresolved: 3 issues", "firing"],
    ["ALERT: 2 of 5 nodes ok", "firing"],
    ["Check_MK: web-1/HTTP OK -> CRIT", "firing"],
    ["Check_MK: web-1/HTTP CRIT -> OK", "resolved"],
    ["web-1 changed from OK to WARNING", "firing"],
    ["web-1 changed from WARNING to OK", "resolved"],
    ["** PROBLEM Service Alert: web-1/HTTP is CRITICAL **", "firing"],
    ["** RECOVERY Service Alert: web-1/HTTP is OK **", "resolved"],
    ["[PROBLEM] HTTP on web-1 is CRITICAL!", "firing"],
    ["[FIRING:2] HighCPU (till)", "firing"],
    ["[RESOLVED] HighCPU (till)", "resolved"],
    ["[CRITICAL] [RESOLVED] disk of db-1", "resolved"],
    ['ALARM: "cpu" in EU (Ireland)', "firing"],
    ['OK: "cpu" in EU (Ireland)', "resolved"],
    ["Problem: Disk full", "firing"],
    ["Resolved in 5m 0s: Disk full", "resolved"],
    ["Monitor is DOWN: shop", "firing"],
    ["Monitor is UP: shop", "resolved"],
    ["DOWN alert: Shop (shop.example) is DOWN", "firing"],
    ["UP alert: Shop (shop.example) is UP", "resolved"],
    ["UP | Backup", "resolved"],
    ["[shop] [✅ Up] 200 - OK", "resolved"],
    ["[shop] [🔴 Down] timeout", "firing"],
    ["Shop is back up", "resolved"],
    ["Shop is up to date", "firing"],
    ["Backup OK", "resolved"],
    ["[Success] Daily backup (5 objects)", "resolved"],
    ["[Failed] Daily backup (5 objects)", "firing"],
    ["Alert: web-1 recovered", "resolved"],
    ["Ticket #12 closed: disk", "resolved"],
    ["Azure: Deactivated Severity: 2 High CPU", "resolved"],
    ["Acknowledged: disk", "acknowledged"],
    ["AW: WG: CRITICAL: disk", "firing"],
  ] as const)
    test(`${title}: ${status}`, () => expect(mailStatus(title)).toBe(status));
});

test("how bad it is stands in a word, of a change in what it became", () => {
  const bad = (title: string) => mailSeverity(title);
  expect(bad("Check_MK: web-1/HTTP WARN -> CRIT")).toBe("critical");
  expect(bad("web-1 changed from CRITICAL to WARNING")).toBe("warning");
  expect(bad('ALARM: "cpu"')).toBe("error");
  expect(bad("Something odd")).toBe("warning");
});

describe("the identity is the same at the beginning and the end", () => {
  for (const [begins, ends] of [
    ["CRITICAL: Backup of vault-2 failed", "RESOLVED: Backup of vault-2"],
    ["Check_MK: web-1/HTTP OK -> CRIT", "Check_MK: web-1/HTTP CRIT -> OK"],
    ["[FIRING:2] HighCPU (till)", "[RESOLVED] HighCPU (till)"],
    ['ALARM: "cpu" in EU (Ireland)', 'OK: "cpu" in EU (Ireland)'],
    ["Problem: Disk full", "Resolved in 1h 5m 3s: Disk full"],
    ["Monitor is DOWN: shop", "Monitor is UP: shop"],
    ["Shop is down", "Shop is back up"],
    ["WARNING 92% /var on db-1", "CRITICAL 97.5 % /var on db-1"],
    ["WG: CRITICAL: disk", "CRITICAL: disk"],
  ] as const)
    test(begins, () => {
      expect(mailSubject(ends)).toBe(mailSubject(begins));
      expect(mailSubject(begins)).not.toBe("");
    });
});

test("however long a subject is, only its beginning is read", () => {
  const begins = "CRITICAL: disk of db-1 ";
  for (const more of ["1", "ok ", "not ", "5m ", "re: ", "[", " ", "to ok -> "]) {
    const long = begins + more.repeat(1_000_000);
    expect(mailStatus(long)).toBe("firing");
    expect(mailSeverity(long)).toBe("critical");
    expect(mailSubject(long)).toMatch(/^disk of db 1/);
  }
});
