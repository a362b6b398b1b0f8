/** In which language the server's own pages speak to somebody whose own one it does not know. */
import { Language } from "../../contract/language.ts";

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What they chose in this browser (web/kit/words.ts), then the first of its languages that there is. */
export function languageFor(headers: Headers): Language {
  const chosen = /(?:^|;\s*)tocsin-language=(\w+)/.exec(String(headers["cookie"] ?? ""))?.[1];
  const wanted = String(headers["accept-language"] ?? "").split(",");
  const names = [chosen, ...wanted].map((each) => each?.trim().toLowerCase().split(/[-;]/)[0]);
  const [found = "en"] = names.flatMap((name) => Language.safeParse(name).data ?? []);
  return found;
}
