/**
 * What the server refuses at the door, in German, by the code. `{said:name}` is a parameter whose value is a word of
 * Tocsin's own and has a German one.
 */
import type { RefusalCode } from "../refusals.ts";

/** What whoever is not signed in can meet. */
type AtDoor = Extract<RefusalCode, `access.${string}` | `request.${string}` | `server.${string}`>;

export const doorRefusals = {
  "request.invalid": "Die Anfrage ist nicht gültig: {field}: {expected}.",
  "request.too_large": "Der Inhalt ist größer als {limit} Bytes.",
  "request.encoding":
    "Content-Encoding {encoding} wird nicht gelesen. Senden Sie den Inhalt unverpackt oder als gzip, deflate, br oder zstd.",
  "request.not_json": "Der Inhalt ist kein JSON: {problem}.",
  "request.unknown_route": "Unter {method} {path} gibt es nichts.",
  "request.cursor":
    "Diese Fortsetzung hat die Liste nicht ausgegeben. Fangen Sie ohne sie von vorn an.",
  "server.fault": "In Tocsin ist etwas kaputtgegangen. Es steht unter Anfrage {requestId} im Log.",
  "server.store_away":
    "Die Datenbank ist nicht zu erreichen, darum wurde nichts angenommen. Senden Sie es noch einmal.",
  "server.clock_skewed":
    "Die Uhr dieses Knotens weicht um {ms} ms von der der Datenbank ab; er alarmiert nicht, bis das behoben ist.",
  "server.too_many_requests": "Zu viele Anfragen. Versuchen Sie es in {seconds} s noch einmal.",
  "access.signed_out":
    "Melden Sie sich an, oder senden Sie ein API-Token (Authorization: Bearer …).",
  "access.token_invalid": "Dieses Token ist unbekannt, abgelaufen oder widerrufen.",
  "access.token_unknown": "Es gibt kein Token {id}.",
  "access.session_unknown": "Sie haben keine gültige Sitzung {id}.",
  "access.forbidden": "Dazu braucht es das Recht „{permission}“; Sie haben {roles}.",
  "access.cross_site":
    "Die Anfrage kam von einer anderen Website. Laden Sie die Seite neu, und versuchen Sie es noch einmal.",
  "access.link_spent":
    "Dieser Link ist benutzt oder abgelaufen. Bitten Sie um einen neuen: ./bin/tocsin up gibt ihn aus.",
  "access.password_wrong":
    "Diese Adresse und dieses Passwort gehören nicht zusammen. „Vergessen“ schickt Ihnen einen Link.",
  "access.password_weak": "Dieses Passwort wird nicht angenommen: {said:problem}.",
  "access.wait":
    "Zu viele Versuche. Warten Sie {seconds} s, oder kommen Sie mit einem Passkey oder einem Link per Mail herein, die nicht warten müssen.",
  "access.busy":
    "In diesem Augenblick melden sich zu viele an. Versuchen Sie es in ein paar Sekunden noch einmal.",
  "access.browser_only": "Das kann nur eine Person, die im Browser angemeldet ist, kein Token.",
  "access.sign_in_again":
    "Ihre Anmeldung ist mehr als {minutes} Minuten her. Melden Sie sich neu an, um Ihre Anmeldewege zu ändern.",
  "access.passkeys_not": "{why}",
  "access.passkey_refused": "Der Passkey wurde nicht angenommen: {said:problem}.",
  "access.passkey_taken": "Dieser Passkey ist schon hinterlegt.",
  "access.passkey_unknown": "Sie haben keinen Passkey {id}.",
  "access.device_unknown": "Sie haben kein Gerät {id}, das geweckt wird.",
  "access.devices_many":
    "Sie haben {most} Geräte, die geweckt werden. Entfernen Sie erst eines, das Sie nicht mehr benutzen.",
  "access.provider_off": "Hier ist kein Anmeldedienst eingerichtet.",
  "access.provider_away":
    "{provider} antwortet nicht ({problem}). Ein anderer Weg oder ein Notfallcode geht weiterhin.",
  "access.provider_refused": "{provider} hat sich nicht für Sie verbürgt: {problem}.",
  "access.provider_nobody":
    "{provider} kennt Sie, aber niemand hier hat Ihre bestätigte Adresse. Bitten Sie jemanden mit Administratorrechten, Sie aufzunehmen.",
  "access.provider_other":
    "Zu dieser Person gehört schon ein anderes Konto bei {provider}. Jemand mit Administratorrechten kann es lösen.",
  "access.code_wrong": "Dieser Code ist benutzt oder widerrufen, oder es hat ihn nie gegeben.",
  "access.code_unknown": "Es gibt keinen Notfallcode {id}.",
} as const satisfies Record<AtDoor, string>;

/** What a refusal at the door puts in where it says so; a number in it is a place. */
export const doorRefusalWords: Readonly<Record<string, string>> = {
  "it has {1} characters, and {2} are the least. A few words in a row do well":
    "es hat {1} Zeichen, und {2} sind das Mindeste. Ein paar Wörter hintereinander sind gut",
  "it is made of your own name or address": "es besteht aus Ihrem Namen oder Ihrer Adresse",
  "it is made of passwords that were stolen elsewhere and are tried first":
    "es besteht aus Passwörtern, die anderswo gestohlen wurden und als Erstes probiert werden",
  "it follows a pattern that is guessed soon, such as repeats or neighbouring keys":
    "es folgt einem Muster, das bald erraten ist, etwa Wiederholungen oder benachbarten Tasten",
  "it answers another question, or too late. Try again":
    "er beantwortet eine andere Frage, oder zu spät. Versuchen Sie es noch einmal",
  "it was made for another address": "er wurde für eine andere Adresse gemacht",
  "the device did not check who you are": "das Gerät hat nicht geprüft, wer Sie sind",
  "its counter went back, so there may be a copy of it. Remove it, and tell security":
    "sein Zähler ging zurück, vielleicht gibt es also eine Kopie. Entfernen Sie ihn, und melden Sie es der Sicherheit",
  "it could not be read": "er war nicht zu lesen",
};
