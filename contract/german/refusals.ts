/** What the server refuses, in German, by the code; doorRefusals.ts says how they are written. */
import type { RefusalCode } from "../refusals.ts";
import { doorRefusals } from "./doorRefusals.ts";

/** What no page can meet: tools that send, the chat tool, the telephone, and what runs on the command line. */
export const ELSEWHERE = ["start", "backup", "signal", "chat", "phone", "import", "watch"] as const;
type InPages = Exclude<RefusalCode, `${(typeof ELSEWHERE)[number]}.${string}`>;

export const refusals = {
  ...doorRefusals,
  // Configuration
  "config.unknown": "Unter {kind} gibt es kein „{id}“.",
  "config.findings": "Nichts wurde geändert; zu berichtigen: {count}. {findings}",
  "config.owned_by_file":
    "{kind} „{id}“ gehört {file}:{line}. Schreiben Sie das dort, und wenden Sie es an:\n{patch}",
  "config.owned_by_file_remove":
    "{kind} „{id}“ gehört {file}:{line}. Nehmen Sie den Eintrag dort heraus, und wenden Sie es an.",
  "config.referenced": "{kind} „{id}“ wird noch genannt von {by}. Ändern Sie das zuerst.",
  // On call
  "oncall.unknown_schedule": "Es gibt keinen Dienstplan „{id}“.",
  "oncall.feed_unknown":
    "Unter dieser Adresse ist kein Kalender; vielleicht hat er eine neue. Siehe die Seite „Bereitschaft“ oder ./bin/tocsin calendar.",
  "oncall.override_unknown": "Es gibt keine Vertretung {id}.",
  "oncall.override_empty": "Eine Vertretung endet, nachdem sie begonnen hat.",
  "oncall.override_past": "Die Vertretung endete {endsAt}; Vergangenes wird nicht umgeschrieben.",
  "oncall.already_holds": "{person} hat in {id} schon Bereitschaft.",
  "oncall.take_whose":
    "{people} haben {id} gemeinsam. Sagen Sie, wessen Platz übernommen wird: replaces.",
  "oncall.not_holding": "{person} hat in {id} gerade keine Bereitschaft.",
  "oncall.take_endless": "Die Schicht in {id} hat kein Ende. Sagen Sie, bis wann: endsAt.",
  "oncall.take_needs_person": "Ein Token übernimmt keine Schicht. Sagen Sie, wer: person.",
  "oncall.no_shift_note": "Keine Ihrer Schichten in {id} hat mit einer Notiz geendet.",
  "oncall.override_over":
    "Die Vertretung {id} ist seit {endsAt} vorbei; Vergangenes wird nicht umgeschrieben.",
  "swap.unknown": "Es gibt keinen Tausch {id}.",
  "swap.needs_person": "Ein Token hat keine Schichten. Sagen Sie, wessen: from oder person.",
  "swap.not_yours": "Das kann nur {person} oder jemand, der das Team leitet.",
  "swap.with_oneself": "Eine Schicht übernimmt jemand anders.",
  "swap.return_of_whom": "Sagen Sie, mit wem Schichten getauscht werden: to.",
  "swap.nothing_held": "{person} hat dann in {id} keine Bereitschaft.",
  "swap.asked_nobody": "Es ist allen angeboten: Wer nicht will, lässt es stehen.",
  "swap.not_open": "Der Tausch {id} ist nicht mehr offen: {said:state}.",
  "calendar.busy":
    "Gerade warten mehrere Kalender darauf, gelesen zu werden. Schicken Sie ihn in {seconds} s noch einmal.",
  "calendar.unreadable": "Das ist kein Kalender, der sich lesen lässt: {problem}.",
  "calendar.unknown_people":
    "Niemand weiß, wer mit {names} gemeint ist. Sagen Sie es unter people.",
  "holidays.unread": "Die Feiertage waren gerade nicht zu lesen. Fragen Sie noch einmal.",
  "leave.not_yours":
    "Wann jemand weg ist, sagt nur {person} selbst oder jemand, der das Team leitet.",
  // Deadlines
  "deadline.wrong_state":
    "Die Frist „{said:kind}“ ist {said:state} und kann nicht {said:verb} werden.",
  // Addresses of people
  "address.person_only":
    "Nur eine Person hat Adressen. Melden Sie sich als eine an, oder nehmen Sie ein Token, das einer gehört.",
  "address.not_yours": "In der Konfiguration haben Sie keine Adresse auf dem Kanal {channel}.",
  "address.which": "Sie haben mehrere Adressen auf {channel}: Nennen Sie die gemeinte.",
  "address.none": "Sie haben keinen Weg für Alarmierungen auf einem eingerichteten Kanal.",
  "address.too_soon": "Noch nicht: Der nächste darf um {at} gesendet werden.",
  "address.no_code":
    "Für diese Adresse wird kein Code erwartet, oder er ist abgelaufen: Fordern Sie einen an.",
  "address.wrong_code": "Das ist nicht der Code.",
  "address.tries_spent":
    "Zu viele falsche Codes: Fordern Sie einen neuen an, wenn dieser abgelaufen ist.",
  // Alerts
  "heartbeat.unknown":
    "Kein Lebenszeichen hat diese Adresse. Prüfen Sie das Geheimnis, und ob es angewendet wurde.",
  "heartbeat.not_found": "Es gibt kein Lebenszeichen {id}, das Sie sehen dürfen.",
  "alert.not_found": "Es gibt keinen Alarm {id}, den Sie sehen dürfen.",
  "drill.not_found": "Es gibt keinen Probealarm {id}, den Sie sehen dürfen.",
  "drill.running": "Der Probealarm {drill} läuft gerade: Warten Sie, bis er endet.",
  // Silences
  "silence.not_found": "Es gibt keine Stummschaltung {id}, die Sie sehen dürfen.",
  "silence.matches_all":
    "Eine Stummschaltung braucht eine Bedingung, die ein leerer Wert nicht erfüllt; diese träfen jeden Alarm: {matchers}.",
  "silence.pattern": "Das Muster von {matcher} ist nicht gültig: {problem}.",
  "silence.span":
    "Eine Stummschaltung endet nach ihrem Beginn, in der Zukunft, höchstens {days} Tage später.",
  "silence.recurrence": "Der Wiederholung lässt sich nicht folgen: {problem}.",
  "silence.no_owner": "Für eine Stummschaltung ist jemand zuständig: Nennen Sie wen (owner).",
  "silence.foreign":
    "Sie dürfen Alarme von {teams} stummschalten: Fügen Sie eine Bedingung wie team={team} hinzu oder service= mit einem ihrer Dienste.",
  "silence.over": "Die Stummschaltung {id} ist seit {endsAt} vorbei.",
  "set_aside.not_found":
    "Unter {id} ist nichts beiseitegelegt; vielleicht ist darüber schon entschieden.",
  "set_aside.sealed":
    "Was unter {id} beiseitegelegt ist, wurde mit einem anderen Hauptschlüssel verschlossen. Legen Sie den erst zurück.",
  "set_aside.still":
    "Was unter {id} beiseitegelegt ist, lässt sich noch immer nicht speichern: {because}",
  // Pages
  "notification.not_found": "Es gibt keine Alarmierung {id}, die Sie sehen dürfen.",
  "page.link_invalid":
    "Diesen Link hat Tocsin nicht unterschrieben. Öffnen Sie die neueste Alarmierung, die Sie bekommen haben.",
  // Incidents
  "incident.not_found": "Es gibt keinen Vorfall {id}, den Sie sehen dürfen.",
  "incident.wrong_state":
    "{id} ist {said:state}, darum geht „{said:verb}“ nicht. Jetzt möglich: {said:allowed}.",
  "incident.names_nothing": "Ein Vorfall nennt mindestens einen betroffenen Dienst oder Ort.",
  "incident.unknown_service": "Im Katalog gibt es keinen Dienst „{service}“.",
  "incident.unknown_person": "Es gibt keine Person „{person}“.",
  "incident.unknown_audience": "Es gibt keinen Empfängerkreis „{audience}“.",
  "incident.already_acknowledged": "{id} hat {by} um {at} bestätigt.",
  "incident.no_policy": "{id} hat keine Eskalation. Übergeben Sie ihn jemandem: reassign.",
  "incident.unknown_target": "„{target}“ ({said:kind}) gibt es nicht.",
  "incident.not_paged": "{person} wurde für {id} nicht alarmiert.",
  "incident.no_lease": "{id} hat keine Bestätigung, die endet; es gibt also nichts zu erneuern.",
  "incident.nobody_meant": "Für {id} war niemand zu fragen: Dort hat niemand Bereitschaft.",
  "incident.not_asked": "{person} wurde zu {id} nicht dazugebeten oder hat geantwortet.",
  "incident.needs_person": "Das kann nur eine Person; ein Token ohne Person kann es nicht.",
  "incident.not_deferrable": "{id} kann nicht zurückgestellt werden: {said:why}.",
  "incident.severity_same": "{id} ist schon {severity}.",
  "incident.no_offer": "Die Leitung von {id} wurde Ihnen nicht angeboten.",
  "incident.commander_already": "{person} hat die Einsatzleitung von {id} schon.",
  "incident.task_not_found": "{id} hat keine offene Aufgabe {task}.",
  "incident.merge_self": "Ein Vorfall kann nicht mit sich selbst zusammengeführt werden.",
  "incident.merge_target":
    "{into} ist {said:state}; zusammenführen kann man nur mit einem offenen Vorfall.",
  "incident.merge_restricted":
    "{id} ist vertraulich und {into} nicht, seine Alarme würden also für alle sichtbar. Machen Sie erst {into} vertraulich.",
  "incident.not_merged": "{id} ist mit keinem anderen Vorfall zusammengeführt.",
  "incident.open_twin":
    "{id} kann nicht wieder geöffnet werden: {twin} ist für denselben Dienst und dieselbe Regel schon offen.",
  "incident.evidence_missing":
    "{id} kann noch nicht abgeschlossen werden. Es fehlt: {said:missing}.",
  "incident.duplicate_of": "Ein Doppel nennt den Vorfall, den es doppelt (of).",
  "incident.no_audience":
    "Nennen Sie mindestens einen Empfängerkreis; die Richtlinie dieses Schweregrads nennt keinen.",
  // Stakeholders
  "comms.audience_open":
    "{id} ist vertraulich, und {audience} können auch andere als die genannten Personen hören. Nennen Sie nur Kreise von Personen.",
  "comms.nobody_may_see":
    "{id} ist vertraulich, und niemand in {audiences} darf ihn sehen. Geben Sie ihnen erst Zugang.",
  // Postmortems and action items
  "postmortem.not_drafted":
    "{id} ist {said:state} und hat darum kein Postmortem. Es wird angelegt, wenn er behoben ist.",
  "postmortem.not_over":
    "{id} ist {said:state}. Das Postmortem kann veröffentlicht werden, wenn er behoben ist.",
  "postmortem.section_changed":
    "Der Abschnitt {section} von {id} wurde inzwischen geändert und hat Stand {version}. Bringen Sie Ihre Änderung in diesen Text ein, und senden Sie diesen Stand.",
  "postmortem.section_derived":
    "Der Abschnitt {section} von {id} ist die Liste seiner Maßnahmen. Ändern Sie diese, oder fügen Sie welche hinzu.",
  "postmortem.not_rendered":
    "Das Markdown von {id} ist zu verwickelt, um es darzustellen. Laden Sie es als Markdown, oder vereinfachen Sie es.",
  "postmortem.no_audience":
    "Nennen Sie mindestens einen Empfängerkreis; von {names} ist keiner eingerichtet, der es hören darf.",
  "action_item.not_found": "Es gibt keine Maßnahme {id}, die Sie sehen dürfen.",
  "action_item.not_owed": "{id} ist verworfen und braucht keine Maßnahmen.",
  "action_item.due_past": "Die Fälligkeit {dueAt} liegt nicht in der Zukunft.",
  // Runbooks and their runs
  "runbook.unreadable": "{path} lässt sich nicht lesen: {problem}.",
  "runbook.not_a_baseline":
    "{path} ist kein Ausgangsstand. Schreiben Sie einen: ./bin/tocsin runbook lint … --write-baseline {path}",
  "runbook.not_found": "Es gibt kein veröffentlichtes Runbook „{id}“.",
  "runbook.version_unknown": "{id} hat keinen Stand {digest}.",
  "runbook.findings": "Nichts wurde veröffentlicht; zu berichtigen: {count}. {findings}",
  "runbook.plan": "{id} hat keinen Plan „{plan}“. Es hat: {plans}.",
  "runbook.digest_old": "{id} hat jetzt den Stand {digest}. Lesen Sie den.",
  "runbook.source_foreign":
    "{source} ist für Runbooks von {teams}: Das Beiblatt nennt eines dieser Teams als zuständig und ersetzt keine Richtlinie eines anderen.",
  "runbook.elsewhere":
    "{id} wird aus {from} veröffentlicht. Ziehen Sie es dort zurück, oder nehmen Sie einen anderen Namen.",
  "runbook.webhook_unproved":
    "Keine Quelle von Runbooks hier heißt so und unterschreibt ihre Webhooks so.",
  "runbook.source_unknown": "Es gibt keine Quelle von Runbooks „{id}“.",
  "insights.span": "Der Zeitraum endet ({to}), bevor er beginnt ({from}).",
  "run.not_found": "Es gibt keinen Durchlauf {id}, den Sie sehen dürfen.",
  "run.no_incident":
    "{id} gehört zu keinem Vorfall, also gibt es niemanden, dem davon zu sagen wäre.",
  "run.over": "{id} ist {said:state}, daran ändert sich nichts mehr.",
  "run.step_unknown": "{id} hat keinen Schritt „{step}“.",
  "run.step_state":
    "Der Schritt ist {said:state}, darum geht „{said:verb}“ nicht. Jetzt möglich: {said:allowed}.",
  "run.gate": "{phase} ist eine Schranke: Erledigen Sie erst die offenen Schritte davor ({open}).",
  "run.guard": "Beantworten Sie erst die Frage: {question}",
  "run.no_guard": "Der Schritt „{step}“ stellt keine Frage.",
  "run.steps_open":
    "{id} hat noch offene Schritte ({count}): {steps}. Erledigen Sie sie, oder geben Sie einen Grund an.",
  "run.form_unknown": "{id} hat kein Formular „{form}“, oder dieses hat kein Feld „{field}“.",
  "run.not_bound": "Der Schritt ist an keine Aktion gebunden; tun Sie es von Hand.",
  "run.suspended": "Die Automatik ist ausgesetzt: {why}. Tun Sie es von Hand.",
  "run.inputs_missing": "Es fehlen Werte: {missing}. Geben Sie diese erst an.",
  "run.action_fault": "Die Aktion kann nicht laufen: {problem}.",
  "run.action_busy": "Die Aktion ist schon {said:state}.",
  "run.action_stopped":
    "Drei Versuche sind gescheitert; zuletzt hieß es: {learned}. Tun Sie es von Hand, oder öffnen Sie den Schritt neu für einen weiteren Versuch.",
  "run.no_dry_run": "{action} lässt sich nicht ausprobieren, ohne es zu tun.",
  "run.no_undo": "Von {action} gibt es nichts zurückzunehmen.",
  "run.not_asked": "Bei diesem Schritt wartet nichts auf eine zweite Person.",
  "run.second_person": "Eine zweite Person muss zustimmen; Sie haben selbst darum gebeten.",
  "run.no_fixes": "Niemand hat in {id} bessere Worte vorgeschlagen für den Stand, den es hat.",
  "run.no_fix_branch":
    "Die Quelle von {runbook} nimmt von hier keine Branches. Nehmen Sie die Worte von {id} als Patch oder Mail.",
  "run.fix_branch_busy": "Ein Branch von {id} ist schon unterwegs.",
  "run.role_unknown": "{id} nennt niemanden „{role}“, oder an diese Rolle ist niemand gebunden.",
  "run.newest_already": "{id} ist schon auf dem neuesten Stand.",
  "record.table_unknown": "Kein Durchlauf hat in eine Tabelle „{table}“ geschrieben.",
  "record.column_unknown": "{table} hat keine Spalte „{column}“. Es gibt: {columns}.",
  "record.taken":
    "{table} hat schon eine Zeile {id} aus einem anderen Durchlauf. Geben Sie ihr einen anderen Namen.",
} as const satisfies Record<InPages, string>;

/** What refusals put in where they say so; a number in it is a place. */
export const refusalWords: Readonly<Record<string, string>> = {
  // Verbs of an incident
  escalate: "eskalieren",
  reassign: "jemandem übergeben",
  "not-mine": "gehört mir nicht",
  renew: "Bestätigung erneuern",
  "add-responders": "dazubitten",
  join: "dazukommen",
  decline: "ablehnen",
  defer: "zurückstellen",
  severity: "Schweregrad",
  "release-role": "Rolle abgeben",
  "hand-over": "Leitung übergeben",
  "accept-command": "Leitung annehmen",
  "decline-command": "Leitung ablehnen",
  note: "Notiz",
  task: "Aufgabe",
  "finish-task": "Aufgabe erledigen",
  attach: "zuordnen",
  impact: "Auswirkung",
  "root-cause": "Ursache",
  record: "festhalten",
  merge: "zusammenführen",
  reopen: "wieder öffnen",
  close: "abschließen",
  cancel: "verwerfen",
  restrict: "vertraulich machen",
  "merged into INC-{1}": "mit INC-{1} zusammengeführt",
  team: "Team",
  // Why one may not wait
  "it is acknowledged": "er ist bestätigt",
  "no higher severity is open": "kein höherer Schweregrad ist offen",
  "a SEV{1} may not be deferred": "ein SEV{1} darf nicht zurückgestellt werden",
  // What is missing to close
  "containment (mitigated within its SLA, or the breach explained)":
    "Eindämmung (innerhalb der Frist, oder das Verpassen ist erklärt)",
  "verification (metrics normal, error rate below its baseline, no customer reports)":
    "Prüfung (Messwerte normal, Fehlerrate unter dem Üblichen, keine Meldungen von Kunden)",
  "evidence (what was preserved and where)": "Beweise (was gesichert ist und wo)",
  "stakeholders (a status update or a recorded notification)":
    "Beteiligte (eine Statusmeldung oder eine festgehaltene Benachrichtigung)",
  "root cause (documented)": "Ursache (beschrieben)",
  "lessons (a published postmortem with an assigned action item)":
    "Lehren (ein veröffentlichtes Postmortem mit einer zugewiesenen Maßnahme)",
  // Verbs of a step, and states of an action
  begin: "beginnen",
  skip: "überspringen",
  dismiss: "als unzutreffend abtun",
  fail: "scheitern lassen",
  assign: "zuweisen",
  answer: "Frage beantworten",
  "run-action": "Aktion laufen lassen",
  asked: "angefragt",
  "under way": "unterwegs",
  unknown: "ungewiss",
  // Swaps and deadlines
  declined: "abgelehnt",
  lapsed: "verstrichen",
  met: "gehalten",
  breached: "verpasst",
  resumed: "fortgesetzt",
};
