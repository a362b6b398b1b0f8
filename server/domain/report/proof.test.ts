import { describe, expect, test } from "vitest";
import { addMs, type Instant, instant, MINUTE, SECOND, toIso } from "../../base/instant.ts";
import { prove, type ProofFacts } from "./proof.ts";

const at = (text: string): Instant => instant(Date.parse(`2026-11-25T${text}Z`));
const NOW = at("12:30:00");
const RUN = "01a00000-0000-7000-8000-000000000001";

const policy = {
  name: "Core",
  repeat: 0,
  steps: [
    { notify: [{ person: "ann" }], timeoutMinutes: 5 },
    { notify: [{ person: "bob" }], timeoutMinutes: 5 },
  ],
};
const run: ProofFacts["runs"][number] = {
  id: RUN,
  incidentNumber: 1,
  policyId: "core",
  policy,
  stepIndex: 1,
  round: 0,
  dueAt: null,
  heldUntil: null,
  askedBy: null,
  isReassigned: false,
  startedAt: at("12:00:00"),
  stoppedAt: at("12:03:00"),
  stoppedBecause: "acknowledged",
};
const page: ProofFacts["pages"][number] = {
  id: "01a00000-0000-7000-8000-000000000002",
  subject: "incident:1",
  occasion: `${RUN} round 1 step 1`,
  personId: "ann",
  channelId: "email",
  address: "ann@example.test",
  kind: "page",
  urgency: "high",
  incidentNumber: 1,
  runId: RUN,
  message: {} as never,
  reason: {} as never,
  acceptedAt: at("12:00:00"),
  decidedAt: at("12:00:01"),
  dueAt: at("12:00:01"),
  state: "accepted",
  attendAt: null,
  leaseUntil: null,
  attempts: 1,
  mayRepeat: false,
  handedOverAt: at("12:00:02"),
  receiptAt: at("12:00:03"),
  providerId: "250 taken",
  reference: null,
  acknowledgedAt: at("12:03:00"),
  endedBecause: null,
  waitsBecause: null,
  requestId: null,
  digestAt: null,
  tries: [
    {
      attempt: 1,
      startedAt: at("12:00:02"),
      endedAt: at("12:00:03"),
      verdict: "accepted",
      mayRepeat: false,
    },
  ],
};
const proven: ProofFacts = {
  incident: {
    state: "resolved",
    acknowledgedAt: at("12:03:00"),
    acknowledgedBy: "ann",
    resolvedAt: at("12:10:00"),
    deferredFor: null,
    mergedInto: null,
  },
  declaredBy: "signal",
  pages: [page],
  runs: [run],
  nobody: [],
  acknowledges: [],
  ledgerFault: null,
};

const withPage = (change: Partial<typeof page>, rest: Partial<ProofFacts> = {}): ProofFacts => ({
  ...proven,
  pages: [{ ...page, ...change }],
  ...rest,
});
const open = {
  ...proven.incident,
  state: "declared",
  acknowledgedAt: null,
  acknowledgedBy: null,
} as const;
const active = { ...run, stoppedAt: null, stoppedBecause: null, dueAt: at("12:35:00") };
/** “receipt ended”: the links of the only page that are not proved. */
const notProved = (facts: ProofFacts): readonly string[] =>
  prove(facts, NOW).pages.flatMap(({ links }) =>
    links.filter(({ state }) => state !== "proved").map(({ link, state }) => `${link} ${state}`),
  );

test("a step that is decided a moment after its time is due at once, and how late is told", () => {
  const dueOf = (dueAt: string) =>
    prove(withPage({ dueAt: at(dueAt) }), NOW).pages[0]?.links.find(({ link }) => link === "due");
  const when = toIso(at("12:00:01"));
  expect(dueOf("12:00:01")).toEqual({
    link: "due",
    state: "proved",
    at: when,
    because: "its time",
  });
  expect(dueOf("12:00:00.950")).toMatchObject({
    state: "proved",
    at: when,
    because: "at once: its time had come 50 ms before",
  });
  expect(dueOf("11:58:01")).toMatchObject({ because: "at once: its time had come 2 min before" });
});

test("a page that was taken and acknowledged is proved, link by link", () => {
  const proof = prove(proven, NOW);
  expect(proof.holds).toBe(true);
  expect(proof.pages[0]?.links.map(({ link, state, at: when }) => [link, state, when])).toEqual([
    ["accepted", "proved", toIso(at("12:00:00"))],
    ["decided", "proved", toIso(at("12:00:01"))],
    ["due", "proved", toIso(at("12:00:01"))],
    ["handed over", "proved", toIso(at("12:00:02"))],
    ["receipt", "proved", toIso(at("12:00:03"))],
    ["acknowledged", "proved", toIso(at("12:03:00"))],
  ]);
});

test("two nodes whose clocks differ as far as they may wrote one chain", () => {
  expect(prove(withPage({ handedOverAt: at("11:59:58") }), NOW).holds).toBe(true);
});

test("who answered a page stays who answered it, whoever has the incident since", () => {
  const acknowledges = [
    { at: at("12:03:00"), by: "ann" },
    { at: at("12:20:00"), by: "bob" },
  ];
  const incident = { ...proven.incident, acknowledgedBy: "bob", acknowledgedAt: at("12:20:00") };
  const [shown] = prove({ ...proven, incident, acknowledges }, NOW).pages;
  expect(shown?.links.at(-1)).toMatchObject({ state: "proved", because: "by ann" });
});

test("a page of an incident that was merged says into which", () => {
  const incident = { ...open, state: "cancelled", mergedInto: 7 } as const;
  const [shown] = prove(withPage({ acknowledgedAt: null }, { incident, runs: [] }), NOW).pages;
  expect(shown?.links.at(-1)).toMatchObject({
    state: "ended",
    because: "it was merged into INC-7",
  });
});

describe("holds, because what did not happen has its reason or its time:", () => {
  const unsent = {
    handedOverAt: null,
    receiptAt: null,
    acknowledgedAt: null,
    tries: [],
    attempts: 0,
  };
  const rows: readonly [string, ProofFacts, readonly string[]][] = [
    [
      "dropped, since another had acknowledged before it left",
      withPage({ ...unsent, state: "dropped", endedBecause: "acknowledged" }),
      ["handed over ended", "receipt ended", "acknowledged ended"],
    ],
    [
      "refused by its channel for good",
      withPage({
        state: "failed",
        receiptAt: null,
        acknowledgedAt: null,
        endedBecause: "550 unknown",
      }),
      ["receipt ended", "acknowledged ended"],
    ],
    [
      "due in a moment",
      withPage(
        { ...unsent, state: "pending", attendAt: addMs(NOW, SECOND) },
        { incident: open, runs: [active] },
      ),
      ["handed over waiting", "receipt waiting", "acknowledged waiting"],
    ],
    [
      "in flight, with a lease that has not ended",
      withPage(
        { state: "sending", receiptAt: null, acknowledgedAt: null, attendAt: addMs(NOW, SECOND) },
        { incident: open, runs: [active] },
      ),
      ["receipt waiting", "acknowledged waiting"],
    ],
    [
      "unanswered, and the next step has its time",
      withPage({ acknowledgedAt: null }, { incident: open, runs: [active] }),
      ["acknowledged waiting"],
    ],
    [
      "unanswered to the end of the policy",
      withPage(
        { acknowledgedAt: null },
        { incident: open, runs: [{ ...run, stepIndex: 1, stoppedBecause: "policy exhausted" }] },
      ),
      ["acknowledged ended"],
    ],
    [
      "unanswered, and over by itself",
      withPage(
        { acknowledgedAt: null },
        {
          incident: { ...open, state: "resolved" },
          runs: [{ ...run, stoppedBecause: "resolved" }],
        },
      ),
      ["acknowledged ended"],
    ],
    [
      "put off while another burns",
      withPage(
        { acknowledgedAt: null },
        { incident: { ...open, deferredFor: 7 }, runs: [{ ...active, dueAt: null }] },
      ),
      ["acknowledged waiting"],
    ],
  ];
  test.each(rows)("%s", (_, facts, links) => {
    expect(notProved(facts)).toEqual(links);
    expect(prove(facts, NOW).holds).toBe(true);
  });
});

describe("does not hold:", () => {
  const lost = { receiptAt: null, acknowledgedAt: null, tries: [] };
  const rows: readonly [string, ProofFacts, RegExp][] = [
    [
      "nobody hands it over",
      withPage({ ...lost, handedOverAt: null, state: "pending", attendAt: null }),
      /nothing will hand it over/,
    ],
    [
      "it is overdue",
      withPage({
        ...lost,
        handedOverAt: null,
        state: "pending",
        attendAt: addMs(NOW, -2 * MINUTE),
      }),
      /nobody has handed it over since/,
    ],
    [
      "a claim was never let go",
      withPage({ ...lost, state: "sending", attendAt: addMs(NOW, -2 * MINUTE) }),
      /which has passed/,
    ],
    [
      "no reply and no next try",
      withPage({ ...lost, state: "sending", attendAt: null }),
      /nothing tries again/,
    ],
    ["taken at no instant", withPage({ receiptAt: null }), /nothing says when/],
    ["dropped for no reason", withPage({ ...lost, state: "dropped" }), /nothing says why/],
    [
      "unanswered, and nothing is due",
      withPage({ acknowledgedAt: null }, { incident: open, runs: [{ ...active, dueAt: null }] }),
      /nobody has acknowledged, and nothing is due/,
    ],
    [
      "handed over before it was due",
      withPage({ handedOverAt: at("11:59:55") }),
      /before the link/,
    ],
    ["about nothing that came in", withPage({ acceptedAt: null }), /nothing says what/],
  ];
  test.each(rows)("%s", (_, facts, words) => {
    const proof = prove(facts, NOW);
    expect(proof.holds).toBe(false);
    const missing = proof.pages.flatMap(({ links }) =>
      links.filter(({ state }) => state === "missing"),
    );
    expect(missing.map(({ because }) => because).join()).toMatch(words);
  });

  const whole: readonly [string, ProofFacts, RegExp][] = [
    [
      "no decision about its signal",
      { ...proven, declaredBy: "signal without decision" },
      /no recorded decision/,
    ],
    [
      "a step that paged nobody and says nothing",
      { ...proven, runs: [{ ...run, stepIndex: 2 }] },
      /Step 2 of round 1 \(core\) paged nobody/,
    ],
    [
      "a send that began after the acknowledge",
      withPage({ tries: [{ ...page.tries[0]!, startedAt: at("12:03:01") }] }),
      /after the acknowledge/,
    ],
    [
      "a repeat that does not say so",
      withPage({
        tries: [
          { ...page.tries[0]!, verdict: "unknown" },
          { ...page.tries[0]!, attempt: 2 },
        ],
      }),
      /Attempt 2 .* does not say so/,
    ],
    [
      "a ledger that was altered",
      { ...proven, ledgerFault: "leaf 3 was altered" },
      /leaf 3 was altered/,
    ],
  ];
  test.each(whole)("%s", (_, facts, words) => {
    const proof = prove(facts, NOW);
    expect(proof.holds).toBe(false);
    expect(proof.missing.join()).toMatch(words);
  });
});

test("a step at which the timeline says that nobody was there is no lost page, in that run and no other", () => {
  const nobody = [{ step: 2, round: 1, at: at("12:02:00") }];
  const runs = [{ ...run, stepIndex: 2 }];
  expect(prove({ ...proven, runs, nobody }, NOW).holds).toBe(true);
  const another = { ...run, id: RUN.replace("1", "9"), startedAt: at("12:04:00") };
  const later = [...runs, { ...another, stepIndex: 2, stoppedAt: at("12:09:00") }];
  const first = { ...page, id: page.id.replace("1", "9"), runId: another.id };
  const pages = [page, { ...first, occasion: `${another.id} round 1 step 1` }];
  const { missing } = prove({ ...proven, runs: later, pages, nobody }, NOW);
  expect(missing).toEqual(["Step 2 of round 1 (core) paged nobody, and nothing says why."]);
});
