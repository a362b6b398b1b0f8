/** “PT15M” as “15 min”, “P2D” as “2 d”. Pure. */
const UNITS = { Y: "y", M: "months", W: "w", D: "d", H: "h", MIN: "min", S: "s" } as const;

export function isoText(iso: string): string {
  const [date = "", time = ""] = iso.replace(/^P/, "").split("T");
  const parts = [
    ...date.matchAll(/(\d+)([YMWD])/g),
    ...time.replaceAll("M", "MIN").matchAll(/(\d+)(H|MIN|S)/g),
  ].map(([, count, unit]) => `${count} ${UNITS[unit as keyof typeof UNITS]}`);
  return parts.length === 0 ? iso : parts.join(" ");
}
