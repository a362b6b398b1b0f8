/** A refusal for somebody with a browser: what is the matter, and the way on. */
import type { Problem } from "../../contract/route.ts";
import { html, type Html } from "../base/html.ts";
import type { Raw } from "../base/routes.ts";
import { ICONS, line, pageAround } from "./pageParts.ts";

/** The page for a refused request. The status is set by whoever answers. */
export function refusalPage(problem: Problem, request: { readonly url: string }): Raw {
  const face = faceOf(problem, request.url.split("?")[0] ?? "/");
  const body = html`<header class="calm">
<div class="top"><span>Tocsin</span><span>${problem.status}</span></div>
<h1>${face.heading}</h1><p>${problem.detail}</p></header>
<section class="lines">${face.lines}</section>
<footer><a class="button" href="/">Go to the front page</a></footer>`;
  return pageAround({ title: face.heading, status: problem.status }, body);
}

type Face = { readonly heading: string; readonly lines: readonly Html[] };

function faceOf(problem: Problem, path: string): Face {
  if (problem.code === "access.signed_out" || problem.code === "access.token_invalid") {
    return { heading: "You are signed out", lines: signInLines(path) };
  }
  const request = line(
    ICONS.eye,
    "For whoever looks after this server",
    html`<p>Code <code>${problem.code}</code>, request <code>${problem.requestId}</code>.</p>`,
  );
  return { heading: HEADINGS[problem.status] ?? "That did not work", lines: [request] };
}

const HEADINGS: Readonly<Record<number, string>> = {
  400: "That cannot be read",
  403: "Not allowed",
  404: "Nothing is here",
  410: "That link is spent",
  500: "Something broke",
  503: "Not possible just now",
};

/** How somebody gets in, on the web and on the command line. */
function signInLines(path: string): readonly Html[] {
  const incident = /^\/incidents\/(INC-\d+)$/.exec(path)?.[1];
  const show =
    incident === undefined ? "./bin/tocsin incidents" : `./bin/tocsin incident show ${incident}`;
  return [
    line(
      ICONS.person,
      "In the browser",
      html`<p>Open the one-time link that <code>./bin/tocsin up</code> prints when it starts,
then come back to this page.</p>`,
    ),
    line(
      ICONS.eye,
      "On the command line",
      html`<p>Set <code>TOCSIN_TOKEN</code> to your API token, then run <code>${show}</code>.</p>`,
    ),
    line(
      ICONS.bell,
      "You were paged",
      html`<p>The acknowledge link in the page works without signing in.</p>`,
    ),
  ];
}
