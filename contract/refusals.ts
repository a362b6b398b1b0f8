/**
 * Every refusal Tocsin can give: its HTTP status and its words. The one catalogue for HTTP, command
 * line, chat and web; docs/errors.md is generated from it. Codes are stable, words may be improved.
 * `{name}` is filled from the refusal's parameters.
 */
export const REFUSALS = {
  // Requests
  "request.invalid": [400, "The request is not valid: {field}: {expected}."],
  "request.too_large": [413, "The body is larger than {limit} bytes."],
  "request.encoding": [
    415,
    "Content-Encoding {encoding} is not read. Send the body plain, or as gzip, deflate, br or zstd.",
  ],
  "request.not_json": [400, "The body is not JSON: {problem}."],
  "request.unknown_route": [404, "There is nothing at {method} {path}."],
  "request.cursor": [400, "That cursor is not one this list gave. Start again without it."],
  "server.fault": [500, "Something broke inside Tocsin. It is recorded under request {requestId}."],
  "server.store_away": [
    503,
    "The store cannot be reached, so nothing was accepted. Send it again.",
  ],
  "server.clock_skewed": [
    503,
    "This node's clock is {ms} ms away from the database's; it does not page until that is mended.",
  ],
  "server.too_many_requests": [429, "Too many requests. Try again in {seconds} s."],
  // Access
  "access.signed_out": [401, "Sign in or send an API token (Authorization: Bearer …)."],
  "access.token_invalid": [401, "That token is unknown, expired or revoked."],
  "access.token_unknown": [404, "There is no token {id}."],
  "access.session_unknown": [404, "You have no session {id} that works."],
  "access.forbidden": [403, "This needs the right “{permission}”; you have {roles}."],
  "access.cross_site": [403, "The request came from another site. Reload the page and try again."],
  "access.link_spent": [
    410,
    "That link was used or has expired. Ask for a new one: ./bin/tocsin up prints it.",
  ],
  "access.password_wrong": [
    403,
    "That address and that password do not belong together. “Forgotten” mails you a link.",
  ],
  "access.password_weak": [422, "That password is refused: {problem}."],
  "access.wait": [
    429,
    "Too many tries. Wait {seconds} s, or come in by a passkey or a mailed link, which need not wait.",
  ],
  "access.busy": [503, "Too many people sign in at this moment. Try again in a few seconds."],
  "access.browser_only": [409, "Only a person signed in with a browser does this, not a token."],
  "access.sign_in_again": [
    403,
    "You signed in more than {minutes} minutes ago. Sign in again to change how you sign in.",
  ],
  "access.passkeys_not": [409, "{why}"],
  "access.passkey_refused": [403, "The passkey was not accepted: {problem}."],
  "access.passkey_taken": [409, "That passkey is kept already."],
  "access.passkey_unknown": [404, "There is no passkey {id} of yours."],
  "access.device_unknown": [404, "There is no device {id} of yours that is woken."],
  "access.devices_many": [
    409,
    "You have {most} devices that are woken. Remove one that you no longer use first.",
  ],
  "access.provider_off": [404, "No identity provider is set up here."],
  "access.provider_away": [
    503,
    "{provider} does not answer ({problem}). Another way in, or a break-glass code, still works.",
  ],
  "access.provider_refused": [403, "{provider} did not vouch for you: {problem}."],
  "access.provider_nobody": [
    403,
    "{provider} knows you, but nobody here has your verified address. Ask an administrator to add you.",
  ],
  "access.provider_other": [
    403,
    "Another account of {provider} is joined to this person. An administrator can part them.",
  ],
  "access.code_wrong": [403, "That code was used, was revoked or never was one."],
  "access.code_unknown": [404, "There is no break-glass code {id}."],
  // Configuration
  "config.unknown": [404, "There is no object “{id}” among the {kind}."],
  "config.findings": [422, "Nothing was changed: {count} to put right. {findings}"],
  "config.owned_by_file": [
    409,
    "{kind} “{id}” is owned by {file}:{line}. Write this there and apply it:\n{patch}",
  ],
  "config.owned_by_file_remove": [
    409,
    "{kind} “{id}” is owned by {file}:{line}. Take its entry out there and apply.",
  ],
  "config.referenced": [409, "{kind} “{id}” is still named by {by}. Change those first."],
  // On call
  "oncall.unknown_schedule": [404, "There is no schedule “{id}”."],
  "oncall.feed_unknown": [
    404,
    "No calendar is at this address; it may have got another one. See the page “On call”, or ./bin/tocsin calendar.",
  ],
  "oncall.override_unknown": [404, "There is no override {id}."],
  "oncall.override_empty": [400, "An override ends after it starts."],
  "oncall.override_past": [400, "The override ended at {endsAt}; the past is not rewritten."],
  "oncall.already_holds": [409, "{person} is on call in {id} already."],
  "oncall.take_whose": [409, "{people} hold {id} together. Say whose place is taken: replaces."],
  "oncall.not_holding": [409, "{person} is not on call in {id} now."],
  "oncall.take_endless": [400, "The shift in {id} has no end. Say until when: endsAt."],
  "oncall.take_needs_person": [400, "A token takes no shift. Say who does: person."],
  "oncall.no_shift_note": [409, "No shift of yours in {id} has ended with a note."],
  "oncall.override_over": [
    409,
    "The override {id} is over since {endsAt}; the past is not rewritten.",
  ],
  "swap.unknown": [404, "There is no swap {id}."],
  "swap.needs_person": [400, "A token has no shifts. Say whose: from, or person."],
  "swap.not_yours": [403, "Only {person} does this, or a manager of the team."],
  "swap.with_oneself": [400, "A shift is taken by somebody else."],
  "swap.return_of_whom": [400, "Say with whom shifts are exchanged: to."],
  "swap.nothing_held": [409, "{person} is not on call in {id} then."],
  "swap.asked_nobody": [409, "It is offered to everybody: whoever does not want it leaves it."],
  "swap.not_open": [409, "The swap {id} is {state}."],
  "calendar.busy": [
    503,
    "Several calendars wait to be read just now. Send this one again in {seconds} s.",
  ],
  "calendar.unreadable": [400, "That is no calendar that can be read: {problem}."],
  "calendar.unknown_people": [409, "Nobody knows who is meant by {names}. Say it in people."],
  "holidays.unread": [503, "Public holidays could not be read just now. Ask again."],
  "leave.not_yours": [403, "Only {person} says when they are away, or a manager of their team."],
  // Deadlines
  "deadline.wrong_state": [409, "The {kind} clock is {state}, so it cannot be {verb}."],
  // Chat
  "chat.signature": [401, "The request does not carry a valid signature of the chat tool."],
  "chat.stale": [401, "The request was signed more than five minutes ago, or the clocks disagree."],
  "chat.stranger": [
    403,
    "Nobody here is known by that account: give the person a contact with its id.",
  ],
  "chat.not_a_press": [400, "The request is not a press of a button that Tocsin sent."],
  // Addresses of people
  "address.person_only": [
    403,
    "Only a person has addresses. Sign in as one, or use a token that belongs to one.",
  ],
  "address.not_yours": [404, "You have no address on a channel {channel} in configuration."],
  "address.which": [400, "You have several addresses on {channel}: name the one that is meant."],
  "address.none": [409, "You have no way for pages on a channel that is configured."],
  "address.too_soon": [429, "Not yet: the next one may be sent at {at}."],
  "address.no_code": [409, "No code is awaited for this address, or it has ended: ask for one."],
  "address.wrong_code": [403, "That is not the code."],
  "address.tries_spent": [
    429,
    "Too many wrong codes: ask for another one when this one has ended.",
  ],
  "phone.under_way": [
    503,
    "This is being answered at this moment. Send it again in half a minute.",
  ],
  "phone.signature": [
    401,
    "The request does not carry a valid signature of the provider, or is about no page of it.",
  ],
  // Start: the data directory and the embedded PostgreSQL
  "start.schema_changed": [
    500,
    "Migration {name} is not the one that made this store. Start the version that did, or use a new TOCSIN_DATA.",
  ],
  "start.data_in_use": [
    409,
    "{directory} is in use by another Tocsin: process {pid}, since {since}, at {address}. Stop it first, or set TOCSIN_DATA to another directory.",
  ],
  "start.data_unusable": [
    500,
    "{directory} cannot be used: {problem}. Set TOCSIN_DATA to a directory that you may write to.",
  ],
  "start.key_invalid": [
    500,
    "{source} is no key: expected 32 bytes in base64 (TOCSIN_KEY: also hex, or a text of 16 characters or more), found {found}. Put your copy back; no other key can read the stored payloads.",
  ],
  "start.key_missing": [
    500,
    "{directory} holds a database but no master.key. Put your copy back or pass it as TOCSIN_KEY; a new key could not read the stored payloads.",
  ],
  "start.postgres_absent": [
    500,
    "PostgreSQL {major} for {platform} is not installed: run npm ci, or set DATABASE_URL.",
  ],
  "start.postgres_unreachable": [
    500,
    "PostgreSQL in {directory} cannot be run by user {user}, nor a copy of it in {tried} ({problem}). Make one of them readable and executable, or run Tocsin as an ordinary user.",
  ],
  "start.postgres_version": [
    500,
    "{directory} was written by PostgreSQL {found}, and this Tocsin brings {expected}. Back up with the Tocsin that wrote it and restore with this one.",
  ],
  "start.postgres_password": [
    500,
    "The database in {directory} does not accept {file}. Put your copy of that file back.",
  ],
  "start.postgres_failed": [500, "PostgreSQL does not start: {problem}. More in {log}."],
  "start.postgres_stuck": [
    500,
    "Processes {pids} of PostgreSQL still hold {directory} and do not end. End them, then start again.",
  ],
  "start.not_demo_data": [
    409,
    "{directory} holds data that no demo made, so the demo leaves it alone. Unset TOCSIN_DATA, or set it to an empty directory.",
  ],
  "start.address_taken": [
    500,
    "Port {port} of {host} is taken, by another Tocsin or something else. Choose another by {setting}.",
  ],
  "start.address_refused": [
    500,
    "Nothing can listen at port {port} of {host}: {problem}. Choose another by TOCSIN_HOST or {setting}.",
  ],
  "start.port_taken": [500, "Port {port} on 127.0.0.1 is taken, so PostgreSQL cannot start on it."],
  // Backup and restore
  "backup.unreadable": [500, "{file} cannot be used ({problem}). Name a file that you may read."],
  "backup.file_exists": [409, "{file} exists and is left as it is. Name another file."],
  "backup.unwritable": [
    500,
    "{file} cannot be written ({problem}). Name a place with room that you may write to.",
  ],
  "backup.damaged": [
    422,
    "{file} cannot be restored: {problem}. Nothing was written. Take another copy of it.",
  ],
  "backup.newer": [
    409,
    "{file} was made by a newer Tocsin ({what} is not known here). Restore it with that version.",
  ],
  "backup.store_not_empty": [
    409,
    "The store is not empty ({count} tables and sequences are there). Restore into a new TOCSIN_DATA or a new, empty database.",
  ],
  "backup.no_store": [
    409,
    "{directory} holds no store to back up. Set TOCSIN_DATA or DATABASE_URL to one that has been started.",
  ],
  "backup.key_missing": [
    409,
    "{file} was sealed with a master key that is not here. Put the old installation's master.key into {directory} or set TOCSIN_KEY; with --without-key, what it sealed stays unreadable.",
  ],
  "backup.key_differs": [
    409,
    "{file} was sealed with another master key than this one. Use the old installation's master.key or TOCSIN_KEY; with --without-key, what it sealed stays unreadable.",
  ],
  // Signals and alerts
  "signal.unstorable": [400, "The store refuses this signal's data (SQLSTATE {sqlState})."],
  "signal.refused": [400, "Refused: {refused}. Accepted: {accepted}."],
  "signal.key_unknown": [
    401,
    "No intake key has this secret. Check the key, and that it was applied.",
  ],
  "signal.tool_unknown": [
    404,
    "There is no way in for “{tool}”. Known: {known}. Leave the name away to have it recognised.",
  ],
  "signal.signature": [
    401,
    "The request, which came with key {key}, is not proved. Its tool has to sign with the secret that the key names, or show that in the header Authorization where it cannot sign, or carry a token there that the key describes; a message of a topic has to be signed by Amazon.",
  ],
  "signal.sender_away": [
    503,
    "{host} cannot be asked whether it sent this, so nothing was accepted. Send it again.",
  ],
  "heartbeat.unknown": [
    401,
    "No heartbeat has this address. Check its secret, and that it was applied.",
  ],
  "heartbeat.not_found": [404, "There is no heartbeat {id} that you may see."],
  "alert.not_found": [404, "There is no alert {id} that you may see."],
  "import.unknown_tool": [400, "There is no import from “{tool}”. Known: {known}."],
  "import.unreadable": [400, "{file} cannot be imported: {problem}."],
  "drill.not_found": [404, "There is no drill {id} that you may see."],
  "drill.running": [409, "The drill {drill} is being held: wait until it ends."],
  "watch.no_secret": [404, "TOCSIN_WATCH_SECRET is not set where this server starts."],
  "watch.unreadable": [400, "{file} cannot be used: {field}: {problem}."],
  // Silences
  "silence.not_found": [404, "There is no silence {id} that you may see."],
  "silence.matches_all": [
    400,
    "A silence needs a matcher that an empty value does not satisfy; these would mute every alert: {matchers}.",
  ],
  "silence.pattern": [400, "The pattern of {matcher} is not valid: {problem}."],
  "silence.span": [400, "A silence ends after it starts, in the future, at most {days} days on."],
  "silence.recurrence": [400, "The recurrence cannot be followed: {problem}."],
  "silence.no_owner": [400, "A silence has an owner: name a person (owner)."],
  "silence.foreign": [
    403,
    "You may silence alerts of {teams}: add a matcher such as team={team}, or service= one of theirs.",
  ],
  "silence.over": [409, "The silence {id} is over since {endsAt}."],
  "set_aside.not_found": [404, "Nothing is set aside under {id}; it may be decided about by now."],
  "set_aside.sealed": [
    409,
    "What is set aside under {id} was sealed with another master key. Put that key back first.",
  ],
  "set_aside.still": [409, "What is set aside under {id} still cannot be stored: {because}"],
  // Pages
  "notification.not_found": [404, "There is no page {id} that you may see."],
  "page.link_invalid": [
    403,
    "This link is not one that Tocsin signed. Open the newest page you received.",
  ],
  // Incidents
  "incident.not_found": [404, "There is no incident {id} that you may see."],
  "incident.wrong_state": [
    409,
    "{id} is {state}, so “{verb}” is not possible. Possible now: {allowed}.",
  ],
  "incident.names_nothing": [400, "An incident names at least one affected service or region."],
  "incident.unknown_service": [400, "There is no service “{service}” in the catalogue."],
  "incident.unknown_person": [400, "There is no person “{person}”."],
  "incident.unknown_audience": [400, "There is no audience “{audience}”."],
  "incident.already_acknowledged": [409, "{id} was acknowledged by {by} at {at}."],
  "incident.no_policy": [409, "{id} has no escalation policy. Give it to somebody: reassign."],
  "incident.unknown_target": [400, "There is no {kind} “{target}”."],
  "incident.not_paged": [409, "{person} was not paged for {id}."],
  "incident.no_lease": [409, "{id} has no acknowledge that ends, so there is nothing to renew."],
  "incident.nobody_meant": [409, "Nobody could be asked for {id}: nobody is on call there."],
  "incident.not_asked": [409, "{person} was not asked to join {id}, or has answered."],
  "incident.needs_person": [403, "Only a person can do this; a token without a person cannot."],
  "incident.not_deferrable": [409, "{id} cannot be deferred: {why}."],
  "incident.severity_same": [409, "{id} is {severity} already."],
  "incident.no_offer": [409, "The command of {id} was not offered to you."],
  "incident.commander_already": [409, "{person} is commander of {id} already."],
  "incident.task_not_found": [404, "{id} has no open task {task}."],
  "incident.merge_self": [400, "An incident cannot be merged into itself."],
  "incident.merge_target": [
    409,
    "{into} is {state}; an incident can only be merged into an open one.",
  ],
  "incident.merge_restricted": [
    409,
    "{id} is restricted and {into} is not, so its alerts would be open to all. Restrict {into} first.",
  ],
  "incident.not_merged": [409, "{id} is not merged into another incident."],
  "incident.open_twin": [
    409,
    "{id} cannot be reopened: {twin} is already open for the same service and rule.",
  ],
  "incident.evidence_missing": [409, "{id} cannot be closed yet. Missing: {missing}."],
  "incident.duplicate_of": [400, "A duplicate names the incident it duplicates (of)."],
  "incident.no_audience": [
    400,
    "Name at least one audience; the policy of this severity names none.",
  ],
  // Stakeholders
  "comms.audience_open": [
    409,
    "{id} is restricted, and {audience} can be heard by others than named people. Name audiences of people only.",
  ],
  "comms.nobody_may_see": [
    409,
    "{id} is restricted, and nobody in {audiences} may see it. Let them in first.",
  ],
  // Runbook documents
  "runbook.unreadable": [400, "{path} cannot be read: {problem}."],
  "runbook.not_a_baseline": [
    400,
    "{path} is no baseline. Write one: ./bin/tocsin runbook lint … --write-baseline {path}",
  ],
  // Postmortems and action items
  "postmortem.not_drafted": [
    404,
    "{id} is {state}, so it has no postmortem. One is drafted when it is resolved.",
  ],
  "postmortem.not_over": [
    409,
    "{id} is {state}. Its postmortem can be published once it is resolved.",
  ],
  "postmortem.section_changed": [
    409,
    "The section {section} of {id} was changed meanwhile and is at version {version}. Put your change into its text and send that version.",
  ],
  "postmortem.section_derived": [
    409,
    "The section {section} of {id} is the list of its action items. Add or change those.",
  ],
  "postmortem.not_rendered": [
    422,
    "The Markdown of {id} is too involved to render. Export it as Markdown, or simplify it.",
  ],
  "postmortem.no_audience": [
    400,
    "Name at least one audience; none of {names} is configured and may hear it.",
  ],
  "action_item.not_found": [404, "There is no action item {id} that you may see."],
  "action_item.not_owed": [409, "{id} is cancelled and owes no action items."],
  // Runbooks and their runs
  "runbook.not_found": [404, "There is no published runbook “{id}”."],
  "runbook.version_unknown": [404, "{id} has no version {digest}."],
  "runbook.findings": [422, "Nothing was published: {count} to put right. {findings}"],
  "runbook.plan": [400, "{id} has no plan “{plan}”. It has: {plans}."],
  "runbook.digest_old": [409, "{id} is at version {digest} now. Read that one."],
  "runbook.source_foreign": [
    403,
    "{source} is for runbooks of {teams}: its sidecar names one of them as owner, and replaces nobody else's policy.",
  ],
  "runbook.elsewhere": [
    409,
    "{id} is published from {from}. Withdraw it there, or use another name.",
  ],
  "runbook.webhook_unproved": [
    401,
    "No source of runbooks here has this name and signs its webhooks like this.",
  ],
  "runbook.source_unknown": [404, "There is no source of runbooks “{id}”."],
  "insights.span": [400, "The span ends ({to}) before it begins ({from})."],
  "run.not_found": [404, "There is no run {id} that you may see."],
  "run.no_incident": [409, "{id} belongs to no incident, so there is nobody to tell about it."],
  "run.over": [409, "{id} is {state}, so nothing of it changes any more."],
  "run.step_unknown": [404, "{id} has no step “{step}”."],
  "run.step_state": [
    409,
    "The step is {state}, so “{verb}” is not possible. Possible now: {allowed}.",
  ],
  "run.gate": [409, "{phase} is a gate: settle its {open} open step(s) first."],
  "run.guard": [409, "Answer its question first: {question}"],
  "run.no_guard": [409, "The step “{step}” asks no question."],
  "run.steps_open": [409, "{id} has {count} open step(s): {steps}. Settle them, or give a reason."],
  "run.form_unknown": [404, "{id} has no form “{form}”, or the form has no field “{field}”."],
  "run.not_bound": [409, "The step is not bound to an action; do it by hand."],
  "run.suspended": [409, "Its automation is suspended: {why}. Do it by hand."],
  "run.inputs_missing": [409, "Values are missing: {missing}. Give them first."],
  "run.action_fault": [409, "The action cannot run: {problem}."],
  "run.action_busy": [409, "Its action is {state} already."],
  "run.action_stopped": [
    409,
    "Three attempts have failed; the last said: {learned}. Do it by hand, or reopen the step to try again.",
  ],
  "run.no_dry_run": [409, "{action} cannot be tried without doing it."],
  "run.no_undo": [409, "There is nothing of {action} to take back."],
  "run.not_asked": [409, "Nothing waits for a second person at this step."],
  "run.second_person": [403, "A second person must agree; you asked for it yourself."],
  "run.no_fixes": [409, "Nobody has proposed better words in {id}, for the version that it has."],
  "run.no_fix_branch": [
    409,
    "The source of {runbook} takes no branches from here. Take the words of {id} as a patch or a mail.",
  ],
  "run.fix_branch_busy": [409, "A branch of {id} is on its way already."],
  "run.role_unknown": [404, "{id} names nobody “{role}”, or nobody is bound to that role."],
  "run.newest_already": [409, "{id} is pinned to the newest version already."],
  "record.table_unknown": [404, "No run has written to a table “{table}”."],
  "record.column_unknown": [400, "{table} has no column “{column}”. It has: {columns}."],
  "record.taken": [409, "{table} has a row {id} that another run wrote. Give it another name."],
  "action_item.due_past": [400, "The due time {dueAt} is not in the future."],
} as const satisfies Record<string, readonly [status: number, text: string]>;

export type RefusalCode = keyof typeof REFUSALS;

/** The sentence of a refusal with its parameters put in; an absent parameter shows as “?”. */
export function refusalText(code: RefusalCode, params: Readonly<Record<string, unknown>>): string {
  return REFUSALS[code][1].replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    return value === undefined || value === null
      ? "?"
      : Array.isArray(value)
        ? value.join(", ")
        : String(value);
  });
}

export const refusalStatus = (code: RefusalCode): number => REFUSALS[code][0];
