/** What a browser is called in the list of devices. */

const BROWSERS = [
  ["Edg", "Edge"],
  ["OPR", "Opera"],
  ["SamsungBrowser", "Samsung Internet"],
  ["Firefox", "Firefox"],
  ["FxiOS", "Firefox"],
  ["CriOS", "Chrome"],
  ["Chrome", "Chrome"],
  ["Safari", "Safari"],
] as const;
const MACHINES = [
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Android", "Android"],
  ["Windows", "Windows"],
  ["Mac OS", "Mac"],
  ["CrOS", "ChromeOS"],
  ["Linux", "Linux"],
] as const;

/** “Firefox, Linux”: what somebody recognises in a list of their own. */
export function deviceName(userAgent: string): string {
  const nameIn = (names: readonly (readonly [string, string])[]): string[] =>
    names.filter(([mark]) => userAgent.includes(mark)).map(([, name]) => name);
  const [browser = "Browser"] = nameIn(BROWSERS);
  return [browser, ...nameIn(MACHINES).slice(0, 1)].join(", ");
}
