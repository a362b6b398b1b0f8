/** German: turns of schedules, what they cost, drills and notes of shifts. */

export const shifts: Readonly<Record<string, string>> = {
  "Zone of the times": "Zeitzone der Zeiten",
  // Why somebody, or nobody, is on call
  "Override: {person} takes the whole schedule from {from} to {to} ({zone}).":
    "Vertretung: {person} übernimmt den ganzen Dienstplan von {from} bis {to} ({zone}).",
  "Override: {person} replaces {replaces} from {from} to {to} ({zone}).":
    "Vertretung: {person} vertritt {replaces} von {from} bis {to} ({zone}).",
  "It waits: {replaces} does not hold the schedule at this instant.":
    "Sie wartet: {replaces} hat in diesem Augenblick keine Bereitschaft.",
  "Layer “{layer}”: {person} has the shift from {from} to {to} ({zone}).":
    "Ebene „{layer}“: Die Schicht von {from} bis {to} hat {person} ({zone}).",
  "Layer “{layer}”: {person} share the shift from {from} to {to} ({zone}).":
    "Ebene „{layer}“: Die Schicht von {from} bis {to} teilen sich {person} ({zone}).",
  "This is the answer.": "Das ist die Antwort.",
  "They shadow it: told quietly when those who hold it are paged, never alone.":
    "Nur zum Lernen: erfährt es leise, wenn alarmiert wird, wer Bereitschaft hat, und nie allein.",
  "Covered by what stands above it.": "Verdeckt von dem, was darüber steht.",
  "Layer “{layer}” has nobody: it begins {until}.":
    "Ebene „{layer}“ hat niemanden: Sie beginnt {until}.",
  "Layer “{layer}” has nobody: it has ended.": "Ebene „{layer}“ hat niemanden: Sie ist zu Ende.",
  "Layer “{layer}” has nobody: outside its hours until {until}.":
    "Ebene „{layer}“ hat niemanden: außerhalb ihrer Stunden bis {until}.",
  "further notice": "auf Weiteres",
  "The clocks skip {wall}, so the {edge} is at {shown}.":
    "Die Uhren überspringen {wall}, darum {edge} um {shown}.",
  "The clocks show {wall} twice; the {edge} is at the first.":
    "Die Uhren zeigen {wall} zweimal; {edge} beim ersten Mal.",
  "At {at} the clocks jump to {shown}.": "Um {at} springen die Uhren auf {shown}.",
  "shift start": "Schichtbeginn",
  "shift end": "Schichtende",
  "hours start": "Stundenbeginn",
  "hours end": "Stundenende",
  // Day by day
  "all day": "ganztägig",
  "from {time}": "ab {time}",
  today: "heute",
  override: "Vertretung",
  // Changing turns
  added: "hinzugefügt",
  changed: "geändert",
  removed: "entfernt",
  "Turns of {schedule}": "Schichtfolge von {schedule}",
  "Change turns": "Schichtfolge ändern",
  "the schedule": "den Dienstplan",
  hours: "Stunden",
  days: "Tage",
  weeks: "Wochen",
  months: "Monate",
  "Counts from {part}": "Gilt ab {part}",
  "(empty: when the turns that it touches end)": "(leer: sobald die betroffenen Schichten enden)",
  "by the clock of {zone}": "nach der Uhr von {zone}",
  "Owned by {file}:{line}: change it there and apply.":
    "Gehört {file}:{line}: dort ändern und anwenden.",
  "Put this into {file} and apply it: files own this schedule.":
    "Das gehört nach {file}, dann anwenden: Dieser Dienstplan steht in Dateien.",
  "{name} earlier": "{name} früher",
  "{name} later": "{name} später",
  "{name} has no turn": "{name} hat keine Schicht",
  "It is the first turn already.": "Es ist schon die erste Schicht.",
  "It is the last turn already.": "Es ist schon die letzte Schicht.",
  "Add somebody": "Jemanden hinzufügen",
  "Its turns follow {rule}, which is changed under Settings.":
    "Die Schichten folgen {rule}; das wird unter Einstellungen geändert.",
  "A turn lasts": "Eine Schicht dauert",
  "Its unit": "Die Einheit",
  "Handoff at": "Übergabe um",
  "Nobody has a turn in {layer}.": "In {layer} hat niemand eine Schicht.",
  "A turn lasts at least one of its units.": "Eine Schicht dauert mindestens eine Einheit.",
  "As it would be": "So wäre es",
  "blue is what changes": "blau ist, was sich ändert",
  // Beside the calendar
  Calendar: "Kalender",
  Load: "Belastung",
  "What does being on call cost whom?": "Was kostet die Bereitschaft wen?",
  Drills: "Probealarme",
  "Do pages reach people?": "Erreichen Alarmierungen die Leute?",
  "Shift notes": "Schichtnotizen",
  "What has to be known at the handoff?": "Was ist bei der Übergabe zu wissen?",
  "{link} shows who is on call.": "{link} zeigt, wer Bereitschaft hat.",
  "The calendar": "Der Kalender",
  "Schedule {choice}": "Dienstplan {choice}",
  // Load
  Hours: "Stunden",
  "of them at night": "davon nachts",
  "at weekends": "am Wochenende",
  "on holidays": "an Feiertagen",
  Shifts: "Schichten",
  "Pages at night": "Alarmierungen nachts",
  "More than eight days without a break": "Mehr als acht Tage ohne Pause",
  "Less than eleven hours between two shifts": "Weniger als elf Stunden zwischen zwei Schichten",
  "On call in two schedules at once": "In zwei Dienstplänen zugleich in Bereitschaft",
  "Nobody else is ever on call": "Niemand sonst hat je Bereitschaft",
  "By the clock of each person; night is from {from}:00 to 0{to}:00. An hour may be of all three.":
    "Nach der Uhr jeder Person; Nacht ist von {from}:00 bis 0{to}:00. Eine Stunde kann alles drei sein.",
  "Nobody was on call.": "Niemand hatte Bereitschaft.",
  "In the eight weeks to come": "In den nächsten acht Wochen",
  "Nothing is wrong with how the shifts are shared.": "Die Schichten sind gut verteilt.",
  // Drills
  "still running": "läuft noch",
  answered: "beantwortet",
  "nobody answered": "niemand hat geantwortet",
  "A drill pages by the policy of its service, marked DRILL, and is kept apart from what burns.":
    "Ein Probealarm alarmiert nach der Eskalation seines Dienstes, ist mit DRILL gekennzeichnet und zählt nicht zu dem, was brennt.",
  Held: "Abgehalten",
  "the drills": "die Probealarme",
  "None was held yet.": "Noch keiner wurde abgehalten.",
  Planned: "Geplant",
  "No drill is configured. {link} is the place for one.":
    "Kein Probealarm ist eingerichtet. Der Ort dafür: {link}.",
  "It is still running.": "Er läuft noch.",
  "only when somebody starts it": "nur wenn jemand ihn startet",
  "{cron} in {zone}": "{cron} in {zone}",
  "the last one: {outcome}": "der letzte: {outcome}",
  "Hold it now": "Jetzt abhalten",
  "answered by {person}": "beantwortet von {person}",
  "{person} by {channel}: {what}": "{person} über {channel}: {what}",
  "answered after {length}": "beantwortet nach {length}",
  "handed over after {length}": "übergeben nach {length}",
  // Notes of shifts
  "the notes": "die Notizen",
  "No note yet. A schedule with {line} tells who comes what is open.":
    "Noch keine Notiz. Ein Dienstplan mit {line} sagt, wer kommt, was offen ist.",
  "{person} came on call in {schedule}": "{person} kam in {schedule} in Bereitschaft",
  "{person} handed {schedule} over": "{person} hat {schedule} übergeben",
  "Nothing is written yet.": "Es steht noch nichts da.",
  "Words for whoever has {schedule} now": "Worte an die, die jetzt {schedule} haben",
  "What they should know of your shift": "Was sie von Ihrer Schicht wissen sollten",
  "It is with your note, and on its way to them.":
    "Es steht bei Ihrer Notiz und ist auf dem Weg zu ihnen.",
  "Add words": "Worte hinzufügen",
  // Leave and holidays
  "On call while away": "In Bereitschaft, obwohl abwesend",
  "{count} in eight weeks": "{count} in acht Wochen",
  "Nobody, as far as leave and holidays are known.":
    "Niemand, soweit Urlaub und Feiertage bekannt sind.",
  "No holidays are known of {places}.": "Von {places} sind keine Feiertage bekannt.",
  leave: "Urlaub",
  "Nobody else is free.": "Niemand sonst ist frei.",
  "They are asked.": "Ist gefragt.",
  "Only {person} or a manager asks.": "Das fragt nur {person} oder eine Leitung.",
  "Ask {person}": "{person} fragen",
  "It has no address yet.": "Es hat noch keine Adresse.",
  "Your leave, from a calendar": "Ihr Urlaub, aus einem Kalender",
  "Only when you are away is kept, never why. No shift moves by it: who could take yours is shown on the page “On call”.":
    "Nur wann Sie weg sind, wird behalten, nie warum. Keine Schicht ändert sich dadurch: Wer Ihre nehmen könnte, steht auf der Seite „Bereitschaft“.",
  "From {host}: it is read in a moment.": "Von {host}: wird gleich gelesen.",
  "From {host}, read as a whole {time}.": "Von {host}, ganz gelesen {time}.",
  "It cannot be read: {why}": "Er ist nicht lesbar: {why}",
  "Away {start} to {end}": "Abwesend {start} bis {end}",
  "Read it no more": "Nicht mehr lesen",
  "Its secret address (iCal)": "Seine geheime Adresse (iCal)",
  "Another secret address (iCal)": "Eine andere geheime Adresse (iCal)",
  "Only events with this word {part}": "Nur Termine mit diesem Wort {part}",
  "Read my leave from it": "Meinen Urlaub daraus lesen",
};
