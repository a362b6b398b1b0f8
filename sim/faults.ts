/**
 * Mistakes that somebody could make tomorrow, each as a change of the production's source, with the seed
 * whose weather found it the last time: `npm run replay -- --fault "two claims"` tells how.
 */
import type { Patch } from "./plant.ts";

export type Fault = {
  readonly name: string;
  /** The seed to begin with, and words of the promise that breaks. */
  readonly seed: number;
  readonly breaks: RegExp;
  readonly patches: readonly Patch[];
  /** The weather that finds it; the ordinary one unless named. */
  readonly weather?: "channels";
  /** What a mistaken migration would have done to the store as well. */
  readonly schema?: readonly string[];
};

const DELIVER = "server/engine/deliver.ts";
const SENDS = "server/domain/notification/sendStore.ts";
const NOTIFICATIONS = "server/domain/notification/store.ts";
const REPLIES = "server/engine/replies.ts";
const ATTEND = "server/engine/attend.ts";
const FIRST = "server/engine/firstOfHome.ts";
const FLUSH = "server/domain/alert/flush.ts";
const ESCALATE = "server/engine/escalate.ts";
const RESPOND = "server/domain/incident/respond.ts";

export const FAULTS: readonly Fault[] = [
  {
    name: "no second check before sending",
    seed: 37,
    breaks: /no page starts after the acknowledge/,
    patches: [
      {
        file: DELIVER,
        find: 'const because = page === null ? "acknowledged" : await unwanted(tx, row, incidents);',
        replace: "const because = null;",
      },
    ],
  },
  {
    name: "acknowledge does not stop the run",
    seed: 1,
    breaks: /nothing escalates once somebody has it/,
    patches: [
      {
        file: RESPOND,
        find: 'await stopEscalation(tx, incident.number, "acknowledged", asked.now);',
        replace: "",
      },
    ],
  },
  {
    name: "lost nudge",
    seed: 2,
    breaks: /every alert that declares has an incident|every due page|was due at/,
    patches: [
      {
        file: "server/engine/engine.ts",
        find: "await pause(Math.min(Math.max(until, SHORTEST_MS), CAP_MS));",
        replace: "await pause(result.nextAt === null ? 3_600_000 : Math.max(until, SHORTEST_MS));",
      },
      {
        file: "server/engine/engine.ts",
        find: "      nudged = true;\n      waking.abort();",
        replace: "",
      },
    ],
  },
  {
    name: "two claims",
    seed: 2,
    breaks: /taken for lost before its lease|nobody gets one occasion twice/,
    patches: [
      { file: SENDS, find: "attend_at = ${lease.until}, may_repeat", replace: "may_repeat" },
      {
        file: NOTIFICATIONS,
        find: "coalesce(claimed_until, case when digest_at is null then due_at end)",
        replace: "case when digest_at is null then due_at end",
      },
    ],
  },
  {
    name: "lease ignored",
    seed: 2,
    breaks: /taken for lost before its lease/,
    patches: [
      {
        file: SENDS,
        find: "attend_at = ${lease.until}, may_repeat",
        replace: "attend_at = ${lease.from}::bigint + 500, may_repeat",
      },
      {
        file: NOTIFICATIONS,
        find: "coalesce(claimed_until, case when digest_at is null then due_at end)",
        replace: "coalesce(decided_at + 500, case when digest_at is null then due_at end)",
      },
    ],
  },
  {
    name: "a repeat does not say so",
    seed: 3,
    breaks: /nobody gets one occasion twice|a repeat that reaches somebody/,
    patches: [
      {
        file: DELIVER,
        find: "const mayRepeat = row.mayRepeat || lost;",
        replace: "const mayRepeat = row.mayRepeat;",
      },
    ],
  },
  {
    name: "skipped retry",
    seed: 2,
    breaks: /every due page is accounted for|page without an end/,
    patches: [
      {
        file: REPLIES,
        find: 'attendAt: next.kind === "again" ? next.at : null,',
        replace: "attendAt: null,",
      },
    ],
  },
  {
    name: "a late reply ends the attempt after it",
    seed: 5,
    breaks: /every due page is accounted for/,
    patches: [
      {
        file: SENDS,
        find: "join sent s on s.id = r.id and s.attempts = r.attempt join ended e on e.id = r.id and e.attempt = r.attempt",
        replace: "join sent s on s.id = r.id",
      },
      {
        file: REPLIES,
        find: "if (row === null || !first.has(id) || row.attempts !== each.attempt) return [];",
        replace: "if (row === null) return [];",
      },
    ],
  },
  {
    name: "expiry too early",
    seed: 10,
    breaks: /expired before its end/,
    patches: [
      {
        file: ATTEND,
        find: "const before = addMs(now, -graceMs);",
        replace: "const before = addMs(now, 300_000);",
      },
      {
        file: ATTEND,
        find: "const due = addMs(next, graceMs);",
        replace: "const due = addMs(next, -300_000);",
      },
    ],
  },
  {
    name: "wrong order of trigger and resolve",
    seed: 13,
    breaks: /is resolved by an earlier signal|was accepted and is not there/,
    patches: [
      {
        file: "server/domain/alert/alert.ts",
        find: "(kind === null || kindOf(item) === kind) &&",
        replace: "kind !== undefined &&",
      },
    ],
  },
  {
    name: "accepted before it is durable",
    seed: 64,
    breaks: /was accepted and is not there|was resolved and is open/,
    patches: [
      {
        file: "server/domain/alert/intake.ts",
        find: "    const tell = await flushOrHalve(",
        replace: `    const early = { alertId: null, what: "opened", attends: true } as const;
    batch.forEach(({ request, at }) => request.settle(at, early));
    const tell = await flushOrHalve(`,
      },
    ],
  },
  {
    name: "two incidents opened",
    seed: 4,
    breaks: /one open incident per/,
    patches: [
      {
        file: ATTEND,
        find: "if (twin !== null) return { known: twin, mergedFrom: null };",
        replace: "",
      },
      { file: ATTEND, find: "(taken.has(at) ? [] : [group])", replace: "[group]" },
      { file: FIRST, find: "? !isTaken :", replace: "? true :" },
    ],
    schema: ["drop index incident_one_open"],
  },
  {
    name: "lock order reversed",
    seed: 2,
    breaks: /is locked after/,
    patches: [
      {
        file: ESCALATE,
        find: "    lockPaging(tx, numbers),",
        replace: "    lockActiveRun(tx, numbers[0]!).then(() => lockPaging(tx, numbers)),",
      },
      {
        file: ESCALATE,
        find: "  listActiveRuns,\n",
        replace: "  listActiveRuns,\n  lockActiveRun,\n",
      },
    ],
  },
  {
    name: "decision not written",
    seed: 1,
    breaks: /every accepted signal has a decision/,
    patches: [
      {
        file: FLUSH,
        find: "${outcome}, ${DECIDED.because}",
        replace: "${outcome}, ''",
      },
      {
        file: FLUSH,
        find: "$outcomes::text[], $becauses::text[]`",
        replace: "$outcomes::text[], array(select ''::text from unnest($becauses::text[]))`",
      },
    ],
  },
  {
    name: "a step that waits for nothing",
    seed: 1,
    breaks: /every unanswered urgent incident/,
    patches: [
      {
        file: "server/engine/paging.ts",
        find: "run: isReached ? moved :",
        replace: "run: isReached ? { ...moved, dueAt: null } :",
      },
    ],
  },
  {
    name: "a resolve of the tool is forgotten",
    seed: 3,
    breaks: /what its own alerts resolved is resolved/,
    patches: [
      {
        file: "server/engine/carryOver.ts",
        find: "if (resolved.length === 0 || (await hasOpenAlerts(command.tx, number))) return;",
        replace: "if (resolved.length >= 0) return;",
      },
    ],
  },
  {
    name: "cache kept after a resolve",
    seed: 21,
    breaks: /fires and is resolved by an earlier signal/,
    patches: [
      {
        file: "server/domain/alert/repeats.ts",
        find: `      for (const key of changed ?? []) {
        alerts.forget(key);`,
        replace: "      for (const key of changed ?? []) {",
      },
    ],
  },
  {
    name: "a clock that speaks early",
    seed: 1,
    breaks: /no clock speaks before its time/,
    patches: [
      {
        file: "server/domain/deadline/deadline.ts",
        find: "if (d.nextMarkAt === null || d.nextMarkAt > now) return { deadline: d, fired: [] };",
        replace: "if (d.nextMarkAt === null) return { deadline: d, fired: [] };",
      },
      {
        file: "server/domain/deadline/deadline.ts",
        find: "mark.firedAt === null && mark.at <= time ? { ...mark, firedAt: now } : mark,",
        replace:
          "mark.firedAt === null && mark.at <= time + 600_000 ? { ...mark, firedAt: now } : mark,",
      },
      {
        file: "server/domain/deadline/store.ts",
        find: "${deadlines.map((d) => d.nextMarkAt)}::bigint[]",
        replace:
          "${deadlines.map((d) => (d.nextMarkAt === null ? null : d.nextMarkAt - 600_000))}::bigint[]",
      },
    ],
  },
  {
    name: "the timeline without its ledger",
    seed: 1,
    breaks: /every fact on a timeline stands in the ledger/,
    patches: [
      {
        file: "server/domain/incident/commands.ts",
        find: "      rows.map(({ id, incidentNumber, kind, params, text }) => ({",
        replace:
          '      rows.filter(({ kind }) => kind !== "acknowledged").map(({ id, incidentNumber, kind, params, text }) => ({',
      },
    ],
  },
];

/** Those that only failing channels show: planted by hand, `npm run replay -- --fault "…" --count 50`. */
export const CHANNEL_FAULTS: readonly Fault[] = [
  {
    name: "too many is taken for yes",
    seed: 5,
    weather: "channels",
    breaks: /what is recorded as taken was taken/,
    patches: [
      {
        file: "server/edge/outbound/telegram.ts",
        find: "if (code === 429) {",
        replace:
          'if (code === 429) return { kind: "accepted", providerId: null, reference: null };\n  if (code === 428) {',
      },
    ],
  },
  {
    name: "nobody is left alone",
    seed: 4,
    weather: "channels",
    breaks: /left alone as long as it asks/,
    patches: [
      {
        file: "server/domain/notification/notification.ts",
        find: 'const asked = verdict.kind === "retry" ? (verdict.afterMs ?? 0) : 0;',
        replace: "const asked = 0;",
      },
      // What a page is refused for being too many waits for its turn as well.
      {
        file: "server/engine/pacing.ts",
        find: "const until = addMs(ended, afterMs ?? UNSAID_MS);",
        replace: "const until = addMs(ended, 1);",
      },
    ],
  },
  {
    name: "a broken gateway took nothing",
    seed: 1,
    weather: "channels",
    breaks: /a repeat that reaches somebody/,
    patches: [
      {
        file: "server/edge/outbound/verdict.ts",
        find: "if ([408, 425, 503].includes(status))",
        replace: "if (status >= 500 || [408, 425].includes(status))",
      },
    ],
  },
  {
    name: "an acknowledge is not looked at again",
    seed: 22,
    weather: "channels",
    breaks: /no page starts after the acknowledge/,
    patches: [
      {
        file: DELIVER,
        find: 'const because = page === null ? "acknowledged" : await unwanted(tx, row, incidents);',
        replace: "const because = null;",
      },
    ],
  },
  {
    name: "the retry is lost",
    seed: 1,
    weather: "channels",
    breaks: /every due page is accounted for/,
    patches: [
      {
        file: REPLIES,
        find: 'attendAt: next.kind === "again" ? next.at : null,',
        replace: "attendAt: null,",
      },
    ],
  },
  {
    name: "a field has another name",
    seed: 1,
    weather: "channels",
    breaks: /every message is in its vendor's form/,
    patches: [
      {
        file: "server/edge/outbound/telegram.ts",
        find: "chat_id: address,",
        replace: "chat: address,",
      },
    ],
  },
];
