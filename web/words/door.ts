/** The door's sentences, which come before anybody is signed in; they are German words of `de.ts` too. */
import { doorRefusals, doorRefusalWords } from "../../contract/german/doorRefusals.ts";

export const door: Readonly<Record<string, string>> = {
  ...doorRefusals,
  ...doorRefusalWords,
  "Sign in": "Anmelden",
  "Sign in with {provider}": "Mit {provider} anmelden",
  "Sign in with a passkey": "Mit einem Passkey anmelden",
  "This browser has no passkeys.": "Dieser Browser kann keine Passkeys.",
  "Passkeys belong to a name, and {host} is a bare address. Open {address} and set TOCSIN_URL to it.":
    "Passkeys gehören zu einem Namen, und {host} ist eine bloße Adresse. Öffnen Sie {address}, und setzen Sie TOCSIN_URL darauf.",
  "Passkeys belong to a name, and {host} is a bare address. Give Tocsin a host name and TLS, and set TOCSIN_URL to it.":
    "Passkeys gehören zu einem Namen, und {host} ist eine bloße Adresse. Geben Sie Tocsin einen Hostnamen und TLS, und setzen Sie TOCSIN_URL darauf.",
  "Browsers give passkeys only over TLS. Put Tocsin behind https and set TOCSIN_URL to it.":
    "Browser geben Passkeys nur über TLS. Stellen Sie Tocsin hinter https, und setzen Sie TOCSIN_URL darauf.",
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
  "The server does not answer. What you wrote is kept here.":
    "Der Server antwortet nicht. Was Sie geschrieben haben, bleibt hier stehen.",
  "The server answered {status} without saying why.":
    "Der Server antwortete {status}, ohne zu sagen, warum.",
  "./bin/tocsin incident show {incident}": "./bin/tocsin incident show {incident}",
};
