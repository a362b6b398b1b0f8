/** What Tocsin itself writes down as evidence, where a person may write their own words as well. */
export const RECORDED = {
  "in time": "Mitigated in time: due {due} ({source}).",
  told: "Status update to {audiences}.",
  lessons: "Postmortem published; action items assigned: {count}.",
} as const satisfies Record<string, string>;

/** The sentence of Tocsin's that a text is, with its values; null: somebody's own words. */
export function recordedAs(
  text: string,
): { readonly template: string; readonly params: Readonly<Record<string, string>> } | null {
  for (const template of Object.values(RECORDED)) {
    const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
    const plain = template.replace(/[.()]/g, "\\$&").replace(/\{\w+\}/g, "(.+)");
    const found = new RegExp(`^${plain}$`).exec(text);
    if (found === null) continue;
    const params = names.map((name, at) => [name, found[at + 1] ?? ""] as const);
    return { template, params: Object.fromEntries(params) };
  }
  return null;
}
