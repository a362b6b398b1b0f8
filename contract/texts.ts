/**
 * What the timeline, the pages and the mails say. One sentence per kind of fact; `{name}` is filled from
 * the fact's parameters. Facts are stored as kind and parameters, so wording can be improved or
 * translated without touching history.
 */
export const TIMELINE = {
  declared: "{severity} declared: {title}",
  "declared by rule": "{severity} declared by rule {rule} ({source}): {title}",
  "alert joined": "Alert joined: {title}",
  "indicator matched": "{source} warns of {value} ({type}), seen in the alert: {title}",
  "alerts waited": "{count} {count:alert|alerts} waited {length}. {why}",
  "alert attached": "Alert attached: {title}",
  "alert resolved": "Alert resolved: {title}",
  "alerts resolved": "{count} alerts resolved, such as: {titles}",
  "all alerts resolved": "All alerts of this incident have resolved.",
  "alerts still firing": "{count} {count:alert fires|alerts fire} still at the source.",
  "commander assigned": "{person} is incident commander ({why}).",
  "no commander": "Nobody could be named commander: {why}.",
  "command offered": "Command offered to {person}.",
  "command accepted": "{person} took over command from {before}.",
  "command declined": "{person} declined the command.",
  "commander left": "{person} has left and is no longer incident commander.",
  "offer ended": "{person} was offered the command and has left.",
  acknowledged: "Acknowledged by {person}.",
  "acknowledge taken back":
    "It is {severity} now: the acknowledge by {person} was for less and no longer counts.",
  deferred: "Deferred while {incident} burns: {because}",
  "deferral ended": "No longer deferred: {why}.",
  paged: "Paged {people} (step {step}, round {round}).",
  "nobody to page": "Step {step}, round {round}: nobody is on call; going on to the next step.",
  unreachable: "{person} cannot be reached: no contact method on a configured channel.",
  "page failed": "The page to {person} by {channel} failed ({because}); going on to the next step.",
  "page failed over": "The page to {person} by {channel}: {because}. It goes by {to} as well.",
  "policy exhausted": "Nobody answered and the policy {policy} is exhausted.",
  "policy handed over": "Nobody answered and the policy {policy} hands over to {to}.",
  "step passed over": "Step {step}, round {round}: passed over, it is not for {because}.",
  "step held": "Step {step} waits for business hours and pages at {until}.",
  escalated: "{person} asks for the next step.",
  reassigned: "{by} gives it to the {kind} {to}.",
  "not mine": "{person} says that it is not theirs.",
  "acknowledge ended": "{person} no longer has it: {why}.",
  "lease renewed": "Still on it: the acknowledge counts until {until}.",
  "responder asked": "{person} is asked to join.",
  "responder joined": "{person} joins.",
  "responder declined": "{person} cannot join.",
  "responder unanswered": "{person} did not answer the request to join.",
  "told later": "{person} hears of it when business hours begin, at {at}.",
  "no escalation policy": "No escalation policy: service {service} has none.",
  "manager paged": "Paged {person}, who manages {team}.",
  "nobody told": "Nobody could be told: no commander and no manager who can be reached.",
  "severity changed": "Severity changed from {before} to {severity}: {because}",
  "role assigned": "{person} is {role}.",
  "role released": "{person} is no longer {role}.",
  note: "{text}",
  "task added": "Task added: {title}",
  "task finished": "Task finished: {title}",
  "status update": "Status update to {audiences}.",
  "not told": "Not told, because they may not see it: {people}.",
  "audience told": "Told {audience}: {severity} declared.",
  "impact set": "Impact stated.",
  "root cause set": "Root cause documented.",
  "acceptance recorded": "Recorded {piece}.",
  "acceptance overridden": "Closed without {piece}: {because}",
  "dependants join": "It takes in {incident}: {service} depends on {cause}.",
  "alerts joined": "{count} alerts joined, such as: {titles}",
  "storm began":
    "Alert storm: {keys} {keys:key sends|keys send} more than can be decided about at once. Nothing is refused; {signals} signals are spooled. Most come from {top}.",
  "storm goes on":
    "The storm goes on: {signals} signals of {keys} {keys:key|keys} were spooled, {waiting} wait since {age} at the longest. Most come from {top}.",
  "storm over":
    "The storm is over: {signals} signals of {keys} {keys:key|keys} were spooled and are all decided about. Most came from {top}.",
  unmerged: "Taken out of {incident} again.",
  "unmerged here": "{incident} was taken out again.",
  merged: "Merged into {incident}.",
  "merged here": "{incident} was merged into this one.",
  mitigated: "Mitigated: users no longer hurt.",
  resolved: "Resolved.",
  "resolved by alerts": "Resolved: all its alerts have resolved.",
  reopened: "Reopened: {because}",
  "reopened by alert": "Reopened: {title} fires again.",
  closed: "Closed.",
  cancelled: "Cancelled: {reason}.",
  restricted: "Only named people may see it.",
  unrestricted: "Open to everybody who may see incidents.",
  "at risk": "The {deadline} clock is at {percent} %: due {due}.",
  breached: "The {deadline} clock was missed: it was due {due}.",
  "postmortem drafted": "Postmortem drafted.",
  "postmortem published": "Postmortem published to {audiences}.",
  "action item added": "{item} added ({priority}): {title}",
  "action item changed": "{item} is {status}.",
  "action item owner": "{item} is owned by {person}.",
  "action item due": "{item} is due {due}.",
  "review meeting": "Review meeting for the postmortem: {at}.",
  "run started": "{run} of runbook {runbook} started ({why}), version {version}, {digest}.",
  "run phase": "{run}: phase “{phase}” begins.",
  "step begun": "{run}: began “{step}”.",
  "step done": "{run}: done “{step}”.",
  "step skipped": "{run}: skipped “{step}”:",
  "step dismissed": "{run}: does not apply: “{step}”.",
  "step failed": "{run}: failed “{step}”:",
  "step reopened": "{run}: open again: “{step}”.",
  "step assigned": "{run}: {person} has “{step}”.",
  "guard answered": "{run}: “{question}” {answer}.",
  "inputs given": "{run}: given: {names}.",
  "form filled": "{run}: filled in {fields} of “{form}”.",
  "record written": "{run}: wrote {record} in {table}.",
  "action asked":
    "{run}: {action} ({risk}) is asked for at “{step}” and waits for a second person.",
  "action approved": "{run}: {action} at “{step}” was agreed to.",
  "action refused": "{run}: {action} at “{step}” was refused:",
  "action done": "{run}: {action} at “{step}”: {learned}.",
  "action tried": "{run}: {action} at “{step}”, without doing it: {learned}.",
  "action undone": "{run}: {action} at “{step}” was taken back: {learned}.",
  "action failed": "{run}: {action} at “{step}” did not work: {learned}.",
  "action stopped":
    "{run}: {action} at “{step}” stopped after {attempts} failed attempts and asks a person. The last said: {learned}.",
  "safe mode": "Safe Mode banner {state} for {scope}.",
  "run escalated": "{run}: {people} told as {role}:",
  "run rebased":
    "{run} goes on with version {version}: {changed} changed, {added} added, {removed} withdrawn.",
  "fix proposed": "{run}: better words were proposed for line {line} of {path}.",
  "fix branch asked": "{run}: the better words go to the repository as {branch}.",
  "fix branch pushed": "{run}: the better words are in the repository as {branch} ({commit}).",
  "fix branch failed": "{run}: {branch} was not made:",
  "run finished": "{run} is finished: {settled} of {all} steps settled.",
  "run abandoned": "{run} was abandoned:",
} as const satisfies Record<string, string>;

export type TimelineKind = keyof typeof TIMELINE;

/** `{name}`, `{said:name}` whose value is a word of Tocsin's own, or `{name:one|more}` by a number. */
const PLACE = /\{(said:)?(\w+)(?::([^|{}]*)\|([^|{}]*))?\}/g;

/** Puts parameters into a sentence; an absent one shows as “?”. */
export function fill(
  sentence: string,
  params: Readonly<Record<string, unknown>>,
  said = (word: string): string => word,
): string {
  const parts = partsOf(sentence);
  let text = parts[0] ?? "";
  for (let at = 1; at < parts.length; at += 5) {
    const place = { own: parts[at], one: parts[at + 2], more: parts[at + 3] };
    text += filled(params[parts[at + 1]!], place, said) + parts[at + 4]!;
  }
  return text;
}

type Place = Record<"own" | "one" | "more", string | undefined>;

function filled(value: unknown, { own, one, more }: Place, said: (word: string) => string): string {
  if (value === undefined || value === null) return "?";
  if (one !== undefined) return (Number(value) === 1 ? one : more) ?? "";
  const values = (Array.isArray(value) ? value : [value]).map(String);
  return (own === undefined ? values : values.map(said)).join(", ");
}

/** Sentences are few and filled often; those that somebody wrote themselves are not kept without end. */
const MOST_SENTENCES = 2_000;
const sentences = new Map<string, readonly (string | undefined)[]>();

/** Text and what makes up a place, five parts in turn. */
function partsOf(sentence: string): readonly (string | undefined)[] {
  let parts = sentences.get(sentence);
  if (parts === undefined) {
    parts = sentence.split(PLACE);
    if (sentences.size >= MOST_SENTENCES) sentences.clear();
    sentences.set(sentence, parts);
  }
  return parts;
}

/** A sentence before it is known who reads it. Its values may be sentences too. */
export type Said = {
  readonly template: string;
  readonly params: Readonly<Record<string, unknown>>;
};
/** What stands in a message: words that somebody gave, or a sentence. */
export type Text = string | Said;

export const sentence = (template: string, params: Said["params"] = {}): Said => ({
  template,
  params,
});

/** Why you, why now, why this way. */
export const REASONS = {
  "on call": "You are on call: {explanation} (step {step} of policy {policy}).",
  "on call layer":
    "You are on call: {schedule}, layer {layer}, shift {from} to {to} (step {step} of policy {policy}).",
  "on call override":
    "You are on call: {schedule}, override {from} to {to} (step {step} of policy {policy}).",
  person: "You are named in step {step} of policy {policy}.",
  team: "You are a member of {team} (step {step} of policy {policy}).",
  shadow: "You shadow {schedule}, whose people were paged. Nothing is asked of you.",
  turn: "It is your turn among the people of step {step} of policy {policy}.",
  reassigned: "{person} gave {incident} to you.",
  "asked to join": "{person} asks you to join {incident}.",
  "you asked": "You asked {person} to join {incident}.",
  "lease ends": "Your acknowledge counts until {at}.",
  "lease over": "{incident} was acknowledged and is not resolved, and nobody renewed it.",
  "your team": "You answer for the people of {schedule}.",
  "unreachable ahead": "{person} is on call there from {from}.",
  "shares the schedule": "You share {schedule}.",
  "shift began": "Your shift in {schedule} has begun.",
  "shift ended": "Your shift in {schedule} is over.",
  "shift words": "{person} left words for whoever is on call in {schedule}.",
  "had the shift": "You were on call in {schedule}.",
  taken: "{person} took the shift until {until}.",
  "too many": "More pages came for you in a minute than you want one by one.",
  "minute over": "The minute is over.",
  waited: "Nothing of this had to wake you.",
  "hours began": "Business hours have begun.",
  commander: "You are the incident commander ({why}).",
  "has it": "You acknowledged {incident}.",
  audience: "You hear about this as one of {audience}.",
  "role in incident": "You are {role} of {incident}.",
  manager: "You manage {team}.",
  owner: "You own {item}.",
  offered: "{person} offers you the command of {incident}.",
  "command free": "{incident} has no commander, and you are on call for it.",
  "holder left": "{person} commanded {incident} and has left.",
  "first step": "{incident} was declared {declared} and pages at once.",
  "nobody answered": "Nobody acknowledged {incident} within {minutes} min of the step before.",
  escalated: "{person} asked for the next step of {incident}.",
  "not theirs": "{person} says that {incident} is not theirs, and nobody else was paged.",
  "page failed": "The page of the step before could not be delivered.",
  declared: "{incident} was declared as {severity}.",
  exhausted: "Nobody answered {incident}, and its policy {policy} is exhausted.",
  deadline: "The {deadline} clock of {incident} is at {percent} %.",
  reminder: "{item} is due {due}.",
  update: "A status update was posted.",
  shared: "A postmortem was published.",
  assigned: "{item} was given to you.",
  review: "The open action items of {team} are reviewed every {every}.",
  "review meeting": "The postmortem of {incident} has a review meeting.",
  "no longer deferred": "{incident} is no longer deferred.",
  raised: "{incident} was raised to {severity}.",
  reopened: "{incident} was reopened.",
  joined: "Alerts joined {incident}.",
  "taken in": "{incident} was taken in by its cause.",
  asked: "Somebody asked you.",
  silence: "You own the {what}: {reason}",
  "silence ends": "It ends at {at}.",
  step: "“{step}” of {run} is yours.",
  "step clock": "The clock of “{step}” in {run} is at {percent} %.",
  "step stopped": "An action of {run} stopped and asks a person.",
  "second person": "{person} asks for {action} in {run}, which needs a second person.",
  "escalated by runbook": "Runbook {runbook} names you as {role}.",
  "runbook review": "The runbook {runbook} is due to be read.",
  "own account": "It is about how you sign in.",
  "link asked": "Somebody asked for a link to set your password.",
  administrator: "You are an administrator.",
  "break-glass used": "A break-glass code was used.",
  "contact method": "Your contact method {channel}, {after} min after the page became due.",
  "own address": "It is about an address of yours.",
  "code asked": "You asked for a code.",
  "own test": "You page yourself.",
  "test asked": "You asked for it.",
  "reach in doubt": "{person} is or will be on call in {schedule} from {from}.",
  "fail-over": "By {channel}, because {before} could not be relied on: {because}.",
  sooner: "Sooner than after its minutes, because by {before} it does not come now: {because}.",
  "audience contact": "The audience's contact on {channel}.",
  "own device": "Your device “{device}”, which you let be woken under “You”.",
  "device gone": "“{device}” can no longer be woken.",
} as const satisfies Record<string, string>;

export type ReasonKind = keyof typeof REASONS;

/** Why an alert waits that a rule would declare. */
export const HOLDS = {
  silenced: "Silenced by {name} of {owner}: {reason}",
  inhibited: "Inhibited by {inhibition} while “{source}” fires.",
  "held back": "Held back by rule {rule}: it declares only what fires longer than {length}.",
  flapping:
    "Flapping: it fired {times} times within {within}; rule {rule} waits until it fires {steady} without a break.",
  "too few": "Too few: rule {rule} declares from {count} within {within} on, this is {found}.",
  "group wait": "Waiting {length} for others of its group, by rule {rule}.",
  "group interval": "{incident} is joined at most every {length}, by rule {rule}.",
} as const satisfies Record<string, string>;

export type HoldReason = keyof typeof HOLDS;

export const MESSAGES = {
  "page subject": "[{severity}] {incident} {title}",
  "restricted title": "A restricted incident",
  "page what": "{severity} on {services}: {title}",
  "page how long": "Detected {detected}, declared {declared}.",
  "page next": "If nobody acknowledges, the next step pages at {next}.",
  "page last": "This is the last step of the policy.",
  "page command": "You are the incident commander.",
  acknowledge: "Acknowledge",
  open: "Open {incident}",
  "open runbook": "Open {runbook}",
  "not mine": "Not mine",
  escalate: "Escalate",
  "it is over": "Resolved",
  "fact incident": "Incident",
  "fact severity": "Severity",
  "fact affected": "Affected",
  "fact commander": "Commander",
  "fact state": "State",
  "fact run": "Run",
  "fact runbook": "Runbook",
  "fact title": "Title",
  "fact due": "Due",
  "fact open": "Open",
  "fact overdue": "Overdue",
  "fact reason": "Reason",
  "fact review meeting": "Review meeting",
  "nobody yet": "nobody yet",
  "may repeat": "You may have received this before: an earlier attempt could not be confirmed.",
  "text repeat": "(maybe again) {subject}",
  "text keys": "Reply 1 I have it, 2 escalate, 3 not mine, 4 resolved.",
  "text several":
    "Reply with its number, such as: 1 {number}. 1 I have it, 2 escalate, 3 not mine, 4 resolved.",
  "call repeat": "You may have been called about this before.",
  "call keys":
    "Press 1 if you have it, 2 to escalate, 3 if it is not yours, 4 if it is resolved, 9 to hear it again.",
  "call end": "Good bye.",
  "push unsent": "Not sent yet, escalation continues. Press again when there is a network.",
  "declared subject": "[{severity}] {incident} declared: {title}",
  "update subject": "[{severity}] {incident} update: {title}",
  "update restricted": "A status update was posted. Open {incident} to read it.",
  "clock subject": "[{severity}] {incident}: the {deadline} clock is at {percent} %",
  "clock missed subject": "[{severity}] {incident}: the {deadline} clock was missed",
  "clock line": "The {deadline} clock of {incident} is due {due} ({source}).",
  "offer subject": "{incident}: take over command?",
  "offer line":
    "{person} asks you to take over as incident commander. Accept on the page of {incident}, or: ./bin/tocsin incident accept-command {incident}",
  "command free line":
    "{person} was incident commander and has left. Accept on the page of {incident}, or: ./bin/tocsin incident accept-command {incident}",
  raised: "Raised from {before} to {severity}.",
  reopened: "{incident} was reopened: it is not over.",
  joined: "{count} more {count:alert|alerts} joined {incident}, such as: {titles}",
  "taken in": "{incident} was merged into {into}: {service} depends on {cause}.",
  "lease ends":
    "Your acknowledge of {incident} counts until {at}; then it pages again. Whatever you do to it renews it, also: ./bin/tocsin incident renew {incident}",
  "join subject": "{incident}: {person} asks you to join",
  "join line":
    "{person} asks you to join {incident}. Answer with: ./bin/tocsin incident join {incident} (or decline)",
  answer: "Answer",
  "i join": "Join",
  "i cannot": "I cannot",
  "request answered": "{person}: {answer}.",
  "request declined": "{person} cannot join {incident}.",
  "request unanswered": "{person} did not answer your request to join {incident}.",
  "unreachable subject": "{person} is on call in {schedule} from {from} and cannot be reached",
  "unreachable line":
    "They have no contact on a channel that works. Give them one, or let somebody take the shift: ./bin/tocsin take {schedule}",
  "code subject": "Your code for Tocsin",
  "code is": "Your code is {code}.",
  "code line": "It verifies that pages reach you here, until {until}.",
  "code not you": "If you did not ask for it, nobody can do anything with it.",
  "test subject": "Test page: nothing burns",
  "test line": "You asked for it at {at}, to see that pages reach you here.",
  "test what": "Answer it as you would answer a page, and Tocsin knows that this address works.",
  "test action": "It came",
  "test answered": "Good: pages reach you by {channel}.",
  "doubts subject": "{person}, on call in {schedule} from {from}: it is not sure that pages arrive",
  "doubts action": "See how you are reached",
  "doubt verified":
    "No address of {person} for pages is verified: send a code on the page “You”, or ./bin/tocsin address code CHANNEL",
  "doubt tested":
    "No page has reached {person} in the last 90 days: ask for a test page on the page “You”, or ./bin/tocsin page test",
  "doubt high": "{person} has no way that is meant for pages: they go by all ways.",
  "doubt low": "{person} has no way for what need not wake: it reaches them nowhere.",
  "doubt bounced": "Nothing reaches {person} by {channel}: {because}.",
  "doubt stopped": "{person} said STOP by {channel}: nothing is sent there until START.",
  "phone acknowledge": "You have {incident}.",
  "phone escalate": "{incident}: the next one is paged now.",
  "phone not-mine": "{incident}: noted that it is not yours.",
  "phone resolve": "{incident} is resolved.",
  "phone join": "You have joined {incident}.",
  "phone decline": "Noted that you cannot come to {incident}.",
  "phone which":
    "Which one? You were paged for {incidents}. Reply with its number, such as: 1 {number}",
  "phone none": "Nothing waits for your answer.",
  "phone help": "Reply 1 if you have it, 2 to escalate, 3 if it is not yours, 4 if it is resolved.",
  "phone started": "You get pages by text message again.",
  "phone heard": "That was heard already.",
  "phone key": "That is none of the keys.",
  "shift start subject": "You are on call in {schedule}",
  "shift end subject": "Your shift in {schedule} is over",
  "shift words subject": "{person} left words on {schedule}",
  "shift open": "Open now:",
  "shift paged": "In the shift before, and over:",
  "shift happened": "In your shift, and over:",
  "shift left": "Still open:",
  "shift silences": "Silences that end within a day:",
  "shift none": "{heading} nothing.",
  "shift nobody": "nobody",
  "shift has": "{incident}: {state}, {person} has it",
  "shift pages": "{incident}: {state}, paged {count} {count:time|times}",
  "shift until": "{matchers} until {until} ({reason})",
  "shift next": "Next change: {at}, {person}.",
  "shift add words":
    "Add words for whoever came: under “On call”, “Shift notes”, or ./bin/tocsin shift words {schedule} …",
  "taken subject": "{person} is on call in {schedule} instead of you until {until}",
  "swap asked subject": "{person} asks whether you take a shift in {schedule}",
  "swap accepted subject": "{person} takes a shift of {from} in {schedule}",
  "swap declined subject": "{person} does not take your shift in {schedule}",
  "swap withdrawn subject": "{person} no longer asks for a shift in {schedule}",
  "leave feed failing subject": "Your leave can no longer be read from {host}",
  "leave feed failing line": "What happens: {because}.",
  "leave feed kept": "What it said before is kept until it can be read again.",
  "leave feed gone": "The leave to come that it said is gone with it.",
  "open you": "Open the page “You”",
  "swap unanswered subject":
    "Nobody has taken your shift in {schedule} yet: it is still yours, from {start}",
  "swap lapsed subject": "Nobody took your shift in {schedule} that ended {end}",
  "swap line": "The shift of {from}: {start} to {end}.",
  "swap return line": "In exchange: {start} to {end}.",
  "swap how":
    "Take it on the page “On call”, or: ./bin/tocsin swap accept {id}. Nothing moves before somebody does.",
  "open on call": "Open on call",
  "pressed yours": "You have it. Nobody else is paged for this.",
  "pressed theirs": "{person} has it. Nobody else is paged for this.",
  "pressed tool": "A tool has it. Nobody else is paged for this.",
  "pressed over": "It is over: {state}.",
  "pressed join": "You have joined.",
  "device gone subject": "Your pages no longer ring on “{device}”",
  "device gone line":
    "Its push service says that the browser took its permission back. To be woken there again, open Tocsin in it and allow it under “You”.",
  "device gone action": "Open your devices",
  "fold subject": "{count} more {count:page|pages} for you in this minute",
  "fold more": "And {count} more.",
  "open all": "Open all incidents",
  "digest subject": "While it was quiet: {count} that could wait",
  "digest line": "{incident} ({severity}, {state}): {title}",
  answered: "{person} has it since {at}.",
  "no longer has it": "{person} no longer has it since {at}: {why}.",
  "reassigned policy": "given to {kind} {to}",
  over: "{incident} is {state}.",
  "postmortem subject": "Postmortem of {incident}: {title}",
  "postmortem line": "The postmortem of {incident} was published: {url}",
  "postmortem due subject": "The postmortem of {incident} is due {due}",
  "action item subject": "{item} ({priority}) is due {due}: {title}",
  "action item line": "{item} of {incident} is {status}; its owner is {owner}.",
  "action item missed subject": "{item} ({priority}) is overdue since {due}: {title}",
  "review list subject": "{count} open action {count:item|items} of {team}, {overdue} overdue",
  "review list line": "{item} ({priority}, {incident}) of {owner}: {title}. {when}",
  "due on": "Due {due}.",
  "overdue since": "Overdue since {due}.",
  "silence subject": "The {what} ends at {at}",
  "silence line":
    "It mutes {matchers}. It has held {held} {held:alert|alerts}, {pages} of which would have paged; {holds} of them still fire and are looked at again when it ends.",
  "step clock subject": "{run}: “{step}” is at {percent} % of its time",
  "step missed subject": "{run}: “{step}” was due {due}",
  "step clock line": "“{step}” of {title} is due {due} ({source}).",
  "step stopped subject": "{run}: {action} stopped and asks a person",
  "step stopped line":
    "“{step}”: the last attempt said: {learned}. Do it by hand, or reopen the step.",
  "second person subject": "{run}: {action} needs a second person",
  "second person line": "{person} asks for {action} at “{step}”. Look at it and agree, or refuse.",
  "run escalated subject": "{run}: {role} is asked to join",
  "run restricted subject": "{run}: A restricted incident",
  "run page subject": "{run}: {text}",
  "runbook review subject": "Runbook {runbook}: nobody has read it since {since}",
  "runbook review line":
    "Read {path}, put it right, and press “reviewed”. It goes on working until then.",
  "open run": "Open {run}",
  "review subject": "Review meeting: {incident} {title}",
  "password subject": "Set your password for Tocsin",
  "password line": "This link sets your password. It works once, within an hour.",
  "password not you":
    "If you did not ask for it, nothing has happened: your password is as it was. Tell your security team if it comes again.",
  "password action": "Set the password",
  "break-glass subject": "A break-glass code opened Tocsin",
  "break-glass line":
    "A code labelled “{label}” was used at {at}. Whoever has it is an administrator for four hours. If that was none of you, this ends the session at once: ./bin/tocsin break-glass revoke {id}",
  "break-glass action": "Open Tocsin",
  "review line": "The postmortem of {incident} is reviewed at {at}. The invitation is attached.",
} as const satisfies Record<string, string>;

export const say = <Params extends Said["params"] = Said["params"]>(
  kind: keyof typeof MESSAGES,
  params?: Params,
): { readonly template: string; readonly params: Params } => ({
  template: MESSAGES[kind],
  params: params ?? ({} as Params),
});

/** Why somebody, or nobody, is on call: one sentence for each override and layer. */
export const ON_CALL = {
  "override all": "Override: {person} takes the whole schedule from {from} to {to} ({zone}).",
  "override for": "Override: {person} replaces {replaces} from {from} to {to} ({zone}).",
  "override waits": "It waits: {replaces} does not hold the schedule at this instant.",
  "layer holds": "Layer “{layer}”: {person} has the shift from {from} to {to} ({zone}).",
  "layer holds together": "Layer “{layer}”: {person} share the shift from {from} to {to} ({zone}).",
  wins: "This is the answer.",
  shadows: "They shadow it: told quietly when those who hold it are paged, never alone.",
  covered: "Covered by what stands above it.",
  "not started": "Layer “{layer}” has nobody: it begins {until}.",
  ended: "Layer “{layer}” has nobody: it has ended.",
  "outside its hours": "Layer “{layer}” has nobody: outside its hours until {until}.",
  never: "further notice",
  skipped: "The clocks skip {wall}, so the {edge} is at {shown}.",
  doubled: "The clocks show {wall} twice; the {edge} is at the first.",
  "clocks jump": "At {at} the clocks jump to {shown}.",
} as const satisfies Record<string, string>;

/** Why there are no passkeys under an address. */
export const NO_PASSKEYS = {
  here: "Passkeys belong to a name, and {host} is a bare address. Open {address} and set TOCSIN_URL to it.",
  bare: "Passkeys belong to a name, and {host} is a bare address. Give Tocsin a host name and TLS, and set TOCSIN_URL to it.",
  plain: "Browsers give passkeys only over TLS. Put Tocsin behind https and set TOCSIN_URL to it.",
} as const satisfies Record<string, string>;
export type NoPasskeys = keyof typeof NO_PASSKEYS;
