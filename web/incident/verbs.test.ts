import { describe, expect, test } from "vitest";
import type { IncidentDetail } from "../../contract/incident.ts";
import { ALLOWED } from "../../server/domain/incident/incident.ts";
import type { Me } from "../app/me.ts";
import { bodyOf, VERBS, verbNamed, whyNot } from "./verbs.ts";

const incident = {
  id: "INC-4",
  state: "declared",
  team: "red",
  commander: "ann",
  offeredCommander: null,
  acknowledgedAt: null,
  roles: [{ role: "scribe", person: "sofia" }],
  requests: [
    { person: "cy", answer: null },
    { person: "bo", answer: "declined" },
  ],
  lease: null,
  allowed: "acknowledge note severity mitigate accept-command restrict close join renew".split(" "),
} as unknown as IncidentDetail;
const person = (name: string, ...grants: Me["grants"]): Me => ({
  person: name,
  label: null,
  grants,
});
const responder = person("bo", { role: "responder" });

describe("why a verb cannot be done", () => {
  for (const [promise, verb, change, me, why] of [
    ["nothing is in the way", "acknowledge", {}, responder, null],
    [
      "the state, with what is possible",
      "reopen",
      {},
      responder,
      /^INC-4 is declared\. Possible now: acknowledge, note/,
    ],
    [
      "somebody has it",
      "acknowledge",
      { acknowledgedAt: "2026-01-01T00:00:00Z" },
      responder,
      /acknowledged already/,
    ],
    ["a viewer may only look", "note", {}, person("vi", { role: "viewer" }), /incidents\.respond/],
    [
      "another team's responder",
      "note",
      {},
      person("vi", { role: "responder", team: "blue" }),
      /respond/,
    ],
    ["who has a part may, wherever they are from", "note", {}, person("sofia"), null],
    ["restricting is for managers", "restrict", {}, responder, /incidents\.restrict/],
    ["no command was offered", "accept-command", {}, responder, /Nobody offered/],
    [
      "the command was offered to another",
      "accept-command",
      { offeredCommander: "cy" },
      responder,
      /somebody else/,
    ],
    ["who was asked may join", "join", {}, person("cy", { role: "responder" }), null],
    ["who has answered is asked nothing", "join", {}, responder, /Nobody waits/],
    ["an acknowledge without an end is not renewed", "renew", {}, responder, /ends by itself/],
    ["it was offered to you", "accept-command", { offeredCommander: "bo" }, responder, null],
  ] as const)
    test(promise, () => {
      const said = whyNot(verbNamed(verb), { ...incident, ...change }, me);
      if (why === null) expect(said).toBeNull();
      else expect(said).toMatch(why);
    });
});

test("what is filled in fits what the route takes", () => {
  for (const [verb, values] of [
    ["severity", { severity: "SEV1", because: "worse" }],
    ["escalate", { because: "" }],
    ["reassign", { to: "policy:payments", because: "theirs" }],
    ["add-responders", { to: ["person:ann", "schedule:red-rota"], message: "" }],
    ["not-mine", { because: "" }],
    ["decline", { because: "on a train" }],
    ["task", { title: "Count", owner: "", dueAt: "2026-10-24T02:50" }],
    ["impact", { customers: "", percent: "14.2" }],
    ["close", { override: "" }],
    ["close", { override: "tool away" }],
    ["cancel", { reason: "false alarm", of: "", note: "" }],
    ["restrict", { restricted: true, readers: ["ann"] }],
    ["mitigate", { text: "" }],
  ] as const) {
    const { route } = verbNamed(verb);
    const body = bodyOf(verbNamed(verb), values, incident);
    expect(route.body.safeParse(body).error?.issues ?? [], verb).toEqual([]);
  }
});

test("no key does two things", () => {
  const keys = VERBS.flatMap(({ key }) => key ?? []);
  expect(keys).toEqual([...new Set(keys)]);
});

test("everything that the server lets anybody do to an incident has its verb here", () => {
  const elsewhere = ["finish-task"];
  const names = VERBS.map(({ name }) => name);
  expect(Object.keys(ALLOWED).filter((name) => !names.includes(name))).toEqual(elsewhere);
});
