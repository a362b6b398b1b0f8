/** German, by the English sentence. */

export const de: Readonly<Record<string, string>> = {
  // Signing in
  "Sign in": "Anmelden",
  "Sign in with {provider}": "Mit {provider} anmelden",
  "Sign in with a passkey": "Mit einem Passkey anmelden",
  "This browser has no passkeys.": "Dieser Browser kann keine Passkeys.",
  or: "oder",
  "E-mail address": "E-Mail-Adresse",
  Password: "Passwort",
  "Signing in": "Wird angemeldet",
  "Sign in with the password": "Mit dem Passwort anmelden",
  "Forgotten?": "Vergessen?",
  "If somebody here has that address, a mail with a link is on its way. The link works once, within an hour.":
    "Falls jemand hier diese Adresse hat, ist eine Mail mit einem Link unterwegs. Der Link gilt einmal, eine Stunde lang.",
  "Back to the password": "Zurück zum Passwort",
  "No mail goes out here. Ask an administrator for a link.":
    "Von hier gehen keine Mails ab. Bitten Sie jemanden mit Administratorrechten um einen Link.",
  Asking: "Wird angefragt",
  "Mail me a link": "Link per Mail schicken",
  "You were paged": "Sie wurden alarmiert",
  "The acknowledge link in the page works without signing in.":
    "Der Link zum Bestätigen in der Alarmierung geht ohne Anmeldung.",
  "With a link": "Mit einem Link",
  "Open the one-time link that an administrator made for you, or that {command} prints when it starts. Then come back to this page.":
    "Öffnen Sie den Einmal-Link, der für Sie gemacht wurde oder den {command} beim Start ausgibt. Kommen Sie dann auf diese Seite zurück.",
  "On the command line": "Auf der Kommandozeile",
  "{command} with your API token in {variable}.": "{command} mit Ihrem API-Token in {variable}.",
  "With a break-glass code": "Mit einem Notfallcode",
  "For when nothing else works. It opens four hours as an administrator, and every administrator is told.":
    "Wenn nichts anderes geht. Er öffnet vier Stunden mit Administratorrechten, und alle mit diesen Rechten erfahren es.",
  "Break-glass code": "Notfallcode",
  "Break the glass": "Scheibe einschlagen",
  "No passkey was given: the question was closed, or it waited too long.":
    "Kein Passkey wurde gegeben: Die Frage wurde geschlossen oder wartete zu lange.",
  "This device has a passkey for you already.": "Dieses Gerät hat schon einen Passkey für Sie.",
  "Set your password": "Passwort setzen",
  "The address is cut off: open the whole link of the mail.":
    "Die Adresse ist abgeschnitten: Öffnen Sie den ganzen Link der Mail.",
  "New password": "Neues Passwort",
  "At least 15 characters; a few words in a row do well. All your sessions end.":
    "Mindestens 15 Zeichen; ein paar Wörter hintereinander sind gut. Alle Ihre Sitzungen enden.",
  "Set the password and sign in": "Passwort setzen und anmelden",
  // You
  You: "Sie",
  "signed in": "angemeldet",
  none: "keine",
  "{role} in {team}": "{role} in {team}",
  "You are signed in as an administrator, not as a person: what you do is recorded as that.":
    "Sie sind mit Administratorrechten angemeldet, nicht als Person: So wird es auch festgehalten.",
  "Here you are {person}.": "Hier heißen Sie {person}.",
  "Your roles: {roles}.": "Ihre Rollen: {roles}.",
  "Light and dark": "Hell und dunkel",
  "as this machine says": "wie dieses Gerät",
  light: "hell",
  dark: "dunkel",
  Language: "Sprache",
  "as this browser says": "wie dieser Browser",
  Keys: "Tasten",
  "Single letters act outside of text fields":
    "Einzelne Buchstaben wirken außerhalb von Textfeldern",
  "{question} shows the keys of any page; {palette} always works.":
    "{question} zeigt die Tasten jeder Seite; {palette} geht immer.",
  "Where you are signed in": "Wo Sie angemeldet sind",
  "{how} since {since}, until {until}": "{how} seit {since}, bis {until}",
  "By a link": "Mit einem Link",
  "By password": "Mit Passwort",
  "By passkey": "Mit Passkey",
  "By the provider": "Über den Anmeldedienst",
  "By a break-glass code": "Mit einem Notfallcode",
  "this browser": "dieser Browser",
  "End it": "Beenden",
  "This browser": "Dieser Browser",
  "Sign out": "Abmelden",
  "Sign out and in again first: that was more than 15 minutes ago.":
    "Melden Sie sich erst ab und wieder an: Das ist mehr als 15 Minuten her.",
  "You have no password.": "Sie haben kein Passwort.",
  "You have a password since {since}.": "Sie haben ein Passwort seit {since}.",
  "At least 15 characters; a few words in a row do well. Your other sessions end.":
    "Mindestens 15 Zeichen; ein paar Wörter hintereinander sind gut. Ihre anderen Sitzungen enden.",
  "The password is set.": "Das Passwort ist gesetzt.",
  "Set the password": "Passwort setzen",
  "Change the password": "Passwort ändern",
  "Do without one": "Ohne auskommen",
  "It has no name yet.": "Es hat noch keinen Namen.",
  Passkeys: "Passkeys",
  "made {made}, not used yet": "gemacht {made}, noch nicht benutzt",
  "made {made}, last used {used}": "gemacht {made}, zuletzt benutzt {used}",
  "Remove {name}": "{name} entfernen",
  Remove: "Entfernen",
  "A passkey opens Tocsin with the finger, face or PIN of this device; nobody can fish for it.":
    "Ein Passkey öffnet Tocsin mit Finger, Gesicht oder PIN dieses Geräts; niemand kann danach fischen.",
  "Name of the device": "Name des Geräts",
  "Add a passkey": "Passkey hinzufügen",
  // Around every page
  "Skip to the page": "Zur Seite springen",
  "Nothing burns.": "Nichts brennt.",
  "Find or do": "Finden oder tun",
  Find: "Finden",
  paused: "angehalten",
  "no clock": "keine Uhr",
  Live: "Live",
  "Not live since {time}, trying": "Nicht live seit {time}, wird versucht",
  "{schedule} until {time}": "{schedule} bis {time}",
  "What burns": "Was brennt",
  Main: "Hauptmenü",
  Settings: "Einstellungen",
  "wait for you": "warten auf Sie",
  burn: "brennen",
  "Keys of this page": "Tasten dieser Seite",
  Close: "Schließen",
  "Single letters are switched off on your page; Ctrl K still works.":
    "Einzelne Buchstaben sind auf Ihrer Seite ausgeschaltet; Strg K geht weiterhin.",
  "Send what is written": "Senden, was geschrieben ist",
  "Leave a field or a form; what is written is kept":
    "Ein Feld oder Formular verlassen; was geschrieben ist, bleibt",
  "Still waiting for {what}.": "Es wird noch auf {what} gewartet.",
  "Ask again": "Noch einmal fragen",
  Copied: "Kopiert",
  "Copy {what}": "{what} kopieren",
  // Around an incident
  "Who has this page open": "Wer diese Seite offen hat",
  Here: "Hier",
  nobody: "niemand",
  "only you": "nur Sie",
  "{count} others": "{count} andere",
  Alerts: "Alarme",
  Alert: "Alarm",
  Attach: "Anhängen",
  Silence: "Stummschalten",
  "Silence {alert}": "{alert} stummschalten",
  suppressed: "unterdrückt",
  "{open} of {all} open": "{open} von {all} offen",
  "{count} more": "{count} weitere",
  "{count} signals": "{count} Signale",
  "No alert belongs to it.": "Kein Alarm gehört dazu.",
  "Every open alert belongs to an incident.": "Jeder offene Alarm gehört zu einem Vorfall.",
  "Choose an alert": "Alarm wählen",
  "This needs the right “{right}”.": "Dafür braucht es das Recht „{right}“.",
  Changes: "Änderungen",
  "likeliest cause first": "wahrscheinlichste Ursache zuerst",
  "Nothing that it needs was changed in the day before, as far as tools told.":
    "Am Tag davor wurde nichts geändert, was er braucht, soweit Werkzeuge es meldeten.",
  "Related incidents": "Verwandte Vorfälle",
  "None around it, and none like it in half a year.":
    "Keiner in seiner Nähe, und keiner wie er in einem halben Jahr.",
  "It was: {cause}": "Es war: {cause}",
  "Call {name}, {number}": "{name} anrufen, {number}",
  // Choosing from the timeline
  "Beside the text": "Neben dem Text",
  "As it is read": "Wie es gelesen wird",
  "Pick from the timeline": "Aus der Zeitleiste wählen",
  "Search the timeline": "Zeitleiste durchsuchen",
  "Nothing is chosen.": "Nichts ist gewählt.",
  "Put in": "Einsetzen",
  "Put in {count}": "{count} einsetzen",
  "the timeline": "die Zeitleiste",
  "No entry has these words.": "Kein Eintrag hat diese Wörter.",
  "Entries of the timeline": "Einträge der Zeitleiste",
  "{count} more: search for them": "{count} weitere: suchen Sie danach",
  // Devices that ring
  "Devices that ring": "Geräte, die klingeln",
  "A page to you rings in this browser too, at once, also while Tocsin is closed. You can acknowledge it from there.":
    "Eine Alarmierung an Sie klingelt sofort auch in diesem Browser, selbst wenn Tocsin geschlossen ist. Sie können sie dort bestätigen.",
  "Asking this browser": "Dieser Browser wird gefragt",
  "Let pages ring here": "Alarmierungen hier klingeln lassen",
  "Pages do not ring here: {why}.": "Alarmierungen klingeln hier nicht: {why}.",
  "the browser did not allow it": "der Browser hat es nicht erlaubt",
  "took its permission back {at}: let pages ring there again in it":
    "hat seine Erlaubnis {at} zurückgenommen: lassen Sie Alarmierungen dort neu klingeln",
  "ended with its session {at}": "endete mit seiner Sitzung {at}",
  "rings since {since}, not rung yet": "klingelt seit {since}, bisher nie",
  "rings since {since}, last rung {at}": "klingelt seit {since}, zuletzt {at}",
  "Browsers are woken only over TLS, and on this machine by localhost.":
    "Browser lassen sich nur über TLS wecken, und auf dieser Maschine über localhost.",
  "Put Tocsin on the home screen and open it there: this phone wakes only such apps.":
    "Legen Sie Tocsin auf den Startbildschirm und öffnen Sie es dort: Dieses Telefon weckt nur solche Apps.",
  "This browser cannot be woken.": "Dieser Browser lässt sich nicht wecken.",
  "This browser was told to show nothing of Tocsin: allow it in its settings.":
    "Dieser Browser soll nichts von Tocsin zeigen: Erlauben Sie es in seinen Einstellungen.",
  // Without a network
  "The server does not answer. What you wrote is kept here.":
    "Der Server antwortet nicht. Was Sie geschrieben haben, bleibt hier stehen.",
  "The server answered {status} without saying why.":
    "Der Server antwortete {status}, ohne zu sagen, warum.",
  "Not sent yet, escalation continues. It is kept here and sent when the network is back.":
    "Noch nicht gesendet, die Eskalation läuft weiter. Es bleibt hier und wird gesendet, sobald das Netz wieder da ist.",
  "Not sent yet. It is kept here and sent when the network is back.":
    "Noch nicht gesendet. Es bleibt hier und wird gesendet, sobald das Netz wieder da ist.",
  "What waits to be sent": "Was auf das Senden wartet",
  "1 waits to be sent": "1 wartet auf das Senden",
  "{count} wait to be sent": "{count} warten auf das Senden",
  "Send it now": "Jetzt senden",
  "Take “{what}” off the list": "„{what}“ von der Liste nehmen",
  "Drop it": "Verwerfen",
  Seen: "Gesehen",
  "Acknowledge {id}": "{id} bestätigen",
  "Note on {id}": "Notiz zu {id}",
  "Step of {id}": "Schritt von {id}",
  "sent, and done.": "gesendet und erledigt.",
  "not done. {why}": "nicht erledigt. {why}",
  "not sent yet, and it is old. Is it still meant?":
    "noch nicht gesendet, und es ist alt. Gilt es noch?",
  "not sent yet, escalation continues.": "noch nicht gesendet, die Eskalation läuft weiter.",
  "not sent yet.": "noch nicht gesendet.",
  // Words in between
  "{others} and {last}": "{others} und {last}",

  // Shifts
  "{schedule} counts from {moment}: nobody is moved before.":
    "{schedule} gilt ab {moment}: vorher wechselt niemand.",
  "{person}: {before} h before, {after} h after, within four weeks":
    "{person}: {before} h vorher, {after} h nachher, in vier Wochen",
  "{people} hold {schedule} together.": "{people} haben {schedule} gemeinsam.",
  "Nobody holds {schedule}.": "Niemand hat {schedule}.",
  "{person} holds {schedule}.": "{person} hat {schedule}.",
};
