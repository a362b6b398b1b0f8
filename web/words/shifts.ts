/** German: turns of schedules, what they cost, drills and notes of shifts. */

export const shifts: Readonly<Record<string, string>> = {
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
};
