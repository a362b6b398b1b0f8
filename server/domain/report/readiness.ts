/**
 * Readiness before the next incident: facts in, findings out. Every area is answered, also when
 * all is well, so that a reader sees what was looked at. Each finding that is not well says what mends it.
 */
import type { ReadinessFinding } from "../../../contract/readiness.ts";
import { addMs, DAY, type Instant, MINUTE, SECOND, toIso } from "../../base/instant.ts";
import { MAX_SKEW_MS } from "../../base/clock.ts";
import { type Snapshot, sourceText } from "../config/config.ts";
import { OWN_SERVICE } from "../catalog/catalog.ts";
import type { Override } from "../oncall/oncall.ts";
import { silentBands } from "../policy/bands.ts";
import { DEFAULT_RULES } from "../policy/defaultRules.ts";
import { effectiveRules } from "../policy/published.ts";
import { type FailingRule } from "../signal/failingRules.ts";
import { addressFindings } from "./address.ts";
import { missingIn, named, orAllWell, warningIn } from "./findings.ts";
import type { ReachProofs } from "./doubts.ts";
import { escalationFindings, onCallFindings, peopleFindings } from "./reach.ts";

/** How far ahead the schedules must be covered. */
export const LOOKAHEAD_MS = 14 * DAY;
/** An engine ticks every second, and leaves follow it; this much is no hiccup any more. */
const STALE_AFTER_MS = 30 * SECOND;
const LEDGER_BEHIND_AFTER_MS = 2 * MINUTE;

export type ReadinessFacts = {
  readonly config: Snapshot;
  /** Of all schedules, those that touch the next fourteen days. */
  readonly overrides: readonly (Override & { readonly scheduleId: string })[];
  readonly publicUrl: string;
  readonly mailServer: boolean;
  /** The `env:NAME` references of channels and keys whose variable is not set. */
  readonly unsetSecrets: ReadonlySet<string>;
  /** Who let a device of theirs be woken. */
  readonly wakeable: ReadonlySet<string>;
  readonly proofs: ReachProofs;
  readonly channelUse: readonly {
    readonly channelId: string;
    readonly lastAcceptedAt: Instant | null;
    readonly lastFailedAt: Instant | null;
  }[];
  readonly intakeUse: readonly {
    readonly keyId: string;
    readonly adapter: string;
    readonly lastUsedAt: Instant;
  }[];
  /** What is polled for numbers, and why that failed the last time. */
  readonly queries: readonly {
    readonly server: string;
    readonly query: string;
    readonly failure: string | null;
  }[];
  /** Rules that no alert of late could be asked by. */
  readonly failingRules: readonly FailingRule[];
  /** Only what the reader may see. */
  readonly overduePostmortems: readonly { readonly incident: string; readonly dueAt: Instant }[];
  readonly overdueItems: readonly {
    readonly item: string;
    readonly owner: string;
    readonly dueAt: Instant;
  }[];
  /** Null where no engine runs beside, as in a simulation. */
  readonly engine: { readonly lastTickAt: Instant | null; readonly skewMs: number } | null;
  /** Entries that are no leaves yet. */
  readonly ledger: { readonly waiting: number; readonly oldestAt: Instant | null };
  /** What the reconciler found, by kind. */
  readonly unaccounted: readonly {
    readonly what: string;
    readonly count: number;
    readonly example: string;
    readonly since: Instant;
  }[];
  /** Signals of a storm that wait to be decided about. */
  readonly spool: { readonly signals: number; readonly oldestAt: Instant | null };
  /** Signals that were accepted in one and could not be stored. */
  readonly setAside: number;
};

/** All findings, in the order of the areas. */
export function readiness(facts: ReadinessFacts, now: Instant): readonly ReadinessFinding[] {
  const to = addMs(now, LOOKAHEAD_MS);
  return [
    ...orAllWell("policy", policyText(facts.config), policyFindings(facts)),
    ...serviceFindings(facts.config),
    ...ownFindings(facts.config),
    ...planFindings(facts.config),
    ...escalationFindings(facts, now, to),
    ...onCallFindings(facts, now, to),
    ...peopleFindings(facts, now, to),
    ...administratorFindings(facts.config),
    ...channelFindings(facts),
    ...mailFindings(facts),
    ...addressFindings(facts.publicUrl),
    ...monitoringFindings(facts),
    ...secretFindings(facts),
    ...postmortemFindings(facts),
    ...actionItemFindings(facts),
    ...engineFindings(facts, now),
    ...unaccountedFindings(facts),
    ...ledgerFindings(facts, now),
    ...stormFindings(facts),
  ];
}

function policyText(config: Snapshot): string {
  const applied = config.all("policies").map((entry) => `${entry.id} (${sourceText(entry)})`);
  const ofRunbooks = config.published.map(({ runbook }) => `runbook ${runbook}`);
  const policies = [...ofRunbooks, ...applied, "the built-in defaults"].join(", ");
  const rules = config.all("rules").length;
  const rulesText = `${rules} of your own, ${DEFAULT_RULES.length} built in`;
  return `Severity policy: ${policies}. Rules: ${rulesText}.`;
}

function policyFindings({ config, failingRules }: ReadinessFacts): readonly ReadinessFinding[] {
  const failing = failingRules.map(({ rule: { id, source }, asked, failure, isAbsence }) => {
    const place = source === null ? "" : ` (${source.file}:${source.line})`;
    const times = asked === 1 ? "the one alert" : `any of the last ${asked} alerts`;
    return (isAbsence ? warningIn : missingIn)("policy")(
      `The rule ${id}${place} could not be asked about ${times} that it concerns: ${failure}.`,
      "Mend its “when”, for example by has(…) before what may be absent; ./bin/tocsin route tells what it says of an alert.",
    );
  });
  const warning = warningIn("policy");
  const bands = silentBands(effectiveRules(config)).map(({ text }) =>
    warning(text, "Accept it, or write a rule for it; a rule that only records says “we know”."),
  );
  const unheard = config.all("policies").flatMap((entry) => {
    const told = Object.values(entry.body.severities).flatMap((terms) => terms?.tells ?? []);
    return [...new Set(told)]
      .filter((audience) => config.get("audiences", audience) === null)
      .map((audience) =>
        warning(
          `The policy ${entry.id} tells ${audience}, which is not configured.`,
          `Describe ${audience} under “audiences”, or take it out of the policy.`,
        ),
      );
  });
  return [...failing, ...bands, ...unheard];
}

function ownFindings(config: Snapshot): readonly ReadinessFinding[] {
  if (config.get("services", OWN_SERVICE) !== null) return [];
  return [
    warningIn("services")(
      "Nobody is told when Tocsin itself fails.",
      `Describe a service “${OWN_SERVICE}” with its owner and escalation policy.`,
    ),
  ];
}

function serviceFindings(config: Snapshot): readonly ReadinessFinding[] {
  const services = config.all("services");
  const missing = missingIn("services");
  if (services.length === 0) {
    const todo = "Describe your services in YAML and apply it: ./bin/tocsin apply DIR.";
    return [missing("No service is configured, so nothing can break.", todo)];
  }
  const ownerless = services.flatMap(({ id, body }) => {
    const team = config.get("teams", body.team);
    if (team !== null && team.body.members.length > 0) return [];
    const todo = `Give the team ${body.team} members, or ${id} another team.`;
    return [missing(`${id} is owned by ${body.team}, in which nobody is.`, todo)];
  });
  return orAllWell("services", `All ${services.length} services have an owner.`, ownerless);
}

/** The last one may have left: the ways in that remain are for emergencies. */
function administratorFindings(config: Snapshot): readonly ReadinessFinding[] {
  const people = config.all("people");
  const isAdministrator = ({ role, team }: (typeof people)[number]["body"]["roles"][number]) =>
    role === "admin" && team === undefined;
  if (people.length === 0 || people.some(({ body }) => body.roles.some(isAdministrator))) return [];
  return [
    warningIn("people")(
      "No person is an administrator: only a token, a link from the server's own host or a break-glass code gives out access.",
      "Give somebody the role admin, without a team.",
    ),
  ];
}

/** The plan of a service that matters is its runbook. */
function planFindings(config: Snapshot): readonly ReadinessFinding[] {
  const services = config.all("services").filter(({ body }) => body.tier <= 2);
  const without = services.filter(({ body }) => body.runbook === undefined).map(({ id }) => id);
  const well =
    services.length === 0
      ? "No service of tier 1 or 2."
      : `All ${services.length} services of tier 1 and 2 name a runbook.`;
  if (without.length === 0) return orAllWell("plan", well, []);
  const what = `No plan is documented for ${without.join(", ")}.`;
  return [
    missingIn("plan")(what, "Give each service of tier 1 and 2 the address of its “runbook”."),
  ];
}

function channelFindings(facts: ReadinessFacts): readonly ReadinessFinding[] {
  const channels = facts.config.all("channels");
  const missing = missingIn("channels");
  if (channels.length === 0) {
    return [
      missing("No channel is configured: nobody can be reached.", "Describe one under “channels”."),
    ];
  }
  return channels.map(({ id }) => {
    const use = facts.channelUse.find(({ channelId }) => channelId === id);
    const accepted = use?.lastAcceptedAt ?? null;
    const failed = use?.lastFailedAt ?? null;
    const told =
      accepted === null ? "nothing was ever delivered" : `last delivered ${toIso(accepted)}`;
    if (failed !== null && (accepted === null || failed > accepted)) {
      const todo = "See why with ./bin/tocsin pages --state failed, then send a test event.";
      const what = `${id} failed at ${toIso(failed)}; ${told}.`;
      return (accepted === null ? missing : warningIn("channels"))(what, todo);
    }
    if (accepted !== null)
      return { area: "channels", level: "ok", what: `${id}: ${told}.`, todo: null };
    const todo = "Try it before the night it is needed: ./bin/tocsin send --key KEY …";
    return warningIn("channels")(`${id}: ${told}.`, todo);
  });
}

function mailFindings({ config, mailServer }: ReadinessFacts): readonly ReadinessFinding[] {
  const mails = config.all("channels").filter(({ body }) => body.type === "email");
  if (mails.length === 0) return orAllWell("mail", "No channel sends mail.", []);
  if (mailServer) return orAllWell("mail", "A mail server is set.", []);
  const what = `${named(mails.map(({ id }) => id))} sends mail, and no mail server is set.`;
  return [
    missingIn("mail")(what, "Set TOCSIN_SMTP_URL, such as smtps://user:password@mail.example.org."),
  ];
}

function monitoringFindings(facts: ReadinessFacts): readonly ReadinessFinding[] {
  const { config, intakeUse } = facts;
  const keys = config.all("keys");
  const missing = missingIn("monitoring");
  const polled = facts.queries.map(queryFinding);
  if (keys.length === 0 && polled.length === 0) {
    return [
      missing("No monitoring has a key, so no alert can come in.", "Describe one under “keys”."),
    ];
  }
  const pushed = keys.map(({ id, body }): ReadinessFinding => {
    const use = intakeUse.find(({ keyId }) => keyId === id);
    if (use === undefined) {
      const todo =
        "Connect the tool, or try: ./bin/tocsin send --key KEY --summary Test --severity info.";
      return missing(`Nothing has ever come in by the key ${id} (${body.service}).`, todo);
    }
    const what = `${id} (${body.service}): ${use.adapter}, last at ${toIso(use.lastUsedAt)}.`;
    return { area: "monitoring", level: "ok", what, todo: null };
  });
  return [...pushed, ...polled];
}

function queryFinding({
  server,
  query,
  failure,
}: ReadinessFacts["queries"][number]): ReadinessFinding {
  if (failure !== null) {
    const todo = `Try the query at ${server}, then mend the rule or the way there.`;
    return missingIn("monitoring")(
      `“${query}” brings no numbers from ${server}: ${failure}.`,
      todo,
    );
  }
  return { area: "monitoring", level: "ok", what: `“${query}” is asked at ${server}.`, todo: null };
}

/** What names secrets, and the values that may be references to them. */
export const secretHolders = (
  config: Snapshot,
): readonly { readonly name: string; readonly values: readonly string[] }[] => [
  ...config
    .all("channels")
    .map(({ id, body }) => ({ name: `channel ${id}`, values: Object.values(body).map(String) })),
  // Without the secret by which its tool proves itself, a key takes nothing.
  ...config.all("keys").map(({ id, body: { secret, signedWith } }) => ({
    name: `key ${id}`,
    values: signedWith === undefined ? [secret] : [secret, signedWith],
  })),
  ...config
    .all("heartbeats")
    .map(({ id, body }) => ({ name: `heartbeat ${id}`, values: [body.secret] })),
];

function secretFindings({ config, unsetSecrets }: ReadinessFacts): readonly ReadinessFinding[] {
  const unset = secretHolders(config).flatMap(({ name, values }) =>
    values
      .filter((value) => unsetSecrets.has(value))
      .map((value) => {
        const variable = value.replace(/^env:/, "");
        const todo = `Set ${variable} where the server starts, then start it again.`;
        return missingIn("secrets")(`${variable} is not set, which the ${name} needs.`, todo);
      }),
  );
  return orAllWell("secrets", "Every secret that is named is set.", unset);
}

function postmortemFindings(facts: ReadinessFacts): readonly ReadinessFinding[] {
  const overdue = facts.overduePostmortems.map(({ incident, dueAt }) =>
    missingIn("postmortems")(
      `The postmortem of ${incident} was due ${toIso(dueAt)}.`,
      `Finish and share it: ./bin/tocsin postmortem publish ${incident}.`,
    ),
  );
  return orAllWell("postmortems", "None is overdue.", overdue);
}

function actionItemFindings(facts: ReadinessFacts): readonly ReadinessFinding[] {
  const overdue = facts.overdueItems.map(({ item, owner, dueAt }) =>
    missingIn("action items")(
      `${item} of ${owner} was due ${toIso(dueAt)}.`,
      `Finish it, or promise a new date: ./bin/tocsin action-item set ${item} --status done.`,
    ),
  );
  return orAllWell("action items", "None is overdue.", overdue);
}

function engineFindings({ engine }: ReadinessFacts, now: Instant): readonly ReadinessFinding[] {
  if (engine === null) return [];
  const missing = missingIn("engine");
  if (Math.abs(engine.skewMs) > MAX_SKEW_MS) {
    const away = `${engine.skewMs} ms away from the database's`;
    const what = `The node's clock is ${away}: it does not page.`;
    return [missing(what, "Set both clocks by NTP.")];
  }
  if (engine.lastTickAt === null || now - engine.lastTickAt > STALE_AFTER_MS) {
    const since = engine.lastTickAt === null ? "it started" : toIso(engine.lastTickAt);
    return [
      missing(`The engine has not ticked since ${since}.`, "Look at the log, then start it again."),
    ];
  }
  const skew = `its clock is ${Math.abs(engine.skewMs)} ms from the database's`;
  return orAllWell("engine", `Last tick at ${toIso(engine.lastTickAt)}; ${skew}.`, []);
}

function unaccountedFindings({ unaccounted }: ReadinessFacts): readonly ReadinessFinding[] {
  return unaccounted.map(({ what, count, example, since }) =>
    missingIn("engine")(
      `${count} × ${what}, such as ${example}, since ${toIso(since)}: nothing will ever look at it again.`,
      "Take care of it by hand, then tell us: this is a fault of Tocsin.",
    ),
  );
}

function ledgerFindings({ ledger }: ReadinessFacts, now: Instant): readonly ReadinessFinding[] {
  const { waiting, oldestAt } = ledger;
  if (oldestAt === null || now - oldestAt <= LEDGER_BEHIND_AFTER_MS) {
    return orAllWell("ledger", `Up to date; ${waiting} entries on their way.`, []);
  }
  const what = `${waiting} entries wait to be sealed, the oldest since ${toIso(oldestAt)}.`;
  const todo = "A transaction that was left open holds them up: look for it in pg_stat_activity.";
  return [missingIn("ledger")(what, todo)];
}

function stormFindings({ spool, setAside }: ReadinessFacts): readonly ReadinessFinding[] {
  const { signals, oldestAt } = spool;
  const since = oldestAt === null ? "" : `, the oldest since ${toIso(oldestAt)}`;
  return orAllWell("storm", "Nothing is spooled, and nothing is set aside.", [
    ...(signals === 0
      ? []
      : [
          warningIn("storm")(
            `${signals} signals of a storm wait to be decided about${since}.`,
            "Look at the incident of the storm: it names the keys that send most.",
          ),
        ]),
    ...(setAside === 0
      ? []
      : [
          missingIn("storm")(
            `${setAside} requests were accepted and could not be stored; they are set aside.`,
            "See what and why: ./bin/tocsin intake set-aside; after a mend: ./bin/tocsin intake retry ID.",
          ),
        ]),
  ]);
}
