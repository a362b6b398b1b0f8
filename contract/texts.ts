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
  "alerts waited": "{count} alert(s) waited {length}. {why}",
  "alert attached": "Alert attached: {title}",
  "alert resolved": "Alert resolved: {title}",
  "all alerts resolved": "All alerts of this incident have resolved.",
  "alerts still firing": "{count} alert(s) still fire at the source.",
  "commander assigned": "{person} is incident commander ({why}).",
  "no commander": "Nobody could be named commander: {why}.",
  "command offered": "Command offered to {person}.",
  "command accepted": "{person} took over command from {before}.",
  "command declined": "{person} declined the command.",
  acknowledged: "Acknowledged by {person}.",
  "acknowledge taken back":
    "It is {severity} now: the acknowledge by {person} was for less and no longer counts.",
  deferred: "Deferred while {incident} burns: {because}",
  "deferral ended": "No longer deferred: {why}.",
  paged: "Paged {people} (step {step}, round {round}).",
  "nobody to page": "Step {step}, round {round}: nobody is on call; going on to the next step.",
  unreachable: "{person} cannot be reached: no contact method on a configured channel.",
  "page failed": "The page to {person} by {channel} failed ({because}); going on to the next step.",
  "policy exhausted": "Nobody answered and the policy {policy} is exhausted.",
  "no escalation policy": "No escalation policy: service {service} has none.",
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
    "Alert storm: {keys} key(s) send more than can be decided about at once. Nothing is refused; {signals} signals are spooled. Most come from {top}.",
  "storm goes on":
    "The storm goes on: {signals} signals of {keys} key(s) were spooled, {waiting} wait since {age} at the longest. Most come from {top}.",
  "storm over":
    "The storm is over: {signals} signals of {keys} key(s) were spooled and are all decided about. Most came from {top}.",
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
  "run finished": "{run} is finished: {settled} of {all} steps settled.",
  "run abandoned": "{run} was abandoned:",
} as const satisfies Record<string, string>;

export type TimelineKind = keyof typeof TIMELINE;

/** Puts parameters into a sentence; an absent one shows as “?”. */
export function fill(sentence: string, params: Readonly<Record<string, unknown>>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined || value === null) return "?";
    return Array.isArray(value) ? value.join(", ") : String(value);
  });
}

/** Why you, why now, why this way. */
export const REASONS = {
  "on call": "You are on call: {explanation} (step {step} of policy {policy}).",
  person: "You are named in step {step} of policy {policy}.",
  team: "You are a member of {team} (step {step} of policy {policy}).",
  commander: "You are the incident commander ({why}).",
  "has it": "You acknowledged {incident}.",
  audience: "You hear about this as one of {audience}.",
  "role in incident": "You are {role} of {incident}.",
  manager: "You manage {team}.",
  owner: "You own {item}.",
  offered: "{person} offers you the command of {incident}.",
  "first step": "{incident} was declared {declared} and pages at once.",
  "nobody answered": "Nobody acknowledged {incident} within {minutes} min of the step before.",
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
  "contact method": "Your contact method {channel}, {after} min after the page became due.",
  "audience contact": "The audience's contact on {channel}.",
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
  "page alerts": "{count} alert(s), the latest: {latest}.",
  "page next": "If nobody acknowledges, the next step pages at {next}.",
  "page last": "This is the last step of the policy.",
  "page command": "You are the incident commander.",
  acknowledge: "Acknowledge",
  open: "Open {incident}",
  "may repeat": "This may be a repeat: we do not know whether an earlier copy reached you.",
  "declared subject": "[{severity}] {incident} declared: {title}",
  "update subject": "[{severity}] {incident} update: {title}",
  "update restricted": "A status update was posted. Open {incident} to read it.",
  "clock subject": "[{severity}] {incident}: the {deadline} clock is at {percent} %",
  "clock missed subject": "[{severity}] {incident}: the {deadline} clock was missed",
  "clock line": "The {deadline} clock of {incident} is due {due} ({source}).",
  "offer subject": "{incident}: take over command?",
  "offer line":
    "{person} asks you to take over as incident commander. Accept with: ./bin/tocsin incident accept-command {incident}",
  raised: "Raised from {before} to {severity}.",
  reopened: "{incident} was reopened: it is not over.",
  joined: "{count} more alert(s) joined {incident}, such as: {titles}",
  "taken in": "{incident} was merged into {into}: {service} depends on {cause}.",
  answered: "{person} has it since {at}.",
  over: "{incident} is {state}.",
  "postmortem subject": "Postmortem of {incident}: {title}",
  "postmortem line": "The postmortem of {incident} was published: {url}",
  "postmortem due subject": "The postmortem of {incident} is due {due}",
  "action item subject": "{item} ({priority}) is due {due}: {title}",
  "action item line": "{item} of {incident} is {status}; its owner is {owner}.",
  "action item missed subject": "{item} ({priority}) is overdue since {due}: {title}",
  "review list subject": "{count} open action item(s) of {team}, {overdue} overdue",
  "review list line": "{item} ({priority}, {incident}) of {owner}: {title}. {when}",
  "due on": "Due {due}.",
  "overdue since": "Overdue since {due}.",
  "silence subject": "The {what} ends at {at}",
  "silence line":
    "It mutes {matchers}. It has held {held} alert(s), {pages} of which would have paged; {holds} of them still fire and are looked at again when it ends.",
  "step clock subject": "{run}: “{step}” is at {percent} % of its time",
  "step missed subject": "{run}: “{step}” was due {due}",
  "step clock line": "“{step}” of {title} is due {due} ({source}).",
  "step stopped subject": "{run}: {action} stopped and asks a person",
  "step stopped line":
    "“{step}”: the last attempt said: {learned}. Do it by hand, or reopen the step.",
  "second person subject": "{run}: {action} needs a second person",
  "second person line": "{person} asks for {action} at “{step}”. Look at it and agree, or refuse.",
  "run escalated subject": "{run}: {role} is asked to join",
  "run page subject": "{run}: {text}",
  "runbook review subject": "Runbook {runbook}: nobody has read it since {since}",
  "runbook review line":
    "Read {path}, put it right, and press “reviewed”. It goes on working until then.",
  "open run": "Open {run}",
  "review subject": "Review meeting: {incident} {title}",
  "review line": "The postmortem of {incident} is reviewed at {at}. The invitation is attached.",
} as const satisfies Record<string, string>;

export const say = (
  kind: keyof typeof MESSAGES,
  params: Readonly<Record<string, unknown>> = {},
): string => fill(MESSAGES[kind], params);

/** Why somebody, or nobody, is on call: one sentence for each override and layer. */
export const ON_CALL = {
  "override all": "Override: {person} takes the whole schedule from {from} to {to}.",
  "override for": "Override: {person} replaces {replaces} from {from} to {to}.",
  "override waits": "It waits: {replaces} does not hold the schedule at this instant.",
  because: "Reason: {because}.",
  "layer holds": "Layer “{layer}”: {person} has the shift from {from} to {to} ({zone}).",
  wins: "This is the answer.",
  covered: "Covered by what stands above it.",
  "not started": "Layer “{layer}” has nobody: it begins {until}.",
  ended: "Layer “{layer}” has nobody: it has ended.",
  "outside its hours": "Layer “{layer}” has nobody: outside its hours until {until}.",
  never: "further notice",
  skipped: "The clocks skip {wall}, so the {edge} is at {shown}.",
  doubled: "The clocks show {wall} twice; the {edge} is at the first.",
  "clocks jump": "The clocks jump by {minutes} min at {at}.",
} as const satisfies Record<string, string>;
