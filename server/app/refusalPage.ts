/** A refusal for somebody with a browser: what is the matter, and the way on. */
import type { Language } from "../../contract/language.ts";
import type { Problem } from "../../contract/route.ts";
import { html, type Html } from "../base/html.ts";
import type { Raw } from "../base/routes.ts";
import { later, refusalInWords, speaker, wordIn } from "../base/words.ts";
import { type Headers, languageFor } from "./language.ts";
import { ICONS, line, pageAround, tParts } from "./pageParts.ts";

/** The page for a refused request. The status is set by whoever answers. */
export function refusalPage(
  problem: Problem,
  request: { readonly headers: Headers; readonly url: string },
): Raw {
  const language = languageFor(request.headers);
  const t = speaker(language);
  const face = faceOf(problem, request.url.split("?")[0] ?? "/", language);
  const why = refusalInWords({ ...problem, message: problem.detail }, language);
  const body = html`<header class="calm">
<div class="top"><span>Tocsin</span><span>${problem.status}</span></div>
<h1>${face.heading}</h1><p>${why}</p></header>
<section class="lines">${face.lines}</section>
<footer><a class="button" href="/">${t("Go to the front page")}</a></footer>`;
  return pageAround({ language, title: face.heading, status: problem.status }, body);
}

type Face = { readonly heading: string; readonly lines: readonly Html[] };

function faceOf(problem: Problem, path: string, language: Language): Face {
  const t = speaker(language);
  if (problem.code === "access.signed_out" || problem.code === "access.token_invalid") {
    return { heading: t("You are signed out"), lines: signInLines(path, language) };
  }
  const request = line(
    ICONS.eye,
    t("For whoever looks after this server"),
    html`<p>${tParts(language, "Code {code}, request {request}.", {
      code: html`<code>${problem.code}</code>`,
      request: html`<code>${problem.requestId}</code>`,
    })}</p>`,
  );
  return { heading: wordIn(HEADINGS[problem.status] ?? OTHERWISE, language), lines: [request] };
}

const HEADINGS: Readonly<Record<number, string>> = {
  400: later("That cannot be read"),
  403: later("Not allowed"),
  404: later("Nothing is here"),
  410: later("That link is spent"),
  500: later("Something broke"),
  503: later("Not possible just now"),
};
const OTHERWISE = later("That did not work");

/** How somebody gets in, on the web and on the command line. */
function signInLines(path: string, language: Language): readonly Html[] {
  const t = speaker(language);
  const incident = /^\/incidents\/(INC-\d+)$/.exec(path)?.[1];
  const show =
    incident === undefined ? "./bin/tocsin incidents" : `./bin/tocsin incident show ${incident}`;
  return [
    line(
      ICONS.person,
      t("In the browser"),
      html`<p>${tParts(
        language,
        "Open the one-time link that {command} prints when it starts, then come back to this page.",
        { command: html`<code>./bin/tocsin up</code>` },
      )}</p>`,
    ),
    line(
      ICONS.eye,
      t("On the command line"),
      html`<p>${tParts(language, "Set {variable} to your API token, then run {command}.", {
        variable: html`<code>TOCSIN_TOKEN</code>`,
        command: html`<code>${show}</code>`,
      })}</p>`,
    ),
    line(
      ICONS.bell,
      t("You were paged"),
      html`<p>${t("The acknowledge link in the page works without signing in.")}</p>`,
    ),
  ];
}
