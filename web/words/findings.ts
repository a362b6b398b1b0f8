/** German: what is found in a runbook document, by the English sentence of its code. */

export const findings: Readonly<Record<string, string>> = {
  "The document has {size} bytes; at most {limit} are read.":
    "Das Dokument hat {size} Bytes; höchstens {limit} werden gelesen.",
  "Quotes and lists are nested {depth} levels deep; at most {limit} are read.":
    "Zitate und Listen stecken {depth} Ebenen tief ineinander; höchstens {limit} werden gelesen.",
  "The document is not UTF-8, so it was not read.":
    "Das Dokument ist kein UTF-8 und wurde deshalb nicht gelesen.",
  "Reading was stopped after {seconds} s.": "Das Lesen wurde nach {seconds} s abgebrochen.",
  "The front matter cannot be read: {problem}.":
    "Der Kopf des Dokuments lässt sich nicht lesen: {problem}.",
  "“{first}” and “{second}” have the same trigger, and nothing says which goes first.":
    "„{first}“ und „{second}“ haben denselben Auslöser, und nirgends steht, was vorgeht.",
  "This looks like a secret ({what}).": "Das sieht nach einem Geheimnis aus ({what}).",
  "{file}:{line}: {problem}.": "{file}:{line}: {problem}.",
  "{file}:{line}: {action} is bound to a step that is not there: {problem}.":
    "{file}:{line}: {action} ist an einen Schritt gebunden, den es nicht gibt: {problem}.",
  "Nothing says who owns this document.": "Nirgends steht, wem dieses Dokument gehört.",
  "Nothing says when this document was last reviewed.":
    "Nirgends steht, wann dieses Dokument zuletzt geprüft wurde.",
  "The document calls itself {status}.": "Das Dokument nennt sich selbst {status}.",
  "“{quote}” is read as counting from “{anchor}”; the text does not say from when.":
    "„{quote}“ wird gelesen, als zähle es ab „{anchor}“; der Text sagt nicht, ab wann.",
  "“{quote}” counts in business time, and the document names no calendar.":
    "„{quote}“ zählt in Geschäftszeit, und das Dokument nennt keinen Kalender.",
  "The escalation path {path} does not say how long each level has.":
    "Der Weg der Eskalation {path} sagt nicht, wie lange jede Ebene hat.",
  "“{name}” looks like a person where a role belongs.":
    "„{name}“ sieht nach einer Person aus, wo eine Rolle hingehört.",
  "“{text}” has no number, so a person must judge it.":
    "„{text}“ hat keine Zahl, also muss ein Mensch darüber urteilen.",
  "“{text}” does not say for how long.": "„{text}“ sagt nicht, für wie lange.",
  "{measure}: {gap} raises nothing.": "{measure}: {gap} löst nichts aus.",
  "Nothing declares {severity} by itself.": "Nichts ruft {severity} von selbst aus.",
  "{severity}: {first} on line {line} and {second} here, for the same promise.":
    "{severity}: {first} in Zeile {line} und {second} hier, für dieselbe Zusage.",
  "{measure}: {first} and {second} both claim {overlap}.":
    "{measure}: {first} und {second} beanspruchen beide {overlap}.",
  "{severity}: the words say “{words}”, the table or the flowchart {time}.":
    "{severity}: Die Worte sagen „{words}“, Tabelle oder Flussdiagramm {time}.",
  "The flowchart ends at “{node}”, which is not its end.":
    "Das Flussdiagramm endet bei „{node}“, was nicht sein Ende ist.",
  "All branches of “{node}” lead to “{meets}”: the choice changes nothing.":
    "Alle Zweige von „{node}“ führen zu „{meets}“: Die Wahl ändert nichts.",
  "The branches of “{node}” are labelled {labels}: who acts, not when. It is read as work side by side.":
    "Die Zweige von „{node}“ heißen {labels}: wer etwas tut, nicht wann. Gelesen wird es als Arbeit nebeneinander.",
  "The loop {path} has no count after which it ends.":
    "Die Schleife {path} hat keine Zahl, nach der sie endet.",
  "“{node}”: by way of “{by}” the other branch leads to “{meets}” too.":
    "„{node}“: Über „{by}“ führt auch der andere Zweig zu „{meets}“.",
  "Nothing leads to “{node}”.": "Nichts führt zu „{node}“.",
  "{difference}": "{difference}",
  "In the flowchart {severity} is assigned to nobody, though the text says: {words}.":
    "Im Flussdiagramm ist {severity} niemandem zugeteilt, obwohl der Text sagt: {words}.",
  "“{word}” is defined nowhere in the document.": "„{word}“ wird nirgends im Dokument erklärt.",
  "“{target}” leads nowhere.": "„{target}“ führt nirgendwohin.",
  "“{title}” has no words below it.": "Unter „{title}“ steht nichts.",
  "“{command}” may not be taken back, and nothing near it says how to undo it.":
    "„{command}“ lässt sich vielleicht nicht zurücknehmen, und nichts in der Nähe sagt, wie man es ungeschehen macht.",
  "This block mixes prompts and output, so it cannot be copied.":
    "Dieser Block mischt Eingaben und Ausgaben, lässt sich also nicht kopieren.",
  "Something is left to be written here: {text}.":
    "Hier soll noch etwas geschrieben werden: {text}.",
  "The numbering goes from {before} to {after}.": "Die Nummern gehen von {before} zu {after}.",
  "The phase “{title}” has no steps.": "Die Phase „{title}“ hat keine Schritte.",
  "This block is marked {language}, but it looks like a query.":
    "Dieser Block ist als {language} bezeichnet, sieht aber nach einer Abfrage aus.",
  "{file}:{line}: {action} is suspended to manual: {problem}.":
    "{file}:{line}: {action} geschieht bis auf Weiteres von Hand: {problem}.",
  "The front matter stands between underscore rules, where a formatter left it; it was read all the same.":
    "Der Kopf des Dokuments steht zwischen Linien aus Unterstrichen, wie ein Formatierer ihn hinterließ; er wurde trotzdem gelesen.",
  "The document has no heading of the first level.":
    "Das Dokument hat keine Überschrift erster Ebene.",
  "There is nothing in it to run: {reason}.": "Darin ist nichts auszuführen: {reason}.",
  "The name “{name}” is not one that agents' tools accept: lower-case letters, digits and dashes, at most 64.":
    "„{name}“ ist kein Name, den Werkzeuge von Agenten annehmen: Kleinbuchstaben, Ziffern und Striche, höchstens 64.",
  "“{key}” of the front matter seems to be cut off: “… {end}”.":
    "„{key}“ im Kopf des Dokuments scheint abgeschnitten: „… {end}“.",
  "“{key}” says when it was changed, not that somebody looked whether it is still right.":
    "„{key}“ sagt, wann es geändert wurde, nicht, dass jemand geprüft hat, ob es noch stimmt.",
  "These words are not in English; they are shown, but nothing is read out of them.":
    "Diese Worte sind nicht englisch; sie werden gezeigt, aber nichts wird aus ihnen gelesen.",
};
