/**
 * The web app as it was built: one page without data for all of its addresses, the door for whoever comes without
 * a session, and its files, whose names carry a hash of their content and may be kept for ever.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Language } from "../../contract/language.ts";
import { manifest, serviceWorker, webAsset, WEB_PATHS } from "../../contract/pages.ts";
import { route } from "../../contract/route.ts";
import type { NoPasskeys } from "../../contract/texts.ts";
import { z } from "zod";
import { Refusal } from "../base/errors.ts";
import { within } from "../base/clock.ts";
import { escapeHtml, html } from "../base/html.ts";
import { errorFields, type Log } from "../base/log.ts";
import { bind, type BoundRoute, Raw, type RequestFacts } from "../base/routes.ts";
import { later, speaker, wordIn } from "../base/words.ts";
import type { Actor } from "../domain/account/account.ts";
import { sessionCookie } from "./cookies.ts";
import {
  type AskAs,
  drawnPage,
  HOME,
  incidentSight,
  PATIENCE_MS,
  type Sight,
} from "./drawnPage.ts";
import { languageFor } from "./language.ts";
import { ICONS, line, pageAround, tParts } from "./pageParts.ts";
import { passkeyWays, whyNoPasskeys } from "./passkeys.ts";
import { readerOf } from "./reader.ts";

/** Where `npm run build` puts it. */
export const WEB_BUILT = fileURLToPath(new URL("../../web/dist/", import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
};
const FOR_EVER = "public, max-age=31536000, immutable";

type Setting = {
  readonly publicUrl: string;
  readonly provider: { readonly name: string } | null;
  readonly ask: AskAs;
  /** Where live events go on for whoever opens a page (`live.ts`); null: nobody who is known. */
  readonly placeFor: (request: RequestFacts) => Promise<string | null>;
  readonly log: Log;
};

/** The pages themselves; they are not part of the API and not in its description. */
export function webPages(setting: Setting): readonly BoundRoute<Actor>[] {
  return WEB_PATHS.map((path) =>
    bind(
      route({
        method: "GET",
        path,
        access: "public",
        tag: "pages",
        summary: "A page of the web app.",
        params: z.record(z.string(), z.string()),
        query: z.record(z.string(), z.unknown()),
        reply: z.string(),
      }),
      async ({ params, query, request }) => {
        // The worker keeps the app, which it asks for by name.
        const language = languageFor(request.headers);
        if ("app" in query) return showApp(language, "index.html");
        const hasSession = sessionCookie(setting.publicUrl, request.headers) !== null;
        if (path === "/password") return showApp(language, FILES[path]);
        if (!hasSession)
          return (await showDoor(setting, request)) ?? showApp(language, FILES[path]);
        const place = await placeIn(setting, request);
        const sight = Object.keys(query).length > 0 ? null : sightOf(path, params["id"] ?? "");
        const drawn =
          place === null || sight === null
            ? null
            : await showDrawn(sight, `drawn-${FILES[path]}`, place, setting, request);
        return drawn ?? showApp(language, FILES[path], place);
      },
    ),
  );
}

const PAGE = { "cache-control": "no-cache", vary: "cookie", "referrer-policy": "same-origin" };

/** As `buildWeb.ts` writes them: with what the page needs first, or without the frame of those who are signed in. */
const FILES: Readonly<Record<string, string>> = {
  "/": "home.html",
  "/incidents/:id": "incident.html",
  "/password": "bare.html",
};

/** Null also while the store cannot say: the app comes without a place, and tells by itself what is wrong. */
async function placeIn({ placeFor, log }: Setting, request: RequestFacts): Promise<string | null> {
  try {
    return await within(PATIENCE_MS, placeFor(request), "the store takes too long");
  } catch (error) {
    log.warn("a page was sent without its place among live events", errorFields(error));
    return null;
  }
}

async function showApp(
  language: Language,
  file = "index.html",
  place: string | null = null,
): Promise<Raw> {
  const page = await built(file);
  if (page === null) return notBuilt(language);
  return new Raw("text/html; charset=utf-8", place === null ? page : placed(page, place), PAGE);
}

/** The page with its place among live events, where `web/app/live.ts` reads it. */
const placed = (page: Buffer, place: string): string =>
  page.toString("utf8").replace("<html ", `<html data-place="${place}" `);

/** What comes drawn at that address, with nothing further in it. */
function sightOf(path: string, id: string): Sight | null {
  if (path === "/") return HOME;
  return path === "/incidents/:id" && /^INC-\d+$/.test(id) ? incidentSight(id) : null;
}

/** What it shows first is drawn; null: the app draws it by itself. */
async function showDrawn(
  sight: Sight,
  file: string,
  place: string,
  { ask, log }: Setting,
  request: RequestFacts,
): Promise<Raw | null> {
  const page = await built(file);
  if (page === null) return null;
  return drawnPage(sight, request, {
    builtIn: WEB_BUILT,
    ask,
    log,
    page: placed(page, place),
    readerAt: (at) => readerOf(request.headers, at),
  });
}

/** Drawn when the app was built; only what this installation calls its ways in is put in here. */
async function showDoor(setting: Setting, request: RequestFacts): Promise<Raw | null> {
  const { publicUrl } = setting;
  const provider = setting.provider?.name ?? null;
  const noPasskeys = whyNoPasskeys(publicUrl);
  const language = languageFor(request.headers);
  const has = { provider: provider !== null, noPasskeys: noPasskeys?.kind ?? null };
  const page = await built(doorFile(language, has));
  if (page === null) return null;
  const words: Readonly<Record<string, string>> = {
    PROVIDER: provider ?? "",
    HOST: String(noPasskeys?.params["host"] ?? ""),
    ADDRESS: String(noPasskeys?.params["address"] ?? ""),
    WAYS: JSON.stringify({ provider, ...passkeyWays(publicUrl) }),
  };
  const filled = page
    .toString("utf8")
    .replace(/%(PROVIDER|HOST|ADDRESS|WAYS)%/g, (_, name: string) => escapeHtml(words[name] ?? ""));
  const headers = { ...PAGE, vary: "cookie, accept-language" };
  return new Raw("text/html; charset=utf-8", filled, headers);
}

/** What a door is drawn for: whether there is a provider, and why there are no passkeys. */
export type DoorHas = { readonly provider: boolean; readonly noPasskeys: NoPasskeys | null };

/** As `buildWeb.ts` names them. */
export const doorFile = (language: string, has: DoorHas): string =>
  `door/${language}${has.provider ? "-provider" : ""}${has.noPasskeys === null ? "" : `-without-passkeys-${has.noPasskeys}`}.html`;

export const webAssets: BoundRoute<Actor> = bind(webAsset, async ({ params, request }) => {
  const type = TYPES[params.file.split(".").at(-1) ?? ""];
  const isName = /^[\w-]+(\.[\w-]+)+$/.test(params.file);
  const path = `/assets/${params.file}`;
  const missing = new Refusal("request.unknown_route", { method: "GET", path });
  if (!isName || type === undefined) throw missing;
  const packed = /\bbr\b/.test(request.headers["accept-encoding"] ?? "");
  const headers = { "cache-control": FOR_EVER, vary: "accept-encoding" };
  const small = packed ? await built(`assets/${params.file}.br`) : null;
  if (small !== null) return new Raw(type, small, { ...headers, "content-encoding": "br" });
  const whole = await built(`assets/${params.file}`);
  if (whole === null) throw missing;
  return new Raw(type, whole, headers);
});

const ICON = "/assets/icon";
const MANIFEST = {
  id: "/",
  name: "Tocsin",
  short_name: "Tocsin",
  description: later("Incidents, who has them and which clock ends next."),
  start_url: "/",
  scope: "/",
  display: "standalone",
  background_color: "#131210",
  theme_color: "#131210",
  icons: [
    { src: `${ICON}-192.png`, sizes: "192x192", type: "image/png" },
    { src: `${ICON}-512.png`, sizes: "512x512", type: "image/png" },
    { src: `${ICON}-maskable-512.png`, sizes: "512x512", type: "image/png", purpose: "maskable" },
  ],
  shortcuts: [
    { name: later("Incidents"), url: "/incidents" },
    { name: later("On call"), url: "/oncall" },
  ],
};

const manifestIn = (language: Language) => ({
  ...MANIFEST,
  lang: language,
  description: wordIn(MANIFEST.description, language),
  shortcuts: MANIFEST.shortcuts.map(({ name, url }) => ({ name: wordIn(name, language), url })),
});

/** What makes the app one that is installed and works without a network. */
export const installable: readonly BoundRoute<Actor>[] = [
  bind(
    manifest,
    async ({ request }) =>
      new Raw(
        "application/manifest+json",
        JSON.stringify(manifestIn(languageFor(request.headers))),
        {
          "cache-control": "public, max-age=300",
          vary: "cookie, accept-language",
        },
      ),
  ),
  bind(serviceWorker, async () => {
    const script = await built("sw.js");
    if (script === null)
      throw new Refusal("request.unknown_route", { method: "GET", path: serviceWorker.path });
    // Browsers ask for it again by themselves; a kept one would keep an old app alive.
    return new Raw(TYPES["js"] ?? "", script, { "cache-control": "no-cache" });
  }),
];

const built = (path: string): Promise<Buffer | null> =>
  readFile(`${WEB_BUILT}${path}`).catch((error: unknown) => {
    if ((error as { code?: string }).code === "ENOENT") return null;
    throw error;
  });

function notBuilt(language: Language): Raw {
  const t = speaker(language);
  return pageAround(
    { language, title: t("Not built"), status: 503 },
    html`<header class="calm"><div class="top"><span>Tocsin</span></div>
<h1>${t("The web app is not built")}</h1>
<p>${t("The server runs, pages people and answers the API and the command line.")}</p></header>
<section class="lines">${line(
      ICONS.eye,
      t("Build it"),
      html`<p>${tParts(
        language,
        "Run {build} beside this server, then load this page again. {start} does it by itself.",
        {
          build: html`<code>npm run build</code>`,
          start: html`<code>npm start</code>`,
        },
      )}</p>`,
    )}</section>`,
  );
}
