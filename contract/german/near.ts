/** German: why a change or another incident is shown beside an incident, by the English sentence. */
export const near: Readonly<Record<string, string>> = {
  "{length} before it was detected, on {service} itself":
    "{length} vor dem Erkennen, an {service} selbst",
  "{length} after it was detected, on {service} itself":
    "{length} nach dem Erkennen, an {service} selbst",
  "{length} before it was detected, on {service}, which it needs directly":
    "{length} vor dem Erkennen, an {service}, was er direkt braucht",
  "{length} after it was detected, on {service}, which it needs directly":
    "{length} nach dem Erkennen, an {service}, was er direkt braucht",
  "{length} before it was detected, on {service}, which it needs by {steps} steps":
    "{length} vor dem Erkennen, an {service}, was er über {steps} Schritte braucht",
  "{length} after it was detected, on {service}, which it needs by {steps} steps":
    "{length} nach dem Erkennen, an {service}, was er über {steps} Schritte braucht",
  "merged into this one": "in diesem aufgegangen",
  "this one is merged into it": "dieser ist darin aufgegangen",
  "burns now: the same rule and service": "brennt jetzt: dieselbe Regel und derselbe Dienst",
  "{length} before: the same rule and service":
    "{length} davor: dieselbe Regel und derselbe Dienst",
  "{length} after: the same rule and service":
    "{length} danach: dieselbe Regel und derselbe Dienst",
  "burns now: the same service": "brennt jetzt: derselbe Dienst",
  "{length} before: the same service": "{length} davor: derselbe Dienst",
  "{length} after: the same service": "{length} danach: derselbe Dienst",
  "burns now: {service}, which it needs": "brennt jetzt: {service}, was er braucht",
  "{length} before: {service}, which it needs": "{length} davor: {service}, was er braucht",
  "{length} after: {service}, which it needs": "{length} danach: {service}, was er braucht",
  "burns now: {service}, which needs it": "brennt jetzt: {service}, was ihn braucht",
  "{length} before: {service}, which needs it": "{length} davor: {service}, was ihn braucht",
  "{length} after: {service}, which needs it": "{length} danach: {service}, was ihn braucht",
};
