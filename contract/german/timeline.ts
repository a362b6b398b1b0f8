/** German: what the timeline tells, and the words that the server chooses. */

export const timeline: Readonly<Record<string, string>> = {
  "{severity} declared: {title}": "{severity} ausgerufen: {title}",
  "{severity} declared by rule {rule} ({source}): {title}":
    "{severity} ausgerufen von Regel {rule} ({source}): {title}",
  "Alert joined: {title}": "Alarm kam hinzu: {title}",
  "{source} warns of {value} ({type}), seen in the alert: {title}":
    "{source} warnt vor {value} ({type}), gesehen im Alarm: {title}",
  "{count} {count:alert|alerts} waited {length}. {why}":
    "{count} {count:Alarm wartete|Alarme warteten} {length}. {why}",
  "Alert attached: {title}": "Alarm zugeordnet: {title}",
  "Alert resolved: {title}": "Alarm behoben: {title}",
  "{count} alerts resolved, such as: {titles}": "{count} Alarme behoben, darunter: {titles}",
  "All alerts of this incident have resolved.": "Alle Alarme dieses Vorfalls sind behoben.",
  "{count} {count:alert fires|alerts fire} still at the source.":
    "{count} {count:Alarm feuert|Alarme feuern} an der Quelle noch.",
  "{person} is incident commander ({why}).": "{person} leitet den Einsatz ({why}).",
  "Nobody could be named commander: {why}.":
    "Niemand konnte zur Einsatzleitung bestimmt werden: {why}.",
  "Command offered to {person}.": "Einsatzleitung wurde {person} angeboten.",
  "{person} took over command from {before}.":
    "{person} hat die Einsatzleitung von {before} übernommen.",
  "{person} has left and is no longer incident commander.":
    "{person} ist ausgeschieden und leitet den Einsatz nicht mehr.",
  "{person} was offered the command and has left.":
    "{person} wurde die Einsatzleitung angeboten und ist ausgeschieden.",
  "{person} declined the command.": "{person} hat die Einsatzleitung abgelehnt.",
  "Acknowledged by {person}.": "Bestätigt von {person}.",
  "It is {severity} now: the acknowledge by {person} was for less and no longer counts.":
    "Es ist jetzt {severity}: Die Bestätigung von {person} galt Geringerem und zählt nicht mehr.",
  "Deferred while {incident} burns: {because}":
    "Zurückgestellt, solange {incident} brennt: {because}",
  "No longer deferred: {why}.": "Nicht mehr zurückgestellt: {why}.",
  "Paged {people} (step {step}, round {round}).":
    "{people} alarmiert (Stufe {step}, Runde {round}).",
  "Step {step}, round {round}: nobody is on call; going on to the next step.":
    "Stufe {step}, Runde {round}: Niemand hat Bereitschaft; weiter mit der nächsten Stufe.",
  "{person} cannot be reached: no contact method on a configured channel.":
    "{person} ist nicht erreichbar: kein Kontakt auf einem eingerichteten Kanal.",
  "The page to {person} by {channel} failed ({because}); going on to the next step.":
    "Die Alarmierung von {person} über {channel} schlug fehl ({because}); weiter mit der nächsten Stufe.",
  "The page to {person} by {channel}: {because}. It goes by {to} as well.":
    "Die Alarmierung von {person} über {channel}: {because}. Sie geht auch über {to}.",
  "Nobody answered and the policy {policy} is exhausted.":
    "Niemand hat reagiert, und die Eskalation {policy} ist am Ende.",
  "Nobody answered and the policy {policy} hands over to {to}.":
    "Niemand hat reagiert, und die Eskalation {policy} gibt an {to} weiter.",
  "Step {step}, round {round}: passed over, it is not for {because}.":
    "Stufe {step}, Runde {round}: übersprungen, sie gilt nicht für {because}.",
  "Step {step} waits for business hours and pages at {until}.":
    "Stufe {step} wartet auf die Geschäftszeit und alarmiert um {until}.",
  "{person} asks for the next step.": "{person} bittet um die nächste Stufe.",
  "{by} gives it to the {kind} {to}.": "{by} gibt es weiter an {kind} {to}.",
  "{person} says that it is not theirs.": "{person} sagt: nicht für mich.",
  "{person} no longer has it: {why}.": "{person} hat es nicht mehr: {why}.",
  "Still on it: the acknowledge counts until {until}.":
    "Noch dran: Die Bestätigung gilt bis {until}.",
  "{person} is asked to join.": "{person} wird dazugebeten.",
  "{person} joins.": "{person} kommt dazu.",
  "{person} cannot join.": "{person} kann nicht dazukommen.",
  "{person} did not answer the request to join.": "{person} hat auf die Bitte nicht geantwortet.",
  "Paged {person}, who manages {team}.": "{person} alarmiert, Leitung von {team}.",
  "{person} hears of it when business hours begin, at {at}.":
    "{person} erfährt es zu Beginn der Geschäftszeit, um {at}.",
  "No escalation policy: service {service} has none.":
    "Keine Eskalation: Dienst {service} hat keine.",
  "Nobody could be told: no commander and no manager who can be reached.":
    "Niemand konnte benachrichtigt werden: weder Einsatzleitung noch Teamleitung ist erreichbar.",
  "Severity changed from {before} to {severity}: {because}":
    "Schweregrad von {before} auf {severity} geändert: {because}",
  "{person} is {role}.": "{person} übernimmt: {role}.",
  "{person} is no longer {role}.": "{person} hat nicht mehr die Rolle: {role}.",
  "{text}": "{text}",
  "Task added: {title}": "Neue Aufgabe: {title}",
  "Task finished: {title}": "Aufgabe erledigt: {title}",
  "Status update to {audiences}.": "Statusmeldung an {audiences}.",
  "Not told, because they may not see it: {people}.":
    "Nicht benachrichtigt, weil sie es nicht sehen dürfen: {people}.",
  "Told {audience}: {severity} declared.": "{audience} benachrichtigt: {severity} ausgerufen.",
  "Impact stated.": "Auswirkung festgehalten.",
  "Root cause documented.": "Ursache dokumentiert.",
  "Recorded {piece}.": "Festgehalten: {piece}.",
  "Closed without {piece}: {because}": "Abgeschlossen ohne {piece}: {because}",
  "It takes in {incident}: {service} depends on {cause}.":
    "{incident} gehört nun dazu: {service} hängt von {cause} ab.",
  "{count} alerts joined, such as: {titles}": "{count} Alarme kamen hinzu, darunter: {titles}",
  "Alert storm: {keys} {keys:key sends|keys send} more than can be decided about at once. Nothing is refused; {signals} signals are spooled. Most come from {top}.":
    "Alarmsturm: {keys} Schlüssel {keys:sendet|senden} mehr, als sofort entschieden werden kann. Nichts wird abgewiesen; {signals} Signale warten. Die meisten kommen von {top}.",
  "The storm goes on: {signals} signals of {keys} {keys:key|keys} were spooled, {waiting} wait since {age} at the longest. Most come from {top}.":
    "Der Sturm hält an: {signals} Signale von {keys} {keys:Schlüssel|Schlüsseln} wurden zurückgestellt, {waiting} warten seit höchstens {age}. Die meisten kommen von {top}.",
  "The storm is over: {signals} signals of {keys} {keys:key|keys} were spooled and are all decided about. Most came from {top}.":
    "Der Sturm ist vorbei: {signals} Signale von {keys} {keys:Schlüssel|Schlüsseln} wurden zurückgestellt, über alle ist entschieden. Die meisten kamen von {top}.",
  "Taken out of {incident} again.": "Wieder aus {incident} herausgelöst.",
  "{incident} was taken out again.": "{incident} wurde wieder herausgelöst.",
  "Merged into {incident}.": "In {incident} aufgegangen.",
  "{incident} was merged into this one.": "{incident} ist in diesem aufgegangen.",
  "Mitigated: users no longer hurt.": "Eingedämmt: Niemand ist mehr betroffen.",
  "Resolved.": "Behoben.",
  "Resolved: all its alerts have resolved.": "Behoben: Alle seine Alarme sind behoben.",
  "Reopened: {because}": "Wieder geöffnet: {because}",
  "Reopened: {title} fires again.": "Wieder geöffnet: {title} feuert erneut.",
  "Closed.": "Abgeschlossen.",
  "Cancelled: {reason}.": "Verworfen: {reason}.",
  "Only named people may see it.": "Nur benannte Personen dürfen ihn sehen.",
  "Open to everybody who may see incidents.": "Offen für alle, die Vorfälle sehen dürfen.",
  "The {deadline} clock is at {percent} %: due {due}.":
    "Die Frist „{deadline}“ ist zu {percent} % um: fällig {due}.",
  "The {deadline} clock was missed: it was due {due}.":
    "Die Frist „{deadline}“ ist verpasst: Sie war fällig {due}.",
  "Postmortem drafted.": "Postmortem entworfen.",
  "Postmortem published to {audiences}.": "Postmortem veröffentlicht für {audiences}.",
  "{item} added ({priority}): {title}": "{item} hinzugefügt ({priority}): {title}",
  "{item} is {status}.": "{item} ist {status}.",
  "{item} is owned by {person}.": "{item}: zuständig ist {person}.",
  "{item} is due {due}.": "{item} ist fällig {due}.",
  "Review meeting for the postmortem: {at}.": "Besprechung des Postmortems: {at}.",
  "{run} of runbook {runbook} started ({why}), version {version}, {digest}.":
    "{run} des Runbooks {runbook} begonnen ({why}), Version {version}, {digest}.",
  "{run}: phase “{phase}” begins.": "{run}: Phase „{phase}“ beginnt.",
  "{run}: began “{step}”.": "{run}: begonnen „{step}“.",
  "{run}: done “{step}”.": "{run}: erledigt „{step}“.",
  "{run}: skipped “{step}”:": "{run}: übersprungen „{step}“:",
  "{run}: does not apply: “{step}”.": "{run}: trifft nicht zu: „{step}“.",
  "{run}: failed “{step}”:": "{run}: fehlgeschlagen „{step}“:",
  "{run}: open again: “{step}”.": "{run}: wieder offen: „{step}“.",
  "{run}: {person} has “{step}”.": "{run}: {person} hat „{step}“.",
  "{run}: “{question}” {answer}.": "{run}: „{question}“ {answer}.",
  "{run}: given: {names}.": "{run}: angegeben: {names}.",
  "{run}: filled in {fields} of “{form}”.": "{run}: {fields} von „{form}“ ausgefüllt.",
  "{run}: wrote {record} in {table}.": "{run}: {record} in {table} eingetragen.",
  "{run}: {action} ({risk}) is asked for at “{step}” and waits for a second person.":
    "{run}: {action} ({risk}) ist bei „{step}“ angefragt und wartet auf eine zweite Person.",
  "{run}: {action} at “{step}” was agreed to.": "{run}: {action} bei „{step}“ wurde zugestimmt.",
  "{run}: {action} at “{step}” was refused:": "{run}: {action} bei „{step}“ wurde abgelehnt:",
  "{run}: {action} at “{step}”: {learned}.": "{run}: {action} bei „{step}“: {learned}.",
  "{run}: {action} at “{step}”, without doing it: {learned}.":
    "{run}: {action} bei „{step}“, nur als Probe: {learned}.",
  "{run}: {action} at “{step}” was taken back: {learned}.":
    "{run}: {action} bei „{step}“ wurde zurückgenommen: {learned}.",
  "{run}: {action} at “{step}” did not work: {learned}.":
    "{run}: {action} bei „{step}“ schlug fehl: {learned}.",
  "{run}: {action} at “{step}” stopped after {attempts} failed attempts and asks a person. The last said: {learned}.":
    "{run}: {action} bei „{step}“ hielt nach {attempts} Fehlversuchen an und bittet einen Menschen. Der letzte sagte: {learned}.",
  "Safe Mode banner {state} for {scope}.": "Safe-Mode-Hinweis {state} für {scope}.",
  "{run}: {people} told as {role}:": "{run}: {people} benachrichtigt als {role}:",
  "{run} goes on with version {version}: {changed} changed, {added} added, {removed} withdrawn.":
    "{run} geht mit Version {version} weiter: {changed} geändert, {added} neu, {removed} entfallen.",
  "{run}: better words were proposed for line {line} of {path}.":
    "{run}: Bessere Worte für Zeile {line} von {path} vorgeschlagen.",
  "{run}: the better words go to the repository as {branch}.":
    "{run}: Die besseren Worte gehen als {branch} in das Repository.",
  "{run}: the better words are in the repository as {branch} ({commit}).":
    "{run}: Die besseren Worte sind als {branch} im Repository ({commit}).",
  "{run}: {branch} was not made:": "{run}: {branch} wurde nicht angelegt:",
  "{run} is finished: {settled} of {all} steps settled.":
    "{run} ist fertig: {settled} von {all} Schritten erledigt.",
  "{run} was abandoned:": "{run} wurde abgebrochen:",
  // Words that the server chose
  declared: "ausgerufen",
  mitigated: "eingedämmt",
  resolved: "behoben",
  closed: "abgeschlossen",
  cancelled: "verworfen",
  open: "offen",
  firing: "feuert",
  acknowledged: "bestätigt",
  critical: "kritisch",
  error: "Fehler",
  warning: "Warnung",
  info: "Info",
  scribe: "Protokoll",
  "comms lead": "Leitung Kommunikation",
  responder: "Einsatzkraft",
  viewer: "Leserecht",
  manager: "Leitung",
  admin: "Administration",
  "investigation lead": "Leitung Ursachensuche",
  "containment lead": "Leitung Eindämmung",
  "development lead": "Leitung Entwicklung",
  qa: "Qualitätssicherung",
  "release manager": "Release-Leitung",
  "customer lead": "Leitung Kundenkontakt",
  finops: "FinOps",
  "privacy officer": "Datenschutz",
  containment: "Eindämmung",
  verification: "Prüfung",
  evidence: "Beweise",
  stakeholders: "Beteiligte",
  "root cause": "Ursache",
  lessons: "Lehren",
  acknowledge: "bestätigen",
  mitigate: "eindämmen",
  resolve: "beheben",
  "status update": "Statusmeldung",
  "action item review": "Durchsicht der Maßnahmen",
  "runbook step": "Runbook-Schritt",
  "runbook phase": "Runbook-Phase",
  "runbook review": "Lesen eines Runbooks",
  pending: "offen",
  "in progress": "in Arbeit",
  skipped: "übersprungen",
  "not applicable": "trifft nicht zu",
  failed: "fehlgeschlagen",
  withdrawn: "entfallen",
  running: "läuft",
  finished: "fertig",
  abandoned: "abgebrochen",
  dropped: "fallen gelassen",
  draft: "Entwurf",
  published: "veröffentlicht",
  procedure: "Verfahren",
  "alert-runbook": "Alarm-Runbook",
  "multi-runbook": "Sammel-Runbook",
  policy: "Richtlinie",
  form: "Formular",
  checklist: "Checkliste",
  reference: "Nachschlagewerk",
  "false alarm": "Fehlalarm",
  duplicate: "Doppelter",
  Calendars: "Kalender",
  Channels: "Kanäle",
  People: "Personen",
  Teams: "Teams",
  Schedules: "Dienstpläne",
  Escalations: "Eskalationen",
  Policies: "Richtlinien",
  Audiences: "Empfängerkreise",
  Keys: "Tasten",
  Rules: "Regeln",
  Maintenance: "Wartung",
  Drills: "Probealarme",
  Inhibitions: "Unterdrückungen",
  Tables: "Tabellen",
  Connections: "Verbindungen",
  Intelligence: "Bedrohungsdaten",
};
