/** German: what each kind of object in the settings is for, and what keeps pages from oneself. */

export const settings: Readonly<Record<string, string>> = {
  "No address of yours for pages is verified: send a code to one of them.":
    "Keine Ihrer Adressen für Alarmierungen ist bestätigt: Lassen Sie an eine davon einen Code senden.",
  "No page has reached you in the last 90 days: page yourself as a test.":
    "In den letzten 90 Tagen kam keine Alarmierung bei Ihnen an: Alarmieren Sie sich zur Probe.",
  "Working hours and holidays, by which clocks can count.":
    "Arbeitszeiten und Feiertage, nach denen Fristen zählen können.",
  "The ways out: mail, chat, text messages, calls.":
    "Die Wege nach draußen: E-Mail, Chat, SMS, Anrufe.",
  "Who is paged, by which addresses, and what they may do.":
    "Wer alarmiert wird, über welche Adressen, und was diese Person darf.",
  "Who belongs together, and who answers for them.":
    "Wer zusammengehört, und wer dafür verantwortlich ist.",
  "Who is on call when, layer over layer.": "Wer wann Bereitschaft hat, Ebene über Ebene.",
  "Who is paged, and who after them when nobody answers.":
    "Wer alarmiert wird, und wer danach, wenn niemand antwortet.",
  "What can break, who owns it, and who is paged for it.":
    "Was ausfallen kann, wer zuständig ist und wer dafür alarmiert wird.",
  "What a severity promises, and how soon.": "Was ein Schweregrad zusagt, und bis wann.",
  "Who hears of an incident without working on it.":
    "Wer von einem Vorfall erfährt, ohne daran zu arbeiten.",
  "What a tool sends its alerts with, each for one service.":
    "Womit ein Werkzeug seine Alarme schickt, je für einen Dienst.",
  "What should be heard of regularly: its silence rings.":
    "Was sich regelmäßig melden soll: Schweigen alarmiert.",
  "Pages for practice, by the policy of a service.":
    "Alarmierungen zur Übung, nach der Regelung eines Dienstes.",
  "Which alerts become incidents, and which do not.":
    "Welche Alarme Vorfälle werden, und welche nicht.",
  "Planned work: what it touches rings nobody meanwhile.":
    "Geplante Arbeiten: Was sie betreffen, alarmiert währenddessen niemanden.",
  "Which alerts are quiet while another one fires.":
    "Welche Alarme still sind, solange ein anderer feuert.",
  "What is looked up to add labels to alerts.":
    "Wo nachgesehen wird, um Alarmen Merkmale mitzugeben.",
  "What runbook steps may reach, and under which limits.":
    "Was Schritte eines Runbooks erreichen dürfen, und in welchen Grenzen.",
  "Indicators of attacks that alerts are compared with.":
    "Anzeichen von Angriffen, mit denen Alarme verglichen werden.",
  "Folders and repositories that runbooks are read from.":
    "Ordner und Repositorys, aus denen Runbooks gelesen werden.",
};
