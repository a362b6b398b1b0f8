/**
 * The language of procedures: verbs of instructions, words of roles, words of headings. English only. A
 * word that is missing here makes a step “manual”, never wrong.
 */
import type { StepKind } from "../../../../contract/runbook.ts";

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const CHECK = words(`
  check verify confirm review inspect validate compare monitor look examine identify determine investigate
  analyze analyse assess query ensure find observe test watch locate scan search diagnose troubleshoot debug
  trace correlate measure evaluate understand view see read audit browse detect isolate-cause
  interview recheck double-check re-check pinpoint profile explore reproduce cross-reference consult
  probe ping calculate cross-check reconcile track-down inquire revisit discover reassess list enumerate lookup grep print`);
const DECIDE = words(`
  decide choose consider approve declare select classify prioritize prioritise agree authorize authorise
  triage judge weigh estimate`);
const COMMUNICATE = words(`
  notify inform communicate announce email e-mail contact escalate tell share call alert page message brief
  publish remind talk engage consult-with ask invite reach speak report involve liaise thank
  advise loop respond reply raise broadcast circulate debrief`);
const RECORD = words(`
  record document log note capture write attach register link annotate preserve save summarize summarise
  track collect store archive bookmark timestamp`);
const WAIT = words(`wait hold standby allow let sleep pause-for`);
const ACT = words(`
  abort accept access acknowledge activate add adjust allocate append apply assemble assign attempt author
  automate backup back backfill ban begin block bounce bring build bump bypass cancel cap change clean clear
  click clone close commit compact complete conduct configure connect contain continue convene copy cordon
  create cut deactivate decommission decrease defer define delete demote deploy destroy detach develop
  detonate direct disable discard disconnect dismiss dispatch display divert do download downgrade drain
  draft drop dump edit eject elevate empty enable encrypt enforce engage-standby enlarge enter eradicate
  exclude execute exit expand expire export extend fail failover fall fetch file fill filter finalize
  fix flush force force-push freeze generate get give go grant grep halt hand harden import implement
  include increase increment initialize initiate insert install invalidate invoke isolate issue join keep
  kill label launch lead leave limit list load lock login log-in logout lower maintain make manage mark
  merge migrate minimize mitigate modify mount move navigate obtain offer open order organise organize
  override participate parse patch pause perform persist pick pin place plan point populate post power
  prefer prepare press prevent print proceed process produce promote prompt propose protect provide
  provision prune pull purge push put quarantine quiesce quit rate-limit re-apply re-create re-deploy
  re-enable re-image re-index re-order re-run re-sync re-trigger reactivate reapply rebalance rebase rebind
  reboot rebuild recover recreate redeploy redirect reduce re-enroll refer refresh refuse regenerate reimage
  reinstall reissue reinstate reload remediate remount remove rename renew reopen repair repeat replace
  replay replicate request rerun re-route reroute resend reset resize resolve restart restore restrict
  resubmit resume resync retain retire retry return revert revoke roll rollback rotate route run sanitize
  scale schedule script secure seize select-all send separate serve set shed shift show shut silence skip
  snapshot snooze solve spin split ssh stabilize stabilise stage standardize start stay stop strengthen
  submit suspend swap switch sync synchronize tag take tear terminate throttle toggle transfer trigger
  truncate try tune turn type unblock uncordon undo unfreeze uninstall unlock unmount unpause unplug update
  upgrade upload use utilize vacuum wipe withdraw work wrap yank zip gzip strip spawn appoint hold-off
  sign describe categorize categorise address enrich answer establish gather follow enumerate lookup
  confirm-with blacklist whitelist allowlist denylist blocklist prefix setup reconfigure re-configure listen shutdown
  substitute coordinate task perform attend visit rehearse train learn teach shadow arrange adopt avoid help support
  sample secure stop-the-bleeding focus generate designate nominate delegate comply discuss uncomment
  replace gain obtain ensure-that simulate reply consolidate present halt pass provide bring-back
  checkout extract distribute integrate release handle scroll hit paste tap hover right-click double-click finish compress
  decompress unpack uncompress grab enroll amend alter assume boot chase collapse compile convert cycle decode
  decrypt delegate disassociate dismount duplicate evict evacuate exec failback format forward ignore inject
  jump lift map onboard offload overwrite permit pre-warm prewarm preload reclaim release relocate reprocess
  requeue resize reuse reverse rewrite sever shrink sinkhole slow sort stash supply suppress sweep taint tail
  tighten trim trust tunnel unassign uncheck unlink unload unset unsubscribe untaint warm whitelist hand-over
  rehydrate reassign reconnect reschedule recalculate retest re-test rewind acquire balance charge cease correct
  defrag deregister erase flag invert nullify oversee program re-encrypt rearm reauthorize recycle redo rework
  sanitise seal subscribe sign-off undeploy unshare void`);

const KINDS: readonly (readonly [StepKind, readonly string[]])[] = [
  ["check", CHECK],
  ["decide", DECIDE],
  ["communicate", COMMUNICATE],
  ["record", RECORD],
  ["wait", WAIT],
  ["act", ACT],
];

/** What an instruction with this verb is; a verb that could be two is the first. */
export const VERB_KINDS: ReadonlyMap<string, StepKind> = new Map(
  KINDS.toReversed().flatMap(([kind, verbs]) => verbs.map((verb) => [verb, kind] as const)),
);

/** These are nouns more often than verbs, unless a noun's company follows. */
export const AMBIGUOUS = new Set(
  "checkout count flag format forward map program seal sort tail void handle release trust slow warm balance charge correct cycle access alert backup cap contact cost display document exit file filter focus force function head help hold host interview issue label lead limit link list load lock log measure message mount note offer order page patch pause plan point post power present print process profile prompt query rate read record release report request research reset restart result review roll route run sample scale scan schedule score script search sequence service set share shift show silence sound source split stage start state step stop store stream string support survey switch system table tag target task test time track transfer trigger tune turn type update upgrade use user value view wait watch work worker zip".split(
    " ",
  ),
);

/** What a sentence begins with that says first when, where or why. */
export const CONDITION =
  /^(?:if|when|whenever|once|after|before|for|to|in case|in order to|unless|while|during|as soon as|until|on|in|from|with|using|via|at|by|depending on|where|based on|as|since|given|within|every|upon|under|through|without|prior to|instead of|assuming|provided|inside|as needed)\s/i;

/** The verb behind “leads”, “validates”, “carries”; null where it is none that we know. */
export function baseOfThirdPerson(word: string): string | null {
  if (!word.endsWith("s") || word.length < 4) return null;
  const candidates = [
    word.slice(0, -1),
    word.endsWith("es") ? word.slice(0, -2) : "",
    word.endsWith("ies") ? `${word.slice(0, -3)}y` : "",
  ];
  return candidates.find((candidate) => VERB_KINDS.has(candidate) || THIRD.has(candidate)) ?? null;
}

/** Verbs that people do in a role but that hardly begin an instruction. */
const THIRD = new Set(
  words("assist own manage carry oversee drive facilitate handle remain act kick"),
);

/** The verb behind “restarting” or “rolling”; null where it is none that we know. */
export function baseOfGerund(word: string): string | null {
  if (!word.endsWith("ing") || word.length < 6) return null;
  const stem = word.slice(0, -3);
  const candidates = [stem, `${stem}e`, stem.at(-1) === stem.at(-2) ? stem.slice(0, -1) : ""];
  return candidates.find((candidate) => VERB_KINDS.has(candidate)) ?? null;
}

const ROLE_WORD =
  /\b(?:on-?call|lead|leads|leaders?|managers?|experts?|engineers?|owners?|commander|officers?|specialists?|responders?|scribe|liaisons?|sre|dba|analysts?|directors?|head|team|teams|developers?|squads?|administrators?|admins?|coordinators?|architects?|operators?|counsel|legal|support|vp|cto|ciso|ceo|cio|dpo|deputy|ic|sme|smes|secops|devops|finops|executives?|guild|stewards?|reviewers?|approvers?|handlers?|desk|board|strategist|primary|secondary|facilitator|communicator|captain|master|stakeholder|soc|noc|csirt|qa)\b/i;

/** True for words that name a part somebody plays. */
export const isRoleLike = (text: string): boolean =>
  text.length <= 80 && ROLE_WORD.test(text) && !/[.;:!?]/.test(text);

export type TitleClass =
  | "phase"
  | "diagnose"
  | "mitigate"
  | "lifecycle"
  | "procedure"
  | "how-to"
  | "impact"
  | "policy"
  | "escalation"
  | "form"
  | "checklist"
  | "open"
  | "trigger"
  | "reference"
  | "report"
  | "communication"
  | "plain";

const DEEDS =
  /\b(?:deployment|roll-?out|implementation|mitigation|containment|remediation|recovery|restore|fix)\b/i;
const NOUNS: readonly (readonly [StepKind, RegExp])[] = [
  ["communicate", /\b(?:communications?|notifications?|announcement|status updates?)\b/i],
  ["form", /\b(?:post-?mortem|incident report|after-action)\b/i],
  ["decide", /\b(?:decision|approval|sign-?off|checkpoint|go\/no-go|prioriti[sz]ation)\b/i],
  ["record", /\b(?:documentation|record-?keeping)\b/i],
  [
    "check",
    /\b(?:analysis|assessment|investigation|detection|debugging|verification|validation|review|diagnosis|triage|checks?|inspection|audit)\b/i,
  ],
];
/** What a title without a verb stands for: “Stakeholder communication”. */
export const kindOfTitle = (title: string): StepKind | null =>
  DEEDS.test(title) ? null : (NOUNS.find(([, pattern]) => pattern.test(title))?.[0] ?? null);

const PHASE =
  /^(?:(?:phase|part|step|stage)\s?(?:#\s?)?(?:\d{1,3}(?:\.\d{1,3})?[a-z]?|[ivx]{1,5}|[a-h]|one|two|three|four|five|six|seven|eight|nine|ten)\b|(?:schritt|etappe|étape|etape|paso|fase|etapa|passo|stap|krok|шаг|этап|步骤|步驟|阶段|ステップ|フェーズ|단계)\s?\d{1,3}(?!\d))/i;

const STEP = /^(?:step\b|schritt|étape|etape|paso|passo|stap|krok|шаг|步骤|步驟|ステップ)/i;

/** “Phase 2 – Fix”: the number and what follows it; null for other titles. */
export function phaseTitle(title: string): {
  readonly word: "phase" | "step";
  readonly number: number | null;
  readonly rest: string;
} | null {
  const found = PHASE.exec(title);
  if (found === null) return null;
  const rest = title
    .slice(found[0].length)
    .replace(/^\s{0,3}(?:[-:.)]|\uFF1A|\u2013|\u2014|\u2012|\u2212){0,3}\s{0,3}/u, "")
    .trim();
  const number = /\d{1,3}/.exec(found[0])?.[0];
  return {
    word: STEP.test(found[0]) ? "step" : "phase",
    number: number === undefined ? null : Number(number),
    rest,
  };
}

/** First match wins; each is asked about the title in lower case. */
const CLASSES: readonly (readonly [TitleClass, RegExp])[] = [
  ["form", /\b(?:template|questionnaire|worksheet|intake form|report form)\b/],
  [
    "open",
    /^(?:open (?:items|questions|issues|points|tasks)|to-?dos?|known gaps|future (?:work|improvements)|backlog|outstanding|not yet done|follow-?up items)\b/,
  ],
  [
    "checklist",
    /\b(?:checklists?|onboarding|prerequisites?|pre-?requisites|definition of done|readiness|before you (?:start|begin)|pre-?flight|hand-?offs?(?: & | and )follow-?ups?|follow-?ups?|what you need|requirements before)\b/,
  ],
  [
    "escalation",
    /\b(?:escalation|eskalation|escalade|escalada|escalamiento)|^escalat(?:e|ing)\b|\bwho to (?:call|contact|page)\b/,
  ],
  [
    "policy",
    /\b(?:severit(?:y|ies)|sev ?levels?|priorit(?:y|ies) (?:levels?|matrix|definitions?|table)|slas?|service[- ]levels?|response (?:time|target)s?|incident (?:levels?|classification|classes|priorit\w{1,5})|auto(?:matic|mated)?[- ](?:incident )?declar\w{1,6}|declaration triggers?|communication (?:cadence|matrix|frequency))\b/,
  ],
  [
    "reference",
    /^(?:overview|summary|introduction|intro|background|purpose|scope|goals?|objectives?|audience|why\b.{0,60}|about\b.{0,40}|related\b.{0,60}|references?|reference[: ].{0,80}|further (?:reading|information)|additional (?:reading|resources|information|context|help|considerations)|more (?:reading|information|info)|more about\b.{0,40}|see also|(?:useful |helpful |external |reference )?links?\b.{0,40}|resources?|reference (?:links|material|docs|documentation)\b.{0,40}|documentation|glossary|definitions?|terminology|terms|(?:key |core )?(?:concepts?|principles|terms)\b.{0,30}|table of contents|contents|toc|contacts?|contact (?:info|information|list|details)|appendi(?:x|ces)\b.{0,80}|architecture|system (?:overview|architecture|characteristics|configuration)|context|changelog|change log|version history|versioning\b.{0,40}|revision(?: history|s)?|document (?:history|control)|examples?\b.{0,60}|samples?\b.{0,60}|notes?|faqs?|frequently asked questions|tools?(?: (?:&|and) \w{1,20})?|inputs?|outputs?|inputs? ?\/.{0,60}|input parameters|parameters|variables|success criteria|assumptions\b.{0,60}|compatibility\b.{0,60}|(?:do'?s|don'?ts)\b.{0,40}|best practices|guidelines|anti-?patterns|lessons learned|license|licence|credits|acknowledg\w{0,8}|authors?|when to use\b.{0,60}|when not to use\b.{0,60}|metrics|dashboards?|monitoring|quick links|roles?(?: and responsibilities| & responsibilities)?|responsibilities|training|common (?:misconceptions|mistakes|pitfalls)|pitfalls|disclaimer|limitations|output format|skill profile|technical guardrails\b.{0,60}|agent directives\b.{0,60}|test scenario\b.{0,40}|history|sources?|bibliography|useful queries|understanding\b.{0,60}|attribution|key metrics|business impact|possible causes?|causes?|common causes?|root causes?|probable causes?|likely causes?)$/,
  ],
  [
    "report",
    /^(?:(?:incident )?timeline|root cause(?: analysis)?|contributing (?:factors|causes)|what (?:went|happened|caused)\b.{0,40}|action items?\b.{0,30}|how'?d we do|where (?:did )?we g[eo]t lucky|lessons (?:learnt|learned)|attendees|postmortem attendees|stats|insights|incident summary|impact assessment|takeaways|corrective actions)$/,
  ],
  [
    "impact",
    /^(?:meaning|impact|business impact|customer impact|user impact|symptoms?|alert (?:details|description|meaning|summary)|description|what (?:does )?(?:this|the|it)\b.{0,40}(?:mean|means|alert)\b.{0,20}|full context|severity|alert|indicators)$/,
  ],
  [
    "trigger",
    /^(?:triggers?|triggered by|when to (?:run|use) this\b.{0,40}|trigger(?:ing)? (?:conditions?|criteria|events?)|activation(?: criteria)?)$/,
  ],
  [
    "diagnose",
    /^(?:diagnos(?:is|e|tics?|ing)\b.{0,40}|investigat(?:e|ion|ing)\b.{0,40}|(?:initial |quick )?triage\b.{0,40}|troubleshoot(?:ing)?\b.{0,40}|debug(?:ging)?\b.{0,40}|(?:initial )?(?:assessment|assess)\b.{0,40}|(?:initial |first |quick |basic |health )?checks?\b.{0,20}|detect(?:ion)?(?: (?:&|and) \w{1,20})?|identif(?:y|ication|ying)\b.{0,60}|analy(?:sis|ze|se)\b.{0,30}|verify\b.{0,30}|how to (?:investigate|check|diagnose|verify)\b.{0,40}|evidence collection)$/,
  ],
  [
    "mitigate",
    /^(?:mitigat(?:e|ion|ions|ing)\b.{0,40}|resol(?:ve|ution|utions|ving)\b.{0,40}|remediat(?:e|ion|ing)\b.{0,40}|(?:quick |hot)?fix(?:es|ing)?\b.{0,40}|recover(?:y|ing)?\b.{0,40}|work-?arounds?|roll-?backs?\b.{0,40}|possible (?:actions|solutions|fixes)|solutions?|how to (?:fix|resolve|mitigate|recover)\b.{0,40}|immediate actions?\b.{0,30}|actions?(?: to take)?|repair\b.{0,30}|restor(?:e|ation|ing)\b.{0,40}|next steps)$/,
  ],
  [
    "lifecycle",
    /^(?:contain(?:ment)?\b.{0,40}|eradicat(?:e|ion)\b.{0,40}|communicat(?:e|ions?)\b.{0,40}|post-?(?:incident|mortem|event)\b.{0,40}|validat(?:e|ion)\b.{0,40}|verification\b.{0,40}|initiate response|initial response|respond|response|escalate|notify\b.{0,30}|notifications?|closure|close(?:-?out)?|execute remediation|cleanup|clean up|during (?:the|an) incident|after (?:the|an) incident|before (?:the|an) incident|protect|prepar(?:e|ation)|detect(?:ion)?|monitor\b.{0,30})$/,
  ],
  [
    "procedure",
    /^(?:procedures?|steps?\b.{0,40}|instructions?|process|workflow|playbook\b.{0,80}|runbook\b.{0,80}|response\b.{0,40}|phases?|tasks?|operational (?:tasks|procedures?)|maintenance tasks?|the process|walk-?through|execution|sequence|plan|deployment steps|(?:recovery|restore|rollback|failover|deployment|maintenance|emergency|standard operating|operating|response|mitigation|resolution|diagnostic|diagnosis|backup|upgrade|remediation|troubleshooting) (?:procedures?|steps|process|instructions|plan)\b.{0,40}|sop\b.{0,60}|initial steps|what to do\b.{0,40}|quick start|getting started|do this\b.{0,30})$/,
  ],
];

/** Short titles that end in such a word: “Attack Mitigation”, “First Response Steps”. */
const ENDINGS: readonly (readonly [TitleClass, RegExp])[] = [
  ["diagnose", /\b(?:diagnosis|investigation|triage|troubleshooting|diagnostics)(?: steps)?$/],
  [
    "mitigate",
    /\b(?:mitigation|remediation|resolution|recovery|rollback|restoration|workarounds?|fix(?:es)?)(?: steps)?$/,
  ],
  [
    "lifecycle",
    /\b(?:containment|eradication|communications?|verification|validation)(?: steps)?$/,
  ],
  ["procedure", /\b(?:procedures?|steps|instructions|actions)$/],
];

/** What a heading says about what stands below it. */
export function classOfTitle(title: string): TitleClass {
  const lower = title.toLowerCase().replace(/[’‘]/g, "'");
  if (phaseTitle(lower) !== null) return "phase";
  const found = CLASSES.find(([, pattern]) => pattern.test(lower));
  if (found !== undefined) return found[0];
  const ending =
    lower.split(" ").length <= 5 ? ENDINGS.find(([, pattern]) => pattern.test(lower)) : undefined;
  if (ending !== undefined) return ending[0];
  return isHowTo(lower) ? "how-to" : "plain";
}

function isHowTo(lower: string): boolean {
  if (/^(?:how (?:to|do i|do we)|to)\b/.test(lower)) return true;
  const [first = ""] = lower.split(/[\s/,]/, 1);
  return VERB_KINDS.has(first) || baseOfGerund(first) !== null;
}

/** Titles below which nothing is an instruction. */
const IDLE: ReadonlySet<TitleClass> = new Set([
  "reference",
  "open",
  "impact",
  "report",
  "trigger",
  "policy",
]);
export const isIdle = (titleClass: TitleClass): boolean => IDLE.has(titleClass);

const DOING: ReadonlySet<TitleClass> = new Set([
  "phase",
  "diagnose",
  "mitigate",
  "lifecycle",
  "procedure",
]);
export const isDoing = (titleClass: TitleClass): boolean => DOING.has(titleClass);
